"""Measure how the desk and the form slow down as the number of stored requests grows.

growth.py runs main() in the shell of a separate site. main() prints GROWTH and the results as JSON on one line.
"""

import json
import logging
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from statistics import median

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from tqdm import tqdm

from consultations.forms import CONSENT_VERSION
from consultations.models import ConsultationRequest, Notification, new_reference
from consultations.statuses import Status
from front_desk import search
from front_desk.queues import QUEUES
from tests.helpers.staff_members import make_member, sign_in
from tools.bench.answers import ANSWERS

TIMES = 11
ERASED = 95  # percent, of all but the newest hundred
OPEN_STATUSES = (Status.NEW, Status.CONTACTING, Status.IN_TOUCH, Status.SCHEDULED, Status.SUSPECTED)
# Nobody has this name, so a search for it compares every request that is kept.
NO_ONE = "zzyzx"


def fill(total: int, member: User, distribution: str) -> None:
    """Store made-up requests, a minute apart and each with its email, until there are `total`."""
    now, missing = timezone.now(), total - ConsultationRequest.objects.count()
    made_up = {"new": _new, "closed": _mostly_closed, "due": _due_for_erasure}[distribution]
    taken = set(ConsultationRequest.objects.values_list("reference", flat=True))
    for start in tqdm(range(0, missing, 1000), desc=f"Storing {total} requests", disable=None):
        rows = [made_up(number, member, total) for number in range(start, min(start + 1000, missing))]
        for number, row in enumerate(rows, start):
            # In one of thirty runs, two of 100,000 random references are the same. The form draws another, too.
            while row.reference in taken:
                row.reference = new_reference()
            taken.add(row.reference)
            row.created_at = now - timedelta(minutes=60 + number)
            row._update_derived_fields()
        made = ConsultationRequest.objects.bulk_create(rows)
        Notification.objects.bulk_create(
            Notification(kind="new", consultation=one, slot=f"new:{one.pk}", sent_at=now) for one in made
        )


def _new(number: int, member: User, total: int) -> ConsultationRequest:
    return _request(number, due_at=timezone.now() + timedelta(hours=number % 48 - 24))


def _mostly_closed(number: int, member: User, total: int) -> ConsultationRequest:
    """Return a request of a clinic that has worked for years: most are closed and erased, the newest have any status."""
    closed_at = timezone.now() - timedelta(minutes=number)
    if number >= max(100, total * (100 - ERASED) // 100):
        return _request(number, status=Status.CLOSED, closed_at=closed_at, erased_at=closed_at, erased=True)
    if number % 2:
        return _request(number, status=Status.CLOSED, closed_at=closed_at, closed_reason="completed")
    turn = number // 2
    return _request(
        number,
        status=OPEN_STATUSES[turn % len(OPEN_STATUSES)],
        assigned_to=member if turn % 4 else None,
        follow_up_on=timezone.localdate() + timedelta(days=turn % 14 - 3),
        scheduled_at=timezone.now() + timedelta(days=turn % 14 - 3),
        urgent=turn % 200 == 0,
    )


def _due_for_erasure(number: int, member: User, total: int) -> ConsultationRequest:
    return _request(
        number, status=Status.CLOSED, closed_at=timezone.now() - timedelta(days=3650), closed_reason="completed"
    )


def _request(number: int, *, erased: bool = False, **fields: object) -> ConsultationRequest:
    answers = {
        "full_name": f"Robin Example {number}",
        "phone": f"618 {number:07}",
        "email": f"robin{number}@example.com",
        "needs": "",
    }
    return ConsultationRequest(
        asking_for=ConsultationRequest.AskingFor.MYSELF if number % 10 else ConsultationRequest.AskingFor.PATIENT,
        contact_by="call",
        consent_version=CONSENT_VERSION,
        **({} if erased else answers),
        **fields,
    )


def clock() -> float:
    """Return the CPU time in seconds, which other load does not disturb. A database server's is not included."""
    return time.process_time() if connection.vendor == "sqlite" else time.perf_counter()


def milliseconds(calls: dict[str, Callable[[], object]], status: int = 200) -> dict[str, float]:
    """Return each call's median time in ms by `clock`. Rounds are interleaved, after one round to fill caches."""
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(TIMES + 1):
        for name, call in calls.items():
            started = clock()
            answer = call()
            taken[name].append((clock() - started) * 1000)
            assert answer.status_code == status, (name, answer.status_code)
    return {name: round(median(times[1:]), 1) for name, times in taken.items()}


def cpu_of_search(words: str) -> float:
    """Return the median CPU time in ms of comparing every kept request with `words`, without drawing the page."""
    taken = []
    for _ in range(TIMES):
        started = time.process_time()
        search.partial_matches(words)
        taken.append((time.process_time() - started) * 1000)
    return round(median(taken), 1)


def measured(staff: Client, visitor: Client, addresses: Iterator[str]) -> dict[str, float]:
    """Return the figures for the requests that are stored now."""
    listing = reverse("admin:consultations_consultationrequest_changelist")
    find = reverse("admin:consultations_consultationrequest_find")
    newest = ConsultationRequest.objects.filter(erased_at=None).first()
    page = reverse("admin:consultations_consultationrequest_change", args=[newest.pk])
    lists = {f"list: {label}": f"{listing}?queue={name}" for name, label in QUEUES.items()}
    urls = lists | {"a request's page": page, "Today": reverse("admin:index")}
    with CaptureQueriesContext(connection) as captured:
        staff.get(listing)
    figures = {"queries of the list": len(captured)}  # now, because the next request clears what was captured
    figures |= {f"rows of {name}": len(staff.get(url).context_data["cl"].rows) for name, url in lists.items()}
    calls = {name: lambda url=url: staff.get(url) for name, url in urls.items()}
    calls["search, by name"] = lambda: staff.post(find, {"find": NO_ONE})
    calls["the form"] = lambda: visitor.get("/consultation/")
    figures |= milliseconds(calls)
    figures["search by name, CPU"] = cpu_of_search(NO_ONE)
    figures["search by last digits, CPU"] = cpu_of_search("00000")
    return figures | milliseconds({"the form sent and stored": lambda: sent(visitor, next(addresses))}, status=302)


def sent(visitor: Client, address: str) -> HttpResponse:
    return visitor.post("/consultation/", ANSWERS | {"submission_key": uuid.uuid4()}, REMOTE_ADDR=address)


def fill_for_erasure(total: int) -> None:
    """Store `total` requests whose retention period has ended."""
    logging.disable(logging.WARNING)
    fill(total, make_member(), "due")


def main(totals: tuple[int, ...], distribution: str) -> None:
    logging.disable(logging.WARNING)
    settings.ALLOWED_HOSTS.append("testserver")
    member, visitor = make_member(), Client()
    staff = sign_in(member)
    addresses = map("192.0.2.{}".format, count(1))  # a new client address for each POST, because of the rate limit
    figures = {}
    for total in totals:
        fill(total, member, distribution)
        figures[total] = measured(staff, visitor, addresses)
    print("GROWTH " + json.dumps(figures))
