"""What a change of the clinic's hours does to what was promised."""

from typing import Any

from django.db.models import Q
from django.utils import timezone

from clinic.snapshot import Clinic
from consultations.models import ConsultationRequest
from consultations.statuses import Status


def follow_the_calendar(facts: dict[str, Any]) -> int:
    """Move the due time of each untouched request that falls on a time when the clinic is now closed; return how many.

    It moves to the next open time, never earlier. A request that could not be promised a day gets one once there
    is one. Call it in the transaction that saves the facts; the worker calls it again, for what arrived meanwhile.
    """
    calendar, now, moved = Clinic.from_facts(facts).calendar, timezone.now(), 0
    today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    untouched = ConsultationRequest.objects.filter(status=Status.NEW)
    still_ahead = Q(due_at__gte=today) | Q(due_at=None)
    for pk, due_at in untouched.filter(still_ahead).values_list("pk", "due_at"):
        due = calendar.due_after_a_change(due_at) if due_at else calendar.one_business_day_after(now)
        if due != due_at:
            # Only if nobody touched or moved it since we read it.
            unchanged = untouched.filter(pk=pk, due_at=due_at)
            moved += unchanged.update(due_at=due, due_moved_at=now)
    return moved
