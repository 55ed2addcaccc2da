"""Distributes the tests over pytest-xdist's processes."""

from xdist.scheduler import LoadScopeScheduling

# Browser tests that need only a site, so that any process may run any of them. The tests in every other browser file
# share fixtures or count what they store, so one process runs the whole file.
SINGLE = {f"tests/browser/{name}.py" for name in ("test_accessibility", "test_keyboard")}


class BrowserFilesTogether(LoadScopeScheduling):
    """Schedules single tests, and browser tests by file, in the order in which pytest runs them.

    pytest-django puts tests that empty the database last, and they must stay there.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return file if file.startswith("tests/browser/") and file not in SINGLE else nodeid
