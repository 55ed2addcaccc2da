"""Tests of the list of requests and its queues."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from consultations.models import ConsultationRequest, Notification
from tests.helpers.factories import consultation, fill
from tests.helpers.request_page import LIST
from tests.helpers.staff_members import make_member

pytestmark = pytest.mark.django_db
Status = ConsultationRequest.Status


def test_the_list_runs_the_same_number_of_queries_at_any_length(desk, dana):
    counts = []
    for more in (100, 900):
        fill(more, assigned_to=dana)
        with CaptureQueriesContext(connection) as queries:
            assert desk.get(LIST).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 24


def test_the_list_shows_no_name_topic_or_contact_details(desk):
    consultation(
        full_name="Zebedee Example", phone="(618) 555-0177", email="zeb@example.com", topic="pain", note="Side door."
    )
    html = desk.get(LIST + "?queue=all").content.decode()
    assert "Phone call" in html
    rows = html.partition('id="result_list"')[2]
    for words in ("Zebedee", "zeb@", "Side door"):
        assert words not in rows
    # Times and references may contain short runs of digits or letters, so search for the complete number and word.
    assert "6185550177" not in re.sub(r"\D", "", rows)
    assert not re.search(r"\bpain\b", rows, re.IGNORECASE)


def test_new_requests_come_first_sorted_by_due_time(desk):
    now = timezone.now()
    late = consultation(due_at=now - timedelta(days=1))
    later = consultation(due_at=now - timedelta(hours=1))
    tried = consultation(due_at=now - timedelta(days=3), status=Status.TRIED)
    consultation(status=Status.SUSPECTED)
    consultation(status=Status.CLOSED)
    html = desk.get(LIST).content.decode()
    assert re.findall(r'change/">(\w{8})', html) == [late.reference, later.reference, tried.reference]
    assert html.count("badge--overdue") == 2


@pytest.mark.parametrize(
    "queue", ["overdue", "today", "mine", "unassigned", "booked", "suspected", "mail", "old", "ended"]
)
def test_each_queue_lists_and_counts_its_own_requests(desk, dana, queue):
    now = timezone.now()
    theirs = {"assigned_to": make_member("lee"), "status": Status.TRIED}
    in_queue = {
        "overdue": {"due_at": now - timedelta(hours=1), "assigned_to": theirs["assigned_to"]},
        "today": theirs | {"follow_up_on": timezone.localdate()},
        "mine": theirs | {"assigned_to": dana},
        "unassigned": theirs | {"assigned_to": None},
        "booked": theirs | {"status": Status.BOOKED},
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
    html = desk.get(f"{LIST}?queue={queue}").content.decode()
    assert re.findall(r'change/[^"]*">(\w{8})', html) == [asked[queue].reference]
    assert re.search(r'aria-current="page">[\w ]+ \(1\)', html)


def test_an_unknown_queue_shows_the_open_requests(desk):
    assert desk.get(LIST + "?queue=nonsense").status_code == 200
