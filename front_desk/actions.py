"""Work on one request: a note, a plan, a move to another status, and what is written down of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from consultations import notifications
from consultations.models import ConsultationRequest, Note

Status = ConsultationRequest.Status
CONTACTED = (Status.TRIED, Status.REACHED, Status.BOOKED)


class ChangedMeanwhile(Exception):
    """Somebody else acted on the request first. `notes` say who did what."""

    def __init__(self, notes: Iterable[Note]) -> None:
        super().__init__("the request was changed meanwhile")
        self.notes = list(notes)


@dataclass(frozen=True)
class Work:
    """What somebody does to a request in one go."""

    note: str = ""
    to: str | None = None
    reason: str = ""
    assigned_to: User | None = None
    follow_up_on: date | None = None
    changed: tuple[str, ...] = ()  # which of assigned_to and follow_up_on are meant; the others stay as they are


@transaction.atomic
def work_on(consultation: ConsultationRequest, author: User, seen: int, work: Work) -> ConsultationRequest:
    """Do the work and write down what was done; returns the request as it then is.

    `seen` is the version that `author` had before them. Raises ChangedMeanwhile if it is not the latest,
    and then nothing is changed; a note alone is only ever added, so it never meets that. Raises ValueError
    for a move that MOVES does not allow, and for a request that was erased.
    """
    fresh = ConsultationRequest.objects.select_for_update().get(pk=consultation.pk)
    if fresh.erased_at:
        raise ValueError("nothing is written about a request that was erased")
    if (work.to or work.changed) and fresh.version != seen:
        done = fresh.notes.filter(kind=Note.Kind.SYSTEM).select_related("author").order_by("-pk")
        raise ChangedMeanwhile(done[: max(fresh.version - seen, 1)])
    changes = _plan(fresh, work) + _move(fresh, work)
    if work.note:
        Note.objects.create(consultation=fresh, author=author, text=work.note)
    if work.to == Status.NEW:
        notifications.queue_not_spam(fresh)
    if changes:
        fresh.version += 1
        fresh.save(update_fields=[*(name for names, _ in changes for name in names), "version"])
        write_down(fresh, author, " ".join(sentence for _, sentence in changes))
    return fresh


def write_down(consultation: ConsultationRequest, author: User | None, text: str) -> None:
    """Add a system note: what was done, by whom."""
    Note.objects.create(consultation=consultation, author=author, kind=Note.Kind.SYSTEM, text=text)


def _plan(fresh: ConsultationRequest, work: Work) -> list[tuple[list[str], str]]:
    """Set who looks after it and when; returns the fields that changed, and what that means."""
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
    """Set the status; returns the fields that changed, and what that means."""
    if work.to is None:
        return []
    if work.to == Status.NEW and fresh.status == Status.NEW and fresh.suspected_spam:
        fresh.suspected_spam = False
        return [(["suspected_spam"], "Not spam.")]
    if work.to not in fresh.moves:
        raise ValueError(f"{fresh.get_status_display()} does not lead to {work.to}")
    sentence = _sentence(fresh, work)
    fresh.status = Status(work.to)
    fresh.closed_reason = work.reason if work.to == Status.CLOSED else ""
    fresh.suspected_spam = fresh.suspected_spam and work.to == Status.SPAM
    if work.to in CONTACTED and not fresh.first_contact_at:
        fresh.first_contact_at = timezone.now()
    return [(["status", "closed_reason", "suspected_spam", "first_contact_at"], sentence)]


def _sentence(fresh: ConsultationRequest, work: Work) -> str:
    if work.to == Status.CLOSED:
        return f"Closed: {ConsultationRequest.ClosedReason(work.reason).label.lower()}."
    if work.to == Status.NEW:
        return "Not spam."
    if fresh.status == Status.CLOSED:
        return "Opened again."
    return {Status.TRIED: "Tried, no answer.", Status.REACHED: "Reached.", Status.BOOKED: "Booked."}.get(
        Status(work.to), "Marked as spam."
    )
