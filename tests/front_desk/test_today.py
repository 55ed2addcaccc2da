"""Tests of the Today page."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from consultations.models import ConsultationRequest, Heartbeat
from tests.helpers.factories import consultation
from tests.helpers.request_page import page_of

pytestmark = pytest.mark.django_db
Status = ConsultationRequest.Status


def test_today_shows_queue_counts_and_when_the_worker_was_last_seen(desk, dana):
    now = timezone.now()
    oldest = consultation(due_at=now - timedelta(hours=3))
    consultation(assigned_to=dana)
    consultation(status=Status.CLOSED)
    consultation(status=Status.SUSPECTED, due_at=now - timedelta(days=3))
    html = desk.get("/staff/").content.decode()
    figures = {label.strip(): int(count) for count, label in re.findall(r"<strong>(\d+)</strong>([\w ]+)", html)}
    assert figures == {
        "open": 2,
        "overdue": 1,
        "to follow up": 0,
        "unassigned": 1,
        "mine": 1,
        "booked": 0,
        "suspected spam": 1,
    }
    assert f'href="{page_of(oldest)}">Take the oldest' in html
    assert "never seen" in html
    Heartbeat.beat()
    assert "last seen 0\xa0minutes ago" in desk.get("/staff/").content.decode()


def test_the_weekly_table_shows_request_counts_and_median_waits(desk):
    monday = timezone.localtime().replace(hour=9) - timedelta(days=timezone.localdate().weekday() + 7)
    for hours in (2, 10, 4):
        consultation(created_at=monday, first_contact_at=monday + timedelta(hours=hours))
    for status in (Status.SPAM, Status.SUSPECTED):
        consultation(created_at=monday, status=status)
    consultation(created_at=monday - timedelta(weeks=30))
    html = desk.get("/staff/").content.decode()
    rows = re.findall(
        r"<tr>\s*<th scope=\"row\">([^<]+)</th>\s*<td><span class=\"weeks__count\">(\d+)</span>.*?</td>\s*<td>([^<]+)</td>\s*</tr>",
        html,
    )
    assert len(rows) == 8
    assert rows[-2][1:] == ("3", "4 h")
    assert sum(int(row[1]) for row in rows) == 3
    assert "<script" not in html
