"""Fixtures for fault-injection tests with real processes. The tests are slow. `make faults` runs them."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from textwrap import wrap

import pytest

from tests.system.conftest import database_url, postgresql  # noqa: F401  used here too

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.faults)


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def database(request) -> dict[str, str]:
    """Return the environment variables for an empty database. Tests run once per engine."""
    return {} if request.param == "SQLite" else {"DATABASE_URL": request.getfixturevalue("database_url")}


COLUMNS = (("fault", 26), ("what the visitor saw", 36), ("what staff saw", 30), ("recovered after", 16), ("lost", 24))
_rows: list[tuple[str, ...]] = []


@pytest.fixture
def report():
    """Return a function that adds a row to the table printed at the end. Its arguments are in the order of COLUMNS."""

    def add_row(fault: str, visitor: str, staff: str, seconds: float, lost: str) -> None:
        _rows.append((fault, visitor, staff, f"{seconds:.1f} s" if seconds >= 0.1 else "at once", lost))

    return add_row


def pytest_terminal_summary(terminalreporter):
    if not _rows:
        return
    if file := os.environ.get("FAULTS_TABLE"):
        Path(file).write_text("\n".join(_as_markdown()) + "\n")
    terminalreporter.section("faults and what happened")
    terminalreporter.line("".join(name.ljust(width + 2) for name, width in COLUMNS))
    for row in _rows:
        terminalreporter.line("-" * sum(width + 2 for _, width in COLUMNS))
        cells = [wrap(cell, width) for cell, (_, width) in zip(row, COLUMNS, strict=True)]
        for number in range(max(map(len, cells))):
            line = [(cell[number : number + 1] or [""])[0] for cell in cells]
            terminalreporter.line(
                "".join(part.ljust(width + 2) for part, (_, width) in zip(line, COLUMNS, strict=True))
            )


def _as_markdown() -> Iterator[str]:
    yield "# Faults, and what happened: written by `make faults`"
    yield ""
    yield f"{datetime.now(UTC):%B %-d, %Y}. Seconds depend on the machine and its load."
    yield ""
    yield f"| {' | '.join(name for name, _ in COLUMNS)} |"
    yield "|---" * len(COLUMNS) + "|"
    for row in _rows:
        yield f"| {' | '.join(row)} |"
