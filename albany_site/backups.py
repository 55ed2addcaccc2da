"""Backs up the database to one file, and restores the database from such a file.

A backup is a tar file with two members: `database`, written by SQLite's online backup or by pg_dump, and
`manifest.json`, which contains each table's row count and the SHA-256 of `database`. Encrypted columns stay encrypted.
The keys are not included, so back them up separately. The file contains the staff's password hashes and TOTP secrets,
so only its owner can read it.
"""

import fcntl
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone
from tqdm import tqdm

from consultations.encryption import Unreadable, encrypted_models

DATABASE, MANIFEST = "database", "manifest.json"
WORK_PREFIX = ".backup-"
MANIFEST_TYPES = {"engine": str, "sha256": str, "rows": dict}


def back_up(file: Path) -> dict[str, int]:
    """Back up the database to `file`, and return each table's row count. The site may keep running.

    A failed backup leaves no file.
    """
    try:
        _refuse_unless_new(file)
        return _back_up_to(file)
    except OSError as error:
        raise CommandError(f"No backup was made, because {file} can't be written: {error.strerror}.") from error


def _refuse_unless_new(file: Path) -> None:
    if file.is_dir():
        raise CommandError(f"{file} is a folder. Name a new file in it.")
    if file.exists():
        raise CommandError(f"{file} already exists. A backup never replaces a file; choose another name.")
    if not file.parent.is_dir():
        raise CommandError(f"There is no folder {file.parent}. Create it, or choose another one.")


def _back_up_to(file: Path) -> dict[str, int]:
    with _work_folder(file.parent) as folder:
        copy = Path(folder, DATABASE)
        rows = _copy_sqlite(copy) if connection.vendor == "sqlite" else _copy_postgresql(copy)
        manifest = {
            "engine": connection.vendor,
            "made_at": timezone.now().isoformat(timespec="seconds"),
            "sha256": _sha256(copy),
            "rows": rows,
        }
        Path(folder, MANIFEST).write_text(json.dumps(manifest, indent=1))
        archive = Path(folder, "archive")
        with archive.open("xb") as output:
            os.fchmod(output.fileno(), 0o600)
            with tarfile.open(fileobj=output, mode="w") as tar:
                tar.add(Path(folder, MANIFEST), MANIFEST)
                tar.add(copy, DATABASE)
            output.flush()
            os.fsync(output.fileno())
        archive.rename(file)
    return rows


def restore(file: Path) -> dict[str, int]:
    """Restore a backup into an empty database, and return each table's row count.

    Raises CommandError if the database is not empty, the backup is damaged or comes from the other database engine or a
    newer release, a row count differs from the manifest, or the current keys cannot decrypt a value. If loading or verifying fails, the
    database is emptied again. A successful restore ends all staff sessions and erases requests past their retention.
    """
    _require_file(file)
    writable = os.access(file.parent, os.W_OK)
    with _work_folder(file.parent if writable else Path(tempfile.gettempdir())) as folder:
        manifest = _unpack(file, folder)
        if connection.introspection.table_names():
            raise CommandError("The database is not empty. Restore into a new one, so nothing is overwritten.")
        try:
            _load(Path(folder, DATABASE))
            _compare(manifest["rows"])
            _refuse_a_newer_release()
            call_command("migrate", verbosity=0)
            _open_every_encrypted_value()
        except BaseException:
            _empty_the_database()
            raise
    Session.objects.all().delete()
    call_command("erase_old_requests")
    return manifest["rows"]


def _require_file(file: Path) -> None:
    try:
        if file.is_file():
            return
        problem = "a folder" if file.is_dir() else "missing"
    except PermissionError:
        problem = "in a folder that this user can't open"
    raise CommandError(f"{file} is {problem}. Name a file made by manage.py backup.")


