"""Distributes the tests over pytest-xdist's processes."""

from functools import cached_property
from itertools import groupby

from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

BROWSER = "tests/browser/"
# Long files whose tests are independent of each other, so that any process may run any of them.
SINGLE = {f"{BROWSER}{name}.py" for name in ("test_accessibility", "test_keyboard")}
# The files that take longest, longest first.
LONGEST = [
    f"{BROWSER}test_{name}.py"
    for name in ("front_desk", "serving", "look", "clinic_facts", "typed_words", "consultation")
]


def start_rank(scope: str) -> int:
    """Return when to start a scope: lower is earlier.

    Long files start first, so that no process ends with one while the others have nothing left to do. All tests in
    BROWSER may start early, because they don't use the test database of their process.
    """
    file = scope.partition("::")[0].partition(",")[0]
    if file in LONGEST:
        return LONGEST.index(file)
    return len(LONGEST) + (file in SINGLE) + 2 * (not file.startswith(BROWSER))


class FilesTogether(LoadScopeScheduling):
    """Runs each file's tests in one process, because they may share fixtures or count stored rows.

    Browser tests come first, and then the others in pytest's order. pytest-django runs tests that empty the database
    after all other tests that use the database. To keep that order, a file with both kinds is scheduled in parts.
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

    def _assign_work_unit(self, node: WorkerController) -> None:
        self.workqueue.move_to_end(min(self.workqueue, key=start_rank), last=False)
        super()._assign_work_unit(node)
