"""The manager's month: how the requests received in one month were answered, and what became of them.

All of it is counted from dates, statuses and choices, so erased requests count too. Only their topics are gone.
"""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from consultations.encryption import encrypted_fields
from consultations.models import ConsultationRequest, start_of_day
from consultations.statuses import SPAM, MainQueue, Status, statuses_in
from front_desk import labels
from front_desk.dashboard import OnTime, on_time_of, open_hours

# The rows for opening hours until the first contact attempt, each with the hours below which a request is in it.
WAITS = {"Under 1 hour": 1, "1 to 4 hours": 4, "4 to 8 hours": 8, "8 hours or more": float("inf")}
NO_ATTEMPT = "No contact attempt"
TOPIC_ERASED, TOPIC_UNANSWERED = "Erased", "Not answered"
TOPICS = "Reasons for contact"
STILL_OPEN = "Still open"
ERASED_OPEN = "Erased before it was closed"


def _words(name: str) -> list[str]:
    """Return staff's words for each choice of a field."""
    staffs, several = labels.STAFF_WORDS.get(name, {}), ConsultationRequest.SEVERAL.get(name)
    choices = several.choices if several else ConsultationRequest._meta.get_field(name).flatchoices
    return [staffs.get(value, words) for value, words in choices]


# The title of each table, with its rows in order.
TABLES = {
    "Opening hours to first contact": [*WAITS, NO_ATTEMPT],
    "Outcome so far": [STILL_OPEN, Status.SCHEDULED.label, *_words("closed_reason"), ERASED_OPEN],
    TOPICS: [*_words("topic"), TOPIC_UNANSWERED, TOPIC_ERASED],
    "Source": _words("source"),
    "For": _words("asking_for"),
}


@dataclass(frozen=True)
class Table:
    """Counts for one question, with a row for each answer."""

    title: str
    rows: dict[str, int]

    @property
    def counts_several(self) -> bool:
        """Return whether a request may be in several rows."""
        return self.title == TOPICS

    @property
    def most(self) -> int:
        return max(self.rows.values(), default=0) or 1


@dataclass(frozen=True)
class Month:
    """The figures of the requests received in one month. Spam is counted apart from all others."""

    first: date
    received: int
    spam: int
    on_time: OnTime
    median_hours: float | None  # opening hours until the first contact attempt
    tables: list[Table]


def figures(first: date) -> Month:
    """Return the figures of the month that begins on `first`."""
    within = ConsultationRequest.objects.filter(
        created_at__gte=start_of_day(first), created_at__lt=start_of_day(after(first))
    )
    counted = within.exclude(status__in=SPAM)
    unread = [field.name for field in encrypted_fields(ConsultationRequest) if field.name != "topic"]
    waits, counts = [], {title: Counter() for title in TABLES}
    for one in counted.defer(*unread).iterator(chunk_size=500):
        hours = open_hours(one.created_at, one.first_contact_at) if one.first_contact_at else None
        if hours is not None:
            waits.append(hours)
        for rows, answers in zip(counts.values(), _answers(one, hours), strict=True):
            rows.update(answers)
    return Month(
        first=first,
        received=counts["Source"].total(),
        spam=within.filter(status__in=SPAM).count(),
        on_time=on_time_of(within, timezone.now()),
        median_hours=median(waits) if waits else None,
        tables=[Table(title, _in_order(rows, TABLES[title])) for title, rows in counts.items()],
    )


def _answers(one: ConsultationRequest, hours: float | None) -> tuple[list[str], ...]:
    """Return the rows of each of TABLES that a request is in."""
    wait = NO_ATTEMPT if hours is None else next(words for words, below in WAITS.items() if hours < below)
    asking_for = labels.words_of(one, "asking_for")
    return [wait], [_outcome(one)], _topics(one), [one.get_source_display()], [asking_for]


def _topics(one: ConsultationRequest) -> list[str]:
    if one.erased_at:
        return [TOPIC_ERASED]
    return labels.each_in_words(one, "topic") or [TOPIC_UNANSWERED]


def _outcome(one: ConsultationRequest) -> str:
    if one.status != Status.CLOSED:
        return STILL_OPEN if one.status in statuses_in(MainQueue.OPEN) else one.get_status_display()
    if one.closed_reason:
        return one.get_closed_reason_display()
    return ConsultationRequest.ClosedReason.WITHDREW.label if one.withdrawn_at else ERASED_OPEN


def _in_order(rows: Counter, order: list[str]) -> dict[str, int]:
    """Return the rows that have requests in their usual order, and any others, such as unreadable ones, last."""
    return {words: rows[words] for words in [*order, *sorted(rows.keys() - set(order))] if rows[words]}


# --- The page


def after(first: date) -> date:
    """Return the first day of the next month."""
    return (first + timedelta(days=31)).replace(day=1)


def before(first: date) -> date:
    return (first - timedelta(days=1)).replace(day=1)


def chosen_month(text: str) -> date:
    """Return the first day of a month such as "2026-11", or of this month if there is no such month or it is to come."""
    this = timezone.localdate().replace(day=1)
    match = re.fullmatch(r"(20\d\d)-(0[1-9]|1[0-2])", text, re.ASCII)
    return min(date(int(match[1]), int(match[2]), 1), this) if match else this


@permission_required("consultations.export_consultationrequest", raise_exception=True)
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    first = chosen_month(request.GET.get("month", ""))
    earlier = ConsultationRequest.objects.filter(created_at__lt=start_of_day(first)).exists()
    context = {
        "month": figures(first),
        "before": before(first) if earlier else None,
        "after": after(first) if after(first) <= timezone.localdate() else None,
    }
    return admin.site.page(request, "admin/consultations/month.html", f"Month: {first:%B %Y}", **context)
