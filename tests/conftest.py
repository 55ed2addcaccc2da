"""Fixtures shared by all tests."""

from contextlib import ExitStack

import pytest

from clinic import snapshot
from clinic.facts import cleaned
from tests.helpers.live_site import FACTS


@pytest.fixture(scope="session", autouse=True)
def facts_of_the_tests():
    """Use FACTS as the clinic's facts, so that pages can be rendered without a database."""
    with snapshot.use(snapshot.Clinic.from_facts(FACTS)) as clinic:
        yield clinic


@pytest.fixture(autouse=True)
def stored_facts(request, facts_of_the_tests):
    """In tests marked stored_facts, read the clinic's facts from the database, like a new process."""
    if not request.node.get_closest_marker("stored_facts"):
        yield
        return
    snapshot.forget()
    yield
    snapshot.forget()
    snapshot.choose(facts_of_the_tests)


@pytest.fixture
def set_facts():
    """Yield a function that replaces some of the clinic's facts until the test ends. An empty value removes a fact."""
    with ExitStack() as stack:

        def replace(**facts: object) -> None:
            known = snapshot.current().facts | facts
            stack.enter_context(snapshot.use(snapshot.Clinic.from_facts(cleaned(known))))

        yield replace
