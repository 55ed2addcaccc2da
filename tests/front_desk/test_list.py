"""Tests of the list of requests and its queues."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from consultations import encryption
from consultations.encryption import decrypt
from consultations.models import ConsultationRequest, ContactAttempt, Notification
from consultations.statuses import Outcome, Status
from front_desk import list_rows, queues
from tests.helpers.factories import consultation, fill
from tests.helpers.request_page import LIST, page_of
from tests.helpers.staff_members import make_member

pytestmark = pytest.mark.django_db
AskingFor, Need = ConsultationRequest.AskingFor, ConsultationRequest.Need


def listed(desk, query: str = "") -> list[str]:
    """Return the references in a list, from the top."""
    return re.findall(r"<code>(\w{8})</code>", desk.get(LIST + query).content.decode())


def row_of(desk, asked, queue: str = "all") -> str:
    """Return the text of a request's row."""
    html = desk.get(f"{LIST}?queue={queue}").content.decode()
    row = next(row for row in html.split("<tr") if asked.reference in row)
    return " ".join(re.sub(r"<[^>]*>", " ", row.partition(">")[2]).split())


def missed_in(desk, queue: str) -> list[str]:
    """Return what a list marks as missed."""
    return re.findall(r'class="missed">([^<]+)', desk.get(f"{LIST}?queue={queue}").content.decode())


def test_every_list_runs_the_same_number_of_queries_at_any_length(desk, dana):
    counts = []
    for more in (60, 240):
        fill(more, assigned_to=dana)
        fill(more, status=Status.CLOSED)
        fill(more, status=Status.SCHEDULED, urgent=True)
        for queue in queues.QUEUES:
            with CaptureQueriesContext(connection) as queries:
                assert desk.get(f"{LIST}?queue={queue}").status_code == 200
            counts.append(len(queries))
    length = len(queues.QUEUES)
    assert counts[:length] == counts[length:]
    assert max(counts) <= 17


def plans(queue: str, user) -> list[str]:
    """Return the database's plans for listing a queue and for counting it, in that order."""
    return [queues.in_queue(queue, user)[:50].explain(), queues.in_queue(queue, user).order_by()[:1001].explain()]


@pytest.fixture
def worked_desk(dana):
    """A desk with requests in every state, a few of them Dana's and a few urgent."""
    eli = make_member("Eli")
    for status in Status:
        fill(200, status=status, assigned_to=eli)
        fill(10, status=status, assigned_to=dana)
        fill(10, status=status, urgent=True)
    if connection.vendor == "postgresql":  # it plans by statistics, and would collect them at a time of its own choice
        connection.cursor().execute("ANALYZE consultations_consultationrequest")


@pytest.mark.parametrize("queue", queues.QUEUES)
def test_no_list_or_count_reads_the_whole_table(worked_desk, dana, queue):
    if connection.vendor == "postgresql":  # it would read a table of this size whole
        connection.cursor().execute("SET LOCAL enable_seqscan = off")
    listing, counting = plans(queue, dana)
    # Counting "All" may read the table, because it stops after the first 1,001 rows.
    for line in [*listing.splitlines(), *(counting.splitlines() if queue != "all" else [])]:
        # SQLite says SCAN for reading a whole index too.
        assert not re.search(r"(SCAN|Seq Scan on) consultations_consultationrequest", line) or "USING INDEX" in line


@pytest.mark.parametrize("queue", ["mine", "mine-ended"])
def test_ones_own_lists_are_read_from_an_index_by_person(worked_desk, dana, queue):
    for plan in plans(queue, dana):
        assert re.search(r"(SEARCH|Index Cond).*assigned_to_id ?= ?", plan)


