"""Tests of the manager's month."""

import re
from datetime import date, datetime
from statistics import median

import pytest
from django.utils import timezone

from consultations import retention
from consultations.statuses import Status
from front_desk import month
from front_desk.dashboard import recent_weeks
from tests.helpers.factories import consultation
from tests.helpers.request_page import LIST

pytestmark = pytest.mark.django_db
OCTOBER = date(2026, 10, 1)
PAGE = LIST + "month/"


@pytest.fixture(autouse=True)
def hours(set_facts):
    set_facts(hours=["9 am - 5 pm"] * 5 + ["", ""], closures=[{"first": "2026-10-20"}])


def at(text: str) -> datetime:
    return timezone.make_aware(datetime.fromisoformat(text))


def local(day: int, hour: int, minute: int = 0) -> datetime:
    return at(f"2026-10-{day:02} {hour:02}:{minute:02}")


def asked_in_october() -> list:
    """Store six requests. October 1, 2026 is a Thursday, and the clinic is closed on Tuesday the 20th."""
    return [
        # Friday 4:30 pm to Monday 9:30 am: half an hour on each day. On time, because it was due on Monday at 4:30 pm.
        consultation(
            created_at=local(2, 16, 30),
            due_at=local(5, 16, 30),
            first_contact_at=local(5, 9, 30),
            status=Status.SCHEDULED,
            topic="pain,anxious",
        ),
        # Monday 4 pm to Wednesday 10 am, with a closed Tuesday: one hour and one hour.
        consultation(
            created_at=local(19, 16),
            due_at=local(21, 16),
            first_contact_at=local(21, 10),
            status=Status.CLOSED,
            closed_reason="no-show",
            closed_at=local(22, 10),
            source="phone",
        ),
        # Wednesday 10 am to Friday 1 pm: 7 + 8 + 4 hours, and late.
        consultation(
            created_at=local(7, 10),
            due_at=local(8, 10),
            first_contact_at=local(9, 13),
            status=Status.CONTACTING,
            asking_for="patient",
            topic="",
        ),
        # Never contacted, and late.
        consultation(created_at=local(12, 9), due_at=local(13, 9), topic="pain"),
        # Withdrawn before it was due.
        consultation(
            created_at=local(14, 9),
            due_at=local(15, 9),
            status=Status.CLOSED,
            closed_at=local(14, 12),
            withdrawn_at=local(14, 12),
        ),
        consultation(created_at=local(14, 9), status=Status.SPAM),
    ]


def test_a_month_has_the_figures_counted_by_hand():
    asked_in_october()
    consultation(created_at=at("2026-09-30 23:59"))
    consultation(created_at=at("2026-11-01 00:00"))
    found = month.figures(OCTOBER)
    assert (found.received, found.spam) == (5, 1)
    assert (found.on_time.on_time, found.on_time.late, found.on_time.percent) == (2, 2, 50)
    assert found.median_hours == 2
    assert {table.title: table.rows for table in found.tables} == {
        "Opening hours to first contact": {
            "1 to 4 hours": 2,
            "8 hours or more": 1,
            "No contact attempt": 2,
        },
        "Outcome so far": {"Still open": 2, "Scheduled": 1, "No-show": 1, "Withdrew the request": 1},
        "Reasons for contact": {"Depression or mood": 2, "Chronic pain": 2, "Anxiety": 1, "Not answered": 1},
        "Source": {"Website": 4, "Phone": 1},
        "For": {"Self": 4, "Provider referral": 1},
    }


def test_erasing_requests_changes_no_figure_of_a_month_but_the_topics():
    asked = [one for one in asked_in_october() if one.status == Status.CLOSED]
    before = month.figures(OCTOBER)
    for one in asked:
        retention.erase(one)
    now = month.figures(OCTOBER)
    assert (now.received, now.spam, now.on_time, now.median_hours) == (5, 1, before.on_time, 2)
    unchanged = [number for number, table in enumerate(now.tables) if table.rows == before.tables[number].rows]
    assert unchanged == [0, 1, 3, 4]
    assert now.tables[2].rows == {"Chronic pain": 2, "Anxiety": 1, "Not answered": 1, "Erased": 2}


def test_a_request_erased_while_open_has_an_outcome_of_its_own():
    asked = consultation(created_at=local(2, 10))
    retention.erase(asked)
    assert month.figures(OCTOBER).tables[1].rows == {"Erased before it was closed": 1}


def test_a_month_links_to_the_one_before_and_the_one_after(manager):
    asked_in_october()
    html = manager.get(PAGE + "?month=2026-11").content.decode()
    assert 'href="?month=2026-10" rel="prev">October 2026' in html
    html = manager.get(PAGE + "?month=2026-10").content.decode()
    assert 'href="?month=2026-11" rel="next">November 2026' in html
    assert 'rel="prev"' not in html
    assert "50% answered on time" in html
    assert "within 2.0 opening hours" in html


def test_the_waits_on_today_are_those_of_the_month():
    asked_in_october()
    weeks = recent_weeks(date(2026, 10, 21))
    hours = sorted(hours for week in weeks for hours in week.hours)
    assert hours == [1, 2, 19]
    assert median(hours) == month.figures(OCTOBER).median_hours


def test_the_export_of_a_month_begins_and_ends_with_it(manager):
    link = re.search(r'href="([^"]+/export/[^"]*)"', manager.get(PAGE + "?month=2026-10").content.decode())[1]
    html = manager.get(link).content.decode()
    assert re.findall(r'<input type="date" name="(\w+)" value="([^"]+)"', html) == [
        ("received_from", "2026-10-01"),
        ("received_to", "2026-10-31"),
    ]


@pytest.mark.parametrize("text", ["", "2026-13", "9999-01", "2099-01", "2026-1", "٢٠٢٦-10", "x"])
def test_an_unknown_month_shows_this_month(manager, text):
    html = manager.get(PAGE, {"month": text}).content.decode()
    assert f"<h1>Month: {timezone.localdate():%B %Y}</h1>" in html
    assert 'rel="next"' not in html


def test_only_managers_see_the_month(desk):
    assert desk.get(PAGE).status_code == 403
    assert "The month in figures" not in desk.get("/staff/").content.decode()
