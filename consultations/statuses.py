"""The statuses of a request and the outcomes of contact attempts: their texts, queues and effects.

To add a status, add it to Status and STATUS_RULES, and write a migration. The rest is derived.
"""

from dataclasses import dataclass

from django.db import models


class Status(models.TextChoices):
    """The stored values of Contacting, In touch and Scheduled are older than their names.

    They stay, because a release must run beside the previous one while the web processes restart.
    """

    NEW = "new", "New"
    SUSPECTED = "suspected", "Suspected spam"
    CONTACTING = "tried", "Contacting"
    IN_TOUCH = "reached", "In touch"
    SCHEDULED = "booked", "Scheduled"
    CLOSED = "closed", "Closed"
    SPAM = "spam", "Spam"

    @property
    def rule(self) -> "StatusRule":
        return STATUS_RULES[self]


class MainQueue(models.TextChoices):
    """The main queues, in the order in which the desk lists them. Every request is in exactly one main queue."""

    OPEN = "open", "Open"
    SCHEDULED = "scheduled", "Coming up"
    SUSPECTED = "suspected", "Suspected spam"
    ENDED = "ended", "Closed and spam"


class NextAction(models.TextChoices):
    """What staff must do next with a request that has not ended."""

    CONTACT = "contact", "Contact the patient by the due time"
    FOLLOW_UP = "follow-up", "Follow up, or ask how the visit went"
    REVIEW = "review", "Decide whether it is spam"


@dataclass(frozen=True, kw_only=True)
class StatusRule:
    """How requests with one status are treated. `moves` are the statuses that staff may move such a request to."""

    queue: MainQueue
    next_action: NextAction | None  # None if nothing is left to do
    button: str  # on the button that moves a request here; empty if staff never press one
    sentence: str  # what the history shows after the move; {detail} is the closing reason or the appointment
    moves: tuple[Status, ...]
    tries: bool = False  # contact attempts can be recorded
    contacted: bool = False  # staff have tried or reached the patient
    ended: bool = False  # the retention period has started
    spam: bool = False  # probably not from a person: excluded from the weekly figures, erased when withdrawn

    def said(self, detail: str = "") -> str:
        """Return what the history shows after the move. A detail such as "10 a.m." loses its period to the sentence."""
        return self.sentence.format(detail=detail.removesuffix("."))


STATUS_RULES = {
    Status.NEW: StatusRule(
        queue=MainQueue.OPEN,
        next_action=NextAction.CONTACT,
        button="Not spam",
        sentence="Not spam.",
        moves=(Status.SCHEDULED, Status.CLOSED, Status.SPAM),
        tries=True,
    ),
    Status.SUSPECTED: StatusRule(
        queue=MainQueue.SUSPECTED,
        next_action=NextAction.REVIEW,
        button="",  # set by the spam check of new requests, never by staff
        sentence="",
        moves=(Status.NEW, Status.SCHEDULED, Status.CLOSED, Status.SPAM),
        tries=True,
        spam=True,
    ),
    Status.CONTACTING: StatusRule(
        queue=MainQueue.OPEN,
        next_action=NextAction.FOLLOW_UP,
        button="",  # set by the first contact attempt
        sentence="",
        moves=(Status.SCHEDULED, Status.CLOSED, Status.SPAM),
        tries=True,
        contacted=True,
    ),
    Status.IN_TOUCH: StatusRule(
        queue=MainQueue.OPEN,
        next_action=NextAction.FOLLOW_UP,
        button="",  # set by a contact attempt whose outcome is "Spoke"
        sentence="",
        moves=(Status.SCHEDULED, Status.CLOSED),
        tries=True,
        contacted=True,
    ),
    Status.SCHEDULED: StatusRule(
        queue=MainQueue.SCHEDULED,
        next_action=NextAction.FOLLOW_UP,
        button="Schedule",
        sentence="Scheduled for {detail}.",
        moves=(Status.SCHEDULED, Status.CLOSED),
        tries=True,
        contacted=True,
    ),
    Status.CLOSED: StatusRule(
        queue=MainQueue.ENDED,
        next_action=None,
        button="Close",
        sentence="Closed: {detail}.",
        moves=(),
        ended=True,
    ),
    Status.SPAM: StatusRule(
        queue=MainQueue.ENDED,
        next_action=None,
        button="Spam",
        sentence="Marked as spam.",
        moves=(Status.NEW,),
        ended=True,
        spam=True,
    ),
}

CONTACTED = tuple(status for status, rule in STATUS_RULES.items() if rule.contacted)
ENDED = tuple(status for status, rule in STATUS_RULES.items() if rule.ended)
SPAM = tuple(status for status, rule in STATUS_RULES.items() if rule.spam)


def statuses_in(queue: MainQueue) -> list[Status]:
    return [status for status, rule in STATUS_RULES.items() if rule.queue == queue]


class Outcome(models.TextChoices):
    """The result of one contact attempt."""

    NO_ANSWER = "no-answer", "No answer"
    VOICEMAIL = "voicemail", "Left voicemail"
    TEXT = "text", "Sent text"
    EMAIL = "email", "Sent email"
    SPOKE = "spoke", "Spoke"
    WRONG_NUMBER = "wrong-number", "Wrong number"

    @property
    def spoke(self) -> bool:
        return self is Outcome.SPOKE


def status_after(outcome: Outcome, status: Status) -> Status:
    """Return the status of a request after a contact attempt. A conversation counts from any status but Scheduled."""
    if status == Status.SCHEDULED:
        return status
    if outcome.spoke:
        return Status.IN_TOUCH
    return status if status == Status.IN_TOUCH else Status.CONTACTING
