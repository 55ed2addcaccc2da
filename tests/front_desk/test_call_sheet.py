"""Tests of the call sheet."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from consultations import retention
from consultations.models import AccessLogEntry, ContactAttempt, Correction
from consultations.statuses import Outcome, Status
from front_desk import call_sheet
from tests.helpers.factories import consultation, fill
from tests.helpers.request_page import LIST

pytestmark = pytest.mark.django_db
SHEET = LIST + "call-sheet/"


def rows(desk, query: str = "") -> list[list[str]]:
    """Return the text of each cell of the sheet."""
    html = desk.get(SHEET + query).content.decode()
    body = html.partition('class="results call-sheet"')[2].partition("<tbody>")[2].partition("</table>")[0]
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in body.split("</tr>")[:-1]]
    return [[" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in row] for row in cells]


def test_a_row_has_what_a_call_needs_and_no_topic_or_note(desk, dana):
    asked = consultation(
        full_name="Zebedee Example",
        phone="618 555 0177",
        topic="pain",
        note="Side door.",
        best_time="morning",
        status=Status.CONTACTING,
        follow_up_on=timezone.localdate() + timedelta(days=1),
    )
    ContactAttempt.objects.create(consultation=asked, author=dana, outcome=Outcome.NO_ANSWER)
    [row] = rows(desk)
    assert row == [
        f"Zebedee Example {asked.reference}",
        "Follow up tomorrow",
        "618 555 0177",
        "May name the clinic",
        "Morning",
        "1 try: no answer today",
        "",
    ]
    text = desk.get(SHEET).content.decode()
    for words in ("Chronic pain", "Side door", "ketamine", "infusion"):
        assert words not in text


def test_the_sheet_says_not_to_name_the_clinic_if_any_request_says_so(desk):
    consultation(full_name="Example One", phone="618 555 0101", voicemail_ok=True)
    consultation(full_name="Example Two", phone="618 555 0102", voicemail_ok=False)
    consultation(full_name="Example Three", phone="(618) 555-0103", voicemail_ok=True)
    consultation(full_name="Example Four", phone="618 555 0104", contact_by="email", voicemail_ok=None)
    consultation(phone="618 555 0103", voicemail_ok=False, status=Status.CLOSED)
    rules = {row[0].rpartition(" ")[0]: row[3] for row in rows(desk)}
    assert rules == {
        "Example One": "May name the clinic",
        "Example Two": "Don't name the clinic",
        "Example Three": "Don't name the clinic",
        "Example Four": "Don't name the clinic",
    }


def test_only_those_who_may_be_called_are_on_the_sheet(desk):
    consultation(full_name="Example Called")
    consultation(full_name="Example Texts", needs="text-only")
    consultation(full_name="Example Email", contact_by="email", phone="", email="a@example.com")
    consultation(full_name="Example Withdrew", withdrawn_at=timezone.now(), status=Status.CONTACTING)
    consultation(full_name="Example Closed", status=Status.CLOSED)
    retention.erase(consultation(full_name="Example Erased"))
    for query in ("", "?queue=all", "?queue=unknown"):
        assert [row[0].split()[1] for row in rows(desk, query)] == ["Called"]
    assert rows(desk, "?queue=ended") == []
    assert "Not on this sheet: 2 requests" in desk.get(SHEET).content.decode()


def test_a_referring_clinicians_direct_line_comes_first(desk):
    consultation(asking_for="patient", direct_line="618 555 0155", phone="618 555 0100")
    assert rows(desk)[0][2] == "618 555 0155 618 555 0100"


def test_a_wrong_number_is_marked_until_it_is_corrected(desk, dana):
    asked = consultation()
    ContactAttempt.objects.create(consultation=asked, author=dana, outcome=Outcome.WRONG_NUMBER)
    assert rows(desk)[0][2].endswith("(wrong number?)")
    Correction.objects.create(
        consultation=asked, corrected_at=timezone.now() + timedelta(minutes=1), changed="phone", before="x"
    )
    assert "wrong number" not in rows(desk)[0][2]


@pytest.mark.parametrize(
    ("contact_by", "shown"),
    [("call", "618 555 0177"), ("text", "618 555 0177 Prefers text"), ("email", "618 555 0177 Prefers email")],
)
def test_the_sheet_says_who_would_rather_not_be_called(desk, contact_by, shown):
    consultation(contact_by=contact_by, phone="618 555 0177", email="zeb@example.com")
    assert rows(desk)[0][2] == shown


@pytest.mark.parametrize("query", ["", "?queue=all"])
def test_the_sheet_says_what_is_next_in_the_order_of_the_calls(desk, query):
    now, today = timezone.now(), timezone.localdate()
    consultation(status=Status.CONTACTING, follow_up_on=today + timedelta(days=1))
    consultation(due_at=now - timedelta(days=9))
    consultation(status=Status.CONTACTING, follow_up_on=today)
    due, *later = [row[1] for row in rows(desk, query)]
    assert due.startswith("Call by ")
    assert later == ["Follow up today", "Follow up tomorrow"]


def test_someone_who_may_be_in_danger_is_called_first(desk):
    consultation(full_name="Example Overdue", due_at=timezone.now() - timedelta(days=2))
    consultation(full_name="Example Danger", urgent=True)
    assert [row[0].partition(" Call first")[0].split()[1] for row in rows(desk)] == ["Danger", "Overdue"]
    assert "Call first" in rows(desk)[0][0]


def test_a_call_sheet_is_logged_as_one_view_of_each_request(desk):
    asked = {consultation().reference for _ in range(3)}
    desk.get(SHEET)
    entry = AccessLogEntry.objects.get()
    assert (entry.action, entry.detail, set(entry.references.split())) == ("view", "Call sheet", asked)


def test_a_call_sheet_has_at_most_so_many_rows_and_says_so(desk, monkeypatch):
    monkeypatch.setattr(call_sheet, "MOST_PRINTED", 3)
    for _ in range(4):
        consultation()
    assert len(rows(desk)) == 3
    assert "Only the first 3 requests" in desk.get(SHEET).content.decode()


def test_a_long_call_sheet_needs_no_query_for_each_row(desk, django_assert_max_num_queries):
    for _ in range(12):
        consultation()
    with django_assert_max_num_queries(16):
        desk.get(SHEET)


def test_the_list_links_to_the_call_sheet_of_its_queue(desk):
    fill(1)
    assert f'href="{SHEET}"' in desk.get(LIST).content.decode()
    assert f'href="{SHEET}?queue=mine"' in desk.get(LIST + "?queue=mine").content.decode()
