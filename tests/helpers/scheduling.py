"""Distributes the tests over pytest-xdist's processes."""

from functools import cached_property
from itertools import groupby

from xdist.scheduler import LoadScopeScheduling

# Long files whose tests are independent of each other, so that any process may run any of them.
SINGLE = {f"tests/browser/{name}.py" for name in ("test_accessibility", "test_keyboard")}


class FilesTogether(LoadScopeScheduling):
    """Runs each file's tests in one process and in pytest's order, because they may share fixtures or count rows.

    pytest-django runs tests that empty the database after all other tests that use the database. To keep that order, a
    file with both kinds of tests is scheduled in parts.
    """

    @cached_property
    def _scopes(self) -> dict[str, str]:
        parts = enumerate(groupby(self.collection, key=lambda nodeid: nodeid.partition("::")[0]))
        return {
            nodeid: nodeid if file in SINGLE else f"{file}, part {number}"
            for number, (file, nodeids) in parts
            for nodeid in nodeids
        }

    def _split_scope(self, nodeid: str) -> str:
        return self._scopes[nodeid]
