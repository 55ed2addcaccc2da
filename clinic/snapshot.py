"""The clinic's current facts, as one immutable snapshot.

Pages, emails and due times read the facts from `current()`. Each process keeps the newest edition in memory. In a web
process, a background thread checks for a newer edition once a second, so no HTTP request waits for that query. In other
processes, `current()` itself checks, at most once a second.
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
from clinic.answers import NIGHT_NUMBER, QUESTIONS, answered
from clinic.facts import FACTS, e164
from clinic.models import Edition, Picture
from clinic.notices import NOTICES, Notice, hosted
from clinic.opening_hours import Calendar, Closure, Exceptional, parse_spans
from clinic.people import Person, Review, shown_review
from clinic.pictures import DOOR, PEOPLE, ROOM, ShownPicture, with_pictures
from clinic.prices import PriceList
from clinic.visit import DIRECTIONS

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_LOOKS = 1.0


@dataclass(frozen=True)
class Announcement:
    """A text shown at the top of every page from its start time until its end time."""

    text: str
    since: datetime
    until: datetime

    def is_live(self, now: datetime) -> bool:
        return self.since <= now < self.until


@dataclass(frozen=True)
class Clinic:
    """The facts of one edition. A fact that is not set is empty, and the site does not show it."""

    name: ClassVar[str] = NAME
    city: ClassVar[str] = CITY
    region: ClassVar[str] = STATE

    edition: int = 0  # 0 if no edition has been saved
    facts: dict[str, Any] = field(default_factory=dict, repr=False)  # as stored; read-only by convention
    street: str = ""
    postal_code: str = ""
    landmark: str = ""
    entrance: str = ""
    parking: str = ""
    step_free_route: str = ""
    transit: str = ""
    phone: str = ""
    calendar: Calendar = field(default_factory=Calendar)
    announcement: Announcement | None = None
    closed_today: str = ""  # the day on which a manager last pressed Close today
    review_url: str = ""
    urgent_email: str = ""
    reply_email: str = ""
    manager_email: str = ""
    people: tuple[Person, ...] = ()
    door_picture: ShownPicture | None = None
    room_picture: ShownPicture | None = None
    privacy_practices_url: str = ""
    nondiscrimination_url: str = ""
    language_help_url: str = ""
    hosted_notices: dict[str, Notice] = field(default_factory=dict)  # keyed by slug
    prices: PriceList | None = None
    answers: dict[str, str] = field(default_factory=dict)  # keyed by the question's key

    @classmethod
    def from_facts(cls, facts: dict[str, Any], edition: int = 0) -> "Clinic":
        own = {"hours", "closures", "holidays", "announcement", "people", "article_reviews", "prices"}
        own |= {DOOR, ROOM, PEOPLE, *(each.fact for each in (*QUESTIONS.values(), *NOTICES.values()))}
        return cls(
            edition=edition,
            facts=facts,
            calendar=_calendar(facts),
            announcement=_announcement(facts.get("announcement")),
            people=with_pictures(map(Person.from_row, facts.get("people", ())), facts.get(PEOPLE)),
            door_picture=ShownPicture.from_row(facts.get(DOOR), Picture.Kind.DOOR),
            room_picture=ShownPicture.from_row(facts.get(ROOM), Picture.Kind.ROOM),
            prices=PriceList.from_fact(facts.get("prices")),
            answers=answered(facts),
            hosted_notices=hosted(facts),
            **{key: value for key, value in facts.items() if key in FACTS and key not in own},
        )

    @property
    def hours(self) -> list[Any]:
        """Return the weekly hours in groups of consecutive days with the same hours."""
        return self.calendar.groups

    @property
    def hours_in_a_sentence(self) -> str:
        """Return the weekly hours in words, or "" unless all open days are consecutive and have the same hours."""
        groups = self.calendar.groups
        if len(groups) != 1:
            return ""
        return f"{groups[0].days_in_words}, {groups[0].words}"

    @property
    def can_promise(self) -> bool:
        """Return whether a request sent now would get a due time."""
        return self.calendar.has_an_open_day_ahead(timezone.now())

    @property
    def closed_soon(self) -> list[Exceptional]:
        """Return the usually open days of the coming week that a closure or decided holiday closes completely."""
        return [each for each in self.calendar.exceptions(timezone.localdate()) if not each.spans]

    @property
    def short_days_soon(self) -> list[Exceptional]:
        """Return the usually open days of the coming week that a closure affects without closing them completely."""
        return [each for each in self.calendar.exceptions(timezone.localdate()) if each.spans]

    @property
    def responsible_licensee(self) -> Person | None:
        return next((person for person in self.people if person.responsible), None)

    def review_of(self, slug: str, checked: date) -> Review | None:
        """Return the review to show on an article that was last checked against its sources on the day `checked`."""
        return shown_review(self.facts.get("article_reviews", {}).get(slug), self.people, checked)

    @property
    def notices(self) -> list[tuple[str, str]]:
        """Return the link text and URL of each notice that is set. A notice hosted here wins over one elsewhere."""
        here = {slug: notice.get_absolute_url() for slug, notice in self.hosted_notices.items()}
        every = {kind.title: here.get(slug) or getattr(self, kind.url_fact) for slug, kind in NOTICES.items()}
        return [(title, url) for title, url in every.items() if url]

    @property
    def phone_uri(self) -> str:
        """Return the tel: URI of the phone number, or "" if there is no phone number."""
        return self.phone and "tel:" + e164(self.phone)

    @property
    def night_number(self) -> str:
        """Return the phone number for calls while the clinic is closed, or ""."""
        return self.answers.get(NIGHT_NUMBER, "")

    @property
    def night_uri(self) -> str:
        return self.night_number and "tel:" + e164(self.night_number)

    @property
    def map_url(self) -> str:
        """Return the Google Maps link to the clinic, or "" without a street, because a city is not a destination."""
        return self.street and "https://www.google.com/maps/search/?api=1&query=" + quote(
            f"{self.name}, {self.address}"
        )

    @property
    def locality(self) -> str:
        """Return the city, the state and, after a street, the ZIP code, such as "Carbondale, Illinois 62901"."""
        return f"{self.city}, {self.region} {self.street and self.postal_code}".strip()

    @property
    def address(self) -> str:
        """Return the address as one line. Every page, email and card shows this, so that all spell it alike."""
        return f"{self.street}, {self.locality}" if self.street else self.locality

    @property
    def directions(self) -> list[tuple[str, str]]:
        """Return the heading and the text of each fact that helps to find the door, if it is set."""
        return [(label, getattr(self, key)) for key, label in DIRECTIONS.items() if getattr(self, key)]

    @property
    def live_announcement(self) -> str:
        """Return what every page announces now: that the clinic closed today, and the announcement. "" if neither."""
        running = self.announcement and self.announcement.is_live(timezone.now())
        return f"{self._closing(timezone.localdate())} {self.announcement.text if running else ''}".strip()

    def _closing(self, today: date) -> str:
        """Return the notice that a manager closed the clinic today, or "" once the closure is removed or over."""
        begun = [each for each in self.calendar.closures if each.first == today and each.starts is None]
        if self.closed_today != today.isoformat() or not begun:
            return ""
        reason = begun[-1].reason
        end = "." if reason and reason[-1] not in ".!?" else ""
        return f"We're closed today, {today:%A, %B} {today.day}. {reason}{end}".strip()


def shown_hash(clinic: Clinic, now: datetime) -> str:
    """Return a hash of what pages depend on: the edition, its facts, the date, and whether an announcement is live."""
    live = bool(clinic.announcement and clinic.announcement.is_live(now))
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
    since, until = (timezone.make_aware(datetime.fromisoformat(value[each])) for each in ("since", "until"))
    return Announcement(value["text"], since, until)


# --- The current snapshot


@dataclass
class _Memory:
    clinic: Clinic = Clinic()
    chosen: Clinic | None = None  # used instead of the newest edition: see use()
    looked_at: float = float("-inf")  # time.monotonic() of the last check
    kept_fresh: bool = False  # a background thread calls refresh()
    failing: bool = False  # the last query failed


_memory = _Memory()


def current() -> Clinic:
    """Return the current facts."""
    if _memory.chosen:
        return _memory.chosen
    if not _memory.kept_fresh and clock.monotonic() - _memory.looked_at >= SECONDS_BETWEEN_LOOKS:
        refresh()
    return _memory.clinic


@contextmanager
def use(clinic: Clinic) -> Iterator[Clinic]:
    """Context manager that makes `clinic` the current snapshot. Tests use it, and so does prerendering."""
    before = _memory.chosen
    choose(clinic)
    try:
        yield clinic
    finally:
        choose(before)


def choose(clinic: Clinic | None) -> None:
    """Make one snapshot current until the next call. None returns to the newest edition."""
    _memory.chosen = clinic


def refresh() -> None:
    """Load the newest edition. If the query fails, keep the facts already in memory."""
    _memory.looked_at = clock.monotonic()
    try:
        newest = Edition.newest()
    except DatabaseFailure as error:
        if not _memory.failing:
            logger.warning(
                "the clinic's facts could not be read (%s); the last known facts stay in use", type(error).__name__
            )
        _memory.failing = True
        return
    _memory.failing = False
    if newest is None:
        _memory.clinic = Clinic()
    elif (newest.number, newest.facts) != (_memory.clinic.edition, _memory.clinic.facts):
        _memory.clinic = Clinic.from_facts(newest.facts, newest.number)


def start_from(facts: dict[str, Any], edition: int) -> None:
    """Initialize the facts in memory from a build's record. They are used until refresh() reads the database."""
    _memory.clinic = Clinic.from_facts(facts, edition)


def leave_refreshing_to_a_thread() -> None:
    """Stop current() from querying the database, because a background thread will call refresh()."""
    _memory.kept_fresh = True


def forget() -> None:
    """Reset the state to that of a new process."""
    vars(_memory).update(vars(_Memory()))
