"""Tests of a request that changes while its page is open: by a colleague, the patient, or in another tab."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from clinic.opening_hours import Calendar
from consultations import retention
from consultations.models import ConsultationRequest, Note
from front_desk import actions
from tests.helpers.factories import consultation, sent_form
from tests.helpers.request_page import fields_of, page_of, press, typed
from tests.helpers.staff_members import make_member, sign_in

pytestmark = pytest.mark.django_db
Status = ConsultationRequest.Status


def in_days(days: int) -> str:
    """Return the day after so many days, or the next open day, because a visit on a closed day is held."""
    return Calendar().first_open_day(timezone.localdate() + timedelta(days=days)).isoformat()


@pytest.fixture
def lee():
    return sign_in(make_member("lee"))


def sent_online(client, **answers: str) -> tuple[ConsultationRequest, dict[str, str]]:
    """Return a request sent through the public form, and the form's fields, for sending it again."""
    form = sent_form(**answers)
    client.post("/consultation/", form)
    return ConsultationRequest.objects.get(), form


def test_the_second_edit_is_refused_names_the_first_and_keeps_the_note(desk, lee):
    asked = consultation()
    stale = typed(lee, asked, note="I called too.", move="closed", closed_reason="no-reply")
    press(desk, asked, attempt="spoke")
    answer = lee.post(page_of(asked), stale)
    html = answer.content.decode()
    assert answer.status_code == 409
    assert re.search(r"dana changed this just now: Spoke\. Assigned to dana\.", html)
    assert "I called too.</textarea>" in html
    asked.refresh_from_db()
    assert asked.status == Status.IN_TOUCH
    # The page now has the current version, so clicking the button again works.
    lee.post(page_of(asked), fields_of(html) | {"move": "closed"})
    asked.refresh_from_db()
    assert (asked.status, asked.closed_reason) == (Status.CLOSED, "no-reply")


@pytest.mark.parametrize(
    ("move", "status"),
    [
        ({"closed_reason": "other", "closed_words": "Moved away", "move": "closed"}, Status.CLOSED),
        ({"scheduled_day": in_days(5), "scheduled_time": "10:30", "move": "booked"}, Status.SCHEDULED),
    ],
)
def test_a_conflict_keeps_the_date_assignee_reason_and_visit_as_typed(desk, lee, dana, move, status):
    asked = consultation()
    plan = {"assigned_to": str(dana.pk), "follow_up_on": in_days(5)} | move
    button = {"move": plan.pop("move")}
    stale = typed(lee, asked, **plan)
    press(desk, asked, attempt="no-answer")
    answer = lee.post(page_of(asked), stale | button)
    kept = fields_of(answer.content.decode())
    assert answer.status_code == 409
    assert {name: kept[name] for name in plan} == plan
    lee.post(page_of(asked), kept | button)
    asked.refresh_from_db()
    assert (asked.status, asked.assigned_to, asked.follow_up_on.isoformat()) == (status, dana, in_days(5))


def test_a_conflict_leaves_the_plan_that_was_not_touched_as_the_colleague_set_it(desk, lee, dana):
    asked = consultation()
    stale = typed(lee, asked, note="Mine.", attempt="no-answer")
    press(desk, asked, attempt="no-answer")
    asked.refresh_from_db()
    kept = fields_of(lee.post(page_of(asked), stale).content.decode())
    assert (kept["assigned_to"], kept["follow_up_on"]) == (str(dana.pk), asked.follow_up_on.isoformat())


def test_a_conflict_with_oneself_says_another_tab(desk):
    asked = consultation()
    stale = typed(desk, asked, attempt="spoke")
    press(desk, asked, attempt="no-answer")
    html = desk.post(page_of(asked), stale).content.decode()
    assert "You changed this in another tab just now: No answer." in html
    assert "dana changed" not in html


def test_a_correction_by_the_patient_is_a_conflict_that_names_the_answers(desk, client):
    asked, form = sent_online(client, phone="618 555 0111")
    stale = typed(desk, asked, attempt="voicemail", note="Left a message.")
    client.post("/consultation/", form | {"phone": "618 555 0122", "voicemail_ok": "no"})
    answer = desk.post(page_of(asked), stale)
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "The patient changed this just now: phone, voicemail." in html
    assert "Left a message.</textarea>" in html
    assert not asked.contact_attempts.exists()


