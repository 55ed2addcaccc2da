"""Tests of what the access log contains, how long it is kept, and that it cannot be changed."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from consultations import retention
from consultations.models import AccessLogEntry, Note
from front_desk import queues
from tests.helpers.factories import consultation, fill
from tests.helpers.request_page import LIST, find, page_of, press
from tests.helpers.staff_members import make_member

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["note", "entry"])
def row(request):
    author = make_member()
    if request.param == "note":
        return Note.objects.create(consultation=consultation(), author=author, text="Left a voicemail.")
    return AccessLogEntry.objects.create(user=author, action=AccessLogEntry.Action.VIEW, consultation=consultation())


def test_notes_and_access_log_entries_cannot_be_changed_or_deleted(row):
    for attempt in (row.save, row.delete, row.__class__.objects.all().delete):
        with pytest.raises(TypeError):
            attempt()
    with pytest.raises(TypeError):
        row.__class__.objects.update(pk=1)
    assert row.__class__.objects.count() == 1


def test_the_text_of_a_note_is_encrypted_in_the_database():
    Note.objects.create(consultation=consultation(), author=make_member(), text="Prefers the side door.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM consultations_note")
        assert "side door" not in cursor.fetchone()[0]


def test_erasing_a_request_erases_its_notes_and_keeps_their_authors():
    asked = consultation()
    Note.objects.create(consultation=asked, author=make_member(), text="Prefers the side door.")
    retention.erase(asked)
    note = Note.objects.get()
    assert (note.text, note.author.username) == (None, "dana")


def test_access_log_entries_are_deleted_after_six_years():
    now, dana = timezone.now(), make_member()
    for age in (1, 6 * 366 - 1, 6 * 366 + 1):
        AccessLogEntry.objects.create(user=dana, action="list", at=now - timedelta(days=age), detail=str(age))
    call_command("erase_old_requests", dry_run=True)
    assert AccessLogEntry.objects.count() == 3
    call_command("erase_old_requests")
    assert {entry.detail for entry in AccessLogEntry.objects.all()} == {"1", str(6 * 366 - 1)}


def test_every_action_is_logged_with_references_and_no_content(manager):
    asked = consultation(full_name="Zebedee Example", phone="618 555 0177", note="Side door.")
    manager.get(LIST)
    manager.get(page_of(asked))
    find(manager, "618 555 0177")
    manager.post(LIST + "export/", {"with_contact": "on"})
    press(manager, asked, note="Nice voice.", attempt="no-answer")
    entries = list(AccessLogEntry.objects.order_by("pk"))
    actions = [entry.action for entry in entries]
    assert actions == ["list", "view", "search", "export", "view", "change"]
    exported = entries.pop(3)
    assert (exported.references, exported.detail.partition(",")[0]) == ("", "1 request")
    assert {entry.references for entry in entries} == {asked.reference}
    assert {entry.user.username for entry in entries} == {"mora"}
    assert {entry.address for entry in entries} == {"127.0.0.1"}
    log = manager.get("/staff/consultations/accesslogentry/").content.decode()
    assert log.count(asked.reference) >= 5
    for words in ("Zebedee", "555 0177", "Side door", "Nice voice"):
        assert words not in log + str([entry.__dict__ for entry in [*entries, exported]])


def test_opening_a_list_logs_one_entry_with_the_requests_shown(desk):
    fill(60)
    desk.get(LIST)
    first = set(AccessLogEntry.objects.get().references.split())
    assert len(first) == 50
    desk.get(LIST + "?p=2")
    second = set(AccessLogEntry.objects.first().references.split())
    assert len(second) == 10
    assert first.isdisjoint(second)


def test_opening_an_unknown_request_logs_no_view(desk):
    assert desk.get(f"{LIST}424242/change/").status_code == 404
    assert not AccessLogEntry.objects.filter(action="view").exists()


def test_the_log_folds_long_lists_of_requests(manager, desk):
    fill(9)
    desk.get(LIST)
    html = manager.get("/staff/consultations/accesslogentry/").content.decode()
    folded = re.search(r"<details><summary>9 requests</summary>([^<]+)</details>", html)
    assert folded[1] == AccessLogEntry.objects.get(action="list").references


def test_the_log_writes_its_times_like_the_rest_of_the_desk(manager, dana):
    moment = datetime(2026, 9, 3, 20, 5, tzinfo=UTC)
    AccessLogEntry.objects.create(user=dana, action="list", at=moment)
    html = manager.get("/staff/consultations/accesslogentry/").content.decode()
    assert "Sep 3, 2026, 3:05 p.m." in html
    assert "Sept." not in html


def test_a_long_access_log_is_counted_up_to_its_limit_and_says_so(manager, dana, monkeypatch):
    monkeypatch.setattr(queues, "MOST_LISTED", 60)
    for _ in range(70):
        AccessLogEntry.objects.create(user=dana, action="list")
    assert "More than 60." in manager.get("/staff/consultations/accesslogentry/").content.decode()
