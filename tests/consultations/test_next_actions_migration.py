"""Tests of the migrations that give the requests of the first edition a next action."""

import itertools
from datetime import UTC, date, datetime

import pytest

from consultations.models import ConsultationRequest, ContactAttempt, Step
from tests.helpers.migrations import NOON, latest, migrate, store

FIRST_EDITION = [("consultations", "0004_name_the_consultation")]
PREVIOUS_RELEASE = [("consultations", "0007_follow_the_clinics_calendar")]
CREATED = datetime(2026, 11, 18, 15, tzinfo=UTC)
FRIDAY = date(2026, 11, 27)
MIDNIGHT = datetime(2026, 11, 27, 6, tzinfo=UTC)  # in Carbondale


@pytest.fixture
def first_edition(transactional_db):
    """Migrate back to the first edition and yield its request manager. Afterwards, migrate forward again."""
    yield migrate(FIRST_EDITION)
    migrate(latest()).all().delete()


def every_state():
    """Yield the fields of a request in each state of the first edition, and its next action afterwards."""
    for follow_up_on, withdrawn_at in itertools.product((None, FRIDAY), (None, NOON)):
        common = {"created_at": CREATED, "follow_up_on": follow_up_on, "withdrawn_at": withdrawn_at}
        planned = MIDNIGHT if follow_up_on else CREATED
        yield common | {"status": "new", "due_at": NOON}, NOON
        yield common | {"status": "new", "suspected_spam": True}, CREATED
        yield common | {"status": "tried"}, planned
        yield common | {"status": "reached"}, planned
        yield common | {"status": "booked"}, CREATED
        for status, erased_at in itertools.product(("closed", "spam"), (None, NOON)):
            yield common | {"status": status, "closed_at": NOON, "erased_at": erased_at}, None


def test_every_open_request_gets_its_next_action_and_priority(first_edition):
    expected = {store(first_edition, **fields): next_action for fields, next_action in every_state()}
    migrate(latest())
    stored = {request.pk: request for request in ConsultationRequest.objects.all()}
    assert {pk: request.next_action_at for pk, request in stored.items()} == expected
    for request in stored.values():
        before = (request.next_action_at, request.priority)
        request.save(update_fields=["status"])  # which derives both again
        assert (request.next_action_at, request.priority) == before


def test_old_statuses_get_their_new_names(first_edition):
    for status in ("tried", "reached", "booked"):
        store(first_edition, status=status)
    migrate(latest())
    tried, reached, booked = ConsultationRequest.objects.order_by("pk")
    assert [request.get_status_display() for request in (tried, reached, booked)] == [
        *("Contacting", "In touch", "Scheduled")
    ]
    assert [request.main_queue for request in (tried, reached, booked)] == ["open", "open", "scheduled"]
    assert (booked.scheduled_at, booked.asks_for_result) == (None, True), "staff are asked for the day"


def test_no_contact_attempt_and_no_urgency_is_invented(first_edition):
    store(first_edition, status="tried", first_contact_at=NOON)
    migrate(latest())
    request = ConsultationRequest.objects.get()
    assert (request.first_contact_at, request.urgent) == (NOON, False)
    assert (ContactAttempt.objects.count(), Step.objects.count()) == (0, 0)


def test_a_withdrawal_is_marked_only_if_staff_have_not_closed_the_request(first_edition):
    for status in ("tried", "closed"):
        store(first_edition, status=status, withdrawn_at=NOON)
    migrate(latest())
    marks = ConsultationRequest.objects.order_by("pk").values_list("priority", "patient_changed_at")
    assert list(marks) == [
        (ConsultationRequest.Priority.PATIENT_ACTED, NOON),
        (ConsultationRequest.Priority.NORMAL, None),
    ]


def test_a_request_without_a_due_time_counts_from_its_arrival(first_edition):
    store(migrate(PREVIOUS_RELEASE), status="new", created_at=CREATED, due_at=None)
    migrate(latest())
    assert ConsultationRequest.objects.get().next_action_at == CREATED
