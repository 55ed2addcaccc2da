"""Distributes the tests over pytest-xdist's processes."""

from functools import cached_property
from itertools import groupby

from xdist.scheduler import LoadScopeScheduling

# Long files whose tests are independent of each other, so that any process may run any of them.
SINGLE = {f"tests/browser/{name}.py" for name in ("test_accessibility", "test_keyboard")}


class FilesTogether(LoadScopeScheduling):
    """Schedules whole files in pytest's order, because the tests of a file share fixtures or count stored rows.

    pytest-django puts tests that empty the database after all others that use it. They must stay there, so a file that
    contains such tests is scheduled in parts.
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
