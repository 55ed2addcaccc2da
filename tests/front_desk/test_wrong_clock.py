"""Tests of the desk when a clock was wrong or a year mistyped. TEST_DATABASE_URL chooses the database."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.utils import timezone

from albany_site import clock
from albany_site.health import problems
from clinic.models import Edition, Picture
from consultations.models import (
    AccessLogEntry,
    ConsultationRequest,
    ContactAttempt,
    Correction,
    Heartbeat,
    Note,
    Notification,
    Step,
)
from front_desk.dashboard import recent_weeks
from front_desk.site import SIGNED_IN_AT
from tests.helpers.desk_pages import desk_paths
from tests.helpers.factories import consultation
from tests.helpers.request_page import LIST, page_of
from tests.helpers.staff_members import authenticator_code, make_member

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
MOMENTS = {
    "the year 26": lambda: datetime(26, 12, 1, tzinfo=UTC),
    "1969": lambda: datetime(1969, 12, 31, tzinfo=UTC),
    "five days ahead": lambda: timezone.now() + 5 * DAY,
    "eight days ahead": lambda: timezone.now() + 8 * DAY,
    "two years ahead": lambda: timezone.now() + 800 * DAY,
    "the year 9998": lambda: datetime(9998, 12, 31, tzinfo=UTC),
    "the last hour of all": lambda: datetime(9999, 12, 31, 23, 59, tzinfo=UTC),
    "the first hour of all": lambda: datetime(1, 1, 1, tzinfo=UTC),
}
Status = ConsultationRequest.Status


def requests_of(moment: datetime, dana) -> list[ConsultationRequest]:
    """Store a request in each status, and give all dates of each the same moment."""
    asked = [consultation(status=status, assigned_to=dana) for status in Status.values]
    for each in asked:
        Note.objects.create(consultation=each, author=dana, text="made up", written_at=moment)
        ContactAttempt.objects.create(consultation=each, author=dana, at=moment, outcome="voicemail")
    names = [field.name for field in ConsultationRequest._meta.concrete_fields if field.name.endswith("_at")]
    dates = {name: moment for name in names if name not in ("erased_at", "withdrawn_at")}
    ConsultationRequest.objects.update(**dates, follow_up_on=moment.date())
    return asked


@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS)
def test_every_desk_page_opens_whatever_the_dates_of_the_requests(manager, dana, moment):
    asked = requests_of(moment(), dana)
    paths = {*desk_paths(asked[0].pk), *map(page_of, asked), *(f"{LIST}?queue={name}" for name in queues())}
    for path in sorted(paths):
        assert manager.get(path).status_code < 500, path


MOMENTS_OF_A_REQUEST = [
    field.name for field in ConsultationRequest._meta.concrete_fields if field.get_internal_type() == "DateTimeField"
]


@pytest.mark.parametrize("moment", ["the last hour of all", "the first hour of all"])
def test_every_desk_page_opens_with_one_date_of_a_request_wrong(manager, moment):
    """The other dates are of today, so whatever is counted between two dates would take thousands of years."""
    asked = {name: consultation(status="tried", first_contact_at=timezone.now()) for name in MOMENTS_OF_A_REQUEST}
    for name, each in asked.items():
        ConsultationRequest.objects.filter(pk=each.pk).update(**{name: MOMENTS[moment]()})
    paths = {*desk_paths(next(iter(asked.values())).pk), *map(page_of, asked.values())}
    for path in sorted(paths):
        assert manager.get(path).status_code < 500, path


def queues() -> list[str]:
    from front_desk.queues import QUEUES

    return list(QUEUES)


@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS)
def test_the_health_check_names_requests_with_impossible_dates(dana, moment):
    requests_of(moment(), dana)
    assert "requests were received" in problems()["clock"]


def test_dates_of_today_and_next_year_are_not_reported(dana):
    asked = consultation(status="tried", follow_up_on=timezone.localdate() + 366 * DAY)
    Note.objects.create(consultation=asked, author=dana, text="made up")
    consultation(status="closed")
    Heartbeat.beat()
    assert clock.impossible_dates() == []
    assert "worker" not in problems()


LATER = 2 * DAY
WRITTEN_AHEAD = {
    "notes": lambda dana, when: Note.objects.create(
        consultation=consultation(), author=dana, text="x", written_at=when
    ),
    "contact attempts": lambda dana, when: ContactAttempt.objects.create(
        consultation=consultation(), author=dana, at=when, outcome="voicemail"
    ),
    "steps": lambda dana, when: Step.objects.create(
        consultation=consultation(), author=dana, at=when, version=1, before="{}"
    ),
    "corrections": lambda dana, when: Correction.objects.create(
        consultation=consultation(), corrected_at=when, before="x", changed="phone"
    ),
    "emails": lambda dana, when: Notification.objects.create(kind="digest", slot="d", next_attempt_at=when),
    "emails were queued": lambda dana, when: Notification.objects.create(kind="digest", slot="d", sent_at=when),
    "access log": lambda dana, when: AccessLogEntry.objects.create(user=dana, action="view", at=when),
    "editions": lambda dana, when: Edition.objects.create(number=1, facts={}, summary="", saved_at=when),
    "pictures": lambda dana, when: Picture.objects.create(key="x", made_at=when),
    "open requests": lambda dana, when: consultation(status="tried", follow_up_on=date(9999, 12, 31)),
    "authenticators": lambda dana, when: dana.totpdevice_set.update(last_t=when.timestamp() // 30),
    "accounts": lambda dana, when: User.objects.update(last_login=when),
    "sessions": lambda dana, when: Session.objects.create(session_key="x", session_data="", expire_date=when),
}


@pytest.mark.parametrize("kind", WRITTEN_AHEAD)
def test_the_health_check_names_what_was_dated_ahead(dana, kind):
    assert "clock" not in problems()
    WRITTEN_AHEAD[kind](dana, timezone.now() + LATER)
    assert kind in problems()["clock"]


@pytest.mark.parametrize("name", [name for name in MOMENTS_OF_A_REQUEST if name != "next_action_at"])
@pytest.mark.parametrize("moment", ["two years ahead", "1969"])
def test_the_health_check_names_each_date_of_a_request(name, moment):
    asked = consultation(status="tried")
    ConsultationRequest.objects.filter(pk=asked.pk).update(**{name: MOMENTS[moment]()})
    assert "requests" in problems()["clock"]


def test_a_heartbeat_from_the_future_counts_as_none_and_is_named(desk):
    Heartbeat.objects.create(pk=1, seen_at=timezone.now() + timedelta(minutes=30))
    assert "in the future" in problems()["worker"]
    assert "a clock is wrong" in desk.get("/staff/").content.decode()


def test_a_request_from_next_week_is_in_no_week_of_today():
    consultation(created_at=timezone.now() + 8 * DAY, first_contact_at=timezone.now() + 9 * DAY)
    assert sum(week.count for week in recent_weeks()) == 0


def test_a_session_from_the_future_has_ended(desk):
    session = desk.session
    session[SIGNED_IN_AT] += 3600
    session.save()
    answer = desk.get("/staff/", follow=True)
    assert "Sign in" in answer.content.decode()
    signed_in = desk.post("/staff/login/", {"code": authenticator_code(make_member("lee"))})
    assert signed_in.status_code < 500


def test_a_list_shows_the_year_of_a_day_in_another_year(desk):
    consultation(status="tried", follow_up_on=date(timezone.localdate().year + 1, 12, 30))
    assert f"Dec 30, {timezone.localdate().year + 1}" in desk.get(LIST).content.decode()
