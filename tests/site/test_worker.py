"""Tests of how the worker rebuilds pages: at midnight, when an announcement ends, and after a failure."""

import re
import subprocess
import sys
import threading
from datetime import date, datetime, time, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from albany_site import health
from albany_site.built_pages import BuiltPages
from albany_site.management.commands import worker
from albany_site.refresher import Refresher
from clinic import snapshot
from clinic.models import Edition
from consultations.models import Heartbeat
from front_desk import site as desk_site
from pages import build
from pages.management.commands import prerender
from tests.helpers.staff_members import make_member, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.stored_facts]

MONDAY = date(2031, 3, 3)
WEEK = ["09:00-17:00"] * 5 + ["", ""]
NEXT_MONDAY_CLOSED = [{"first": "2031-03-10", "last": "2031-03-10", "starts": "", "ends": "", "reason": ""}]


class Clock:
    """Replaces Django's clock with one that the test can move."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.move_to(MONDAY, time(12))
        monkeypatch.setattr(timezone, "now", lambda: self.now)

    def move_to(self, day: date, at: time) -> None:
        self.now = timezone.make_aware(datetime.combine(day, at))


class Stop:
    """Replaces the worker's stop event: ends the loop after `looks` checks, and records each wait."""

    def __init__(self, looks: int) -> None:
        self.looks = looks
        self.waits: list[float] = []

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        self.looks -= seconds == worker.SECONDS_BETWEEN_FACT_LOOKS
        return self.looks < 0


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


@pytest.fixture
def rebuilds(settings, tmp_path, monkeypatch):
    """Make the worker rebuild in this process, with two sitemap pages. Yield a list that records each rebuild's result."""
    settings.BUILD_DIR = tmp_path
    monkeypatch.setattr(prerender, "prerendered_paths", lambda: ["/", "/about/"])
    # The worker and the refresher close their database connection. In these tests, that is the test's own connection.
    monkeypatch.setattr(worker, "close_old_connections", lambda: None)
    monkeypatch.setattr(worker.connection, "close", lambda: None)
    done = []

    def rebuild(stop: Stop) -> bool:
        snapshot.forget()  # the worker's subprocess would start without cached facts
        try:
            call_command("prerender", "--if-needed", verbosity=0)
        except CommandError as error:
            done.append(str(error).partition(":")[0])
            return False
        done.append("built")
        return True

    monkeypatch.setattr(worker, "rebuild", rebuild)
    build.forget()
    prerender._site.cache_clear()
    yield done
    build.forget()
    prerender._site.cache_clear()


def look(times: int = 1) -> list[float]:
    """Let the worker check the facts `times` times. Return its waits in seconds."""
    stop = Stop(times)
    worker.keep_pages_current(stop)
    return stop.waits


def about() -> str:
    """Return the words of the newest build's page about the clinic."""
    html = build.read_build(build.newest_folder()).pages["/about/"].bodies[""].decode()
    return re.sub("<[^>]*>", "", html)


def test_pages_that_show_the_current_facts_are_not_rebuilt(rebuilds):
    Edition.publish({"phone": "(618) 555-0100"}, "", after=0)
    look(3)
    assert rebuilds == ["built"]
    assert not worker.pages_are_behind()


def test_the_pages_are_rebuilt_at_midnight_without_a_save(rebuilds, clock):
    Edition.publish({"hours": WEEK, "closures": NEXT_MONDAY_CLOSED}, "", after=0)
    clock.move_to(MONDAY - timedelta(days=1), time(23, 59, 59))
    look()
    assert "Closed Monday, March 10" not in about()
    clock.move_to(MONDAY, time(0))
    assert worker.pages_are_behind()
    look(2)
    assert "Closed Monday, March 10" in about()
    assert rebuilds == ["built", "built"]


def test_the_pages_are_rebuilt_when_an_announcement_ends(rebuilds, clock):
    announced = {"text": "Ice on the roads", "since": "2031-03-03T09:00", "until": "2031-03-03T15:00"}
    Edition.publish({"announcement": announced}, "", after=0)
    clock.move_to(MONDAY, time(14, 59, 59))
    look(2)
    assert "Ice on the roads" in about()
    clock.move_to(MONDAY, time(15))
    look(2)
    assert "Ice on the roads" not in about()
    assert rebuilds == ["built", "built"]