def test_a_list_decrypts_only_the_names_and_needs_of_its_rows(desk, monkeypatch):
    fill(120, needs=Need.RELAY)
    columns = []
    monkeypatch.setattr(encryption, "decrypt", lambda token, column: columns.append(column) or decrypt(token, column))
    assert len(listed(desk)) == 50
    prefix = "consultations.consultationrequest."
    assert sorted(columns) == [f"{prefix}full_name"] * 50 + [f"{prefix}needs"] * 50


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Call now"),
        ({"status": Status.CONTACTING}, "Call now"),
        ({"status": Status.SCHEDULED, "patient_changed_at": timezone.now()}, "Call now"),
        ({"status": Status.IN_TOUCH}, "Tell a clinician now"),
        ({"contact_by": "text"}, "Call now"),
        ({"contact_by": "email", "phone": ""}, "Email now"),
        ({"needs": Need.TEXT_ONLY}, "Text now"),
        ({"withdrawn_at": timezone.now()}, "Tell a clinician now"),
    ],
)
def test_the_next_action_of_a_crisis_is_to_act_now(desk, fields, words):
    asked = consultation(urgent=True, **fields)
    assert words in row_of(desk, asked)
    assert words in missed_in(desk, "urgent")


def test_once_a_clinician_was_told_the_usual_next_action_is_back(desk):
    assert "Call by" in row_of(desk, consultation(urgent=True, clinician_told_at=timezone.now()))


def test_the_list_shows_names_but_no_topic_note_or_contact_details(desk):
    consultation(
        full_name="Zebedee Example", phone="(618) 555-0177", email="zeb@example.com", topic="pain", note="Side door."
    )
    html = desk.get(LIST + "?queue=all").content.decode()
    rows = html.partition('id="result_list"')[2]
    assert "Zebedee Example</a>" in rows
    assert "Phone call" in rows
    for words in ("zeb@", "Side door"):
        assert words not in rows
    # Times and references may contain short runs of digits or letters, so search for the complete number and word.
    assert "6185550177" not in re.sub(r"\D", "", rows)
    assert not re.search(r"\bpain\b", rows, re.IGNORECASE)


def test_a_row_says_what_is_next_and_how_to_reach_the_patient(desk, dana):
    asked = consultation(
        asking_for=AskingFor.PATIENT,
        contact_by="text",
        best_time="morning",
        needs=f"{Need.SPANISH},{Need.LARGE_PRINT}",
        due_at=timezone.now() - timedelta(hours=1),
        assigned_to=dana,
        urgent=True,
        patient_changed_at=timezone.now(),
    )
    row = row_of(desk, asked)
    for words in ("Urgent", "Overdue", "Changed by patient", "Referral", "New"):
        assert f" {words} " in row
    assert "Call now" in row
    assert "Text message, morning Spanish, with an interpreter, Large print dana" in row


def test_a_row_counts_the_contact_attempts_that_were_not_undone(desk, dana):
    asked, untried = consultation(status=Status.CONTACTING), consultation()
    now = timezone.now()
    outcomes = [(Outcome.NO_ANSWER, None), (Outcome.SPOKE, now), (Outcome.VOICEMAIL, None)]
    for number, (outcome, undone_at) in enumerate(outcomes):
        at = now - timedelta(minutes=9 - number)
        ContactAttempt.objects.create(consultation=asked, author=dana, outcome=outcome, at=at, undone_at=undone_at)
    assert "2 tries, last: left voicemail " in row_of(desk, asked)
    assert not re.search(r"\btr(y|ies)\b", row_of(desk, untried))


def test_every_outcome_of_an_attempt_has_words_in_a_row():
    assert list_rows.LAST_TRIES.keys() == set(Outcome)


@pytest.mark.parametrize(
    ("days", "words", "missed"),
    [(-3, "Follow up ", True), (0, "Follow up today", False), (1, "Follow up tomorrow", False)],
)
def test_only_a_missed_follow_up_is_marked(desk, days, words, missed):
    asked = consultation(status=Status.CONTACTING, follow_up_on=timezone.localdate() + timedelta(days=days))
    assert words in row_of(desk, asked, "open")
    assert ("Follow-up missed" in row_of(desk, asked, "open")) is missed
    assert bool(missed_in(desk, "open")) is missed


