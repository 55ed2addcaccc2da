"""The front desk's queues: which requests each contains, and in which order they are listed."""

from collections.abc import Callable

from django.contrib.auth.models import User
from django.db.models import Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from consultations.models import ConsultationRequest, Notification, open_too_long, overdue
from consultations.statuses import MainQueue, NextAction

Priority = ConsultationRequest.Priority

# In tab order. Every request is in exactly one main queue; the other queues overlap with the main queues.
QUEUES = {
    "open": MainQueue.OPEN.label,
    "urgent": "Urgent",
    "overdue": "Overdue",
    "follow-up": "Follow-ups due",
    "changed": "Changed by patient",
    "mine": "Mine",
    "mine-ended": "Mine, closed",
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
NOT_ENDED = Q(main_queue__in=[name for name in MainQueue if name != MainQueue.ENDED])
# Matches every request, but lets the database use an index that sorts by priority.
ANY_PRIORITY = Q(priority__in=ConsultationRequest.Priority.values)


def queue(name: str, user: User) -> Q:
    """Return the filter for the requests in a queue. `name` is a key of QUEUES."""
    if name in MainQueue.values:
        return Q(main_queue=name)
    return FILTERS[name](user)


def _acts_by_now(action: NextAction) -> Q:
    return ANY_PRIORITY & Q(next_action=action, next_action_at__lte=timezone.now())


def _unassigned(_: User) -> Q:
    """Match open requests whose assignee can't work on them, because there is none or the account is off."""
    assignees = ConsultationRequest.objects.filter(OPEN, assigned_to=OuterRef("pk"))
    off = list(User.objects.filter(Exists(assignees), is_active=False).values_list("pk", flat=True))
    nobody = Q(assigned_to=None)
    return OPEN & (nobody | Q(assigned_to__in=off) if off else nobody)


def failed_mails() -> QuerySet:
    """Return the failed emails that are a fault of the site. A failed receipt is shown on its request alone."""
    return Notification.objects.alarming()


FILTERS: dict[str, Callable[[User], Q]] = {
    "urgent": lambda _: NOT_ENDED & Q(priority=Priority.URGENT),
    "overdue": lambda _: _acts_by_now(NextAction.CONTACT) & overdue(),
    "follow-up": lambda _: _acts_by_now(NextAction.FOLLOW_UP),
    "changed": lambda _: (
        NOT_ENDED
        & Q(priority__in=[Priority.URGENT, Priority.PATIENT_ACTED])
        & (Q(patient_changed_at__isnull=False) | Q(asked_again_at__isnull=False))
    ),
    "mine": lambda user: OPEN & Q(assigned_to=user),
    "mine-ended": lambda user: Q(main_queue=MainQueue.ENDED, assigned_to=user),
    "unassigned": _unassigned,
    "referrals": lambda _: OPEN & Q(asking_for=ConsultationRequest.AskingFor.PATIENT),
    "mail": lambda _: Q(pk__in=failed_mails().exclude(consultation=None).values("consultation")),
    "old": lambda _: ANY_PRIORITY & open_too_long(),
    "all": lambda _: Q(),
}


# The queues of work are listed by their next action, the others by date.
BY_NEXT_ACTION = ("priority", "next_action_at", "pk")
NEWEST_FIRST = ("-created_at", "-pk")
ORDERS = {
    "scheduled": ("priority", "next_action_at", "scheduled_at", "pk"),
    "old": ("priority", "created_at", "pk"),
    "ended": ("-closed_at", "-pk"),
    "mine-ended": ("-closed_at", "-pk"),
    "mail": NEWEST_FIRST,
    "all": NEWEST_FIRST,
}


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
        if place[index] is None:
            continue  # nothing sorts before or after NULL
        field = order[index]
        side = "lt" if field.startswith("-") != before else "gt"
        equal = {order[i].lstrip("-"): place[i] for i in range(index)}
        found = rows.filter(**equal, **{f"{field.lstrip('-')}__{side}": place[index]})
        if nearest := (found.reverse() if before else found).first():
            return nearest
    return None


def queue_sizes(user: User) -> dict[str, int]:
    """Count the requests in every queue. MOST_LISTED + 1 means that there are more."""
    return capped_counts({name: queue(name, user) for name in QUEUES}, user)


class CappedCount(Subquery):
    """The number of rows of a sliced query, as a value in another query."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()


def capped_counts(filters: dict[str, Q], user: User) -> dict[str, int]:
    """Count the requests that each filter matches, up to MOST_LISTED + 1, in one query."""
    rows = ConsultationRequest.objects.order_by().values("pk")
    counts = {name: CappedCount(rows.filter(each)[: MOST_LISTED + 1]) for name, each in filters.items()}
    return User.objects.filter(pk=user.pk).values(**counts).get()  # any query with one row


def capped_count(rows: QuerySet) -> int:
    """Count up to MOST_LISTED + 1 rows."""
    return rows.order_by()[: MOST_LISTED + 1].count()


def shown_count(count: int) -> str:
    """Return a capped count for the page, such as "12" or "1,000+"."""
    return f"{MOST_LISTED:,}+" if count > MOST_LISTED else str(count)


def is_free(consultation: ConsultationRequest) -> bool:
    """Return whether no colleague who is active works on the request."""
    return consultation.assigned_to is None or not consultation.assigned_to.is_active


def first_to_start(user: User) -> ConsultationRequest | None:
    """Return the first open request that no colleague has claimed, or the first of all if each is claimed."""
    free = [in_queue(name, user).first() for name in ("unassigned", "mine")]
    return _first_of(free) or in_queue("open", user).first()


def next_to_start(user: User, place: tuple) -> ConsultationRequest | None:
    """Return the request listed next after a position in Open that no colleague has claimed."""
    return _first_of([neighbor(name, user, place) for name in ("unassigned", "mine")])


def _first_of(found: list[ConsultationRequest | None]) -> ConsultationRequest | None:
    """Return the request that Open lists first."""
    return min(filter(None, found), key=lambda each: position("open", each), default=None)


def same_contact(consultation: ConsultationRequest) -> QuerySet:
    """Return other requests with the same phone number or email address."""
    same = Q(pk__in=[])
    for name in ("phone_hash", "email_hash"):
        if value := getattr(consultation, name):
            same |= Q(**{name: value})
    return ConsultationRequest.objects.filter(same).exclude(pk=consultation.pk)
