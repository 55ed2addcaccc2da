"""Measure how the staff list and the form slow down as the number of stored requests grows.

growth.py runs main() in the shell of a separate site. main() prints GROWTH and the results as JSON on one line.
"""

import json
import logging
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from statistics import median

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from tqdm import tqdm

from consultations.models import ConsultationRequest, Notification
from tests.helpers.staff_members import make_member, sign_in
from tools.bench.answers import ANSWERS

TIMES = 11


def fill(total: int, member: User) -> None:
    """Store made-up requests, ten minutes apart and each with its email, until there are `total`."""
    now, missing = timezone.now(), total - ConsultationRequest.objects.count()
    for start in tqdm(range(0, missing, 1000), desc=f"Storing {total} requests", disable=None):
        rows = [_request(now, number, member) for number in range(start, min(start + 1000, missing))]
        made = ConsultationRequest.objects.bulk_create(rows)
        Notification.objects.bulk_create(
            Notification(kind="new", consultation=one, slot=f"new:{one.pk}", sent_at=now) for one in made
        )


def _request(now: datetime, number: int, member: User) -> ConsultationRequest:
    """Return an unsaved request. Phone numbers repeat every 10,000 requests."""
    moment = now - timedelta(minutes=60 + 10 * number)
    old = moment < now - timedelta(days=7)
    row = ConsultationRequest(
        created_at=moment,
        full_name="Robin Example",
        asking_for="myself",
        contact_by="call",
        phone=f"618 555 {number % 10_000:04}",
        consent_version="2026-11",
        status="closed" if old else ("new", "tried", "reached", "booked")[number % 4],
        closed_reason="completed" if old else "",
        assigned_to=member if number % 2 else None,
    )
    row._follow()
    return row


def milliseconds(get_response: Callable[[], object], status: int) -> float:
    """Return the median time of TIMES calls in ms, after one call that fills the caches."""
    taken = []
    for _ in range(TIMES + 1):
        started = time.perf_counter()
        answer = get_response()
        taken.append((time.perf_counter() - started) * 1000)
        assert answer.status_code == status, answer.status_code
    return round(median(taken[1:]), 1)


def main(totals: tuple[int, ...]) -> None:
    logging.disable(logging.WARNING)
    settings.ALLOWED_HOSTS.append("testserver")
    member, visitor = make_member(), Client()
    staff = sign_in(member)
    addresses = map("192.0.2.{}".format, count(1))  # a new client address for each POST, because of the rate limit
    listing = reverse("admin:consultations_consultationrequest_changelist")
    figures = {}
    for total in totals:
        fill(total, member)
        with CaptureQueriesContext(connection) as captured:
            staff.get(listing)
        newest = ConsultationRequest.objects.first()
        figures[total] = {
            "staff list, queries": len(captured),
            "staff list": milliseconds(lambda: staff.get(listing), 200),
            "staff list, found by phone": milliseconds(lambda: staff.get(listing, {"q": "618 555 0177"}), 200),
            "a request's own page": milliseconds(
                lambda key=newest.pk: staff.get(reverse("admin:consultations_consultationrequest_change", args=[key])),
                200,
            ),
            "the form": milliseconds(lambda: visitor.get("/consultation/"), 200),
            "the form sent and stored": milliseconds(
                lambda: visitor.post(
                    "/consultation/", ANSWERS | {"submission_key": uuid.uuid4()}, REMOTE_ADDR=next(addresses)
                ),
                302,
            ),
        }
    print("GROWTH " + json.dumps(figures))
