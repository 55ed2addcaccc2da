"""The front desk's queues: which requests each contains, and in which order they are listed."""

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.utils import timezone

from consultations.models import ConsultationRequest, Notification, open_too_long, overdue
from consultations.statuses import MainQueue, Status

# In tab order. Every request is in exactly one main queue; the other queues overlap with the main queues.
QUEUES = {
    "open": MainQueue.OPEN.label,
    "urgent": "Urgent",
    "overdue": "Overdue",
    "follow-up": "Follow up today",
    "changed": "Changed by patient",
    "mine": "Mine",
    "unassigned": "Unassigned",
    "referrals": "Referrals",
    "scheduled": MainQueue.SCHEDULED.label,
    "suspected": MainQueue.SUSPECTED.label,
    "mail": "Email failed",
    "old": "Over 90 days",
    "ended": MainQueue.ENDED.label,
    "all": "All",
}
# A queue is counted and listed up to this size. Counting more would make the desk slower as requests accumulate.
MOST_LISTED = 1000

OPEN = Q(main_queue=MainQueue.OPEN)
UNASSIGNED = Q(assigned_to=None) | Q(assigned_to__is_active=False)
# Statuses with a follow-up day or an appointment.
FOLLOWED_UP = (Status.CONTACTING, Status.IN_TOUCH, Status.SCHEDULED)


def queue(name: str, user: User) -> Q:
    """Return the filter for the requests in a queue. `name` is a key of QUEUES."""
    if name in MainQueue.values:
        return Q(main_queue=name)
    return {
        "urgent": OPEN & Q(priority=ConsultationRequest.Priority.URGENT),
        "overdue": overdue(),
        "follow-up": Q(status__in=FOLLOWED_UP, next_action_at__lte=timezone.now()),
        "changed": ~Q(main_queue=MainQueue.ENDED)
        & (Q(patient_changed_at__isnull=False) | Q(asked_again_at__isnull=False)),
        "mine": OPEN & Q(assigned_to=user),
        "unassigned": OPEN & UNASSIGNED,
        "referrals": OPEN & Q(asking_for=ConsultationRequest.AskingFor.PATIENT),
        "mail": Q(pk__in=Notification.objects.failed().exclude(consultation=None).values("consultation")),
        "old": open_too_long(),
        "all": Q(),
    }[name]


# The queues of work are listed by their next action, the others by date.
BY_NEXT_ACTION = ("priority", "next_action_at", "pk")
ORDERS = {"ended": ("-closed_at", "-pk"), "mail": ("-created_at", "-pk"), "all": ("-created_at", "-pk")}


def order_of(name: str) -> tuple[str, ...]:
    """Return the order in which a queue is listed, for order_by()."""
    return ORDERS.get(name, BY_NEXT_ACTION)


def in_queue(name: str, user: User) -> QuerySet:
    """Return a queue's requests in the order in which the desk lists them."""
    return ConsultationRequest.objects.filter(queue(name, user)).order_by(*order_of(name))


def position(name: str, consultation: ConsultationRequest) -> tuple:
    """Return the values that a queue sorts the request by."""
    return tuple(getattr(consultation, field.lstrip("-")) for field in order_of(name))


def neighbor(name: str, user: User, place: tuple, *, before: bool = False) -> ConsultationRequest | None:
    """Return the request listed just after (or before) a position in a queue.

    One query per sort field, from the last to the first, because an index can answer each of them at once.
    """
    order = order_of(name)
    rows = in_queue(name, user)
    for index in range(len(order) - 1, -1, -1):
        field = order[index]
        side = "lt" if field.startswith("-") != before else "gt"
        equal = {order[i].lstrip("-"): place[i] for i in range(index)}
        found = rows.filter(**equal, **{f"{field.lstrip('-')}__{side}": place[index]})
        if nearest := (found.reverse() if before else found).first():
            return nearest
    return None


def next_in_queue(name: str, user: User, place: tuple) -> ConsultationRequest | None:
    """Return the request to work on after the one that was at `place`, or the queue's first at the end of it.

    `place` is where the request was before staff acted on it, since acting moves it or takes it out of the queue.
    """
    return neighbor(name, user, place) or in_queue(name, user).exclude(pk=place[-1]).first()


def queue_sizes(user: User) -> dict[str, int]:
    """Count the requests in every queue, each up to MOST_LISTED, with one short query for each queue."""
    rows = ConsultationRequest.objects.order_by()
    return {name: rows.filter(queue(name, user))[:MOST_LISTED].count() for name in QUEUES}


def same_contact(consultation: ConsultationRequest) -> QuerySet:
    """Return other requests with the same phone number or email address."""
    same = Q(pk__in=[])
    for name in ("phone_hash", "email_hash"):
        if value := getattr(consultation, name):
            same |= Q(**{name: value})
    return ConsultationRequest.objects.filter(same).exclude(pk=consultation.pk)