def test_the_longest_missed_follow_up_comes_first(desk):
    today = timezone.localdate()
    asked = {
        days: consultation(status=Status.CONTACTING, follow_up_on=today + timedelta(days=days))
        for days in (0, -1, -9, 2)
    }
    assert listed(desk, "?queue=follow-up") == [asked[days].reference for days in (-9, -1, 0)]
    assert listed(desk)[0] == asked[-9].reference


def test_urgent_requests_come_first_then_those_the_patient_changed(desk):
    now = timezone.now()
    late = consultation(due_at=now - timedelta(days=1))
    later = consultation(due_at=now - timedelta(hours=1))
    tried = consultation(status=Status.CONTACTING, follow_up_on=timezone.localdate() + timedelta(days=3))
    changed = consultation(due_at=now + timedelta(days=1), patient_changed_at=now)
    urgent = consultation(due_at=now + timedelta(days=2), urgent=True)
    consultation(status=Status.SUSPECTED)
    consultation(status=Status.CLOSED)
    assert listed(desk) == [asked.reference for asked in (urgent, changed, late, later, tried)]
    assert desk.get(LIST).content.decode().count(">Overdue<") == 2


def test_coming_visits_are_grouped_by_day_and_sorted_by_time(desk):
    today = timezone.localtime().replace(hour=9, minute=30)
    at = {hours: today + timedelta(hours=hours) for hours in (-48, 24, 25, 72)}
    asked = {hours: consultation(status=Status.SCHEDULED, scheduled_at=at[hours]) for hours in (25, 24, -48, 72)}
    unknown = consultation(status=Status.SCHEDULED)
    html = desk.get(LIST + "?queue=scheduled").content.decode()
    groups = re.findall(r'scope="rowgroup"[^>]*>([^<]+)', html)
    assert groups[:2] == ["Ask how the visit went", "No day recorded"]
    assert groups[2].startswith("Tomorrow, ")
    assert len(groups) == 4
    assert listed(desk, "?queue=scheduled") == [
        one.reference for one in (asked[-48], unknown, asked[24], asked[25], asked[72])
    ]
    assert missed_in(desk, "scheduled") == ["Ask how the visit went", "Set the day of the visit"]
    assert "Visit tomorrow 9:30 a.m." in row_of(desk, asked[24], "scheduled")


def test_each_heading_of_the_coming_visits_is_shown_once(desk):
    now = timezone.now()
    for days in (9, 5):
        consultation(status=Status.SCHEDULED, scheduled_at=now - timedelta(days=days))
    consultation(status=Status.SCHEDULED, created_at=now - timedelta(days=7))
    html = desk.get(LIST + "?queue=scheduled").content.decode()
    assert re.findall(r'scope="rowgroup"[^>]*>([^<]+)', html) == ["Ask how the visit went", "No day recorded"]


def test_links_of_a_list_name_its_queue(desk, dana):
    asked = consultation(assigned_to=dana)
    assert f'href="{page_of(asked)}?queue=mine"' in desk.get(LIST + "?queue=mine").content.decode()


def test_an_assignee_whose_account_is_off_is_named_and_counts_as_unassigned(desk):
    lee = make_member("lee")
    asked = consultation(assigned_to=lee)
    assert listed(desk, "?queue=unassigned") == []
    lee.is_active = False
    lee.save()
    assert "lee (account is off)" in row_of(desk, asked, "unassigned")


