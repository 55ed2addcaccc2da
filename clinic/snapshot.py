"""The clinic's facts in force, as one immutable snapshot.

Pages, emails and due dates ask `current()`. A process keeps the newest edition in memory. In a web process a
background thread refreshes it once a second, so that no page ever waits for a fact; anywhere else `current()`
looks for a newer one itself, at most once a second.
"""

import hashlib
import json
import logging
import time as clock
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, ClassVar
from urllib.parse import quote

from django.db import Error as DatabaseFailure
from django.utils import timezone

from clinic import CITY, NAME, STATE
from clinic.facts import e164
from clinic.models import Edition
from clinic.opening_hours import Calendar, Closure, Exceptional, parse_spans

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_LOOKS = 1.0


@dataclass(frozen=True)
class Announcement:
    """A text over all pages, until its end."""

    text: str
    until: datetime

    def is_over(self, now: datetime) -> bool:
        return now >= self.until


@dataclass(frozen=True)
class Clinic:
    """The facts of one edition. A fact that nobody set is empty, and the site does not show it."""

    name: ClassVar[str] = NAME
    city: ClassVar[str] = CITY
    region: ClassVar[str] = STATE

    edition: int = 0  # 0 before the first was saved
    facts: dict[str, Any] = field(default_factory=dict, repr=False)  # as stored; read-only by convention
    street: str = ""
    postal_code: str = ""
    phone: str = ""
    calendar: Calendar = field(default_factory=Calendar)
    announcement: Announcement | None = None
    review_url: str = ""
    urgent_email: str = ""
    manager_email: str = ""
    reviewer: str = ""
    reviewer_title: str = ""
    privacy_practices_url: str = ""
    nondiscrimination_url: str = ""
    language_help_url: str = ""

    @classmethod
    def from_facts(cls, facts: dict[str, Any], edition: int = 0) -> "Clinic":
        """Build a snapshot from facts that facts.cleaned() returned."""
        own = {"hours", "closures", "holidays", "announcement"}
        return cls(
            edition=edition,
            facts=facts,
            calendar=_calendar(facts),
            announcement=_announcement(facts.get("announcement")),
            **{key: value for key, value in facts.items() if key not in own},
        )

    @property
    def hours(self) -> list[Any]:
        """The weekly hours in groups of equal days, for templates."""
        return self.calendar.groups

    @property
    def hours_in_a_sentence(self) -> str:
        """The weekly hours if one short sentence says them all; else ""."""
        groups = self.calendar.groups
        return f"{groups[0].days_in_words}, {groups[0].words}" if len(groups) == 1 else ""

    @property
    def can_promise(self) -> bool:
        """Whether there is an open day on which a request sent now would be answered."""
        return self.calendar.has_an_open_day_ahead(timezone.now())

    @property
    def closed_soon(self) -> list[Exceptional]:
        """The closed days of the coming week, for templates."""
        return [each for each in self.calendar.exceptions(timezone.localdate()) if not each.spans]

    @property
    def short_days_soon(self) -> list[Exceptional]:
        """The days of the coming week on which the clinic is open for fewer hours than usual."""
        return [each for each in self.calendar.exceptions(timezone.localdate()) if each.spans]

    @property
    def notices(self) -> list[tuple[str, str]]:
        """The notices that are set, by the words that link to them."""
        every = {
            "Notice of privacy practices": self.privacy_practices_url,
            "Notice of nondiscrimination": self.nondiscrimination_url,
            "Language help": self.language_help_url,
        }
        return [(title, url) for title, url in every.items() if url]

    @property
    def phone_uri(self) -> str:
        """The phone number for a tel: link; "" without one."""
        return self.phone and "tel:" + e164(self.phone)

    @property
    def map_url(self) -> str:
        """A page of Google Maps that shows the clinic; "" without a street, because a town is no way to a door."""
        address = f"{self.name}, {self.street}, {self.city}, {self.region} {self.postal_code}".strip()
        return self.street and "https://www.google.com/maps/search/?api=1&query=" + quote(address)

    @property
    def live_announcement(self) -> str:
        """The announcement's text, unless it is over."""
        return self.announcement.text if self.announcement and not self.announcement.is_over(timezone.now()) else ""


def shown_hash(clinic: Clinic, now: datetime) -> str:
    """Return a hash of everything that public pages show of the facts: the facts, the day, a live announcement."""
    live = bool(clinic.announcement and not clinic.announcement.is_over(now))
    shown = [clinic.edition, clinic.facts, timezone.localdate(now).isoformat(), live]
    return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()


def _calendar(facts: dict[str, Any]) -> Calendar:
    return Calendar(
        hours=tuple(map(parse_spans, facts.get("hours") or [""] * 7)),
        closures=tuple(
            Closure(
                first=date.fromisoformat(row["first"]),
                last=date.fromisoformat(row["last"]),
                starts=time.fromisoformat(row["starts"]) if row["starts"] else None,
                ends=time.fromisoformat(row["ends"]) if row["ends"] else None,
                reason=row["reason"],
            )
            for row in facts.get("closures", [])
        ),
        decided_holidays=tuple(
            (date.fromisoformat(day), decision == "open") for day, decision in facts.get("holidays", {}).items()
        ),
    )


def _announcement(value: dict[str, str] | None) -> Announcement | None:
    if not value:
        return None
    return Announcement(value["text"], timezone.make_aware(datetime.fromisoformat(value["until"])))


# --- Which snapshot is in force


@dataclass
class _Memory:
    clinic: Clinic = Clinic()
    chosen: Clinic | None = None  # instead of the newest: see use()
    looked_at: float = float("-inf")  # by time.monotonic()
    kept_fresh: bool = False  # by a background thread
    failing: bool = False  # the database did not answer the last time


_memory = _Memory()


def current() -> Clinic:
    """Return the facts in force."""
    if _memory.chosen:
        return _memory.chosen
    if not _memory.kept_fresh and clock.monotonic() - _memory.looked_at >= SECONDS_BETWEEN_LOOKS:
        refresh()
    return _memory.clinic


@contextmanager
def use(clinic: Clinic) -> Iterator[Clinic]:
    """Context manager that puts one snapshot in force: for tests, and for rendering a whole build from it."""
    before = _memory.chosen
    choose(clinic)
    try:
        yield clinic
    finally:
        choose(before)


def choose(clinic: Clinic | None) -> None:
    """Put one snapshot in force until further notice; None goes back to the newest edition."""
    _memory.chosen = clinic


def refresh() -> None:
    """Load the newest edition. If the database does not answer, keep the one in memory."""
    _memory.looked_at = clock.monotonic()
    try:
        newest = Edition.newest()
    except DatabaseFailure as error:
        if not _memory.failing:
            logger.warning("the clinic's facts could not be read (%s); the last known ones stay", type(error).__name__)
        _memory.failing = True
        return
    _memory.failing = False
    if newest is None:
        _memory.clinic = Clinic()
    elif (newest.number, newest.facts) != (_memory.clinic.edition, _memory.clinic.facts):
        _memory.clinic = Clinic.from_facts(newest.facts, newest.number)


def start_from(facts: dict[str, Any], edition: int) -> None:
    """Begin with the facts that a build recorded, for as long as the database does not answer."""
    _memory.clinic = Clinic.from_facts(facts, edition)


def leave_refreshing_to_a_thread() -> None:
    """Let current() only read memory: from now on a background thread calls refresh()."""
    _memory.kept_fresh = True


def forget() -> None:
    """Drop everything in memory, as in a new process."""
    vars(_memory).update(vars(_Memory()))
