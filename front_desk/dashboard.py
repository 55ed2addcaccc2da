"""The figures on the Today page: queue sizes, recent weeks, the worker's heartbeat and failed emails."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import median
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils import timezone

from consultations.models import ConsultationRequest, Heartbeat, Notification
from consultations.statuses import SPAM
from front_desk.queues import in_queue, queue_sizes

WEEKS_SHOWN = 8


@dataclass
class Week:
    """One week's requests. `hours` has the hours until the first contact attempt, for requests that had one."""

    begins: date
    count: int = 0
    hours: list[float] = field(default_factory=list)

    @property
    def median_hours(self) -> float | None:
        return median(self.hours) if self.hours else None


def recent_weeks(today: date | None = None) -> list[Week]:
    """Return this week and the seven before, oldest first. Spam and suspected spam are not counted."""
    today = today or timezone.localdate()
    monday = today - timedelta(days=today.weekday())
    weeks = [Week(monday - timedelta(weeks=back)) for back in range(WEEKS_SHOWN - 1, -1, -1)]
    rows = (
        ConsultationRequest.objects.exclude(status__in=SPAM)
        .filter(created_at__date__gte=weeks[0].begins)
        .values_list("created_at", "first_contact_at")
    )
    for created_at, first_contact_at in rows:
        week = weeks[(timezone.localdate(created_at) - weeks[0].begins).days // 7]
        week.count += 1
        if first_contact_at:
            week.hours.append((first_contact_at - created_at).total_seconds() / 3600)
    return weeks


def failed_mails() -> QuerySet:
    return Notification.objects.failed().select_related("consultation").order_by("-failed_at")


def at_a_glance(user: User) -> dict[str, Any]:
    """Return the data that the Today page shows."""
    weeks = recent_weeks()
    seen = Heartbeat.last_seen()
    oldest = in_queue("open", user).first()
    return {
        "sizes": queue_sizes(user),
        "oldest": oldest,
        "weeks": weeks,
        "busiest_week": max(week.count for week in weeks) or 1,
        "worker_seen": seen,
        "worker_is_late": Heartbeat.is_late(seen),
        "failed_mails": failed_mails()[:10],
    }
