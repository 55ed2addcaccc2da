"""The Today page: queue sizes, recent weeks, the worker's heartbeat and failed emails, and how it refreshes."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, F, Max, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from clinic import snapshot
from consultations.models import ConsultationRequest, Heartbeat, Notification, start_of_day
from consultations.smtp import has_mail_server
from consultations.statuses import SPAM, MainQueue, NextAction
from front_desk import queues
from front_desk.queues import failed_mails, queue

WEEKS_SHOWN = 8
RECENT = timedelta(weeks=4)
REFRESH_SECONDS = 120
FAILURES_SHOWN = 10
# The queues that Today shows, the most urgent first, with their labels.
TILES = {
    "urgent": "urgent",
    "overdue": "overdue",
    "follow-up": "follow-ups due",
    "changed": "changed by patient",
    "open": "open",
    "scheduled": "coming up",
    "suspected": "held as suspected spam",
    "unassigned": "unassigned",
    "mine": "mine",
    "old": "over 90 days",
}


@dataclass(frozen=True)
class Tile:
    """The size of a queue on the Today page. The tile links to that queue, so that its list is as long as it says."""

    queue: str
    label: str
    count: int
    detail: str = ""  # how many of these need a closer look
    alarms: bool = False  # shown in red

    @property
    def shown(self) -> str:
        return queues.shown_count(self.count)


@dataclass
class Week:
    """One week's requests. `hours` has the opening hours until the first contact attempt, for those that had one."""

    begins: date
    count: int = 0
    hours: list[float] = field(default_factory=list)

    @property
    def median_hours(self) -> float | None:
        return median(self.hours) if self.hours else None


