"""Tests of the CSV export."""

import csv
import re
from datetime import date, timedelta

import pytest
from django.utils import timezone

from consultations.models import AccessLogEntry, ContactAttempt, Note, start_of_day
from consultations.statuses import Outcome, Status
from tests.helpers.factories import consultation
from tests.helpers.request_page import LIST
from tests.helpers.staff_members import make_member

pytestmark = pytest.mark.django_db


def export(manager, **fields) -> list[str]:
    answer = manager.post(LIST + "export/", fields)
    assert answer.headers["Content-Type"].startswith("text/csv")
    return answer.content.decode("utf-8-sig").splitlines()


def test_an_export_has_no_contact_or_free_text_unless_asked(manager):
    asked = consultation(full_name="Zebedee Example", phone="618 555 0177", note="Side door.", topic="pain")
    Note.objects.create(consultation=asked, text="Nice voice.")
    without, contact, everything = (
        "\n".join(export(manager, **fields))
        for fields in ({}, {"with_contact": "on"}, {"with_contact": "on", "with_free_text": "on"})
    )
    assert asked.reference in without
    assert "Zebedee" not in without
    assert "Zebedee" in contact
    # Compare only digits, so that any format matches. Ten digits are too long to be part of a time by chance.
    assert "6185550177" not in re.sub(r"\D", "", without)
    assert "6185550177" in re.sub(r"\D", "", contact)
    for words in ("Side door.", "Chronic pain", "Nice voice."):
        assert words not in without + contact
        assert words in everything


@pytest.mark.parametrize("formula", ["=1+1", "+1 618 555 0100", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"])
def test_no_cell_of_an_export_is_a_formula(manager, formula):
    consultation(full_name=formula, note=formula)
    content = manager.post(LIST + "export/", {"with_contact": "on", "with_free_text": "on"}).content.decode()
    assert f'"\'{formula}"' in content
    assert f'"{formula}"' not in content


def test_an_export_is_logged_with_its_references(manager):
    inside, outside = consultation(), consultation(created_at=timezone.now() - timedelta(days=30))
    assert "Download" in manager.get(LIST + "export/").content.decode()
    assert not AccessLogEntry.objects.filter(action="export").exists()
    rows = export(manager, received_from=str(timezone.localdate() - timedelta(days=2)), with_free_text="on")
    assert len(rows) == 2
    assert outside.reference not in "".join(rows)
    entry = AccessLogEntry.objects.get(action="export")
    assert (entry.references, entry.detail) == (inside.reference, "with free text")


def test_an_export_starts_with_the_mark_that_tells_excel_its_encoding(manager):
    consultation()
    assert manager.post(LIST + "export/", {}).content.startswith(b"\xef\xbb\xbf")


def test_an_export_has_every_date_and_the_contact_attempts(manager, settings):
    settings.RETENTION_DAYS = 30
    day = start_of_day(date(2026, 11, 2)) + timedelta(hours=9, minutes=30)
    dates = (
        "due_at",
        "first_contact_at",
        "scheduled_at",
        "closed_at",
        "corrected_at",
        "withdrawn_at",
        "asked_again_at",
    )
    moments = {name: day + timedelta(days=number) for number, name in enumerate(dates)}
    asked = consultation(status=Status.CLOSED, closed_reason="no-show", created_at=day - timedelta(days=1), **moments)
    author = make_member("lee")
    for outcome, undone_at in ((Outcome.NO_ANSWER, None), (Outcome.VOICEMAIL, None), (Outcome.SPOKE, day)):
        ContactAttempt.objects.create(consultation=asked, author=author, at=day, outcome=outcome, undone_at=undone_at)
    [row] = csv.DictReader(export(manager))
    assert {name: row[name] for name in ("received", "due", "first contact attempt", "scheduled for", "closed")} == {
        "received": "2026-11-01 09:30",
        "due": "2026-11-02 09:30",
        "first contact attempt": "2026-11-03 09:30",
        "scheduled for": "2026-11-04 09:30",
        "closed": "2026-11-05 09:30",
    }
    assert [row[name] for name in ("corrected", "withdrawn", "patient asked again", "erase on")] == [
        "2026-11-06 09:30",
        "2026-11-07 09:30",
        "2026-11-08 09:30",
        "2026-12-05",
    ]
    assert [row[name] for name in ("tries", "last try", "outcome of the last try", "closed because")] == [
        "2",
        "2026-11-02 09:30",
        "Left voicemail",
        "No-show",
    ]


def test_a_plain_export_does_not_say_which_notes_read_like_a_crisis(manager):
    consultation(urgent=True, clinician_told_at=timezone.now(), closed_words="Moved away")
    without, contact, words = (
        next(csv.DictReader(export(manager, **fields)))
        for fields in ({}, {"with_contact": "on"}, {"with_free_text": "on"})
    )
    for name in ("urgent", "clinician told", "closed because, in words"):
        assert name not in without.keys() | contact.keys()
        assert words[name]


def test_needs_and_the_referring_clinician_are_exported_with_contact_details(manager):
    consultation(
        asking_for="patient", practice="Example Practice", direct_line="618 555 0155", needs="relay,large-print"
    )
    without, contact = (next(csv.DictReader(export(manager, **fields))) for fields in ({}, {"with_contact": "on"}))
    assert "Example Practice" not in without.values()
    assert {"Example Practice", "618 555 0155", "A relay service for calls, Large print"} <= set(contact.values())
