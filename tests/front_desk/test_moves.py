"""Tests of what each button on a request's page does and adds to the history."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from clinic.opening_hours import Calendar
from consultations.models import ConsultationRequest
from consultations.statuses import Outcome
from front_desk.actions import MoveNotAllowed, Work, next_open_day, work_on
from front_desk.dashboard import answered_on_time
from tests.helpers.factories import consultation
from tests.helpers.request_page import fields_of, page_of, press, system_notes

pytestmark = pytest.mark.django_db
Status = ConsultationRequest.Status
EVERYTHING = {"contact_by": "text", "email": "a@example.com", "voicemail_ok": True}


def a_visit(days: int = 3) -> dict[str, str]:
    """Return the fields of a visit some days from today, or on the next open day after them."""
    day = Calendar().first_open_day(timezone.localdate() + timedelta(days=days))
    return {"scheduled_day": day.isoformat(), "scheduled_time": "10:00"}


def on_an_open_day(time: str) -> dict[str, str]:
    return {"scheduled_day": next_open_day().isoformat(), "scheduled_time": time}


def what_it_needs(move: str) -> dict[str, str]:
    """Return the fields that staff fill in before they move a request to a status."""
    return {Status.SCHEDULED: a_visit(), Status.CLOSED: {"closed_reason": "no-reply"}}.get(move, {})


def offered(desk, asked, name: str) -> set[str]:
    return set(re.findall(rf'name="{name}" value="([\w-]+)"', desk.get(page_of(asked)).content.decode()))


def test_one_click_stores_the_note_the_plan_and_the_attempt(desk, dana):
    asked = consultation()
    assert press(desk, asked, note="Called at ten.", attempt="no-answer").status_code == 302
    asked.refresh_from_db()
    assert asked.status == Status.CONTACTING
    assert asked.first_contact_at is not None
    assert asked.assigned_to == dana
    assert asked.follow_up_on > timezone.localdate()
    [attempt] = asked.contact_attempts.all()
    assert (attempt.author, attempt.outcome) == (dana, "no-answer")
    [words] = asked.notes.filter(kind="staff")
    assert (words.author, words.text) == (dana, "Called at ten.")
    assert system_notes(asked)[0].startswith("No answer. Assigned to dana. Follow up on ")


@pytest.mark.parametrize("outcome", Outcome)
def test_each_outcome_is_offered_and_stored(desk, outcome):
    asked = consultation(**EVERYTHING)
    assert offered(desk, asked, "attempt") == set(Outcome.values)
    press(desk, asked, attempt=outcome)
    asked.refresh_from_db()
    assert asked.status == (Status.IN_TOUCH if outcome == "spoke" else Status.CONTACTING)
    html = desk.get(page_of(asked)).content.decode()
    assert f"1 attempt, last: {outcome.label.lower()}, dana," in html


@pytest.mark.parametrize("status", [status for status in Status if status.rule.tries])
def test_the_page_promises_to_save_a_follow_up_only_if_it_has_the_field(desk, status):
    html = desk.get(page_of(consultation(status=status))).content.decode()
    assert "One click saves the attempt" in html
    assert ("the follow-up below" in html) is ('name="follow_up_on"' in html)


def test_the_page_lists_every_attempt_with_who_when_and_how(desk):
    asked = consultation()
    press(desk, asked, attempt="no-answer")
    press(desk, asked, attempt="voicemail")
    html = desk.get(page_of(asked)).content.decode()
    assert "2 attempts, last: left voicemail, dana," in html
    assert re.search(r"<li>No answer, dana, \w{3}, \w{3} \d+, [\d:]+ [ap]\.m\.</li>", html)


@pytest.mark.parametrize("status", Status)
def test_the_page_offers_the_allowed_moves_and_refuses_others(desk, status):
    asked = consultation(status=status, scheduled_at=timezone.now() + timedelta(days=1))
    assert offered(desk, asked, "move") == set(status.rule.moves)
    for move in set(Status) - set(status.rule.moves):
        answer = press(desk, asked, note="Kept.", move=move, **what_it_needs(move))
        html = answer.content.decode()
        assert answer.status_code == 422
        assert "Use one of the buttons below" in html
        assert "Kept.</textarea>" in html
        assert "has changed" not in html
    asked.refresh_from_db()
    assert asked.status == status
    assert not asked.notes.exists()


@pytest.mark.parametrize("name", ["attempt", "move"])
def test_an_unknown_button_is_a_form_error_and_not_an_edit_conflict(desk, name):
    asked = consultation()
    answer = press(desk, asked, note="Kept.", **{name: "nonsense"})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "There is no such" in html
    assert "Kept.</textarea>" in html
    assert "has changed" not in html
    assert not asked.notes.exists()


@pytest.mark.parametrize(("before", "after"), [(before, after) for before in Status for after in before.rule.moves])
def test_every_move_is_stored_and_described_in_the_history(desk, before, after):
    asked = consultation(status=before, scheduled_at=timezone.now() + timedelta(days=1))
    assert press(desk, asked, move=after, **what_it_needs(after)).status_code == 302
    asked.refresh_from_db()
    assert asked.status == after
    assert bool(asked.closed_at) is after.rule.ended
    start = after.rule.sentence.partition("{")[0]
    assert any(start in sentence for sentence in system_notes(asked))


def test_a_move_that_is_not_allowed_raises_and_stores_nothing(dana):
    asked = consultation(status=Status.SPAM)
    with pytest.raises(MoveNotAllowed, match="This request is Spam"):
        work_on(asked, dana, asked.version, Work(note="Lost.", to=Status.SCHEDULED))
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
    assert system_notes(asked) == ["Closed: no longer interested."]


def test_closing_as_other_requires_words_and_shows_them_until_erased(desk):
    asked = consultation()
    refused = press(desk, asked, move="closed", closed_reason="other")
    assert "Say in a few words why it is closed" in refused.content.decode()
    press(desk, asked, move="closed", closed_reason="other", closed_words="Wanted a dentist.")
    asked.refresh_from_db()
    assert asked.closed_words == "Wanted a dentist."
    assert system_notes(asked) == ["Closed: other: Wanted a dentist."]
    page = desk.get(page_of(asked)).content.decode()
    assert "Wanted a dentist." in page
    assert "dentist" not in page.partition('role="status"')[2].partition("</p>")[0]


def test_the_message_after_closing_contains_no_typed_words(desk):
    asked = consultation()
    answer = press(desk, asked, move="closed", closed_reason="other", closed_words="Wanted a dentist", note="Kind.")
    assert "dentist" not in str(answer.cookies) + str(dict(desk.session))


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({}, "Enter the day of the visit"),
        ({"scheduled_day": "2031-01-01"}, "Enter the time of the visit"),
        (a_visit(-7), "would be in the past"),
        (a_visit(400), "more than a year away"),
        ({"scheduled_day": "soon", "scheduled_time": "10:00"}, "Enter the day like"),
    ],
)
def test_a_visit_without_a_sensible_day_and_time_is_refused(desk, fields, problem):
    asked = consultation()
    answer = press(desk, asked, note="Kept.", move="booked", **fields)
    assert answer.status_code == 422
    assert re.search(rf'<p><a href="#id_scheduled_(day|time)">[^<]*{problem}', answer.content.decode())
    assert "Kept.</textarea>" in answer.content.decode()
    asked.refresh_from_db()
    assert (asked.status, asked.scheduled_at) == (Status.NEW, None)


@pytest.mark.parametrize("button", [{}, {"then": "next"}, {"attempt": "no-answer"}, {"told": "1"}, {"move": "spam"}])
@pytest.mark.parametrize(
    ("entered", "problem"),
    [
        (a_visit(), "You entered a visit. Press Schedule, or clear it."),
        ({"scheduled_time": "10:00"}, "You entered a visit. Press Schedule, or clear it."),
        ({"scheduled_day": "soon"}, "You entered a visit. Press Schedule, or clear it."),
        ({"closed_reason": "no-reply"}, "You entered a reason to close. Press Close, or clear it."),
        ({"closed_words": "Moved"}, "You entered a reason to close. Press Close, or clear it."),
    ],
)
def test_no_button_drops_a_visit_or_a_closing_reason(desk, button, entered, problem):
    asked = consultation()
    answer = press(desk, asked, note="Kept.", **entered, **button)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert problem in html
    assert fields_of(html).items() >= {"note": "Kept.", **entered}.items()
    asked.refresh_from_db()
    assert (asked.status, asked.version) == (Status.NEW, 0)
    assert not asked.notes.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"attempt": "spoke", "closed_reason": "no-reply"},
        {"undo": "1", **a_visit()},
        {"move": "closed", "closed_reason": "no-reply", **a_visit()},
        {"move": "booked", "closed_reason": "no-reply", **a_visit()},
        {"close_as": "wrong-number", "closed_reason": "no-reply"},
        {"move": "closed", "closed_reason": "no-reply", "closed_words": "Moved"},
    ],
)
def test_a_button_is_refused_if_it_contradicts_another_entry(desk, fields):
    asked = consultation()
    press(desk, asked, attempt="no-answer")
    assert press(desk, asked, **fields).status_code == 422
    asked.refresh_from_db()
    assert (asked.status, asked.version) == (Status.CONTACTING, 1)


@pytest.mark.parametrize("status", [Status.NEW, Status.SUSPECTED, Status.CONTACTING, Status.IN_TOUCH])
def test_scheduling_counts_as_contact_and_logs_no_attempt_that_nobody_recorded(desk, dana, status):
    asked = consultation(status=status)
    press(desk, asked, move="booked", **a_visit())
    asked.refresh_from_db()
    assert (asked.status, asked.assigned_to) == (Status.SCHEDULED, dana)
    assert not asked.contact_attempts.exists()
    assert system_notes(asked)[0].startswith("Assigned to dana. Scheduled for ")
    on_time = answered_on_time()
    assert (on_time.on_time, on_time.late) == (1, 0)
    press(desk, asked, undo="1")
    asked.refresh_from_db()
    assert (asked.status, asked.first_contact_at) == (status, None)


@pytest.mark.parametrize("button", [{"move": "booked"}, {"attempt": "spoke"}])
def test_a_time_outside_the_opening_hours_is_stored_only_if_pressed_again(desk, set_facts, button):
    set_facts(hours=["9 am - 5 pm"] * 7)
    asked = consultation()
    refused = press(desk, asked, note="Kept.", **button, **on_an_open_day("02:30"))
    html = refused.content.decode()
    assert refused.status_code == 422
    assert "The clinic is closed then: 2:30 a.m. Did you mean 2:30 p.m.? To keep this time, press" in html
    changed = fields_of(html) | button | {"scheduled_time": "03:30"}
    assert "Did you mean 3:30 p.m.?" in desk.post(page_of(asked), changed).content.decode()
    asked.refresh_from_db()
    assert (asked.status, asked.version) == (Status.NEW, 0)
    assert desk.post(page_of(asked), fields_of(html) | button).status_code == 302
    asked.refresh_from_db()
    assert timezone.localtime(asked.scheduled_at).strftime("%H:%M") == "02:30"
    assert asked.notes.get(kind="staff").text == "Kept."


def test_a_time_that_is_closed_twice_a_day_proposes_no_other(desk, set_facts):
    set_facts(hours=["9 am - 5 pm"] * 7)
    html = press(desk, consultation(), move="booked", **on_an_open_day("19:00")).content.decode()
    assert "The clinic is closed then: 7:00 p.m. To keep this time" in html
    assert "Did you mean" not in html


def test_spoke_with_a_visit_entered_logs_the_contact_and_schedules(desk):
    asked = consultation()
    page = desk.get(press(desk, asked, attempt="spoke", **a_visit()).headers["Location"]).content.decode()
    asked.refresh_from_db()
    assert (asked.status, asked.follow_up_on) == (Status.SCHEDULED, None)
    assert asked.scheduled_at is not None
    assert [attempt.outcome for attempt in asked.contact_attempts.all()] == ["spoke"]
    assert "Saved. Spoke. Visit " in page
    assert "Follow up" not in system_notes(asked)[0]


def test_scheduling_stores_the_day_and_time_and_says_so_with_one_period(desk):
    asked = consultation()
    page = desk.get(press(desk, asked, move="booked", **a_visit()).headers["Location"]).content.decode()
    asked.refresh_from_db()
    assert timezone.localtime(asked.scheduled_at).strftime("%H:%M") == "10:00"
    assert re.search(r"Saved\. Visit \w{3}, \w{3} \d+, 10:00 a\.m\.", page)
    assert ".." not in re.sub(r"<[^>]+>", "", page)


@pytest.mark.parametrize("button", [{"move": "booked"}, {"attempt": "spoke"}])
def test_a_visit_on_a_closed_day_is_stored_only_if_pressed_again(desk, set_facts, button):
    asked, visit = consultation(), a_visit(9)
    day = date.fromisoformat(visit["scheduled_day"])
    set_facts(closures=[{"first": f"{day}", "reason": "Away"}])
    html = press(desk, asked, note="Kept.", **button, **visit).content.decode()
    held = f"The clinic is closed that day: {day:%a, %b} {day.day}. To keep this day, press the button again."
    assert f'<a href="#id_scheduled_day">{held}' in html
    asked.refresh_from_db()
    assert (asked.status, asked.scheduled_at) == (Status.NEW, None)
    assert desk.post(page_of(asked), fields_of(html) | button).status_code == 302
    asked.refresh_from_db()
    assert timezone.localdate(asked.scheduled_at) == day
    assert asked.notes.get(kind="staff").text == "Kept."


@pytest.mark.parametrize("button", [{}, {"attempt": "no-answer"}])
def test_a_follow_up_on_a_closed_day_is_stored_and_the_message_says_so(desk, set_facts, button):
    day = next_open_day()
    for is_closed in (False, True):
        set_facts(closures=[{"first": f"{day}", "reason": "Away"}] if is_closed else [])
        asked = consultation()
        page = desk.get(press(desk, asked, follow_up_on=f"{day}", **button).headers["Location"]).content.decode()
        said = page.partition('role="status"')[2].partition("</p>")[0]
        assert f"Follow up {day:%a, %b} {day.day}." in said
        assert ("The clinic is closed that day." in said) is is_closed
        asked.refresh_from_db()
        assert asked.follow_up_on == day


@pytest.mark.parametrize(
    ("result", "label"), [("completed", "Completed"), ("canceled", "Canceled"), ("no-show", "No-s")]
)
def test_the_day_after_a_visit_one_click_says_how_it_went(desk, result, label):
    asked = consultation(status=Status.SCHEDULED, scheduled_at=timezone.now() - timedelta(days=1))
    html = desk.get(page_of(asked)).content.decode()
    assert "How did the visit go?" in html
    assert f'value="{result}">{label}' in html
    press(desk, asked, close_as=result)
    asked.refresh_from_db()
    assert (asked.status, asked.closed_reason) == (Status.CLOSED, result)


def test_a_visit_that_is_still_to_come_is_not_asked_about(desk):
    asked = consultation(status=Status.SCHEDULED, scheduled_at=timezone.now() + timedelta(days=1))
    assert "How did the visit go?" not in desk.get(page_of(asked)).content.decode()


def test_a_visit_can_be_rescheduled_on_the_day_after(desk):
    asked = consultation(status=Status.SCHEDULED, scheduled_at=timezone.now() - timedelta(days=1))
    press(desk, asked, move="booked", **a_visit())
    asked.refresh_from_db()
    assert asked.status == Status.SCHEDULED
    assert asked.scheduled_at > timezone.now()


def test_a_scheduled_request_without_a_day_asks_for_it(desk):
    html = desk.get(page_of(consultation(status=Status.SCHEDULED))).content.decode()
    assert "This visit has no day" in html


def test_after_a_wrong_number_closing_takes_one_click(desk):
    asked = consultation()
    assert 'value="wrong-number">Close' not in desk.get(page_of(asked)).content.decode()
    press(desk, asked, attempt="wrong-number")
    assert 'value="wrong-number">Close: wrong number' in desk.get(page_of(asked)).content.decode()
    press(desk, asked, close_as="wrong-number")
    asked.refresh_from_db()
    assert (asked.status, asked.closed_reason) == (Status.CLOSED, "wrong-number")


def test_undo_names_the_last_step_and_restores_what_it_replaced(desk):
    asked = consultation()
    due = asked.due_at
    press(desk, asked, attempt="no-answer")
    html = desk.get(page_of(asked)).content.decode()
    assert re.search(r'name="undo" value="1">Undo: No answer\. Assigned to dana\. Follow up on', html)
    press(desk, asked, undo="1", note="Pressed the wrong one.")
    asked.refresh_from_db()
    assert (asked.status, asked.due_at, asked.first_contact_at) == (Status.NEW, due, None)
    assert (asked.assigned_to, asked.follow_up_on) == (None, None)
    assert not asked.contact_attempts.filter(undone_at=None).exists()
    assert asked.notes.get(kind="staff").text == "Pressed the wrong one."
    assert 'name="undo"' not in desk.get(page_of(asked)).content.decode()


@pytest.mark.parametrize(
    ("button", "undone"),
    [
        ({"told": "1"}, "Undone: Told a clinician."),
        ({"attempt": "voicemail", "follow_up_on": ""}, "Undone: Left voicemail. Assigned to dana. Follow up on "),
        ({"move": "spam"}, "Undone: Marked as spam."),
    ],
)
def test_undo_says_what_it_undid_in_the_message_and_in_the_history(desk, button, undone):
    asked = consultation(urgent="told" in button)
    press(desk, asked, **button)
    html = desk.get(press(desk, asked, undo="1").headers["Location"]).content.decode()
    said = html.partition('role="status"')[2].partition("</p>")[0]
    assert undone in said
    assert "Status: new." in said
    assert system_notes(asked)[-1].startswith(undone)


def test_the_message_after_undoing_contains_no_typed_words_but_the_history_does(desk):
    asked = consultation()
    press(desk, asked, move="closed", closed_reason="other", closed_words="Wanted a dentist.")
    answer = press(desk, asked, undo="1")
    assert "dentist" not in str(answer.cookies) + str(dict(desk.session))
    html = desk.get(answer.headers["Location"]).content.decode()
    assert "Undone: Closed: other. Status: new." in html
    assert system_notes(asked)[-1] == "Undone: Closed: other: Wanted a dentist."


def test_undoing_a_step_whose_words_cannot_be_read_still_works(desk):
    asked = consultation()
    press(desk, asked, attempt="no-answer")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE consultations_note SET text = 'v1.gone.AAAA'")
    html = desk.get(press(desk, asked, undo="1").headers["Location"]).content.decode()
    assert "Undone: the last step. Status: new." in html


def test_undo_after_a_change_by_the_patient_is_refused(desk):
    asked = consultation()
    press(desk, asked, attempt="no-answer")
    ConsultationRequest.objects.filter(pk=asked.pk).update(version=2)
    assert 'name="undo"' not in desk.get(page_of(asked)).content.decode()
    assert press(desk, asked, undo="1").status_code == 422


def test_reopen_restores_the_status_before_closing(desk):
    for outcome, status in (("spoke", Status.IN_TOUCH), ("no-answer", Status.CONTACTING)):
        asked = consultation()
        press(desk, asked, attempt=outcome)
        press(desk, asked, move="closed", closed_reason="no-reply")
        press(desk, asked, reopen="1")
        asked.refresh_from_db()
        assert (asked.status, asked.closed_reason, asked.closed_at) == (status, "", None)
        assert system_notes(asked)[-1] == f"Reopened as {status.label}."


def test_reopening_a_new_request_invents_no_contact(desk):
    asked = consultation()
    press(desk, asked, move="closed", closed_reason="no-reply")
    press(desk, asked, reopen="1")
    asked.refresh_from_db()
    assert (asked.status, asked.first_contact_at) == (Status.NEW, None)


def test_after_a_withdrawal_no_contact_is_offered_and_one_click_closes(desk):
    asked = consultation(status=Status.CONTACTING, withdrawn_at=timezone.now(), **EVERYTHING)
    html = desk.get(page_of(asked)).content.decode()
    for link in ("tel:", "sms:", "mailto:", 'name="attempt"', "555-0100", "a@example.com", 'value="booked"'):
        assert link not in html
    assert press(desk, asked, attempt="no-answer").status_code == 422
    press(desk, asked, close_as="withdrew")
    asked.refresh_from_db()
    assert (asked.status, asked.closed_reason) == (Status.CLOSED, "withdrew")


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
    assert "Held as suspected spam</strong>: two links." in html
    assert 'badge--suspected">Suspected spam' in html
    assert "Held as" not in desk.get(page_of(consultation(spam_reasons="two links"))).content.decode()


def test_marking_a_request_as_spam_can_be_undone(desk):
    asked = consultation()
    assert "Marked as spam." in desk.get(press(desk, asked, move="spam").headers["Location"]).content.decode()
    assert "Moved to New." in desk.get(press(desk, asked, move="new").headers["Location"]).content.decode()
    asked.refresh_from_db()
    assert (asked.status, asked.closed_at) == (Status.NEW, None)
    assert system_notes(asked) == ["Marked as spam.", "Not spam."]


def test_saving_with_nothing_entered_shows_an_error(desk):
    answer = press(desk, consultation())
    assert answer.status_code == 422
    assert "Write a note, or choose an outcome" in answer.content.decode()


def test_the_patients_answers_cannot_be_changed_from_the_page(desk):
    asked = consultation(note="Knock twice.")
    press(desk, asked, attempt="no-answer", full_name="Somebody Else", phone="1", email="x@example.com", topic="pain")
    fresh = ConsultationRequest.objects.get(pk=asked.pk)
    for name in ConsultationRequest.CONTENT:
        assert getattr(fresh, name) == getattr(asked, name)
