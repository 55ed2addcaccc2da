"""What each button on a request's page does, and what is written down."""

import re

import pytest

from consultations.models import ConsultationRequest
from tests.helpers.factories import consultation
from tests.helpers.request_page import page_of, press, system_notes

pytestmark = pytest.mark.django_db
Status = ConsultationRequest.Status


def test_a_call_without_an_answer_is_a_note_and_a_move_in_one_go(desk, dana):
    asked = consultation()
    assert press(desk, asked, note="Rang at ten.", move="tried").status_code == 302
    asked.refresh_from_db()
    assert asked.status == Status.TRIED
    assert asked.first_contact_at is not None
    notes = [(note.kind, note.author, note.text) for note in asked.notes.all()]
    assert notes == [("staff", dana, "Rang at ten."), ("system", dana, "Tried, no answer.")]


@pytest.mark.parametrize("status", Status)
def test_the_page_offers_the_moves_of_the_table_and_no_other_is_done(desk, status):
    asked = consultation(status=status)
    offered = set(re.findall(r'name="move" value="(\w+)"', desk.get(page_of(asked)).content.decode()))
    assert offered == set(ConsultationRequest.MOVES[status])
    for move in set(Status) - offered:
        assert press(desk, asked, move=move, closed_reason="completed").status_code in (409, 422)
    asked.refresh_from_db()
    assert asked.status == status
    assert system_notes(asked) == []


def test_closing_needs_a_reason_and_keeps_the_note_until_it_has_one(desk):
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


def test_a_closed_request_is_opened_again_without_its_reason(desk):
    asked = consultation(status=Status.CLOSED, closed_reason="no-reply")
    press(desk, asked, move="reached")
    asked.refresh_from_db()
    assert (asked.status, asked.closed_reason, asked.closed_at) == (Status.REACHED, "", None)


def test_one_click_puts_a_suspected_request_right(desk):
    asked = consultation(suspected_spam=True, spam_reasons="two links")
    press(desk, asked, move="new")
    asked.refresh_from_db()
    assert (asked.status, asked.suspected_spam) == (Status.NEW, False)
    assert system_notes(asked) == ["Not spam."]


def test_a_spam_mark_is_undone(desk):
    asked = consultation()
    press(desk, asked, move="spam")
    press(desk, asked, move="new")
    asked.refresh_from_db()
    assert (asked.status, asked.closed_at) == (Status.NEW, None)
    assert system_notes(asked) == ["Marked as spam.", "Not spam."]


def test_who_looks_after_it_and_when_is_written_down(desk, dana):
    asked = consultation()
    press(desk, asked, assigned_to=str(dana.pk), follow_up_on="2026-12-01")
    asked.refresh_from_db()
    assert (asked.assigned_to, str(asked.follow_up_on)) == (dana, "2026-12-01")
    assert system_notes(asked) == ["Assigned to dana. Follow up on Dec 1."]


def test_pressing_save_with_nothing_to_save_says_so(desk):
    answer = press(desk, consultation())
    assert answer.status_code == 422
    assert "Write a note, or press what happened" in answer.content.decode()


def test_what_the_patient_wrote_cannot_be_changed_from_the_page(desk):
    asked = consultation(note="Ring twice.")
    press(desk, asked, move="tried", full_name="Somebody Else", phone="1", email="x@example.com", topic="pain")
    fresh = ConsultationRequest.objects.get(pk=asked.pk)
    for name in ConsultationRequest.CONTENT:
        assert getattr(fresh, name) == getattr(asked, name)
