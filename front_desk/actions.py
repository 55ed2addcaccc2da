"""Staff actions on one request: record a contact attempt, plan the next action, change the status, undo.

Each action adds a system note to the history, and a Step with the replaced values, so that the last one can be undone.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format

from clinic import snapshot
from consultations import notifications
from consultations.encryption import Unreadable
from consultations.models import ConsultationRequest, ContactAttempt, Note, Step
from consultations.statuses import ENDED, MainQueue, Outcome, Status, status_after

# The fields that an action may change. A Step stores the previous values of those that it changed.
CHANGED_BY_STEPS = (
    "status",
    "closed_reason",
    "closed_words",
    "closed_at",
    "first_contact_at",
    "due_at",
    "follow_up_on",
    "scheduled_at",
    "assigned_to_id",
    "urgent",
    "clinician_told_at",
    "patient_changed_at",
    "asked_again_at",
)
REPEATED_WITHIN = timedelta(hours=1)


class EditConflict(Exception):
    """Raised if the request was erased, or changed by someone else or in another tab, since its page was shown."""


class MoveNotAllowed(Exception):
    """Raised if the request's status does not allow the action. The message is meant for staff."""


@dataclass(frozen=True)
class Work:
    """Everything that one submission of the work form changes."""

    note: str = ""
    attempt: Outcome | None = None
    to: Status | None = None
    reason: str = ""  # a ClosedReason, if `to` is CLOSED
    reason_words: str = ""
    scheduled_at: datetime | None = None  # if `to` is SCHEDULED
    assigned_to: User | None = None
    follow_up_on: date | None = None
    changed: tuple[str, ...] = ()  # which of assigned_to and follow_up_on to change; ignore the rest
    clinician_told: bool = False
    not_urgent: bool = False  # a false alarm

    @property
    def changes_the_request(self) -> bool:
        return bool(self.attempt or self.to or self.changed or self.clinician_told or self.not_urgent)

    @property
    def only_assigns(self) -> bool:
        acts = self.note or self.attempt or self.to or self.clinician_told or self.not_urgent
        return self.changed == ("assigned_to",) and not acts


@transaction.atomic
def work_on(consultation: ConsultationRequest, author: User, seen: int, work: Work) -> ConsultationRequest:
    """Apply the changes in `work`, record them, and return the updated request.

    Optimistic locking: `seen` is the version that `author` had on screen. Raise EditConflict if the request was
    erased, or if it has a newer version and `work` contains more than a note. Raise MoveNotAllowed if the request's
    status does not allow the change. If either is raised, nothing is stored.
    """
    fresh = locked(consultation, seen if work.changes_the_request else None)
    before = _values(fresh)
    sentences, attempt = [], None
    if work.clinician_told:
        fresh.clinician_told_at = timezone.now()
        sentences.append("Told a clinician.")
    if work.not_urgent:
        fresh.urgent = False
        sentences.append("Marked as not urgent.")
    if work.attempt:
        attempt = _attempt(fresh, author, work.attempt)
        sentences.append(f"{work.attempt.label}.")
    sentences += _plan(fresh, author, work)
    if work.to:
        sentences.append(_move(fresh, work))
    if work.note:
        _refuse_repeated(fresh, author, work.note)
        Note.objects.create(consultation=fresh, author=author, text=work.note)
    # Otherwise `author` has not seen the patient's change, or leaves it to someone else.
    if fresh.version == seen and not work.only_assigns:
        fresh.patient_changed_at = fresh.asked_again_at = None
    if sentences:
        _store(fresh, author, " ".join(sentences), before, attempt)
    else:
        fresh.save(update_fields=["patient_changed_at", "asked_again_at"])
    return fresh


def _refuse_repeated(fresh: ConsultationRequest, author: User, text: str) -> None:
    """Raise MoveNotAllowed for the author's last note again, if the request has not changed since.

    The browser's Back button offers a form that was already saved. A note alone doesn't change the version.
    """
    last = fresh.notes.filter(kind=Note.Kind.STAFF).last()
    if last is None or (last.author, last.text) != (author, text):
        return
    changed = fresh.steps.filter(at__gt=last.written_at).exists()
    changed = changed or fresh.corrections.filter(corrected_at__gt=last.written_at).exists()
    if not changed and last.written_at > timezone.now() - REPEATED_WITHIN:
        raise MoveNotAllowed("This note was already saved. Clear it, or write another.")


@transaction.atomic
def claim(consultation: ConsultationRequest, author: User) -> ConsultationRequest:
    """Assign the request to `author`, unless it has an active assignee."""
    fresh = ConsultationRequest.objects.select_for_update().get(pk=consultation.pk)
    if fresh.erased_at or not _is_unassigned(fresh):
        return fresh
    before = _values(fresh)
    fresh.assigned_to = author
    _store(fresh, author, f"Assigned to {author}.", before)
    return fresh


