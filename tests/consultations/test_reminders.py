"""Tests that staff and then a manager are reminded of overdue requests until someone acts, at reasonable times."""

import pytest
from django.core import mail

from consultations.models import ConsultationRequest, Notification
from consultations.reminders import queue_reminders
from tests.helpers.factories import consultation
from tests.helpers.outbox import deliver_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("weekdays")]

STAFF, MANAGER = "staff@example.com", "manager@example.com"


def asked(clock, **fields) -> ConsultationRequest:
    return consultation(created_at=clock.now, **fields)


def remind(clock, local: str) -> list[str]:
    """Let the worker look twice at a local time. Return who got a reminder."""
    clock.move_to(local)
    before = len(mail.outbox)
    for _ in range(2):
        queue_reminders()
        deliver_all()
    return [message.to[0] for message in mail.outbox[before:]]


def test_staff_and_then_the_manager_are_reminded_until_someone_acts(clock, set_facts):
    set_facts(manager_email=MANAGER)
    request = asked(clock)  # Tuesday, 10 a.m.
    asked(clock, status="tried")
    asked(clock, status="suspected")
    seen = {
        local: remind(clock, local)
        for local in (
            "2026-12-02 09:59",
            "2026-12-02 10:00",
            "2026-12-02 13:59",
            "2026-12-02 14:00",
            "2026-12-02 22:00",
            "2026-12-03 07:59",
            "2026-12-03 08:00",
            "2026-12-03 12:00",
            "2026-12-04 08:00",
            "2026-12-05 08:00",  # a Saturday
            "2026-12-07 08:00",
        )
    }
    assert {local: to for local, to in seen.items() if to} == {
        "2026-12-02 10:00": [STAFF],
        "2026-12-02 14:00": [STAFF],
        "2026-12-03 08:00": [MANAGER],
        "2026-12-04 08:00": [MANAGER],
        "2026-12-07 08:00": [MANAGER],
    }
    assert mail.outbox[0].subject == f"Consultation request {request.reference}"
    assert mail.outbox[0].body.startswith("Overdue: no one has responded")
    assert "due at 10:00 a.m. on Wednesday, December 2" in mail.outbox[0].body
    request.status = "tried"
    request.save(update_fields=["status"])
    assert remind(clock, "2026-12-08 08:00") == []


def test_staff_get_the_daily_reminder_if_there_is_no_managers_address(clock):
    asked(clock)
    remind(clock, "2026-12-02 15:00")
    assert remind(clock, "2026-12-03 08:00") == [STAFF]


def test_the_four_hours_until_the_second_reminder_are_opening_hours(clock):
    clock.move_to("2026-12-03 15:00")
    asked(clock)  # due on Friday at 3 p.m.
    assert remind(clock, "2026-12-04 15:00") == [STAFF]
    assert remind(clock, "2026-12-04 17:05") == []
    assert remind(clock, "2026-12-07 10:59") == []
    assert remind(clock, "2026-12-07 11:00") == [STAFF]


def test_a_reminder_is_not_sent_once_staff_have_acted(clock):
    request = asked(clock)
    clock.move_to("2026-12-02 11:00")
    queue_reminders()
    request.status = "tried"
    request.save(update_fields=["status"])
    deliver_all()
    assert mail.outbox == []
    assert not Notification.objects.exists()


def test_a_request_that_is_new_again_is_reminded_of_again(clock):
    request = asked(clock)
    clock.move_to("2026-12-02 11:00")
    queue_reminders()
    ConsultationRequest.objects.update(status="tried")
    deliver_all()
    ConsultationRequest.objects.update(status="new")
    assert remind(clock, "2026-12-02 12:00") == [STAFF]
    assert request.notifications.get().kind == "reminder"


def test_a_worker_that_was_down_reminds_of_each_request_once_when_open(clock):
    asked(clock)
    assert remind(clock, "2026-12-03 02:00") == []
    assert remind(clock, "2026-12-03 20:00") == []
    assert remind(clock, "2026-12-04 09:00") == [STAFF, STAFF]  # the reminder to staff, and the manager's
    assert remind(clock, "2026-12-04 10:00") == []


def test_a_request_due_at_closing_time_is_reminded_of_before_the_night(clock):
    clock.move_to("2026-12-01 16:59")
    asked(clock)
    assert remind(clock, "2026-12-02 17:02") == [STAFF]


def test_the_previous_releases_reminder_is_not_repeated(clock):
    request = asked(clock)
    clock.move_to("2026-12-02 10:30")
    Notification.objects.create(
        kind="reminder", slot=f"reminder:{request.pk}", consultation=request, sent_at=clock.now, created_at=clock.now
    )
    assert remind(clock, "2026-12-02 11:00") == []
    assert remind(clock, "2026-12-02 14:00") == [STAFF]


def test_ten_overdue_requests_make_one_email_that_says_how_many(clock):
    for _ in range(12):
        asked(clock)
    assert remind(clock, "2026-12-02 10:00") == [STAFF]
    assert mail.outbox[0].subject == "12 overdue consultation requests"
    assert "/consultationrequest/?queue=overdue" in mail.outbox[0].body
    assert remind(clock, "2026-12-02 10:30") == []
    assert remind(clock, "2026-12-02 14:00") == [STAFF]
    assert remind(clock, "2026-12-03 08:00") == [STAFF]
    assert len(mail.outbox) == 3


def test_nine_overdue_requests_make_nine_emails(clock):
    for _ in range(9):
        asked(clock)
    assert remind(clock, "2026-12-02 10:00") == [STAFF] * 9


def test_eighty_requests_of_an_hour_do_not_come_back_as_eighty_reminders(clock):
    for minute in range(60):
        clock.move_to(f"2026-12-01 10:{minute:02}")
        asked(clock)
    told = [to for minute in range(60) for to in remind(clock, f"2026-12-02 10:{minute:02}")]
    told += remind(clock, "2026-12-02 11:00")
    # Nine by themselves, one email about those until then, and one an hour later about the rest.
    assert len(told) == 11
    assert mail.outbox[-1].subject == "60 overdue consultation requests"
    assert remind(clock, "2026-12-02 12:30") == []


def test_a_request_that_becomes_overdue_after_an_email_about_many_gets_its_own(clock):
    for _ in range(12):
        asked(clock)
    remind(clock, "2026-12-02 10:00")
    clock.move_to("2026-12-01 12:00")
    alone = asked(clock)
    assert remind(clock, "2026-12-02 12:00") == [STAFF]
    assert mail.outbox[-1].subject == f"Consultation request {alone.reference}"


def test_an_email_about_many_is_not_sent_once_all_were_handled(clock):
    for _ in range(12):
        asked(clock)
    clock.move_to("2026-12-02 10:00")
    queue_reminders()
    ConsultationRequest.objects.update(status="tried")
    deliver_all()
    assert mail.outbox == []


def test_without_an_overdue_request_the_worker_looks_once(clock, django_assert_num_queries):
    asked(clock)
    with django_assert_num_queries(1):
        queue_reminders()
