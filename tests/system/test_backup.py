"""Tests of backup and restore on both database engines, and of the files and databases that restore rejects."""

import fcntl
import itertools
import json
import os
import re
import shutil
import tarfile
import threading
import time
from pathlib import Path

import pytest

from tests.helpers.http_client import Visitor
from tests.helpers.live_site import FACTS, PICTURES_OF, RunningSite
from tools.postgresql import PostgreSQL
from tools.stack import Worker

pytestmark = pytest.mark.system

ROWS = """
import json, sys
from django.db import connection
with connection.cursor() as cursor:
    tables = {}
    for table in connection.introspection.table_names(cursor):
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
        rows = [[bytes(v) if isinstance(v, memoryview) else v for v in row] for row in cursor.fetchall()]
        tables[table] = sorted(str(tuple(row)) for row in rows)
json.dump(tables, sys.stdout)
"""
WORDS = "Only Alex wrote this"
ONE_REQUEST = f"from tests.helpers.factories import consultation; consultation(note={WORDS!r})"
CLOSED_LONG_AGO = """
from datetime import timedelta
from django.utils import timezone
from consultations.models import ConsultationRequest
long_ago = timezone.now() - timedelta(days=4000)
ConsultationRequest.objects.update(status="closed", closed_at=long_ago, created_at=long_ago)
"""
HOW_MANY_ERASED = """
from consultations.models import ConsultationRequest
print(ConsultationRequest.objects.filter(note__isnull=True, full_name__isnull=True).exclude(erased_at=None).count())
"""
# The tables that a restore empties, because it ends all sessions.
EMPTIED = {"django_session"}


class Callers:
    """Threads that post the form repeatedly, each time from a new address, until stopped."""

    def __init__(self, url: str, count: int) -> None:
        self.url = url
        self.receipts: list[str] = []
        self.failures: list[str] = []
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._call, args=(number,)) for number in range(count)]

    def _call(self, caller: int) -> None:
        for number in itertools.count():
            if self._stopped.is_set():
                return
            answer = Visitor(self.url, f"10.{caller}.{number // 250}.{number % 250}").send(note=f"{caller}-{number}")
            if answer.status == 302:
                self.receipts.append(answer.headers["Location"])
            else:
                self.failures.append(f"{answer.status}")

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def wait_for(self, receipts: int) -> None:
        while len(self.receipts) < receipts and any(thread.is_alive() for thread in self._threads):
            self._stopped.wait(0.05)

    def __exit__(self, *_):
        self._stopped.set()
        for thread in self._threads:
            thread.join(timeout=60)


def rows(site: RunningSite) -> dict[str, list[str]]:
    return json.loads(site.manage("shell", "--verbosity", "0", "--command", ROWS))


def slots(tables: dict[str, list[str]]) -> set[str]:
    """Return the deduplication keys of the outbox's emails about new requests."""
    return set(re.findall(r"new:\d+", str(tables["consultations_notification"])))


def destroy(database_url: str, postgresql: PostgreSQL) -> None:
    if database_url.startswith("postgres"):
        postgresql.drop_database(database_url)
    else:
        file = Path(database_url.removeprefix("sqlite:///"))
        for part in file.parent.glob(f"{file.name}*"):
            part.unlink()


def test_a_backup_made_under_load_restores_row_for_row(tmp_path, new_database, postgresql):
    backup = tmp_path / "backup.tar"
    facts = FACTS | {PICTURES_OF: ["Example Person"]}
    site = RunningSite(tmp_path / "site", facts, DATABASE_URL=new_database(), TRUSTED_PROXY_HOPS="1")
    with site, Callers(site.url, 4) as callers:
        callers.wait_for(20)
        before = list(callers.receipts)
        site.manage("backup", str(backup))
        callers.wait_for(len(callers.receipts) + 10)
    assert callers.failures == []
    everything = rows(site)
    assert [len(everything[table]) for table in ("clinic_picture", "clinic_edition")] == [3, 1]
    shutil.rmtree(tmp_path / "site")
    destroy(site.environment["DATABASE_URL"], postgresql)

    (tmp_path / "again").mkdir()
    again = RunningSite(tmp_path / "again", DATABASE_URL=new_database(), TRUSTED_PROXY_HOPS="1")
    assert "Restored" in again.manage("restore", str(backup))
    restored = rows(again)
    assert restored.keys() == everything.keys()
    for table in everything.keys() - EMPTIED:
        assert set(restored[table]) <= set(everything[table]), table
        if "consultations" not in table:
            assert restored[table] == everything[table], table
    requests = restored["consultations_consultationrequest"]
    assert len(before) <= len(requests) < len(everything["consultations_consultationrequest"])
    # A request and its email are stored in one transaction, so the backup contains both.
    queued = slots(everything) & {f"new:{row.split(',')[0].strip('(')}" for row in requests}
    assert queued
    assert queued <= slots(restored)
    with again:
        assert {Visitor(again.url).ask(receipt).status for receipt in before} == {200}


