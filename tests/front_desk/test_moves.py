"""Tests of what each button on a request's page does and adds to the history."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from clinic.opening_hours import Calendar
from consultations.models import ConsultationRequest
from front_desk.actions import MoveNotAllowed, Work, work_on
from tests.helpers.factories import consultation
from tests.helpers.request_page import page_of, press, system_notes

pytestmark = pytest.mark.django_db
Status = ConsultationRequest.Status


def test_one_click_stores_the_note_and_the_move(desk, dana):
    asked = consultation()
    assert press(desk, asked, note="Rang at ten.", move="tried").status_code == 302
    asked.refresh_from_db()
    assert asked.status == Status.TRIED
    assert asked.first_contact_at is not None
    notes = [(note.kind, note.author, note.text) for note in asked.notes.all()]
    assert notes == [("staff", dana, "Rang at ten."), ("system", dana, "Tried, no answer.")]


@pytest.mark.parametrize("status", Status)
def test_the_page_offers_the_allowed_moves_and_refuses_others(desk, status):
    asked = consultation(status=status)
    buttons = re.findall(r'name="move" value="([\w-]+)">([^<]+)<', desk.get(page_of(asked)).content.decode())
    assert set(buttons) == {(move, move.rule.button) for move in status.rule.moves}
    for move in set(Status) - set(status.rule.moves):
        answer = press(desk, asked, note="Kept.", move=move, closed_reason="completed")
        html = answer.content.decode()
        assert answer.status_code == 422
        assert "Press one of the buttons below" in html
        assert "Kept.</textarea>" in html
        assert "Somebody else was here first" not in html
    asked.refresh_from_db()
    assert asked.status == status
    assert not asked.notes.exists()


def test_an_unknown_move_is_a_form_error_and_not_an_edit_conflict(desk):
    asked = consultation()
    answer = press(desk, asked, note="Kept.", move="nonsense")
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "There is no such move" in html
    assert "Kept.</textarea>" in html
    assert "Somebody else was here first" not in html
    assert not asked.notes.exists()


@pytest.mark.parametrize(("before", "after"), [(before, after) for before in Status for after in before.rule.moves])
def test_every_move_is_stored_and_described_in_the_history(desk, before, after):
    asked = consultation(status=before)
    assert press(desk, asked, move=after, closed_reason="no-reply").status_code == 302
    asked.refresh_from_db()
    assert asked.status == after
    assert bool(asked.first_contact_at) is after.rule.contacted
    assert bool(asked.closed_at) is after.rule.ended
    sentence = "Opened again." if before == Status.CLOSED else after.rule.sentence
    assert system_notes(asked) == [sentence.format(reason="no reply after several tries")]


def test_a_move_that_is_not_allowed_raises_and_stores_nothing(dana):
    asked = consultation(status=Status.SPAM)
    with pytest.raises(MoveNotAllowed, match="This request is Spam"):
        work_on(asked, dana, asked.version, Work(note="Lost.", to=Status.BOOKED))
    assert not asked.notes.exists()


def test_closing_requires_a_reason_and_keeps_the_note_until_then(desk):
    asked = consultation()
    refused = press(desk, asked, note="Moved away.", move="closed")
    assert refused.status_code == 422
    assert "Moved away." in refused.content.decode()
    assert not asked.notes.exists()
    press(desk, asked, note="Moved away.", move="closed", closed_reason="changed-mind")
    asked.refresh_from_db()
    assert (asked.status, asked.closed_reason) == (Status.CLOSED, "changed-mind")
    assert asked.closed_at is not None
    assert system_notes(asked) == ["Closed: changed their mind."]


def test_reopening_a_closed_request_clears_its_reason(desk):
    asked = consultation(status=Status.CLOSED, closed_reason="no-reply")
    press(desk, asked, move="reached")
    asked.refresh_from_db()
    assert (asked.status, asked.closed_reason, asked.closed_at) == (Status.REACHED, "", None)


@pytest.mark.parametrize("status", [Status.SUSPECTED, Status.SPAM])
def test_not_spam_makes_a_request_new_with_a_new_due_time_and_emails(desk, status):
    days_ago = timezone.now() - timedelta(days=9)
    asked = consultation(
        status=status, created_at=days_ago, due_at=days_ago, email="zebra@example.com", receipt_wanted=True
    )
    before = timezone.now()
    press(desk, asked, move="new")
    asked.refresh_from_db()
    assert asked.status == Status.NEW
    first, last = (Calendar().one_business_day_after(moment) for moment in (before, timezone.now()))
    assert first <= asked.due_at <= last
    assert system_notes(asked) == ["Not spam."]
    assert {mail.kind for mail in asked.notifications.all()} == {"new", "receipt"}


def test_a_suspected_request_shows_why_it_is_suspected(desk):
    html = desk.get(page_of(consultation(status=Status.SUSPECTED, spam_reasons="two links"))).content.decode()
    assert "Held back as suspected spam</strong>: two links." in html
    assert 'badge--suspected">Suspected spam' in html
    assert "Held back" not in desk.get(page_of(consultation(spam_reasons="two links"))).content.decode()


def test_marking_a_request_as_spam_can_be_undone(desk):
    asked = consultation()
    press(desk, asked, move="spam")
    press(desk, asked, move="new")
    asked.refresh_from_db()
    assert (asked.status, asked.closed_at) == (Status.NEW, None)
    assert system_notes(asked) == ["Marked as spam.", "Not spam."]


def test_the_history_says_who_is_assigned_and_when_to_follow_up(desk, dana):
    asked = consultation()
    press(desk, asked, assigned_to=str(dana.pk), follow_up_on="2026-12-01")
    asked.refresh_from_db()
    assert (asked.assigned_to, str(asked.follow_up_on)) == (dana, "2026-12-01")
    assert system_notes(asked) == ["Assigned to dana. Follow up on Dec 1."]


def test_saving_with_nothing_entered_shows_an_error(desk):
    answer = press(desk, consultation())
    assert answer.status_code == 422
    assert "Write a note, or press what happened" in answer.content.decode()


def test_the_patients_answers_cannot_be_changed_from_the_page(desk):
    asked = consultation(note="Ring twice.")
    press(desk, asked, move="tried", full_name="Somebody Else", phone="1", email="x@example.com", topic="pain")
    fresh = ConsultationRequest.objects.get(pk=asked.pk)
    for name in ConsultationRequest.CONTENT:
        assert getattr(fresh, name) == getattr(asked, name)
