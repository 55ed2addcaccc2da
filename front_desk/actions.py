"""Staff actions on one request: add a note, plan who follows up when, change the status.

A system note records the changes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from clinic import snapshot
from consultations import notifications
from consultations.models import ConsultationRequest, Note
from consultations.statuses import CONTACTED, STATUS_RULES, Status


class EditConflict(Exception):
    """Raised if a colleague changed or erased the request first. `notes` are the system notes since, latest first."""

    def __init__(self, notes: Iterable[Note] = ()) -> None:
        super().__init__("the request was changed by someone else")
        self.notes = list(notes)


class MoveNotAllowed(Exception):
    """Raised if the request's status does not allow the move. The message is meant for staff."""


@dataclass(frozen=True)
class Work:
    """Everything that one submission of the work form changes."""

    note: str = ""
    to: Status | None = None
    reason: str = ""
    assigned_to: User | None = None
    follow_up_on: date | None = None
    changed: tuple[str, ...] = ()  # which of assigned_to and follow_up_on to change; ignore the rest


@transaction.atomic
def work_on(consultation: ConsultationRequest, author: User, seen: int, work: Work) -> ConsultationRequest:
    """Apply the changes in `work`, add a system note about them, and return the updated request.

    Optimistic locking: `seen` is the version that `author` had on screen. Raise EditConflict if the request was
    erased, or if it has a newer version and `work` contains more than a note. Raise MoveNotAllowed if the request's
    status does not allow the move. If either is raised, nothing is stored.
    """
    fresh = ConsultationRequest.objects.select_for_update().get(pk=consultation.pk)
    if fresh.erased_at:
        raise EditConflict
    if (work.to or work.changed) and fresh.version != seen:
        done = fresh.notes.filter(kind=Note.Kind.SYSTEM).select_related("author").order_by("-pk")
        raise EditConflict(done[: max(fresh.version - seen, 1)])
    changes = _plan(fresh, work) + _move(fresh, work)
    if work.note:
        Note.objects.create(consultation=fresh, author=author, text=work.note)
    if changes:
        fresh.version += 1
        fresh.save(update_fields=[*(name for names, _ in changes for name in names), "version"])
        write_down(fresh, author, " ".join(sentence for _, sentence in changes))
    return fresh


def write_down(consultation: ConsultationRequest, author: User | None, text: str) -> None:
    """Add a system note."""
    Note.objects.create(consultation=consultation, author=author, kind=Note.Kind.SYSTEM, text=text)


def _plan(fresh: ConsultationRequest, work: Work) -> list[tuple[list[str], str]]:
    """Set the assignee and the follow-up day. Return each changed field with its sentence for the history."""
    changes = []
    if "assigned_to" in work.changed:
        fresh.assigned_to = work.assigned_to
        changes.append((["assigned_to"], f"Assigned to {work.assigned_to or 'nobody'}."))
    if "follow_up_on" in work.changed:
        fresh.follow_up_on = work.follow_up_on
        when = f"{work.follow_up_on:%b} {work.follow_up_on.day}" if work.follow_up_on else ""
        changes.append((["follow_up_on"], f"Follow up on {when}." if when else "No follow-up any more."))
    return changes


def _move(fresh: ConsultationRequest, work: Work) -> list[tuple[list[str], str]]:
    """Set the status and the fields that depend on it. Return these fields with a sentence for the history."""
    if work.to is None:
        return []
    if work.to not in fresh.moves:
        raise MoveNotAllowed(
            f"This request is {fresh.get_status_display()}. Press one of the buttons below: no other move fits."
        )
    sentence = _sentence(fresh, work)
    fresh.status = work.to
    fresh.closed_reason = work.reason if work.to == Status.CLOSED else ""
    if work.to in CONTACTED and not fresh.first_contact_at:
        fresh.first_contact_at = timezone.now()
    if work.to == Status.NEW:
        # The button was "Not spam", so treat the request as if it had just arrived.
        fresh.due_at = snapshot.current().calendar.one_business_day_after(timezone.now())
        notifications.queue_new(fresh)
    return [(["status", "closed_reason", "first_contact_at", "due_at"], sentence)]


def _sentence(fresh: ConsultationRequest, work: Work) -> str:
    if fresh.status == Status.CLOSED:
        return "Opened again."
    reason = ConsultationRequest.ClosedReason(work.reason).label.lower() if work.to == Status.CLOSED else ""
    return STATUS_RULES[work.to].sentence.format(reason=reason)