@pytest.fixture(scope="module")
def backed_up(tmp_path_factory, new_database):
    """Return a site with one request, and its backup file."""
    folder = tmp_path_factory.mktemp("backed-up")
    site = RunningSite(folder, DATABASE_URL=new_database())
    site.manage("migrate", "--verbosity", "0")
    site.manage("shell", "--verbosity", "0", "--command", ONE_REQUEST)
    site.manage("backup", str(folder / "backup.tar"))
    return site, folder / "backup.tar"


def test_a_backup_is_private_and_contains_no_key_or_plaintext(backed_up):
    site, backup = backed_up
    assert backup.stat().st_mode & 0o077 == 0
    content = backup.read_bytes()
    for secret in (
        WORDS,
        "555-0100",
        *(site.environment[name] for name in ("SECRET_KEY", "FIELD_KEYS", "LOOKUP_KEYS")),
    ):
        assert secret.rpartition(":")[2].encode() not in content


def test_a_backup_never_overwrites_another(backed_up):
    site, backup = backed_up
    content = backup.read_bytes()
    with pytest.raises(AssertionError, match="already exists"):
        site.manage("backup", str(backup))
    assert backup.read_bytes() == content
    assert {file.name for file in backup.parent.iterdir() if "backup" in file.name} == {"backup.tar"}


def test_a_restore_into_a_database_with_tables_is_rejected(backed_up):
    site, backup = backed_up
    with pytest.raises(AssertionError, match="not empty"):
        site.manage("restore", str(backup))


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (
            {"FIELD_KEYS": "test:b3RoZXIga2V5cyBvcGVuIG5vdGhpbmcgb2YgaXQhISE="},
            "current FIELD_KEYS cannot decrypt",
        ),
        ({"rows": {"consultations_consultationrequest": 2}}, "differs in consultations_consultationrequest"),
        ({"sha256": "0"}, "damaged"),
        ({"engine": "oracle"}, "backup is from oracle"),
        ({"engine": None}, "is not a readable backup: its manifest.json has no engine"),
    ],
    ids=lambda value: value.split()[0] if isinstance(value, str) else None,
)
def test_a_failed_restore_leaves_the_database_empty(backed_up, new_database, tmp_path, damage, complaint):
    _, backup = backed_up
    keys = {name: value for name, value in damage.items() if name.isupper()}
    (tmp_path / "parts").mkdir()
    with tarfile.open(backup) as tar:
        for name in tar.getnames():
            (tmp_path / "parts" / name).write_bytes(tar.extractfile(name).read())
    manifest = json.loads((tmp_path / "parts/manifest.json").read_text())
    manifest |= {name: value for name, value in damage.items() if name.islower() and name != "rows"}
    manifest["rows"] |= damage.get("rows", {})
    (tmp_path / "parts/manifest.json").write_text(json.dumps(manifest))
    with tarfile.open(tmp_path / "damaged.tar", "w") as tar:
        for part in (tmp_path / "parts").iterdir():
            tar.add(part, part.name)
    again = RunningSite(tmp_path / "again", DATABASE_URL=new_database(), **keys)
    with pytest.raises(AssertionError, match=complaint):
        again.manage("restore", str(tmp_path / "damaged.tar"))
    assert rows(again) == {}


OF_A_NEWER_RELEASE = """
from django.db.migrations.recorder import MigrationRecorder
from django.db import connection
MigrationRecorder(connection).record_applied("consultations", "9001_of_a_newer_release")
"""


