"""How long the front desk's list takes at 100 and at 10,000 requests: `python -m tests.bench.desk_list`."""

import os
import sys
import time
from datetime import timedelta
from statistics import median

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

import django

django.setup()

from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext, get_runner, setup_test_environment, teardown_test_environment
from django.utils import timezone

from consultations.models import ConsultationRequest, Notification
from tests.staff_members import make_member, sign_in

LIST = "/staff/consultations/consultationrequest/"
SIZES = (100, 10_000)
ROUNDS = 9


def fill(up_to: int, member: User) -> None:
    """Made-up open requests, each with its mail, until there are so many."""
    now = timezone.now()
    made = ConsultationRequest.objects.bulk_create(
        ConsultationRequest(
            created_at=now - timedelta(minutes=number),
            due_at=now + timedelta(minutes=number),
            status=("new", "tried", "reached", "booked", "closed")[number % 5],
            full_name="Example Person",
            asking_for="myself",
            contact_by="call",
            assigned_to=member,
            consent_version="made up",
        )
        for number in range(ConsultationRequest.objects.count(), up_to)
    )
    Notification.objects.bulk_create(
        Notification(kind="new", request=one, slot=f"new:{one.pk}", sent_at=now) for one in made
    )


def measure() -> list[tuple[int, int, float]]:
    """For each of SIZES: the size, the queries of one view of the list, and its median milliseconds."""
    member = make_member()
    desk = sign_in(member)
    rows = []
    for size in SIZES:
        fill(size, member)
        with CaptureQueriesContext(connection) as captured:
            answer = desk.get(LIST)
        assert answer.status_code == 200, answer.content.decode()
        queries = len(captured)  # before the next request clears the log
        times = []
        for _ in range(ROUNDS):
            begun = time.perf_counter()
            desk.get(LIST)
            times.append((time.perf_counter() - begun) * 1000)
        rows.append((size, queries, median(times)))
    return rows


def main() -> None:
    runner = get_runner(django.conf.settings)(verbosity=0, interactive=False)
    setup_test_environment()
    databases = runner.setup_databases()
    try:
        rows = measure()
    finally:
        runner.teardown_databases(databases)
        teardown_test_environment()
    sys.stdout.write(f"{'requests':>10} {'queries':>8} {'milliseconds':>13}\n")
    for size, queries, milliseconds in rows:
        sys.stdout.write(f"{size:>10,} {queries:>8} {milliseconds:>13.1f}\n")


if __name__ == "__main__":
    main()