def test_the_pages_are_rebuilt_when_an_announcement_begins(rebuilds, clock):
    announced = {"text": "Ice on the roads", "since": "2031-03-03T15:00", "until": "2031-03-03T18:00"}
    Edition.publish({"announcement": announced}, "", after=0)
    clock.move_to(MONDAY, time(14, 59, 59))
    look(2)
    assert "Ice on the roads" not in about()
    clock.move_to(MONDAY, time(15))
    look(2)
    assert "Ice on the roads" in about()
    assert rebuilds == ["built", "built"]


def test_a_failed_rebuild_keeps_the_old_pages_and_is_retried(rebuilds, monkeypatch):
    Edition.publish({"phone": "(618) 555-0100"}, "", after=0)
    look()
    Edition.publish({"phone": "(618) 555-0101"}, "", after=1)
    with monkeypatch.context() as broken:
        broken.setattr(prerender, "prerendered_paths", lambda: ["/consultation/"])
        waits = look(2)
    assert waits.count(worker.SECONDS_AFTER_A_FAILED_BUILD) == 2
    assert "(618) 555-0100" in about()
    look()
    assert "(618) 555-0101" in about()
    assert rebuilds == ["built", "Kept the old build", "Kept the old build", "built"]


def test_an_error_in_the_loop_is_logged_and_the_next_check_rebuilds(rebuilds, monkeypatch, caplog):
    Edition.publish({"phone": "(618) 555-0100"}, "", after=0)
    with monkeypatch.context() as broken:
        broken.setattr(build, "newest_folder", lambda: 1 / 0)
        look()
    assert "the pages could not be checked; retrying" in caplog.text
    look()
    assert rebuilds == ["built"]


def test_outdated_pages_show_staff_a_banner_and_then_fail_healthz(rebuilds, monkeypatch, client):
    Edition.publish({"phone": "(618) 555-0100"}, "", after=0)
    look()
    Heartbeat.beat()
    manager = sign_in(make_member("mora", "Manager"))
    web_process = Refresher(BuiltPages(None, build.current_build()))
    passed = 0.0
    monkeypatch.setattr(build.time, "monotonic", lambda: passed)

    def seen() -> tuple[bool, int]:
        """Return whether staff see the banner, and the status code of /healthz."""
        web_process.look()
        page = manager.get("/staff/").content.decode()
        return "updating them takes longer than usual" in page, client.get("/healthz").status_code

    assert seen() == (False, 200)
    Edition.publish({"phone": "(618) 555-0101"}, "", after=1)
    assert seen() == (False, 200)
    passed = desk_site.PAGES_LATE_AFTER + 1
    assert seen() == (True, 200)
    passed = health.PAGES_LATE_AFTER + 1
    assert seen() == (True, 503)
    assert "out of date" in client.get("/healthz").json()["problems"]["build"]
    look()
    assert seen() == (False, 200)


# --- The subprocess


@pytest.fixture
def instead_of_prerender(monkeypatch):
    """Return a function that makes the worker run Python code instead of `manage.py prerender`."""
    popen = subprocess.Popen

    def replace(code: str) -> None:
        monkeypatch.setattr(worker.subprocess, "Popen", lambda _, **kept: popen([sys.executable, "-c", code], **kept))

    return replace


def test_a_rebuild_that_fails_logs_its_last_line(instead_of_prerender, caplog):
    instead_of_prerender("print('first', flush=True); raise SystemExit('Kept the old build')")
    assert not worker.rebuild(threading.Event())
    assert "retrying: Kept the old build" in caplog.text


def test_a_rebuild_that_prints_a_lot_still_ends(instead_of_prerender):
    instead_of_prerender("print('x' * 1_000_000)")
    assert worker.rebuild(threading.Event())


def test_stopping_the_worker_ends_a_running_rebuild(instead_of_prerender):
    instead_of_prerender("import time; time.sleep(600)")
    stop = threading.Event()
    stop.set()
    assert not worker.rebuild(stop)
