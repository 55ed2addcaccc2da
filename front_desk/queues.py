"""The front desk's queues: which requests each contains, and in which order they are listed."""

from datetime import UTC, datetime

from django.contrib.auth.models import User
from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from consultations.models import ConsultationRequest, Notification, open_too_long, overdue
from consultations.statuses import ENDED, SPAM, STATUS_RULES, MainQueue, Status, statuses_in

# In tab order. Every request is in exactly one main queue; the other queues overlap with the main queues.
QUEUES = {
    "open": MainQueue.OPEN.label,
    "overdue": "Overdue",
    "today": "Follow up today",
    "mine": "Mine",
    "unassigned": "Unassigned",
    "booked": MainQueue.BOOKED.label,
    "suspected": MainQueue.SUSPECTED.label,
    "mail": "Mail failed",
    "old": "Open too long",
    "ended": MainQueue.ENDED.label,
    "all": "All",
}
# Sort key of a request without a due time, to list it last.
NO_DUE_TIME = datetime(9999, 1, 1, tzinfo=UTC)
TO_DO = Q(status__in=statuses_in(MainQueue.OPEN))


def queue(name: str, user: User) -> Q:
    """Return the filter for the requests in a queue. `name` is a key of QUEUES."""
    if name in MainQueue.values:
        return Q(status__in=statuses_in(MainQueue(name)))
    return {
        "overdue": overdue(),
        "today": ~Q(status__in=[*ENDED, *SPAM]) & Q(follow_up_on__lte=timezone.localdate()),
        "mine": TO_DO & Q(assigned_to=user),
        "unassigned": TO_DO & Q(assigned_to=None),
        "mail": Q(pk__in=Notification.objects.failed().exclude(consultation=None).values("consultation")),
        "old": open_too_long(),
        "all": Q(),
    }[name]


def queue_sizes(user: User) -> dict[str, int]:
    """Count the requests in every queue with a single query."""
    return ConsultationRequest.objects.aggregate(
        **{name: Count("pk", filter=queue(name, user)) for name in QUEUES},
    )


def _rank(status: Status) -> int:
    """Return the sort key of a status. Statuses sort by main queue, and New sorts first within its queue."""
    return 2 * list(MainQueue).index(STATUS_RULES[status].queue) + (status != Status.NEW)


# By main queue, with New first. Then ended requests by closing time, latest first, and all others by due time.
DESK_ORDER = (
    Case(
        *[When(status=status, then=Value(_rank(status))) for status in STATUS_RULES],
        output_field=IntegerField(),
    ),
    F("closed_at").desc(nulls_first=True),
    F("due_at").asc(nulls_last=True),
    "pk",
)


def neighbors(consultation: ConsultationRequest) -> tuple[ConsultationRequest | None, ConsultationRequest | None]:
    """Return the open requests due just before and just after this one. The status does not affect this order."""
    every = ConsultationRequest.objects.filter(TO_DO).exclude(pk=consultation.pk)
    others = every.annotate(due=Coalesce("due_at", Value(NO_DUE_TIME)))
    due = consultation.due_at or NO_DUE_TIME
    at_or_before = Q(due__lt=due) | Q(due=due, pk__lt=consultation.pk)
    return (
        others.filter(at_or_before).order_by("due", "pk").last(),
        others.exclude(at_or_before).order_by("due", "pk").first(),
    )


def same_contact(consultation: ConsultationRequest) -> QuerySet:
    """Return other requests with the same phone number or email address."""
    same = Q(pk__in=[])
    for name in ("phone_hash", "email_hash"):
        if value := getattr(consultation, name):
            same |= Q(**{name: value})
    return ConsultationRequest.objects.filter(same).exclude(pk=consultation.pk)
