"""Tests of the Today page."""

import re
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from albany_site.service_urls import SMTP
from clinic.opening_hours import federal_holidays
from consultations.models import ConsultationRequest, Heartbeat, Notification, start_of_day
from consultations.statuses import Status
from front_desk import actions
from front_desk.dashboard import answered_on_time
from tests.helpers.factories import consultation
from tests.helpers.request_page import LIST, page_of
from tests.helpers.staff_members import make_member, sign_in

pytestmark = pytest.mark.django_db
START = LIST + "start/"


def shown_tiles(desk) -> list[str]:
    """Return what each tile says."""
    tiles = re.findall(r'<a class="today__queue[^>]*>(.*?)</a>', desk.get("/staff/").content.decode())
    return [" ".join(re.sub(r"<[^>]+>", " ", tile).split()) for tile in tiles]


def test_today_counts_what_is_waiting_the_most_urgent_first(desk, dana):
    now, today = timezone.now(), timezone.localdate()
    consultation(due_at=now - timedelta(hours=3))
    consultation(assigned_to=dana, due_at=now + timedelta(days=1))
    consultation(urgent=True, due_at=now + timedelta(days=1))
    consultation(patient_changed_at=now, due_at=now + timedelta(days=1))
    consultation(status=Status.CONTACTING, follow_up_on=today - timedelta(days=1))
    consultation(status=Status.CONTACTING, follow_up_on=today)
    consultation(status=Status.SCHEDULED, scheduled_at=timezone.localtime().replace(hour=12))
    consultation(status=Status.SCHEDULED, scheduled_at=now + timedelta(days=91), created_at=now - timedelta(days=91))
    consultation(status=Status.CLOSED)
    consultation(status=Status.SUSPECTED, due_at=now - timedelta(days=3))
    assert shown_tiles(desk) == [
        "1 urgent",
        "1 overdue",
        "2 follow-ups due 1 missed",
        "1 changed by patient",
        "6 open 4 new",
        "2 coming up 1 today",
        "1 held as suspected spam",
        "5 unassigned",
        "1 mine",
        "1 over 90 days",
    ]


def test_follow_ups_that_are_only_due_today_are_not_red(desk):
    consultation(status=Status.CONTACTING, follow_up_on=timezone.localdate())
    assert "1 follow-ups due" in shown_tiles(desk)
    assert "today__queue--urgent" not in desk.get("/staff/").content.decode()
    consultation(status=Status.CONTACTING, follow_up_on=timezone.localdate() - timedelta(days=1))
    assert desk.get("/staff/").content.decode().count("today__queue--urgent") == 1


def test_today_says_whether_email_works_in_plain_words(desk, settings):
    asked = consultation()
    assert "The program that sends it has never run." in desk.get("/staff/").content.decode()
    Heartbeat.beat()
    html = desk.get("/staff/").content.decode()
    assert "This site can't send email yet. Ask the person who runs it." in html
    assert "EMAIL_URL" not in html
    settings.EMAIL_BACKEND = SMTP
    html = desk.get("/staff/").content.decode()
    assert "No email has been sent yet." in html
    assert "Email is working" not in html
    Notification.objects.create(kind="new", consultation=asked, slot="new:1", sent_at=timezone.now())
    html = desk.get("/staff/").content.decode()
    assert "Email is working" in html
    assert "No email has been sent yet." not in html


def test_a_receipt_that_the_patients_server_refused_raises_no_banner(desk, settings):
    settings.EMAIL_BACKEND = SMTP
    asked, now = consultation(), timezone.now()
    Heartbeat.beat()
    Notification.objects.create(kind="new", consultation=asked, slot="new:1", sent_at=now)
    refused = Notification.objects.create(
        kind="receipt", consultation=asked, slot="receipt:1", failed_at=now, refused=True
    )
    html = desk.get("/staff/").content.decode()
    assert "failed to send" not in html
    assert "Email is working" in html
    Notification.objects.filter(pk=refused.pk).update(kind="new")
    html = desk.get("/staff/").content.decode()
    assert "1 email failed to send." in html
    assert "Email is working" not in html


@pytest.mark.parametrize(
    ("due", "tried", "status", "counted"),
    [
        (-2, -3, Status.CONTACTING, (1, 0)),
        (-2, -2, Status.CLOSED, (1, 0)),
        (-2, -1, Status.IN_TOUCH, (0, 1)),
        (-2, None, Status.NEW, (0, 1)),
        (2, None, Status.NEW, (0, 0)),
        (2, -1, Status.SCHEDULED, (1, 0)),
        (None, None, Status.NEW, (0, 0)),
        (-2, None, Status.SPAM, (0, 0)),
        (-2, None, Status.SUSPECTED, (0, 0)),
        (-2, None, Status.CLOSED, (0, 1)),
    ],
)
def test_on_time_means_a_first_attempt_by_the_due_time(due, tried, status, counted):
    now = timezone.now()
    due_at, first_contact_at = (now + timedelta(hours=hours) if hours else None for hours in (due, tried))
    asked = consultation(status=status, first_contact_at=first_contact_at)
    ConsultationRequest.objects.filter(pk=asked.pk).update(due_at=due_at)
    share = answered_on_time(now)
    assert (share.on_time, share.late) == counted


def test_a_request_that_ended_untried_before_its_due_time_does_not_count():
    now = timezone.now()
    consultation(status=Status.CLOSED, due_at=now - timedelta(hours=1), closed_at=now - timedelta(hours=2))
    assert answered_on_time(now).percent is None


