import re
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from clinic import snapshot
from clinic.facts import FACTS
from clinic.models import Edition, Picture
from consultations.models import ConsultationRequest, ContactAttempt, Note, Notification
from consultations.spam import WEIGHTS
from consultations.statuses import Outcome
from front_desk import queues
from front_desk.management.commands.make_demo import open_day
from tests.helpers.staff_members import SIGN_IN

pytestmark = [pytest.mark.django_db, pytest.mark.stored_facts]


@pytest.fixture
def printed():
    out = StringIO()
    call_command("make_demo", stdout=out)
    return out.getvalue()


@pytest.fixture
def demo_desk(printed):
    """Return a client signed in with the login that the demo shows."""
    name, password, code = (re.search(rf"{label} +(\S+)", printed)[1] for label in ("Sign in as", "Password", "Code"))
    desk = Client()
    assert desk.post(SIGN_IN, {"username": name, "password": password, "code": code}).status_code == 302
    return desk


def test_the_demo_has_every_status_made_up_people_and_a_working_login(demo_desk):
    assert "All (200)" in demo_desk.get("/staff/consultations/consultationrequest/").content.decode()
    asked = list(ConsultationRequest.objects.all())
    unused = set(ConsultationRequest.Status) - {request.status for request in asked}
    assert unused == set(), f"use {unused} in front_desk/management/commands/make_demo.py"
    reasons = {
        reason for request in asked if request.status == "suspected" for reason in request.spam_reasons.split("; ")
    }
    assert reasons
    assert reasons <= set(WEIGHTS)
    assert all(re.fullmatch(r"Example Person \d+", request.full_name) for request in asked)
    assert all(re.fullmatch(r"(\(618\) 555-01\d\d)?", request.phone) for request in asked)
    assert all(request.email == "" or request.email.endswith("@example.com") for request in asked)
    span = max(request.created_at for request in asked) - min(request.created_at for request in asked)
    assert 7 * 7 <= span.days <= 8 * 7


def test_the_number_on_each_tile_of_today_is_the_length_of_the_list_that_it_opens(demo_desk):
    today = demo_desk.get("/staff/").content.decode()
    tiles = dict(re.findall(r'<a class="today__queue[^>]*href="([^"]+)"><strong>(\d+)</strong>', today))
    assert len(tiles) == today.count('class="today__queue') > 0
    assert {link: str(length_of(demo_desk, link)) for link in tiles} == tiles


def length_of(desk, link: str) -> int:
    """Return the number of requests on all pages of a list."""
    pages = [desk.get(f"{link}&p={page}").content.decode() for page in range(1, 5)]
    return len(set(re.findall(r"<code>(\w{8})</code>", "".join(pages))))


def test_the_demo_sets_every_kind_of_fact(printed):
    missing = set(FACTS) - set(snapshot.current().facts)
    assert missing == set(), f"add made-up facts for {missing} to front_desk/management/commands/make_demo.py"


def test_the_demo_answers_each_question_in_more_than_one_way(printed):
    asked = list(ConsultationRequest.objects.all())
    same = [name for name in ConsultationRequest.CONTENT if len({getattr(one, name) for one in asked}) < 2]
    assert same == [], f"add answers for {same} to front_desk/management/commands/make_demo.py"


def test_the_demo_has_something_in_every_queue(printed):
    demo = User.objects.get(username="demo")
    empty = [name for name, size in queues.queue_sizes(demo).items() if not size]
    # Nothing in eight weeks is 90 days old.
    assert empty == ["old"], f"add examples for {empty} to front_desk/management/commands/make_demo.py"


def test_the_demo_shows_everything_that_can_happen_to_a_request(printed):
    today = timezone.localdate()
    visits = ConsultationRequest.objects.filter(status="booked").values_list("scheduled_at", flat=True)
    days = {visit and timezone.localdate(visit) for visit in visits}
    assert {None, open_day(-1), open_day(0), open_day(1)} <= days
    follow_ups = ConsultationRequest.objects.filter(next_action="follow-up").values_list("follow_up_on", flat=True)
    assert {day > today for day in follow_ups if day} == {True, False}
    outcomes = set(ContactAttempt.objects.values_list("outcome", flat=True))
    assert outcomes == set(Outcome) - {Outcome.WRONG_NUMBER}
    shown = ("urgent", "corrected_at", "patient_changed_at", "withdrawn_at", "asked_again_at", "needs", "practice")
    missing = [name for name in shown if not any(getattr(one, name) for one in ConsultationRequest.objects.all())]
    assert missing == [], f"add examples for {missing} to front_desk/management/commands/make_demo.py"
    assert {len(one.chosen("topic")) for one in ConsultationRequest.objects.filter(erased_at=None)} >= {0, 1, 2}
    assert Notification.objects.filter(kind="receipt", refused=True).exists()


def test_the_demo_plans_nothing_on_a_closed_day_and_writes_one_period(printed):
    calendar = snapshot.current().calendar
    asked = ConsultationRequest.objects.all()
    planned = [timezone.localdate(one.scheduled_at) for one in asked if one.scheduled_at]
    planned += [one.follow_up_on for one in asked if one.follow_up_on]
    assert planned
    assert [day for day in planned if not calendar.spans_on(day)] == []
    assert [note.text for note in Note.objects.all() if ".." in note.text] == []


def test_the_demo_shows_a_drawn_picture_of_each_kind(printed):
    facts = Edition.newest().facts
    rows = [facts["door_picture"], facts["room_picture"], *facts["people_pictures"].values()]
    assert {Picture.objects.get(key=row["picture"]).kind for row in rows} == set(Picture.Kind)
    assert all(row["alt"].startswith("Example picture") for row in rows)


def test_the_demo_refuses_a_database_that_is_not_empty(printed):
    with pytest.raises(CommandError, match="not empty"):
        call_command("make_demo")
