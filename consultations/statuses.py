"""The statuses of a request: for each status, its texts, its queue, and which statuses may follow it.

To add a status, add it to Status and STATUS_RULES, and write a migration. The rest is derived.
"""

from dataclasses import dataclass

from django.db import models


class Status(models.TextChoices):
    NEW = "new", "New"
    SUSPECTED = "suspected", "Suspected spam"
    TRIED = "tried", "Tried"
    REACHED = "reached", "Reached"
    BOOKED = "booked", "Booked"
    CLOSED = "closed", "Closed"
    SPAM = "spam", "Spam"

    @property
    def rule(self) -> "StatusRule":
        return STATUS_RULES[self]


class MainQueue(models.TextChoices):
    """The main queues, in the order in which the desk lists them. Every request is in exactly one main queue."""

    OPEN = "open", "Open"
    BOOKED = "booked", "Booked"
    SUSPECTED = "suspected", "Suspected spam"
    ENDED = "ended", "Closed and spam"


@dataclass(frozen=True, kw_only=True)
class StatusRule:
    """How requests with one status are treated. `moves` are the statuses that staff may move such a request to."""

    queue: MainQueue
    button: str  # on the button that moves a request here
    sentence: str  # what the history shows after the move; {reason} is the reason for closing
    moves: tuple[Status, ...]
    contacted: bool = False  # staff have tried or reached the patient
    ended: bool = False  # the retention period has started
    spam: bool = False  # probably not from a person: excluded from the weekly figures, erased when withdrawn


STATUS_RULES = {
    Status.NEW: StatusRule(
        queue=MainQueue.OPEN,
        button="Not spam",
        sentence="Not spam.",
        moves=(Status.TRIED, Status.REACHED, Status.BOOKED, Status.CLOSED, Status.SPAM),
    ),
    Status.SUSPECTED: StatusRule(
        queue=MainQueue.SUSPECTED,
        button="",  # set by the spam check of new requests, never by staff
        sentence="",
        moves=(Status.NEW, Status.TRIED, Status.REACHED, Status.BOOKED, Status.CLOSED, Status.SPAM),
        spam=True,
    ),
    Status.TRIED: StatusRule(
        queue=MainQueue.OPEN,
        button="Tried, no answer",
        sentence="Tried, no answer.",
        moves=(Status.TRIED, Status.REACHED, Status.BOOKED, Status.CLOSED, Status.SPAM),
        contacted=True,
    ),
    Status.REACHED: StatusRule(
        queue=MainQueue.OPEN,
        button="Reached",
        sentence="Reached.",
        moves=(Status.TRIED, Status.BOOKED, Status.CLOSED),
        contacted=True,
    ),
    Status.BOOKED: StatusRule(
        queue=MainQueue.BOOKED,
        button="Booked",
        sentence="Booked.",
        moves=(Status.REACHED, Status.CLOSED),
        contacted=True,
    ),
    Status.CLOSED: StatusRule(
        queue=MainQueue.ENDED,
        button="Close",
        sentence="Closed: {reason}.",
        moves=(Status.REACHED,),
        ended=True,
    ),
    Status.SPAM: StatusRule(
        queue=MainQueue.ENDED,
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
