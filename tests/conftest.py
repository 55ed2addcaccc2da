"""Fixtures for every test, and the scheduler for pytest-xdist."""

from contextlib import ExitStack

import hypothesis
import pytest

from clinic import snapshot
from clinic.facts import cleaned
from tests.helpers.live_site import FACTS
from tests.helpers.scheduling import FilesTogether

# A slow machine fails no test.
hypothesis.settings.register_profile("site", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("site")

FACTS_OF_THE_TESTS = snapshot.Clinic.from_facts(FACTS)
# Set the facts now, because some test modules list the site's pages when they are imported.
snapshot.choose(FACTS_OF_THE_TESTS)


@pytest.fixture(autouse=True)
def stored_facts(request):
    """Make a test marked `stored_facts` read the facts from the database, like a new process."""
    if not request.node.get_closest_marker("stored_facts"):
        yield
        return
    snapshot.forget()
    yield
    snapshot.forget()
    snapshot.choose(FACTS_OF_THE_TESTS)


@pytest.fixture
def set_facts():
    """Yield a function that replaces some of the clinic's facts until the test ends. An empty value removes a fact."""
    with ExitStack() as stack:

        def replace(**facts: object) -> None:
            known = snapshot.current().facts | facts
            stack.enter_context(snapshot.use(snapshot.Clinic.from_facts(cleaned(known))))

        yield replace


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    config.option.loadscopereorder = False
    return FilesTogether(config, log)
