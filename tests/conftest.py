"""What every test starts from."""

from contextlib import ExitStack

import pytest

from clinic import snapshot
from clinic.facts import cleaned
from tests.helpers.live_site import FACTS


@pytest.fixture(scope="session", autouse=True)
def facts_of_the_tests():
    """Put the tests' own facts in force, so that pages can be rendered without a database."""
    with snapshot.use(snapshot.Clinic.from_facts(FACTS)) as clinic:
        yield clinic


@pytest.fixture(autouse=True)
def stored_facts(request, facts_of_the_tests):
    """For a test marked stored_facts, read the facts from the database, as in a new process."""
    if not request.node.get_closest_marker("stored_facts"):
        yield
        return
    snapshot.forget()
    yield
    snapshot.forget()
    snapshot.choose(facts_of_the_tests)


@pytest.fixture
def set_facts():
    """Replace some of the facts in force for the rest of the test; an empty value takes one away."""
    with ExitStack() as stack:

        def replace(**facts: object) -> None:
            known = snapshot.current().facts | facts
            stack.enter_context(snapshot.use(snapshot.Clinic.from_facts(cleaned(known))))

        yield replace
