"""Tests of the CSV export."""

import csv
import gc
import re
import tracemalloc
from datetime import date, timedelta

import pytest
from django.http.response import HttpResponseBase
from django.utils import timezone

from consultations.models import AccessLogEntry, ConsultationRequest, ContactAttempt, Note, start_of_day
from consultations.statuses import Outcome, Status
from front_desk import export as export_module
from tests.helpers.factories import consultation, fill
from tests.helpers.request_page import LIST, page_of
from tests.helpers.staff_members import make_member

pytestmark = pytest.mark.django_db


def export(manager, **fields) -> list[str]:
    answer = manager.post(LIST + "export/", fields)
    assert answer.headers["Content-Type"].startswith("text/csv")
    return content(answer).decode("utf-8-sig").splitlines()


def content(answer: HttpResponseBase) -> bytes:
    return b"".join(answer.streaming_content)


def test_an_export_has_no_contact_or_free_text_unless_asked(manager):
    asked = consultation(full_name="Zebedee Example", phone="618 555 0177", note="Side door.", topic="pain")
    Note.objects.create(consultation=asked, text="Nice voice.")
    everything = {"with_contact": "on", "with_topic": "on", "with_free_text": "on"}
    without, contact, everything = (
        "\n".join(export(manager, **fields)) for fields in ({}, {"with_contact": "on"}, everything)
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


def test_the_reasons_for_contact_are_a_column_of_their_own(manager):
    consultation(topic="pain", note="Side door.")
    [row] = csv.DictReader(export(manager, with_topic="on"))
    assert row["reasons for contact"] == "Chronic pain"
    assert "Side door." not in row.values()
    [row] = csv.DictReader(export(manager, with_free_text="on"))
    assert "reasons for contact" not in row


def test_the_columns_are_named_as_on_the_request_page(manager):
    asked = consultation(needs="relay", email="a@example.com", note="Side door.")
    [row] = csv.DictReader(export(manager, with_contact="on", with_topic="on", with_free_text="on"))
    page = re.sub(r"<[^>]+>", "\n", manager.get(page_of(asked)).content.decode()).lower()
    shown = {line.strip().partition(":")[0] for line in page.splitlines()}
    names = ("asking_for", "contact_by", "best_time", "needs", "topic", "note", "receipt_wanted")
    assert [name for name in names if export_module.header(name) not in shown & row.keys()] == []


@pytest.mark.parametrize(
    "formula",
    [
        *("=1+1", "+1 618 555 0100", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "﹦1", "−2"),
        *(" =1", "\u00a0=1", "\u200b=1", "\u2060\ufeff＝1", "\u00ad+1", "\u202e@SUM(A1)", "\ufe0f=1"),
    ],
)
def test_no_cell_of_an_export_is_a_formula(manager, formula):
    consultation(full_name=formula, note=formula)
    text = content(manager.post(LIST + "export/", {"with_contact": "on", "with_free_text": "on"})).decode()
    assert f'"\'{formula}"' in text
    assert f'"{formula}"' not in text


def test_an_export_is_logged_with_a_count_and_a_range(manager):
    inside, outside = consultation(), consultation(created_at=timezone.now() - timedelta(days=30))
    assert "Download" in manager.get(LIST + "export/").content.decode()
    assert not AccessLogEntry.objects.filter(action="export").exists()
    rows = export(manager, received_from=str(timezone.localdate() - timedelta(days=2)), with_free_text="on")
    assert len(rows) == 2
    assert outside.reference not in "".join(rows)
    entry = AccessLogEntry.objects.get(action="export")
    assert inside.reference in rows[1]
    day = f"{timezone.localdate(inside.created_at)}"
    assert (entry.references, entry.detail) == (
        "",
        f"1 request, received {day} to {day}, with what people wrote and our notes",
    )
    export(manager, received_from="2001-01-01", received_to="2001-01-02")
    entry = AccessLogEntry.objects.filter(action="export").first()
    assert entry.detail == "0 requests, without contact details, reasons or words"


def test_the_longest_line_about_an_export_fits_into_the_access_log(manager):
    fill(2)
    rows = export(manager, with_contact="on", with_topic="on", with_free_text="on")
    assert len(rows) == 3
    detail = AccessLogEntry.objects.get(action="export").detail
    assert detail.endswith("with contact details, with reasons for contact, with what people wrote and our notes")
    assert len(detail) < AccessLogEntry._meta.get_field("detail").max_length - len("1,000,000")


def test_a_large_export_keeps_the_access_log_small(manager):
    fill(600)
    export(manager)
    page = manager.get("/staff/consultations/accesslogentry/").content
    assert b"600 requests, received" in page
    assert len(page) < 20_000


def test_an_export_of_many_requests_reads_a_fixed_number_of_rows_at_a_time(manager):
    fill(export_module.CHUNK + 20)
    chunks = list(manager.post(LIST + "export/", {"with_contact": "on"}).streaming_content)
    assert len(chunks) > 1
    rows = csv.DictReader(b"".join(chunks).decode("utf-8-sig").splitlines())
    assert len({row["reference"] for row in rows}) == export_module.CHUNK + 20


def test_an_export_of_many_requests_needs_no_more_memory(monkeypatch):
    monkeypatch.setattr(export_module, "CHUNK", 15)
    peaks = []
    for count in (60, 540):
        fill(count)
        rows = ConsultationRequest.objects.order_by("created_at")
        gc.collect()
        gc.freeze()  # otherwise the collector seldom runs, because the earlier tests left many objects
        tracemalloc.start()
        size = sum(map(len, export_module.as_csv(rows, ["with_contact", "with_free_text"])))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        gc.unfreeze()
    assert size > 600 * 100
    assert peaks[1] < peaks[0] * 3  # with ten times the rows


@pytest.mark.parametrize("fields", [{}, {"with_contact": "on", "with_topic": "on", "with_free_text": "on"}])
def test_an_export_asks_the_database_once_for_each_chunk_and_table(manager, django_assert_max_num_queries, fields):
    fill(30)
    with django_assert_max_num_queries(16):
        export(manager, **fields)


def test_an_export_starts_with_the_mark_that_tells_excel_its_encoding(manager):
    consultation()
    assert content(manager.post(LIST + "export/", {})).startswith(b"\xef\xbb\xbf")


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
