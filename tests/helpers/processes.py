"""Finds the processes of a running site."""

from pathlib import Path


def children_of(pid: int) -> list[int]:
    """Return the PIDs of the processes that any thread of this process has started."""
    lists = ((task / "children").read_text() for task in Path(f"/proc/{pid}/task").iterdir())
    return [int(child) for children in lists for child in children.split()]