@contextmanager
def _work_folder(parent: Path) -> Iterator[Path]:
    """Context manager for a private folder. It first removes what an interrupted backup or restore left in `parent`.

    Leftovers contain requests that have been erased since. A lock on `parent` tells them from a running backup's files.
    """
    descriptor = os.open(parent, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError(f"Another backup or restore is using {parent}. Wait until it is done.") from None
        for leftover in parent.glob(f"{WORK_PREFIX}*"):
            if leftover.is_dir() and leftover.stat().st_uid == os.geteuid():
                shutil.rmtree(leftover)
        with tempfile.TemporaryDirectory(dir=parent, prefix=WORK_PREFIX) as folder:
            yield Path(folder)
    finally:
        os.close(descriptor)


# --- Copying


def _copy_sqlite(copy: Path) -> dict[str, int]:
    connection.ensure_connection()
    with closing(sqlite3.connect(copy)) as target:
        connection.connection.backup(target)
        tables = [name for (name,) in target.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return _count(target.cursor(), [name for name in tables if not name.startswith("sqlite_")])


def _copy_postgresql(copy: Path) -> dict[str, int]:
    """Dump the database and count its rows in one snapshot. The counts match the dump even while the site runs."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        _run_postgresql("pg_dump", "--format=custom", "--no-owner", f"--snapshot={snapshot}", f"--file={copy}")
        return _count(cursor, connection.introspection.table_names(cursor))


def _count(cursor: sqlite3.Cursor, tables: list[str]) -> dict[str, int]:
    rows = {}
    for table in sorted(tables):
        cursor.execute(f"SELECT COUNT(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608  the name comes from the database
        rows[table] = cursor.fetchone()[0]
    return rows


def _run_postgresql(program: str, *arguments: str) -> None:
    command, environment = connection.client.settings_to_cmd_args_env(connection.settings_dict, [])
    _, *where, name = command
    try:
        done = subprocess.run(  # noqa: S603  fixed programs; the arguments come from settings
            [program, *where, f"--dbname={name}", "--no-password", *arguments],
            env=os.environ | (environment or {}),
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise CommandError(f"{program} is not installed. On Debian: apt-get install postgresql-client") from None
    if done.returncode:
        raise CommandError(f"{program} failed: {done.stderr.strip()}")


# --- Restoring


def _copy_out(tar: tarfile.TarFile, name: str, folder: Path) -> None:
    # Copy only the content. extract() would also apply the member's path and mode, and has no `filter` before 3.11.4.
    member = tar.extractfile(name)
    if member is None:
        raise ValueError(f"its member {name} is not a file")
    with member, Path(folder, name).open("wb") as output:
        shutil.copyfileobj(member, output)


def _unpack(file: Path, folder: Path) -> dict:
    try:
        with tarfile.open(file, "r:") as tar:
            for name in (MANIFEST, DATABASE):
                _copy_out(tar, name, folder)
        manifest = _checked(json.loads(Path(folder, MANIFEST).read_text()))
    except OSError as error:
        raise CommandError(f"{file} can't be unpacked: {error.strerror}.") from error
    except (tarfile.TarError, KeyError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise CommandError(
            f"{file} is not a readable backup: it is damaged, or manage.py backup did not make it."
        ) from error
    except ValueError as error:
        raise CommandError(f"{file} is not a readable backup: {error}") from error
    if manifest["engine"] != connection.vendor:
        raise CommandError(f"The backup is from {manifest['engine']}, but DATABASE_URL is {connection.vendor}.")
    if manifest["sha256"] != _sha256(Path(folder, DATABASE)):
        raise CommandError(f"{file} is damaged: its SHA-256 does not match its manifest.")
    return manifest


def _checked(manifest: Any) -> dict:
    """Return the manifest. Raises ValueError if it lacks an entry."""
    entries = manifest if isinstance(manifest, dict) else {}
    if lacking := [name for name, kind in MANIFEST_TYPES.items() if not isinstance(entries.get(name), kind)]:
        raise ValueError(f"its {MANIFEST} has no {', '.join(lacking)}")
    return manifest


def _load(copy: Path) -> None:
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with closing(sqlite3.connect(copy)) as source:
            source.backup(connection.connection)
    else:
        _run_postgresql("pg_restore", "--no-owner", "--single-transaction", "--exit-on-error", str(copy))


def _compare(expected: dict[str, int]) -> None:
    with connection.cursor() as cursor:
        found = _count(cursor, connection.introspection.table_names(cursor))
    if wrong := [table for table in expected | found if expected.get(table) != found.get(table)]:
        raise CommandError(f"Not restored: the row count differs in {', '.join(wrong)}.")


def unknown_migrations() -> list[str]:
    """Return the migrations that the database has and this code doesn't, as app.name."""
    loader = MigrationLoader(connection)
    replaced = {key for migration in loader.disk_migrations.values() for key in migration.replaces}
    unknown = loader.applied_migrations.keys() - loader.disk_migrations.keys() - replaced
    return sorted(f"{app}.{name}" for app, name in unknown)


def _refuse_a_newer_release() -> None:
    if unknown := unknown_migrations():
        raise CommandError(
            f"Not restored: the backup is from a newer release, with {', '.join(unknown)}. Install that release first."
        )


def _open_every_encrypted_value() -> None:
    unreadable = 0
    for model, fields in encrypted_models():
        rows = model._base_manager.values_list(*(field.name for field in fields)).iterator()
        for row in tqdm(rows, total=model._base_manager.count(), desc=model._meta.verbose_name, disable=None):
            unreadable += sum(isinstance(value, Unreadable) for value in row)
    if unreadable:
        raise CommandError(
            f"Not restored: the current FIELD_KEYS cannot decrypt {unreadable} values. "
            "Set the keys that were in use when the backup was made."
        )


def _empty_the_database() -> None:
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(":memory:")) as nothing:
            nothing.backup(connection.connection)
        return
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"DROP TABLE {connection.ops.quote_name(table)} CASCADE")


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
