"""How pytest-xdist hands the tests out to its processes."""

from functools import cached_property
from itertools import groupby

import pytest
from xdist.scheduler import LoadScopeScheduling

# Long files whose tests share nothing but a site: any process may run each of their tests.
SINGLE = {f"tests/browser/{name}.py" for name in ("test_accessibility", "test_keyboard")}


def file_of(nodeid: str) -> str:
    return nodeid.partition("::")[0]


class Scheduling(LoadScopeScheduling):
    """Hands out whole files, since their tests share fixtures or count what the others store, in pytest's order.

    pytest-django puts tests that empty the database behind all others that use it. They must stay there, so a file
    that has some is handed out in parts.
    """

    @cached_property
    def _scopes(self) -> dict[str, str]:
        parts = enumerate(groupby(self.collection, key=file_of))
        return {
            nodeid: nodeid if file in SINGLE else f"{file}, part {number}"
            for number, (file, nodeids) in parts
            for nodeid in nodeids
        }

    def _split_scope(self, nodeid: str) -> str:
        return self._scopes[nodeid]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    config.option.loadscopereorder = False
    return Scheduling(config, log)
