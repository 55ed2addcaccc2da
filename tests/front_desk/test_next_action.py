"""Tests of the follow-up day, the assignee, and the way from one request to the next."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from clinic import snapshot
from consultations.models import AccessLogEntry, ConsultationRequest
from front_desk.work_form import quick_picks
from tests.helpers.factories import consultation
from tests.helpers.request_page import LIST, fields_of, page_of, press, system_notes, typed
from tests.helpers.staff_members import make_member

pytestmark = pytest.mark.django_db
Status = ConsultationRequest.Status


def day(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


# --- The follow-up day


def test_after_an_unsuccessful_attempt_the_next_open_day_is_proposed_and_said(desk):
    asked = consultation()
    html = desk.get(press(desk, asked, attempt="no-answer").headers["Location"]).content.decode()
    asked.refresh_from_db()
    proposed = asked.follow_up_on
    assert proposed == snapshot.current().calendar.first_open_day(timezone.localdate() + timedelta(days=1))
    assert f"Saved. No answer. Follow up {proposed:%a, %b} {proposed.day}." in html


def test_the_quick_picks_are_open_days(desk, set_facts):
    set_facts(closures=[{"first": day(1), "last": day(2), "reason": "Away"}], hours=["9 am - 5 pm"] * 7)
    days = [value for value, _ in quick_picks()]
    assert days[0] > day(2)
    assert len(set(days)) == 3
    html = desk.get(page_of(consultation())).content.decode()
    assert re.findall(r'name="follow_up_pick" value="([\d-]+)"', html) == days


def test_a_quick_pick_sets_the_follow_up_with_the_attempt(desk):
    asked = consultation()
    picked = quick_picks()[-1][0]
    press(desk, asked, attempt="voicemail", follow_up_pick=picked)
    asked.refresh_from_db()
    assert asked.follow_up_on.isoformat() == picked
    press(desk, asked, attempt="voicemail", follow_up_pick=picked)
    asked.refresh_from_db()
    assert asked.follow_up_on.isoformat() == picked


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"follow_up_on": day(-1)}, "That follow-up day is in the past"),
        ({"follow_up_on": "2020-01-01"}, "That follow-up day is in the past"),
        ({"follow_up_on": day(367)}, "more than a year away"),
        ({"follow_up_on": "9999-12-31"}, "more than a year away"),
        ({"follow_up_pick": "2020-01-01"}, "That follow-up day is in the past"),
        ({"follow_up_on": "soon"}, "Enter the day like 11/27/2026"),
        ({"follow_up_on": day(9), "follow_up_pick": day(5)}, "Choose one follow-up day"),
    ],
)
def test_a_follow_up_in_the_past_or_far_away_is_refused_and_keeps_the_note(desk, fields, problem):
    asked = consultation()
    answer = press(desk, asked, note="Kept.", attempt="no-answer", **fields)
    assert answer.status_code == 422
    assert problem in answer.content.decode()
    assert "Kept.</textarea>" in answer.content.decode()
    assert not asked.notes.exists()
    assert not asked.contact_attempts.exists()


def test_a_missed_follow_up_that_is_left_alone_blocks_no_note(desk):
    asked = consultation(status=Status.CONTACTING, follow_up_on=timezone.localdate() - timedelta(days=3))
    assert press(desk, asked, note="They are on vacation.").status_code == 302


def test_the_history_says_who_is_assigned_and_when_to_follow_up(desk, dana):
    asked, follow_up = consultation(), timezone.localdate() + timedelta(days=6)
    press(desk, asked, assigned_to=str(dana.pk), follow_up_on=follow_up.isoformat())
    asked.refresh_from_db()
    assert (asked.assigned_to, asked.follow_up_on) == (dana, follow_up)
    assert system_notes(asked) == [f"Assigned to dana. Follow up on {follow_up:%a, %b} {follow_up.day}."]


# --- The assignee


def test_an_outcome_claims_an_unassigned_request_and_no_other(desk, dana):
    lee = make_member("lee")
    free, taken = consultation(), consultation(assigned_to=lee)
    for asked in (free, taken):
        press(desk, asked, attempt="no-answer")
        asked.refresh_from_db()
    assert (free.assigned_to, taken.assigned_to) == (dana, lee)


def test_an_inactive_assignee_stays_until_changed(desk, dana):
    lee = make_member("lee")
    asked = consultation(assigned_to=lee)
    lee.is_active = False
    lee.save()
    assert "lee (no longer active)" in desk.get(page_of(asked)).content.decode()
    press(desk, asked, note="Only a note.")
    asked.refresh_from_db()
    assert asked.assigned_to == lee
    assert system_notes(asked) == []
    press(desk, asked, assigned_to=str(dana.pk))
    asked.refresh_from_db()
    assert asked.assigned_to == dana
    assert "no longer active" not in desk.get(page_of(asked)).content.decode()


# --- The next request


@pytest.fixture
def three() -> list[ConsultationRequest]:
    """Return three requests in the order of the Overdue queue, with one that is not overdue."""
    now = timezone.now()
    asked = [consultation(due_at=now - timedelta(hours=hours), phone="") for hours in (3, 2, 1)]
    consultation(due_at=now + timedelta(hours=5), phone="")
    return asked


def test_save_and_next_follows_the_queue_that_the_page_was_opened_from(desk, three):
    first, second, _ = three
    page = page_of(first) + "?queue=overdue"
    fields = fields_of(desk.get(page).content.decode()) | {"attempt": "email", "then": "next"}
    answer = desk.post(page_of(first), fields)
    assert answer.headers["Location"] == page_of(second) + "?queue=overdue"
    shown = desk.get(answer.headers["Location"]).content.decode()
    assert f"{first.reference}</a>: Saved. Sent email." in shown


def test_save_and_next_leads_from_the_last_request_to_the_list(desk, three):
    *_, third = three
    answer = desk.post(page_of(third), typed(desk, third, queue="overdue", note="Last.", then="next"))
    assert answer.headers["Location"] == LIST + "?queue=overdue"
    html = desk.get(answer.headers["Location"]).content.decode()
    assert f"{third.reference}</a>: Note saved." in html
    assert "That was the end of the queue “Overdue”. All caught up for now." in html


def test_save_and_next_does_not_open_the_same_request_again(desk):
    asked = consultation(due_at=timezone.now() - timedelta(hours=1))
    answer = desk.post(page_of(asked), typed(desk, asked, attempt="no-answer", then="next"))
    assert answer.headers["Location"] == LIST + "?queue=open"


def test_save_and_next_without_an_entry_changes_nothing(desk, three):
    first, *_ = three
    ConsultationRequest.objects.filter(pk=first.pk).update(patient_changed_at=timezone.now())
    answer = desk.post(page_of(first), typed(desk, first, queue="overdue", then="next"))
    assert answer.headers["Location"].startswith(LIST)
    first.refresh_from_db()
    assert first.patient_changed_at is not None
    assert not first.notes.exists()


def test_save_alone_stays_on_the_page_and_keeps_the_queue(desk, three):
    first = three[0]
    answer = desk.post(page_of(first), typed(desk, first, queue="overdue", note="Here."))
    assert answer.headers["Location"] == page_of(first) + "?queue=overdue"


def test_with_the_box_ticked_every_outcome_leads_to_the_next_request(desk, three):
    first, second, _ = three
    answer = desk.post(page_of(first), typed(desk, first, queue="overdue", attempt="email", keep_going="on"))
    assert answer.headers["Location"] == page_of(second) + "?queue=overdue&keep_going=on"
    assert fields_of(desk.get(answer.headers["Location"]).content.decode())["keep_going"] == ""


def test_from_open_the_box_skips_what_colleagues_have_and_assigns_the_next_like_start_with_next(desk, dana, three):
    first, second, third = three
    lee = make_member("lee")
    ConsultationRequest.objects.filter(pk=second.pk).update(assigned_to=lee)
    answer = desk.post(page_of(first), typed(desk, first, attempt="email", keep_going="on"))
    assert answer.headers["Location"] == page_of(third) + "?keep_going=on"
    assigned = dict(ConsultationRequest.objects.values_list("pk", "assigned_to__username"))
    assert [assigned[each.pk] for each in three] == ["dana", "lee", "dana"]
    assert system_notes(third) == ["Assigned to dana."]
    assert AccessLogEntry.objects.filter(action="change", consultation=third, user=dana).count() == 1


@pytest.mark.parametrize(("queue", "says_so"), [("open", True), ("overdue", False)])
def test_the_box_says_beside_it_that_the_next_request_is_assigned(desk, queue, says_so):
    html = desk.get(f"{page_of(consultation())}?queue={queue}").content.decode()
    assert ("and assigns it to you" in html) is says_so


def test_from_open_the_box_ends_when_colleagues_have_the_rest(desk):
    now = timezone.now()
    mine, theirs = (consultation(due_at=now - timedelta(hours=hours)) for hours in (2, 1))
    ConsultationRequest.objects.filter(pk=theirs.pk).update(assigned_to=make_member("lee"))
    answer = desk.post(page_of(mine), typed(desk, mine, attempt="no-answer", keep_going="on"))
    assert answer.headers["Location"] == LIST + "?queue=open"
    html = desk.get(answer.headers["Location"]).content.decode()
    assert "That was the last open request that no colleague has. All caught up for now." in html


def test_from_open_the_box_goes_past_a_request_that_was_just_unassigned(desk, dana):
    now = timezone.now()
    first = consultation(due_at=now - timedelta(hours=2), assigned_to=dana)
    later = consultation(status=Status.CONTACTING, follow_up_on=timezone.localdate() + timedelta(days=99))
    answer = desk.post(page_of(first), typed(desk, first, attempt="email", assigned_to="", keep_going="on"))
    assert answer.headers["Location"] == page_of(later) + "?keep_going=on"
    first.refresh_from_db()
    assert first.assigned_to is None


@pytest.mark.parametrize(("queue", "fields"), [("overdue", {"keep_going": "on"}), ("open", {"then": "next"})])
def test_elsewhere_the_next_request_is_the_next_of_the_list_and_is_not_assigned(desk, three, queue, fields):
    first, second, _ = three
    lee = make_member("lee")
    ConsultationRequest.objects.filter(pk=second.pk).update(assigned_to=lee)
    answer = desk.post(page_of(first), typed(desk, first, queue=queue, attempt="email", **fields))
    assert answer.headers["Location"].startswith(page_of(second))
    second.refresh_from_db()
    assert second.assigned_to == lee


@pytest.mark.parametrize("unknown", ["", "?queue=", "?queue=nonsense"])
def test_an_unknown_or_missing_queue_counts_as_open(desk, three, unknown):
    html = desk.get(page_of(three[1]) + unknown).content.decode()
    assert f'href="{page_of(three[0])}" rel="prev">Previous in Open' in html
    assert f'href="{page_of(three[2])}" rel="next">Next in Open' in html


def test_previous_and_next_follow_the_queue(desk, three):
    html = desk.get(page_of(three[2]) + "?queue=overdue").content.decode()
    assert f'href="{page_of(three[1])}?queue=overdue" rel="prev">Previous in Overdue' in html
    assert 'rel="next"' not in html


def test_the_queue_survives_a_failed_save_and_a_conflict(desk, three):
    asked = three[0]
    for fields in ({"note": ""}, {"version": "9", "attempt": "spoke"}):
        html = desk.post(page_of(asked), typed(desk, asked, queue="overdue") | fields).content.decode()
        assert fields_of(html)["queue"] == "overdue"
        assert "Next in Overdue" in html


@pytest.mark.parametrize("queue", ["open", "ended", "all", "scheduled", "mail"])
def test_a_closed_request_opens_from_any_queue(desk, queue):
    asked = consultation(status=Status.CLOSED)
    assert desk.get(f"{page_of(asked)}?queue={queue}").status_code == 200
    assert desk.post(page_of(asked), typed(desk, asked, queue=queue, note="Done.", then="next")).status_code == 302