def recent_weeks(today: date | None = None) -> list[Week]:
    """Return this week and the seven before, oldest first.

    Spam and suspected spam are not counted, nor requests from after this week, which a wrong clock has dated.
    """
    today = today or timezone.localdate()
    monday = today - timedelta(days=today.weekday())
    weeks = [Week(monday - timedelta(weeks=back)) for back in range(WEEKS_SHOWN - 1, -1, -1)]
    received = {
        f"week_{number}": Q(created_at__gte=start_of_day(week.begins))
        & Q(created_at__lt=start_of_day(week.begins + timedelta(weeks=1)))
        for number, week in enumerate(weeks)
    }
    end = start_of_day(monday + timedelta(weeks=1))
    rows = ConsultationRequest.objects.exclude(status__in=SPAM).filter(
        created_at__gte=start_of_day(weeks[0].begins), created_at__lt=end
    )
    counts = rows.aggregate(**{name: Count("pk", filter=within) for name, within in received.items()})
    for week, count in zip(weeks, counts.values(), strict=True):
        week.count = count
    contacted = rows.exclude(first_contact_at=None).values_list("created_at", "first_contact_at")
    for created_at, first_contact_at in contacted:
        week = weeks[(timezone.localdate(created_at) - weeks[0].begins).days // 7]
        week.hours.append(open_hours(created_at, first_contact_at))
    return weeks


def open_hours(received: datetime, contacted: datetime) -> float:
    """Return for how many opening hours a request waited for its first contact attempt."""
    return snapshot.current().calendar.open_hours_between(received, contacted)


@dataclass(frozen=True)
class OnTime:
    """How many of the recent requests had their first contact attempt by the due time."""

    on_time: int
    late: int

    @property
    def percent(self) -> int | None:
        answered = self.on_time + self.late
        return round(100 * self.on_time / answered) if answered else None


def answered_on_time(now: datetime | None = None) -> OnTime:
    """Count the requests of the last four weeks that were answered on time."""
    now = now or timezone.now()
    return on_time_of(ConsultationRequest.objects.filter(created_at__gte=now - RECENT), now)


def on_time_of(rows: QuerySet, now: datetime) -> OnTime:
    """Count the requests among `rows` that were answered on time, and those that were not.

    Spam is not counted, nor what is untried but not yet due. A request that ended untried before its due time is not
    counted either, because the patient withdrew it.
    """
    was_due = Q(first_contact_at=None, due_at__lte=now) & (Q(closed_at=None) | Q(closed_at__gt=F("due_at")))
    return OnTime(
        **rows.exclude(status__in=SPAM)
        .filter(due_at__isnull=False)
        .aggregate(
            on_time=Count("pk", filter=Q(first_contact_at__lte=F("due_at"))),
            late=Count("pk", filter=Q(first_contact_at__gt=F("due_at")) | was_due),
        )
    )


def tiles(user: User) -> list[Tile]:
    """Return a tile for each of TILES, in that order."""
    today = start_of_day(timezone.localdate())
    visits = Q(main_queue=MainQueue.SCHEDULED, scheduled_at__gte=today, scheduled_at__lt=today + timedelta(days=1))
    parts = {
        "missed": queue("follow-up", user) & Q(next_action_at__lt=today),
        "new": queues.ANY_PRIORITY & Q(next_action=NextAction.CONTACT),
        "today": visits,
    }
    sizes = queues.capped_counts({name: queue(name, user) for name in TILES} | parts, user)
    details = {
        name: f"{queues.shown_count(sizes[part])} {part}"
        for name, part in (("follow-up", "missed"), ("open", "new"), ("scheduled", "today"))
        if sizes[part]
    }
    alarms = {"urgent": sizes["urgent"], "overdue": sizes["overdue"], "follow-up": sizes["missed"]}
    return [
        Tile(name, label, sizes[name], details.get(name, ""), alarms=alarms.get(name, 0) > 0)
        for name, label in TILES.items()
    ]


def refreshing(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Make the browser ask for Today again every REFRESH_SECONDS, unless the address says `refresh=off`.

    Such a refresh says `refresh=on`, and doesn't save the session: otherwise an open tab would keep its user signed in
    for ever. It is a header, because a page without scripts can't refresh itself otherwise, and can turn it off.
    """
    if request.GET.get("refresh") == "on":
        request.session.save = lambda must_create=False: None
    if request.GET.get("refresh") != "off":
        response.headers["Refresh"] = f"{REFRESH_SECONDS}; url={request.path}?refresh=on"
    return response


@dataclass(frozen=True)
class Failure:
    """The failed emails to one address, as one line of Today. Emails without an address are each a line."""

    mail: Notification  # the latest
    count: int


def failures() -> list[Failure]:
    """Return the latest failures, so that one wrong staff address is one line however many emails it has refused."""
    rows = failed_mails().order_by()
    alone = [
        Failure(mail, 1)
        for mail in rows.filter(recipient="").select_related("consultation").order_by("-failed_at")[:FAILURES_SHOWN]
    ]
    counts = rows.exclude(recipient="").values("recipient").annotate(count=Count("pk"), last=Max("failed_at"))
    for each in counts.order_by("-last")[:FAILURES_SHOWN]:
        latest = rows.filter(recipient=each["recipient"]).select_related("consultation").order_by("-failed_at")
        alone.append(Failure(latest[0], each["count"]))
    return sorted(alone, key=lambda failure: failure.mail.failed_at, reverse=True)[:FAILURES_SHOWN]


def at_a_glance(user: User) -> dict[str, Any]:
    """Return the data that the Today page shows."""
    weeks = recent_weeks()
    seen = Heartbeat.last_seen()
    return {
        "tiles": tiles(user),
        "open": queues.capped_count(queues.in_queue("open", user)),
        "on_time": answered_on_time(),
        "weeks": weeks,
        "busiest_week": max(week.count for week in weeks) or 1,
        "worker_seen": seen,
        "worker_is_late": Heartbeat.is_late(seen),
        "worker_is_ahead": seen is not None and Heartbeat.is_ahead(seen),
        "has_mail_server": has_mail_server(),
        "has_sent_mail": Notification.objects.filter(sent_at__isnull=False).exists(),
        "failed_mails": failures(),
    }
