"""How pytest-xdist spreads the tests over its processes."""

import pytest
from xdist.scheduler import LoadScopeScheduling

# Browser tests that need no more than a site: any process may run each of them. Those of another file share what
# their fixtures make, or count what they store, so one process runs them all.
SINGLE = {f"tests/browser/{name}.py" for name in ("test_accessibility", "test_keyboard")}


class Scheduling(LoadScopeScheduling):
    """Hands out single tests, and browser tests by file, in the order in which pytest runs them.

    pytest-django puts tests that empty the database last, and they must stay there.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return file if file.startswith("tests/browser/") and file not in SINGLE else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    config.option.loadscopereorder = False
    return Scheduling(config, log)
