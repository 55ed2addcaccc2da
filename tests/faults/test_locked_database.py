"""Makes the database unusable in four ways. The form keeps its answers, pages work, and a later retry is stored."""

import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.utils import timezone

from albany_site.settings import DATABASES
from tests.helpers.factories import ANSWERS
from tests.helpers.http_client import Answer, Visitor
from tests.helpers.live_site import RunningSite

PHONE = "(618) 555-0142"
ANNOUNCED = "Ice on the roads"
FACTS = {
    "phone": PHONE,
    "announcement": {
        "text": ANNOUNCED,
        "since": "2026-01-01T00:00",
        "until": f"{timezone.localtime() + timedelta(days=1):%Y-%m-%dT%H:%M}",
    },
}
FORM = ANSWERS | {"note": "Okapi"}


@contextmanager
def locked(site: RunningSite) -> Iterator[None]:
    url = site.environment["DATABASE_URL"]
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")
        connection.close()
    else:
        with psycopg.connect(url) as connection:
            connection.execute("LOCK TABLE consultations_consultationrequest IN EXCLUSIVE MODE")
            yield


def wait_until_it_fails(site: RunningSite) -> None:
    """Wait until every process has reopened the database file, because earlier connections still work."""
    time.sleep(DATABASES["default"]["CONN_MAX_AGE"] + 1)
    assert "the database cannot be written to" in Visitor(site.url).ask("/healthz").body


@contextmanager
def read_only(site: RunningSite) -> Iterator[None]:
    """Make the database's files immutable. A read-only mode is not enough, because root ignores file modes."""
    if os.geteuid() != 0:
        pytest.fail("run this test as root, because it makes files immutable")
    folder = Path(site.environment["DATABASE_URL"].removeprefix("sqlite:///")).parent
    parts = [folder, *folder.iterdir()]
    subprocess.run(["chattr", "+i", *parts], check=True)
    try:
        wait_until_it_fails(site)
        yield
    finally:
        subprocess.run(["chattr", "-i", *parts], check=True)


@contextmanager
def gone(site: RunningSite) -> Iterator[None]:
    """Rename the database's folder, as if its disk were not mounted."""
    folder = Path(site.environment["DATABASE_URL"].removeprefix("sqlite:///")).parent
    moved = folder.rename(folder.with_name("moved"))
    wait_until_it_fails(site)
    yield
    shutil.rmtree(folder, ignore_errors=True)  # a process that started in the meantime created it
    moved.rename(folder)


def pages(visitor: Visitor) -> dict[str, tuple[int, str]]:
    """Return the status and body of built pages and error pages, which need no database, keyed by path."""
    asked = {path: visitor.ask(path) for path in ("/", "/about/", "/no-such-page/")}
    asked["another host"] = visitor.ask("/consultation/", Host="other.example")
    return {path: (answer.status, answer.body) for path, answer in asked.items()}


def check_it_comes_back(answer: Answer, key: str) -> None:
    """Check that the response shows the form with every typed word, and the clinic's phone number and announcement."""
    assert answer.status == 503
    for words in ("We could not store your request", "Alex Example", "Okapi", key, PHONE, ANNOUNCED):
        assert words in answer.body


def send_during(fault: Callable[[RunningSite], AbstractContextManager], site: RunningSite) -> float:
    """Send a form during the fault, and again afterwards. Return how many seconds the first response took."""
    visitor = Visitor(site.url, timeout=60)
    hidden, cookie = visitor.open_form()
    form, before = FORM | hidden, pages(visitor)
    assert [status for status, _ in before.values()] == [200, 200, 404, 301]
    assert all(PHONE in body and ANNOUNCED in body for status, body in before.values() if status != 301)
    with fault(site):
        began = time.monotonic()
        refused = visitor.ask("/consultation/", form, Cookie=cookie)
        waited = time.monotonic() - began
        assert pages(visitor) == before
    taken = visitor.ask("/consultation/", form, Cookie=cookie)
    print(f"the visitor waited {waited:.1f} s for {refused.status}, and a second attempt gave {taken.status}")
    check_it_comes_back(refused, hidden["submission_key"])
    assert taken.status == 302
    return waited


def test_a_locked_database_keeps_the_form_and_a_retry_is_stored(tmp_path, database):
    with RunningSite(tmp_path, FACTS, **database) as site:
        send_during(locked, site)


@pytest.fixture
def sqlite_site(tmp_path):
    """Yield a site whose SQLite database is alone in its folder."""
    with RunningSite(tmp_path, FACTS, DATABASE_URL=f"sqlite:///{tmp_path}/database/db.sqlite3") as site:
        yield site


@pytest.mark.parametrize(("name", "fault"), [("read-only", read_only), ("missing", gone)])
def test_an_unwritable_database_keeps_the_form_and_a_retry_is_stored(sqlite_site, report, name, fault):
    waited = send_during(fault, sqlite_site)
    report(
        f"{name} SQLite file",
        f"“could not be stored, try again” after {waited:.0f} s with the answers kept; pages work",
        "/healthz: the database cannot be written to",
        0,
        "nothing",
    )


def test_without_a_database_a_new_process_shows_the_facts_of_its_build(sqlite_site):
    visitor = Visitor(sqlite_site.url, timeout=60)
    before = pages(visitor)
    with gone(sqlite_site):
        sqlite_site.stop()
        sqlite_site.start()
        hidden, cookie = visitor.open_form()
        check_it_comes_back(visitor.ask("/consultation/", FORM | hidden, Cookie=cookie), hidden["submission_key"])
        assert pages(visitor) == before
