"""The queues of the front desk: which requests are waiting for what, and in which order."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When
from django.utils import timezone

from consultations.models import ConsultationRequest, Notification

Status = ConsultationRequest.Status

QUEUES = {
    "open": "Open",
    "overdue": "Overdue",
    "today": "Follow up today",
    "mine": "Mine",
    "unassigned": "Unassigned",
    "booked": "Booked",
    "suspected": "Suspected spam",
    "mail": "Mail failed",
    "old": "Open too long",
    "ended": "Closed and spam",
    "all": "All",
}
# Somebody has yet to act; who is booked waits for nobody at the desk.
TO_DO = Q(status__in=[Status.NEW, Status.TRIED, Status.REACHED], suspected_spam=False)
ENDED = Q(status__in=ConsultationRequest.ENDED)


def queue(name: str, user: User) -> Q:
    """The requests of one of QUEUES, as a condition. Suspected spam waits in its own queue alone."""
    return {
        "open": TO_DO,
        "overdue": Q(status=Status.NEW, suspected_spam=False, due_at__lte=timezone.now()),
        "today": ~ENDED & Q(suspected_spam=False, follow_up_on__lte=timezone.localdate()),
        "mine": TO_DO & Q(assigned_to=user),
        "unassigned": TO_DO & Q(assigned_to=None),
        "booked": Q(status=Status.BOOKED),
        "suspected": ~ENDED & Q(suspected_spam=True),
        "mail": Q(pk__in=Notification.objects.failed().exclude(consultation=None).values("consultation")),
        "old": ~ENDED & Q(created_at__lt=timezone.now() - timedelta(days=settings.OPEN_TOO_LONG_DAYS)),
        "ended": ENDED,
        "all": Q(),
    }[name]


def queue_sizes(user: User) -> dict[str, int]:
    """How many requests stand in each queue: one query for all of them."""
    return ConsultationRequest.objects.aggregate(
        **{name: Count("pk", filter=queue(name, user)) for name in QUEUES},
    )


# Whom nobody has called yet first, whoever is due first at the top; what has ended last, the latest first.
DESK_ORDER = (
    Case(
        When(status=Status.NEW, then=Value(0)),
        When(status__in=[Status.TRIED, Status.REACHED], then=Value(1)),
        When(status=Status.BOOKED, then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    ),
    F("closed_at").desc(nulls_first=True),
    "due_at",
    "pk",
)


def neighbors(consultation: ConsultationRequest) -> tuple[ConsultationRequest | None, ConsultationRequest | None]:
    """The open requests that are due before and after this one: a walk that no change of status reorders."""
    others = ConsultationRequest.objects.filter(TO_DO).exclude(pk=consultation.pk)
    at_or_before = Q(due_at__lt=consultation.due_at) | Q(due_at=consultation.due_at, pk__lt=consultation.pk)
    return (
        others.filter(at_or_before).order_by("due_at", "pk").last(),
        others.exclude(at_or_before).order_by("due_at", "pk").first(),
    )


def same_contact(consultation: ConsultationRequest) -> QuerySet:
    """Other requests with the same phone number or e-mail address."""
    same = Q(pk__in=[])
    for name in ("phone_hash", "email_hash"):
        if value := getattr(consultation, name):
            same |= Q(**{name: value})
    return ConsultationRequest.objects.filter(same).exclude(pk=consultation.pk)