def test_the_share_on_time_is_of_the_last_four_weeks(desk):
    now = timezone.now()
    for days, hours in ((1, -1), (20, -1), (27, 1), (29, 1)):
        received = now - timedelta(days=days)
        consultation(
            created_at=received,
            due_at=received + timedelta(hours=4),
            first_contact_at=received + timedelta(hours=4 + hours),
        )
    assert "67% answered on time" in desk.get("/staff/").content.decode()


def test_start_with_next_claims_the_first_request_and_opens_it(desk, dana):
    now = timezone.now()
    consultation(due_at=now + timedelta(days=1))
    oldest = consultation(due_at=now - timedelta(days=1))
    assert "Start with next</button>" in desk.get("/staff/").content.decode()
    for _ in range(2):  # a second click opens the same request
        assert desk.post(START).headers["Location"] == page_of(oldest)
    oldest.refresh_from_db()
    assert oldest.assigned_to == dana


def test_two_colleagues_start_with_different_requests(desk):
    asked = [consultation(due_at=timezone.now() + timedelta(hours=hours)) for hours in (1, 2)]
    lee = sign_in(make_member("lee"))
    assert [client.post(START).headers["Location"] for client in (desk, lee)] == [page_of(one) for one in asked]


def test_a_request_claimed_at_the_same_moment_is_not_opened_twice(desk, dana, monkeypatch):
    now, lee = timezone.now(), make_member("lee")
    first, second = (consultation(due_at=now + timedelta(hours=hours)) for hours in (1, 2))
    claim = actions.claim

    def late(asked, user):
        monkeypatch.setattr(actions, "claim", claim)
        claim(asked, lee)
        return claim(asked, user)

    monkeypatch.setattr(actions, "claim", late)
    assert desk.post(START).headers["Location"] == page_of(second)
    first.refresh_from_db()
    assert first.assigned_to == lee


def test_start_opens_a_colleagues_request_only_if_no_other_is_open(desk, dana):
    lee = make_member("lee")
    theirs = consultation(assigned_to=lee)
    assert desk.post(START).headers["Location"] == page_of(theirs)
    theirs.refresh_from_db()
    assert theirs.assigned_to == lee


def test_start_takes_over_from_an_account_that_is_off(desk, dana):
    lee = make_member("lee")
    theirs = consultation(assigned_to=lee)
    lee.is_active = False
    lee.save()
    desk.post(START)
    theirs.refresh_from_db()
    assert theirs.assigned_to == dana


def test_start_must_be_a_post_and_says_when_all_is_done(desk):
    asked = consultation()
    assert desk.get(START).headers["Location"] == "/staff/"
    asked.refresh_from_db()
    assert asked.assigned_to is None
    ConsultationRequest.objects.update(status=Status.CLOSED, main_queue="ended")
    assert "All caught up" in desk.post(START, follow=True).content.decode()


def test_the_weekly_table_shows_request_counts_and_waits_in_opening_hours(desk, set_facts):
    monday = start_of_day(timezone.localdate() - timedelta(days=timezone.localdate().weekday() + 7))
    holidays = {f"{day}": "open" for day in federal_holidays(monday.year)}
    set_facts(hours=["9 am - 5 pm"] * 5 + ["", ""], holidays=holidays)
    received = monday + timedelta(hours=9)
    for hours in (0.5, 10, 12):  # the clinic is open for eight of these
        consultation(created_at=received, first_contact_at=received + timedelta(hours=hours))
    for status in (Status.SPAM, Status.SUSPECTED):
        consultation(created_at=received, status=status)
    consultation(created_at=received - timedelta(weeks=30))
    html = desk.get("/staff/").content.decode()
    rows = re.findall(
        r"<tr>\s*<th scope=\"row\">([^<]+)</th>\s*<td><span class=\"weeks__count\">(\d+)</span>.*?</td>\s*<td>([^<]+)</td>\s*</tr>",
        html,
    )
    assert len(rows) == 8
    assert rows[-2][1:] == ("3", "8.0 hours")
    assert sum(int(row[1]) for row in rows) == 3
    assert "<script" not in html


def test_today_refreshes_without_keeping_the_session_alive(desk):
    response = desk.get("/staff/")
    assert response.headers["Refresh"] == "120; url=/staff/?refresh=on"
    soon = timezone.now() + timedelta(minutes=1)
    Session.objects.update(expire_date=soon)
    refreshed = desk.get("/staff/?refresh=on")
    assert (refreshed.status_code, refreshed.headers["Refresh"]) == (200, "120; url=/staff/?refresh=on")
    assert Session.objects.get().expire_date == soon
    Session.objects.update(expire_date=timezone.now())
    assert desk.get("/staff/?refresh=on").headers["Location"].startswith("/staff/login/")


def test_a_click_on_today_restarts_the_idle_time_after_a_refresh(desk):
    Session.objects.update(expire_date=timezone.now() + timedelta(minutes=1))
    desk.get("/staff/?refresh=on")
    desk.get("/staff/")
    assert Session.objects.get().expire_date > timezone.now() + timedelta(minutes=14)


def test_the_refresh_of_today_can_be_stopped_and_started(desk):
    assert "?refresh=off" in desk.get("/staff/").content.decode()
    stopped = desk.get("/staff/?refresh=off")
    assert "Refresh" not in stopped.headers
    assert "Refresh every two minutes" in stopped.content.decode()


def test_only_today_refreshes(desk):
    for path in (LIST, LIST + "add/", page_of(consultation())):
        assert "Refresh" not in desk.get(path).headers


@pytest.mark.parametrize("query", ["", "?refresh=off"])
def test_no_time_on_today_is_followed_by_two_periods(desk, query):
    Notification.objects.create(kind="new", consultation=consultation(), slot="x", failed_at=timezone.now())
    assert not re.search(r"[ap]\.m\.\s*\.", desk.get("/staff/" + query).content.decode())
