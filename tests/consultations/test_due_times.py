"""Tests that due times follow the clinic's hours, and that every open request has a next action."""

from datetime import timedelta

import pytest
from django.utils import timezone

from clinic import snapshot
from clinic.facts import cleaned
from consultations import retention
from consultations.due_times import fill_next_actions, follow_the_calendar, follow_the_rules
from consultations.models import ConsultationRequest
from consultations.statuses import ENDED, STATUS_RULES, Status
from tests.helpers.factories import consultation

pytestmark = pytest.mark.django_db
OPEN = [status for status in Status if status not in ENDED]


def close_for(days: int) -> dict:
    today = timezone.localdate()
    closure = {"first": f"{today}", "last": f"{today + timedelta(days=days)}", "reason": "Example reason"}
    return cleaned(snapshot.current().facts | {"closures": [closure]})


def test_a_moved_due_time_moves_the_next_action():
    request = consultation()
    assert follow_the_calendar(close_for(7)) == 1
    request.refresh_from_db()
    assert timezone.localdate(request.due_at) > timezone.localdate() + timedelta(days=7)
    assert request.next_action_at == request.due_at


def test_without_a_due_time_the_next_action_is_the_arrival():
    request = consultation()
    follow_the_calendar(close_for(100))
    request.refresh_from_db()
    assert (request.due_at, request.next_action_at) == (None, request.created_at)


def test_a_planned_follow_up_does_not_move():
    request = consultation(status="tried", follow_up_on=timezone.localdate())
    before = request.next_action_at
    assert follow_the_calendar(close_for(7)) == 0
    request.refresh_from_db()
    assert request.next_action_at == before


@pytest.mark.parametrize("status", OPEN)
def test_an_open_request_of_the_previous_release_gets_its_next_action(status):
    request = consultation(status=status, follow_up_on=timezone.localdate())
    expected = request.next_action_at
    ConsultationRequest.objects.update(next_action_at=None)
    fill_next_actions()
    request.refresh_from_db()
    assert request.next_action_at == expected is not None


@pytest.mark.parametrize("status", ENDED)
def test_an_ended_request_gets_no_next_action(status):
    request = consultation(status=status)
    fill_next_actions()
    request.refresh_from_db()
    assert request.next_action_at is None


@pytest.mark.parametrize("status", STATUS_RULES)
def test_a_status_set_by_the_previous_release_gets_its_queue(status):
    request, other = consultation(), consultation(status="spam")
    ConsultationRequest.objects.filter(pk=request.pk).update(status=status)
    follow_the_rules()
    request.refresh_from_db()
    assert (request.main_queue, request.next_action) == (status.rule.queue, status.rule.next_action or "")
    other.refresh_from_db()
    assert (other.main_queue, other.next_action) == ("ended", "")


TOLD = timezone.now()
STATES = [
    {},
    {"urgent": True},
    {"urgent": True, "clinician_told_at": TOLD},  # and a false alarm is a request that is not urgent, as the first
    {"patient_changed_at": TOLD},
    {"asked_again_at": TOLD, "urgent": True},
    {"follow_up_on": timezone.localdate() + timedelta(days=3)},
    {"scheduled_at": TOLD + timedelta(days=3)},
]


@pytest.mark.parametrize("status", STATUS_RULES)
@pytest.mark.parametrize("state", STATES)
def test_columns_of_an_earlier_release_are_right_without_a_save(status, state, django_assert_num_queries):
    request, untouched = consultation(status=status, **state), consultation()
    right = {name: getattr(request, name) for name in ConsultationRequest.DESK_FIELDS}
    wrong = {"main_queue": "made up", "next_action": "made up", "priority": 7, "next_action_at": TOLD}
    ConsultationRequest.objects.filter(pk=request.pk).update(**wrong)
    before = ConsultationRequest.objects.values().get(pk=untouched.pk)
    follow_the_rules()
    request.refresh_from_db()
    assert {name: getattr(request, name) for name in ConsultationRequest.DESK_FIELDS} == right
    assert ConsultationRequest.objects.values().get(pk=untouched.pk) == before
    with django_assert_num_queries(len(STATUS_RULES) + 1):
        follow_the_rules()


def test_updating_the_columns_decrypts_nothing(monkeypatch):
    request = consultation(note="Okapi")
    ConsultationRequest.objects.filter(pk=request.pk).update(priority=7)
    monkeypatch.setattr("consultations.encryption.decrypt", lambda *_: pytest.fail("decrypted"))
    follow_the_rules()
    assert ConsultationRequest.objects.filter(pk=request.pk, priority=2).exists()


def test_erasing_an_open_request_moves_it_to_the_ended_ones():
    request = consultation()
    retention.erase(request)
    assert (request.main_queue, request.next_action) == ("ended", "")
