"""Writers of one SQLite file take turns, and a writer that is stuck holds up the others only briefly."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from consultations import turns
from consultations.turns import turn_at

# Adds to a number in a file from four threads at once. Without turns, most additions would be lost.
ADD = """
import sys, time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from consultations import turns
turns.LONGEST_WAIT = 60
turn, number = sys.argv[1], Path(sys.argv[2])
def add(_):
    with turns.turn_at(turn):
        before = int(number.read_text())
        time.sleep(0.001)
        number.write_text(str(before + 1))
with ThreadPoolExecutor(4) as pool:
    list(pool.map(add, range(40)))
"""
TAKE_FOREVER = """
import sys, time
from consultations.turns import turn_at
with turn_at(sys.argv[1]):
    print("mine", flush=True)
    time.sleep(600)
"""


def python(code: str, *arguments: Path) -> subprocess.Popen:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def is_free(path: Path) -> bool:
    with path.open("a") as file:
        return turns._locks(file)


@contextmanager
def taken_by_another(path: Path) -> Iterator[subprocess.Popen]:
    with python(TAKE_FOREVER, path) as process:
        assert process.stdout.readline() == "mine\n"
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.django_db
def test_a_database_in_memory_or_on_a_server_needs_no_turns(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with turns.turn_to_write():
        assert list(tmp_path.iterdir()) == []
        assert not turns._first_of_process.locked()


def test_threads_of_several_processes_take_turns(tmp_path):
    turn, number = tmp_path / "turn", tmp_path / "number"
    number.write_text("0")
    with python(ADD, turn, number) as one, python(ADD, turn, number) as other:
        assert (one.wait(60), other.wait(60)) == (0, 0)
    assert number.read_text() == "80"


def test_a_process_that_is_killed_gives_its_turn_back(tmp_path):
    with taken_by_another(tmp_path / "turn") as process:
        assert not is_free(tmp_path / "turn")
        process.kill()
        process.wait()
        assert is_free(tmp_path / "turn")


def test_a_writer_that_waited_long_goes_ahead_without_its_turn(tmp_path, monkeypatch):
    monkeypatch.setattr(turns, "LONGEST_WAIT", 0.05)
    with taken_by_another(tmp_path / "turn"):
        for _ in range(2):  # the second one finds the lock of this process free again
            with turn_at(tmp_path / "turn"):
                assert not is_free(tmp_path / "turn")


def test_without_a_lock_file_writers_go_ahead(tmp_path):
    with turn_at(tmp_path / "no folder" / "turn"):
        assert list(tmp_path.iterdir()) == []


def test_a_turn_that_raises_is_over(tmp_path):
    with pytest.raises(ZeroDivisionError), turn_at(tmp_path / "turn"):
        raise ZeroDivisionError
    assert is_free(tmp_path / "turn")
    assert not turns._first_of_process.locked()