def test_a_backup_of_a_newer_release_is_refused_by_name_and_leaves_nothing(tmp_path, new_database):
    site = RunningSite(tmp_path, DATABASE_URL=new_database())
    site.manage("migrate", "--verbosity", "0")
    site.manage("shell", "--verbosity", "0", "--command", OF_A_NEWER_RELEASE)
    site.manage("backup", str(tmp_path / "newer.tar"))
    again = RunningSite(tmp_path, DATABASE_URL=new_database())
    with pytest.raises(AssertionError, match=r"newer release, with consultations\.9001_of_a_newer_release"):
        again.manage("restore", str(tmp_path / "newer.tar"))
    assert rows(again) == {}
    with pytest.raises(AssertionError, match=r"newer release, with consultations\.9001"):
        site.manage("deploy_check")


def test_a_restored_file_can_be_read_by_its_owner_alone(backed_up, tmp_path):
    _, backup = backed_up
    again = RunningSite(tmp_path, DATABASE_URL=f"sqlite:///{tmp_path}/new/db.sqlite3")
    if "sqlite" not in backed_up[0].environment["DATABASE_URL"]:
        again.manage("migrate", "--verbosity", "0")
    else:
        again.manage("restore", str(backup), umask=0o022)
    modes = {oct(file.stat().st_mode & 0o777) for file in (tmp_path / "new").iterdir()}
    assert modes == {"0o600"}


def test_the_next_backup_removes_what_an_interrupted_one_left(backed_up, tmp_path):
    site, _ = backed_up
    left = tmp_path / ".backup-left"
    left.mkdir()
    (left / "database").write_text(WORDS)
    site.manage("backup", str(tmp_path / "next.tar"))
    assert [path.name for path in tmp_path.iterdir()] == ["next.tar"]


def test_a_second_backup_at_the_same_moment_leaves_the_first_alone(backed_up, tmp_path):
    site, _ = backed_up
    running = tmp_path / ".backup-running"
    running.mkdir()
    folder = os.open(tmp_path, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        with pytest.raises(AssertionError, match="Another backup or restore is using"):
            site.manage("backup", str(tmp_path / "second.tar"))
    finally:
        os.close(folder)
    assert running.exists()


def test_a_file_that_is_not_a_backup_is_rejected_with_a_reason(tmp_path, new_database):
    (tmp_path / "letter.tar").write_text("Dear clinic")
    with pytest.raises(AssertionError, match="is not a readable backup"):
        RunningSite(tmp_path / "site", DATABASE_URL=new_database()).manage("restore", str(tmp_path / "letter.tar"))


def test_a_restore_erases_requests_past_their_retention(backed_up, new_database, tmp_path):
    site, _ = backed_up
    site.manage("shell", "--verbosity", "0", "--command", CLOSED_LONG_AGO)
    site.manage("backup", str(tmp_path / "late.tar"))
    again = RunningSite(tmp_path / "again", DATABASE_URL=new_database())
    again.manage("restore", str(tmp_path / "late.tar"))
    assert again.manage("shell", "--verbosity", "0", "--command", HOW_MANY_ERASED).strip() == "1"


def test_pages_follow_the_facts_of_an_older_backup(tmp_path, new_database):
    backup = tmp_path / "backup.tar"
    site = RunningSite(tmp_path, {"phone": "(618) 555-0142"}, DATABASE_URL=new_database())
    site.build()
    site.manage("backup", str(backup))
    site.load_facts({"phone": "(618) 555-0187"})
    site.manage("prerender")

    site.environment["DATABASE_URL"] = new_database()
    printed = site.manage("restore", str(backup))
    assert "facts went back from edition 2, which the pages still show, to edition 1, saved" in printed
    site.start()
    worker = Worker(site)
    worker.start()
    began = time.monotonic()
    try:
        # Send 20 requests each time, so that every gunicorn worker is likely to respond to one.
        while not all(b"555-0142" in site.ask("/about/")[1] for _ in range(20)):
            assert time.monotonic() < began + 60, (tmp_path / "worker.log").read_text()
            time.sleep(0.1)
        print(f"{time.monotonic() - began:.1f} seconds until the pages followed")  # noqa: T201  `pytest -s` shows it
    finally:
        worker.stop()
        site.stop()
