"""What breaks, and what happens then. `make faults` runs these: each takes its time, with real processes."""

from pathlib import Path
from textwrap import wrap

import pytest

from tests.system.conftest import database_url, postgresql  # noqa: F401  fixtures of these tests too

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.faults)


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def database(request) -> dict[str, str]:
    """The settings of an empty database, once of each kind."""
    return {} if request.param == "SQLite" else {"DATABASE_URL": request.getfixturevalue("database_url")}


COLUMNS = (("fault", 26), ("what the visitor saw", 36), ("what staff saw", 30), ("well again after", 16), ("lost", 24))
_told: list[tuple[str, ...]] = []


@pytest.fixture
def told():
    """Writes one line of the table at the end: a fault, and what came of it, in the order of COLUMNS."""

    def tell(fault: str, visitor: str, staff: str, seconds: float, lost: str) -> None:
        _told.append((fault, visitor, staff, f"{seconds:.1f} s" if seconds >= 0.1 else "at once", lost))

    return tell


def pytest_terminal_summary(terminalreporter):
    if not _told:
        return
    terminalreporter.section("what broke, and what happened then")
    terminalreporter.line("".join(name.ljust(width + 2) for name, width in COLUMNS))
    for row in _told:
        terminalreporter.line("-" * sum(width + 2 for _, width in COLUMNS))
        cells = [wrap(cell, width) for cell, (_, width) in zip(row, COLUMNS, strict=True)]
        for number in range(max(map(len, cells))):
            line = [(cell[number : number + 1] or [""])[0] for cell in cells]
            terminalreporter.line(
                "".join(part.ljust(width + 2) for part, (_, width) in zip(line, COLUMNS, strict=True))
            )