@transaction.atomic
def reopen(consultation: ConsultationRequest, author: User, seen: int) -> ConsultationRequest:
    """Return a closed request to the status it had before it was closed."""
    fresh = locked(consultation, seen)
    if fresh.status != Status.CLOSED:
        raise MoveNotAllowed(f"This request is {fresh.get_status_display()}, so there is nothing to reopen.")
    before = _values(fresh)
    fresh.status = _status_before_closing(fresh)
    fresh.closed_reason, fresh.closed_words = "", ""
    _plan_follow_up(fresh)
    _store(fresh, author, f"Reopened as {fresh.get_status_display()}.", before)
    return fresh


@transaction.atomic
def undo(consultation: ConsultationRequest, author: User, seen: int) -> ConsultationRequest:
    """Undo the last step: restore the values that it replaced, and discount its contact attempt."""
    fresh = locked(consultation, seen)
    step = undoable_step(fresh)
    if step is None:
        raise MoveNotAllowed("There is nothing to undo.")
    for name, value in json.loads(step.before).items():
        setattr(fresh, name, ConsultationRequest._meta.get_field(name).to_python(value))
    step.undone_at = timezone.now()
    step.save(update_fields=["undone_at"])
    if step.attempt:
        ContactAttempt.objects.filter(pk=step.attempt_id).update(undone_at=step.undone_at)
    fresh.version += 1
    fresh.save(update_fields=[*_columns(CHANGED_BY_STEPS), "version"])
    write_down(fresh, author, f"Undone: {_sentence_of(step)}")
    return fresh


def _sentence_of(step: Step) -> str:
    """Return what the history says that a step did, such as "Told a clinician."."""
    notes = step.consultation.notes.filter(kind=Note.Kind.SYSTEM, written_at__gte=step.at)
    text = next((note.text for note in notes), None)
    return text if isinstance(text, str) else "the last step."


@transaction.atomic
def hand_over(account: User, to: User | None, author: User) -> list[str]:
    """Assign the open requests of an account to someone else, or to nobody. Return their references."""
    rows = ConsultationRequest.objects.select_for_update().filter(open_requests_of(account)).order_by("pk")
    handed_over = []
    for fresh in rows:
        before = _values(fresh)
        fresh.assigned_to = to
        _store(fresh, author, f"Handed over from {account} to {to or 'nobody'}.", before)
        handed_over.append(fresh.reference)
    return handed_over


def open_requests_of(account: User) -> Q:
    """Match the requests assigned to an account that have not ended."""
    return ~Q(main_queue=MainQueue.ENDED) & Q(assigned_to=account, erased_at=None)


def undoable_step(consultation: ConsultationRequest) -> Step | None:
    """Return the last step if nothing has happened since, and its previous values can be read."""
    step = consultation.steps.filter(version=consultation.version, undone_at=None).last()
    return None if step is None or step.before is None or isinstance(step.before, Unreadable) else step


def undo_ends(consultation: ConsultationRequest) -> bool:
    """Return whether undoing the last step would close the request, or make it spam."""
    step = undoable_step(consultation)
    return step is not None and json.loads(step.before).get("status") in ENDED


def last_act(consultation: ConsultationRequest) -> Step | None:
    """Return the last step that did more than assign the request."""
    steps = consultation.steps.filter(undone_at=None).order_by("-version")
    return next((step for step in steps if step.attempt_id or _changed_by(step) != {"assigned_to_id"}), None)


def _changed_by(step: Step) -> set[str]:
    """Return the fields that a step changed. Steps stored by earlier releases name every field."""
    return set() if step.before is None or isinstance(step.before, Unreadable) else set(json.loads(step.before))


def write_down(consultation: ConsultationRequest, author: User | None, text: str) -> None:
    """Add a system note."""
    Note.objects.create(consultation=consultation, author=author, kind=Note.Kind.SYSTEM, text=text)


def locked(consultation: ConsultationRequest, seen: int | None) -> ConsultationRequest:
    """Lock and return the request. Raise EditConflict if it was erased or, given `seen`, has a newer version."""
    fresh = ConsultationRequest.objects.select_for_update().get(pk=consultation.pk)
    if fresh.erased_at:
        raise EditConflict
    if seen is not None and fresh.version != seen:
        raise EditConflict
    return fresh


def _values(consultation: ConsultationRequest) -> dict[str, object]:
    values = {name: getattr(consultation, name) for name in CHANGED_BY_STEPS}
    return {name: value for name, value in values.items() if not isinstance(value, Unreadable)}


def _columns(names: Iterable[str]) -> list[str]:
    return [name.removesuffix("_id") for name in names]


def _store(
    fresh: ConsultationRequest,
    author: User,
    sentence: str,
    before: dict[str, object],
    attempt: ContactAttempt | None = None,
) -> None:
    """Save the changed request with a Step and a system note about the change."""
    fresh.version += 1
    fresh.save(update_fields=[*_columns(before), "version"])
    replaced = {name: value for name, value in before.items() if value != getattr(fresh, name)}
    Step.objects.create(
        consultation=fresh,
        author=author,
        version=fresh.version,
        attempt=attempt,
        before=json.dumps(replaced, default=str),
    )
    write_down(fresh, author, sentence)