def test_answers_that_the_patient_changed_are_marked_until_someone_acts(desk, client):
    asked, form = sent_online(client, phone="618 555 0111")
    assert ">Changed<" not in desk.get(page_of(asked)).content.decode()
    client.post("/consultation/", form | {"phone": "618 555 0122", "voicemail_ok": "no"})
    html = desk.get(page_of(asked)).content.decode()
    assert "Changed by patient" in html
    assert re.search(r"Call 618 555 0122</bdi></a> <span class=\"badge badge--changed\">Changed", html)
    assert html.count(">Changed<") == 2
    press(desk, asked, note="Seen.")
    html = desk.get(page_of(asked)).content.decode()
    assert "Changed by patient" not in html
    assert ">Changed<" not in html


@pytest.mark.parametrize("assigned", ["automatically", "by hand", "when an account is closed"])
def test_assigning_a_request_leaves_the_marks_of_what_the_patient_changed(desk, client, dana, assigned):
    asked, form = sent_online(client, phone="618 555 0111")
    client.post("/consultation/", form | {"phone": "618 555 0122"})
    if assigned == "automatically":
        assert desk.post("/staff/consultations/consultationrequest/start/").status_code == 302
    elif assigned == "by hand":
        press(desk, asked, assigned_to=str(dana.pk))
    else:
        lee = make_member("lee")
        actions.claim(asked, lee)
        actions.hand_over(lee, dana, dana)
    asked.refresh_from_db()
    assert asked.assigned_to == dana
    html = desk.get(page_of(asked)).content.decode()
    assert "Changed by patient" in html
    assert html.count(">Changed<") == 1
    press(desk, asked, attempt="no-answer")
    assert ">Changed<" not in desk.get(page_of(asked)).content.decode()
    press(desk, asked, undo="1")
    assert desk.get(page_of(asked)).content.decode().count(">Changed<") == 1


def test_undoing_an_assignment_changes_nothing_else(desk, dana):
    asked = consultation(follow_up_on=timezone.localdate())
    press(desk, asked, assigned_to=str(dana.pk))
    ConsultationRequest.objects.update(due_at=None)  # as when the clinic's hours change
    press(desk, asked, undo="1")
    asked.refresh_from_db()
    assert (asked.assigned_to, asked.due_at, asked.follow_up_on) == (None, None, timezone.localdate())


def test_a_withdrawal_is_a_conflict_for_an_open_page(desk):
    asked = consultation(status=Status.CONTACTING)
    stale = typed(desk, asked, attempt="no-answer")
    retention.withdraw(asked)
    answer = desk.post(page_of(asked), stale)
    assert answer.status_code == 409
    assert "Withdrawn by the patient, just now." in answer.content.decode()


def test_a_note_alone_is_stored_despite_a_concurrent_edit(desk, lee):
    asked = consultation()
    day = (timezone.localdate() + timedelta(days=5)).isoformat()
    stale = typed(lee, asked, note="Only a note.")
    press(desk, asked, follow_up_on=day, attempt="no-answer")
    assert lee.post(page_of(asked), stale).status_code == 302
    asked.refresh_from_db()
    assert (asked.status, asked.follow_up_on.isoformat()) == (Status.CONTACTING, day)
    assert asked.notes.filter(kind=Note.Kind.STAFF).get().text == "Only a note."


@pytest.mark.parametrize("button", [{}, {"attempt": "no-answer"}, {"follow_up_on": "not a day"}])
def test_a_note_on_a_request_that_was_just_erased_is_shown_to_copy(desk, button):
    asked = consultation()
    stale = typed(desk, asked, note="Nice <voice>.", **button)
    retention.erase(asked)
    answer = desk.post(page_of(asked), stale)
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "This request was erased" in html
    assert "Nice &lt;voice&gt;." in html
    assert 'id="work-form"' not in html
    assert not asked.notes.exists()


@pytest.mark.parametrize("button", [{}, {"then": "next"}, {"attempt": "no-answer"}])
def test_a_note_that_is_sent_again_with_the_back_button_is_stored_once(desk, button):
    asked = consultation()
    shown = typed(desk, asked, note="Call after six.")
    assert desk.post(page_of(asked), shown).status_code == 302
    again = desk.post(page_of(asked), shown | button)
    assert again.status_code == 422
    assert "This note was already saved." in again.content.decode()
    assert asked.notes.count() == 1
    assert not asked.contact_attempts.exists()


def test_the_same_note_is_stored_again_by_a_colleague_or_later(desk, lee, monkeypatch):
    asked = consultation()
    for client in (desk, lee, desk):
        assert press(client, asked, note="Left a message.").status_code == 302
    assert press(desk, asked, attempt="voicemail").status_code == 302
    assert press(desk, asked, note="Left a message.").status_code == 302
    monkeypatch.setattr(actions, "REPEATED_WITHIN", timedelta(0))
    assert press(desk, asked, note="Left a message.").status_code == 302
    assert asked.notes.filter(kind=Note.Kind.STAFF).count() == 5
