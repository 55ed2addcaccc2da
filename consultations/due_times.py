"""Updates due times when the clinic's hours change, and the next actions that follow from them."""

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from clinic.snapshot import Clinic
from consultations.models import ConsultationRequest
from consultations.statuses import STATUS_RULES, MainQueue, Status


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
    for pk in without.values_list("pk", flat=True):
        with transaction.atomic():
            if request := without.select_for_update().filter(pk=pk).first():
                request.save(update_fields=["next_action_at"])  # `save` derives it


def follow_the_statuses() -> None:
    """Set the queue and next action of requests whose status the previous release set, since it knows neither."""
    for status, rule in STATUS_RULES.items():
        right = {"main_queue": rule.queue, "next_action": rule.next_action or ""}
        ConsultationRequest.objects.filter(status=status).exclude(**right).update(**right)
