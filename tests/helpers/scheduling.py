"""Distributes the tests over pytest-xdist's workers."""

from xdist.scheduler import LoadScopeScheduling

# Browser test files whose tests are independent of each other, so any worker may run any of them. Tests in the other
# browser files may share module fixtures or count stored rows, so each of those files runs in one worker.
SINGLE = {f"tests/browser/{name}.py" for name in ("test_accessibility", "test_keyboard")}


class BrowserFilesTogether(LoadScopeScheduling):
    """Assigns browser tests to workers by file, and other tests one by one. It keeps pytest's order.

    pytest-django puts tests that flush the database last, and they must stay last.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return file if file.startswith("tests/browser/") and file not in SINGLE else nodeid
