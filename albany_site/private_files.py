"""Keeps the database readable by its owner alone. It contains password hashes, TOTP secrets and session keys."""

from contextlib import suppress
from pathlib import Path

PRIVATE_UMASK = 0o077


def keep_private(database: Path) -> None:
    """Remove the permissions of group and others from an SQLite file, its WAL and its index, where they exist."""
    for file in (database, *(database.with_name(database.name + suffix) for suffix in ("-wal", "-shm", "-journal"))):
        with suppress(FileNotFoundError, PermissionError):
            if (mode := file.stat().st_mode) & PRIVATE_UMASK:
                file.chmod(mode & 0o700)