@pytest.mark.parametrize("queue", [name for name in queues.QUEUES if name not in ("open", "all", "mine-ended")])
def test_each_queue_lists_and_counts_its_own_requests(desk, dana, queue):
    now = timezone.now()
    later = timezone.localdate() + timedelta(days=1)
    theirs = {"assigned_to": make_member("lee"), "status": Status.CONTACTING, "follow_up_on": later}
    in_queue = {
        "urgent": {"urgent": True, "assigned_to": theirs["assigned_to"]},
        "overdue": {"due_at": now - timedelta(hours=1), "assigned_to": theirs["assigned_to"]},
        "follow-up": theirs | {"follow_up_on": timezone.localdate()},
        "changed": theirs | {"patient_changed_at": now},
        "mine": theirs | {"assigned_to": dana},
        "unassigned": theirs | {"assigned_to": None},
        "referrals": theirs | {"asking_for": AskingFor.PATIENT},
        "scheduled": theirs | {"status": Status.SCHEDULED, "scheduled_at": now + timedelta(days=3)},
        "suspected": {
            "status": Status.SUSPECTED,
            "due_at": now - timedelta(days=1),
            "follow_up_on": timezone.localdate(),
        },
        "mail": theirs,
        "old": theirs | {"created_at": now - timedelta(days=91)},
        "ended": theirs | {"status": Status.CLOSED},
    }
    asked = {name: consultation(**fields) for name, fields in in_queue.items()}
    Notification.objects.create(kind="new", consultation=asked["mail"], slot="x", failed_at=now)
    assert listed(desk, f"?queue={queue}") == [asked[queue].reference]
    html = desk.get(f"{LIST}?queue={queue}").content.decode()
    assert re.search(r'aria-current="page">[\w -]+ \(1\)', html)


def test_an_empty_queue_says_all_caught_up(desk):
    assert "All caught up." in desk.get(LIST + "?queue=mine").content.decode()


def test_an_unknown_queue_shows_the_open_requests(desk):
    asked = consultation()
    assert listed(desk, "?queue=nonsense") == [asked.reference]


def test_a_long_list_is_counted_up_to_its_limit_and_says_so(desk, monkeypatch):
    monkeypatch.setattr(queues, "MOST_LISTED", 60)
    fill(70)
    html = desk.get(LIST).content.decode()
    assert "Open (60+)" in html
    assert "More than 60." in html
    assert len(listed(desk, "?p=2")) == 10


@pytest.mark.parametrize(("queue", "field"), [("all", "created_at"), ("ended", "closed_at")])
def test_finished_requests_can_be_narrowed_by_date(desk, queue, field):
    days = [timezone.localtime() - timedelta(days=days) for days in (1, 5, 9)]
    asked = [consultation(status=Status.CLOSED, **{field: day}) for day in days]
    first, last = (f"{day:%Y-%m-%d}" for day in (days[1], days[0]))
    assert listed(desk, f"?queue={queue}&from={first}&to={first}") == [asked[1].reference]
    assert set(listed(desk, f"?queue={queue}&from={first}&to={last}")) == {asked[0].reference, asked[1].reference}
    assert set(listed(desk, f"?queue={queue}&to={first}")) == {asked[1].reference, asked[2].reference}
    assert desk.get(f"{LIST}?queue={queue}&from=2026-02-31").status_code == 302


def test_the_skip_link_leads_to_the_list(desk):
    html = desk.get(LIST).content.decode()
    assert re.search(r'class="skip-link" href="#list"', html)
    assert html.index('id="list"') > html.index("By queue")


def test_mine_has_open_requests_and_mine_closed_has_the_others(desk, dana):
    lee = make_member("lee")
    for name, status, who in (
        ("Example Open", Status.IN_TOUCH, dana),
        ("Example Closed", Status.CLOSED, dana),
        ("Example Theirs", Status.CLOSED, lee),
    ):
        consultation(full_name=name, status=status, assigned_to=who)
    for queue, name in (("mine", "Example Open"), ("mine-ended", "Example Closed")):
        html = desk.get(f"{LIST}?queue={queue}").content.decode()
        shown = re.findall(r'change/[^"]*"[^>]*>(Example \w+)</a>', html)
        assert shown == [name]


def test_every_time_of_the_list_and_the_request_page_is_valid_html(desk):
    asked = consultation()
    for path in (LIST, f"{LIST}{asked.pk}/change/"):
        times = re.findall(r'datetime="([^"]*)"', desk.get(path).content.decode())
        assert times
        assert [each for each in times if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4}", each)] == []