def _attempt(fresh: ConsultationRequest, author: User, outcome: Outcome) -> ContactAttempt:
    """Add a contact attempt and set the status that follows from it."""
    if fresh.withdrawn_at:
        raise MoveNotAllowed("The patient withdrew this request. Do not contact them; close it instead.")
    if not Status(fresh.status).rule.tries:
        raise MoveNotAllowed(f"This request is {fresh.get_status_display()}. Reopen it before you log an attempt.")
    now = timezone.now()
    fresh.first_contact_at = fresh.first_contact_at or now
    fresh.status = status_after(outcome, Status(fresh.status))
    return ContactAttempt.objects.create(consultation=fresh, author=author, at=now, outcome=outcome)


def _is_unassigned(fresh: ConsultationRequest) -> bool:
    return fresh.assigned_to is None or not fresh.assigned_to.is_active


def _plan(fresh: ConsultationRequest, author: User, work: Work) -> list[str]:
    """Set the assignee and the follow-up day. Return a sentence for the history for each change."""
    sentences = []
    if "assigned_to" in work.changed:
        fresh.assigned_to = work.assigned_to
        sentences.append(f"Assigned to {work.assigned_to}." if work.assigned_to else "Unassigned.")
    elif (work.attempt or work.to == Status.SCHEDULED) and _is_unassigned(fresh):
        fresh.assigned_to = author
        sentences.append(f"Assigned to {author}.")
    if "follow_up_on" in work.changed:
        fresh.follow_up_on = work.follow_up_on
    elif work.attempt:
        fresh.follow_up_on = None  # the planned follow-up is done, so propose the next one
    planned = not work.to and _plan_follow_up(fresh)  # a visit or a closed request needs no follow-up
    if planned or ("follow_up_on" in work.changed and fresh.follow_up_on):
        sentences.append(f"Follow up on {date_format(fresh.follow_up_on, 'D, M j')}.")
    return sentences


def _plan_follow_up(fresh: ConsultationRequest) -> bool:
    """Give a request that staff are contacting a follow-up on the next open day, if it has none.

    In a crisis the day is today until a clinician was told, even if the clinic is closed.
    """
    if fresh.status not in (Status.CONTACTING, Status.IN_TOUCH) or fresh.follow_up_on:
        return False
    waits = fresh.urgent and not fresh.clinician_told_at
    fresh.follow_up_on = timezone.localdate() if waits else next_open_day()
    return True


def next_open_day(after: date | None = None) -> date:
    """Return the first day after `after`, by default today, on which the clinic is open."""
    return snapshot.current().calendar.first_open_day((after or timezone.localdate()) + timedelta(days=1))


def _move(fresh: ConsultationRequest, work: Work) -> str:
    """Set the status and the fields that depend on it. Return a sentence for the history."""
    if work.to not in fresh.moves:
        raise MoveNotAllowed(
            f"This request is {fresh.get_status_display()}, so that can't be done. Use one of the buttons below."
        )
    fresh.status = work.to
    fresh.closed_reason = work.reason if work.to == Status.CLOSED else ""
    fresh.closed_words = work.reason_words if work.to == Status.CLOSED else ""
    detail = _DETAILS.get(work.to, lambda *_: "")(fresh, work)
    return work.to.rule.said(detail)


def _schedule(fresh: ConsultationRequest, work: Work) -> str:
    fresh.scheduled_at = work.scheduled_at
    fresh.first_contact_at = fresh.first_contact_at or timezone.now()
    return date_format(timezone.localtime(work.scheduled_at), "D, M j, g:i a")


def _close(fresh: ConsultationRequest, work: Work) -> str:
    label = ConsultationRequest.ClosedReason(work.reason).label.lower()
    return f"{label}: {work.reason_words}" if work.reason_words else label


def _accept(fresh: ConsultationRequest, work: Work) -> str:
    """Treat a request that is no spam as if it had just arrived."""
    fresh.due_at = snapshot.current().calendar.one_business_day_after(timezone.now())
    notifications.queue_new(fresh)
    return ""


_DETAILS: dict[Status, Callable[[ConsultationRequest, Work], str]] = {
    Status.SCHEDULED: _schedule,
    Status.CLOSED: _close,
    Status.NEW: _accept,
}


def _status_before_closing(fresh: ConsultationRequest) -> Status:
    """Return the status that the last step replaced with Closed, or a guess for requests closed without a step."""
    for step in fresh.steps.filter(undone_at=None).order_by("-version"):
        if step.before and not isinstance(step.before, Unreadable):
            status = json.loads(step.before).get("status")
            if status and status not in ENDED:
                return Status(status)
    return Status.CONTACTING if fresh.first_contact_at else Status.NEW
