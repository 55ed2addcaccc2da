"""Updates due times when the clinic's hours change, and the next actions that follow from them."""

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from clinic.snapshot import Clinic
from consultations.batches import in_batches
from consultations.models import ConsultationRequest
from consultations.statuses import ENDED, STATUS_RULES, MainQueue, Status


def follow_the_calendar(facts: dict[str, Any]) -> int:
    """Move due times at which the clinic is closed according to `facts`. Return how many requests changed.

    A due time moves to the next opening. A request without a due time gets one if an open day is near enough. Only new
    requests change, and only due times from today on. Call this function in the transaction that saves the facts. The
    worker calls it again, for requests that were stored during that transaction.
    """
    calendar, now, moved = Clinic.from_facts(facts).calendar, timezone.now(), 0
    today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    untouched = ConsultationRequest.objects.filter(status=Status.NEW)
    still_ahead = Q(due_at__gte=today) | Q(due_at=None)
    for pk, due_at, created_at in untouched.filter(still_ahead).values_list("pk", "due_at", "created_at"):
        due = calendar.due_after_a_change(due_at) if due_at else calendar.one_business_day_after(now)
        if due != due_at:
            # Matches only if the request is still new and its due time hasn't changed since we read it.
            unchanged = untouched.filter(pk=pk, due_at=due_at)
            moved += unchanged.update(due_at=due, due_moved_at=now, next_action_at=due or created_at)
    return moved


def fill_next_actions() -> None:
    """Set the next action of open requests that have none.

    The previous release stores such requests, because it still runs for a moment after the database was migrated.
    """
    # By queue and not by status, because an index then finds them: the worker asks once a second.
    open_queues = [queue for queue in MainQueue if queue != MainQueue.ENDED]
    without = ConsultationRequest.objects.filter(main_queue__in=open_queues, next_action_at=None)
    for keys in in_batches(without.values_list("pk", flat=True)):
        with transaction.atomic():
            for request in without.select_for_update().filter(pk__in=keys):
                request.save(update_fields=["next_action_at"])  # `save` derives it


def follow_the_rules() -> None:
    """Derive the columns by which the desk sorts again, in requests that an earlier release stored.

    A release may derive them in another way, or set a status without them. Otherwise a request would follow only when
    it is saved next, which may be never.
    """
    for status, rule in STATUS_RULES.items():
        right: dict[str, Any] = {"main_queue": rule.queue, "next_action": rule.next_action or ""}
        if rule.ended:
            right |= {"next_action_at": None, "priority": ConsultationRequest.Priority.NORMAL}
        ConsultationRequest.objects.filter(status=status).exclude(**right).update(**right)
    # Without decrypting what patients wrote.
    needed = (*ConsultationRequest.DESK_FIELDS, *ConsultationRequest.DESK_FIELDS_FOLLOW)
    rows = ConsultationRequest.objects.exclude(status__in=ENDED).only(*needed)
    for keys in in_batches([row.pk for row in rows.iterator() if _is_outdated(row)]):
        with transaction.atomic():
            for row in rows.select_for_update().filter(pk__in=keys):
                if _is_outdated(row):
                    rows.filter(pk=row.pk).update(**_desk_fields(row))


def _is_outdated(request: ConsultationRequest) -> bool:
    """Derive the request's desk fields again, and return whether one of them changed."""
    before = _desk_fields(request)
    request.update_desk_fields()
    return _desk_fields(request) != before


def _desk_fields(request: ConsultationRequest) -> dict[str, Any]:
    return {name: getattr(request, name) for name in ConsultationRequest.DESK_FIELDS}
