"""The clinic's weekly hours, closures and federal holidays, and the due times that follow from them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise

from django.utils import timezone

WEEKDAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SCHEMA_ORG_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
LONGEST_LOOK_AHEAD = 60  # days; if the clinic is closed on all of them, no due time is promised
CLOSURE_SHOWN_DAYS_BEFORE = 7
DAYS_OF_A_YEAR = 366

_TIME = r"(\d{1,2})(?::(\d\d))?(?:\s*([ap])\.?m?\.?)?"
_SPAN = re.compile(rf"{_TIME}\s*(?:-|–|—|to)\s*{_TIME}", re.IGNORECASE)
_NOON = re.compile(r"\b(?:12\s*)?noon\b", re.IGNORECASE)
_MIDNIGHT = re.compile(r"\b(?:12\s*)?midnight\b", re.IGNORECASE)


@dataclass(frozen=True, order=True)
class Span:
    """A time span of a day during which the clinic is open."""

    opens: time
    closes: time

    @property
    def words(self) -> str:
        """Return the span in words, such as "9 am to 5:30 pm"."""
        return f"{clock(self.opens)} to {clock(self.closes)}"


@dataclass(frozen=True)
class Closure:
    """A range of days when the clinic is closed, all day or for part of each day, regardless of its weekly hours."""

    first: date
    last: date
    starts: time | None = None  # both times are None if the clinic is closed all day
    ends: time | None = None
    reason: str = ""  # shown to the public unless it is empty

    def covers(self, day: date) -> bool:
        return self.first <= day <= self.last

    def taken_out_of(self, spans: list[Span]) -> list[Span]:
        """Return the parts of the spans that are outside the closure."""
        if self.starts is None or self.ends is None:
            return []
        left = []
        for span in spans:
            left += [Span(span.opens, min(span.closes, self.starts)), Span(max(span.opens, self.ends), span.closes)]
        return [span for span in left if span.opens < span.closes]


@dataclass(frozen=True)
class Exceptional:
    """A day that a closure or a holiday affects. `spans` are the remaining open hours, empty if closed all day."""

    day: date
    spans: tuple[Span, ...]
    reason: str


WEEKDAYS_ALL_DAY = ((Span(time.min, time(23, 59)),),) * 5 + ((), ())


@dataclass(frozen=True)
class Calendar:
    """The clinic's weekly hours, Monday first, and the closures and holidays that override them."""

    hours: tuple[tuple[Span, ...], ...] = ((),) * 7
    closures: tuple[Closure, ...] = ()
    # A manager's decisions about federal holidays: each date, and whether the clinic is open.
    decided_holidays: tuple[tuple[date, bool], ...] = ()

    def spans_on(self, day: date) -> list[Span]:
        """Return the spans when the clinic is open on a day. An undecided federal holiday counts as closed."""
        if day in federal_holidays(day.year) and not dict(self.decided_holidays).get(day, False):
            return []
        spans = list(self._usual(day))
        for closure in self.closures:
            if closure.covers(day):
                spans = closure.taken_out_of(spans)
        return spans

    def next_open_moment(self, moment: datetime) -> datetime | None:
        """Return `moment` if the clinic is open then, or else the next opening.

        Return None if there is no opening within LONGEST_LOOK_AHEAD days.
        """
        local = timezone.localtime(moment)
        for day in _days_from(local.date()):
            for span in self.spans_on(day):
                if day > local.date() or local.time() < span.closes:
                    return max(local, _at(day, span.opens))
        return None

    def is_open(self, moment: datetime) -> bool:
        local = timezone.localtime(moment)
        return any(span.opens <= local.time() < span.closes for span in self.spans_on(local.date()))

    def rules_out(self, visit: datetime) -> bool:
        """Return whether the clinic is closed on the day of a visit, or for the part of the day when it is booked.

        A visit before or after the weekly hours isn't ruled out, because staff may book one on purpose.
        """
        local = timezone.localtime(visit)
        parts = [each for each in self.closures if each.covers(local.date()) and each.starts and each.ends]
        return not self.spans_on(local.date()) or any(part.starts <= local.time() < part.ends for part in parts)

    def open_hours_before(self, moment: datetime, hours: float) -> datetime | None:
        """Return the latest time from which the clinic has been open for so many hours until `moment`.

        Return None if the clinic was closed for too long before `moment`.
        """
        missing, today = timedelta(hours=hours), timezone.localdate(moment)
        # In UTC, because the difference of two local times ignores a change of the clocks between them.
        moment = moment.astimezone(UTC)
        for day in (today - timedelta(days=back) for back in range(LONGEST_LOOK_AHEAD + 1)):
            for span in reversed(self.spans_on(day)):
                opens, closes = (_at(day, at).astimezone(UTC) for at in (span.opens, span.closes))
                closes = min(closes, moment)
                if closes - opens >= missing:
                    return timezone.localtime(closes - missing)
                missing -= max(closes - opens, timedelta(0))
        return None

    def open_hours_between(self, start: datetime, end: datetime) -> float:
        """Return for how many hours the clinic is open from `start` to `end`, or 0 if `end` is not later.

        Count one year at most, because a wrong clock may have written an `end` thousands of years ahead.
        """
        total, first, last = timedelta(0), timezone.localdate(start), timezone.localdate(end)
        # In UTC, because the difference of two local times ignores a change of the clocks between them.
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        for ahead in range(min((last - first).days, DAYS_OF_A_YEAR) + 1):
            day = first + timedelta(days=ahead)
            for span in self.spans_on(day):
                opens, closes = (_at(day, at).astimezone(UTC) for at in (span.opens, span.closes))
                total += max(min(closes, end) - max(opens, start), timedelta(0))
        return total / timedelta(hours=1)

    def one_business_day_after(self, moment: datetime) -> datetime | None:
        """Return the due time of a request that arrived at `moment`.

        The due time is the same time of day on the next open day, moved into that day's hours. A request that
        arrives while the clinic is closed is treated as if it arrived at the next opening. Return None if the next open
        day is more than LONGEST_LOOK_AHEAD days away.
        """
        arrived = self.next_open_moment(moment)
        if arrived is None:
            return None
        for day in _days_from(arrived.date() + timedelta(days=1)):
            if spans := self.spans_on(day):
                later = [max(arrived.time(), span.opens) for span in spans if arrived.time() <= span.closes]
                return _at(day, later[0] if later else spans[-1].closes)
        return None

    def first_open_day(self, day: date) -> date:
        """Return the first open day, starting with `day`. If none is within LONGEST_LOOK_AHEAD days, return `day`."""
        return next((each for each in _days_from(day) if self.spans_on(each)), day)

    def due_after_a_change(self, due: datetime) -> datetime | None:
        """Return `due` if the clinic is open then, or else the next opening.

        Return None if there is no opening within LONGEST_LOOK_AHEAD days.
        """
        local = timezone.localtime(due)
        if any(span.opens <= local.time() <= span.closes for span in self.spans_on(local.date())):
            return due
        return self.next_open_moment(due)

    def has_an_open_day_ahead(self, moment: datetime) -> bool:
        return self.one_business_day_after(moment) is not None

    def exceptions(self, today: date, days: int = CLOSURE_SHOWN_DAYS_BEFORE) -> list["Exceptional"]:
        """Return the usually open days from `today` to `days` days ahead that a closure or a holiday affects.

        A holiday counts only if a manager has decided to close on it.
        """
        decided = dict(self.decided_holidays)
        found = []
        for day in _days_from(today, days):
            reasons = [closure.reason for closure in self.closures if closure.covers(day)]
            if decided.get(day) is False:
                reasons.append(federal_holidays(day.year).get(day, ""))
            if reasons and self._usual(day):
                found.append(Exceptional(day, tuple(self.spans_on(day)), next(filter(None, reasons), "")))
        return found

    def coming_holidays(self, today: date) -> list[tuple[date, str]]:
        """Return the federal holidays of the next 12 months that fall on usually open days."""
        return [(day, name) for day, name in upcoming_holidays(today) if self._usual(day)]

    def _usual(self, day: date) -> tuple[Span, ...]:
        return (self.hours if any(self.hours) else WEEKDAYS_ALL_DAY)[day.weekday()]

    @property
    def groups(self) -> list["HoursGroup"]:
        """Return the open weekdays in groups of consecutive days with the same hours."""
        groups: list[HoursGroup] = []
        for weekday, spans in enumerate(self.hours):
            if groups and groups[-1].spans == spans and groups[-1].weekdays[-1] == weekday - 1:
                groups[-1] = HoursGroup((*groups[-1].weekdays, weekday), spans)
            elif spans:
                groups.append(HoursGroup((weekday,), spans))
        return groups


@dataclass(frozen=True)
class HoursGroup:
    """Consecutive weekdays with the same hours. Monday is 0."""

    weekdays: tuple[int, ...]
    spans: tuple[Span, ...]

    @property
    def days_in_words(self) -> str:
        return " to ".join(self._ends(WEEKDAY_NAMES))

    @property
    def words(self) -> str:
        return " and ".join(span.words for span in self.spans)

    @property
    def schema_org(self) -> list[str]:
        """Return the values for schema.org's openingHours, such as ["Mo-Fr 09:00-17:00"]."""
        days = "-".join(self._ends(SCHEMA_ORG_DAYS))
        return [f"{days} {span.opens:%H:%M}-{span.closes:%H:%M}" for span in self.spans]

    def _ends(self, names: tuple[str, ...]) -> list[str]:
        return [names[weekday] for weekday in sorted({self.weekdays[0], self.weekdays[-1]})]


def clock(value: time) -> str:
    """Return a time of day in 12-hour format, such as "9 am" or "12:30 pm"."""
    hour = value.hour % 12 or 12
    return f"{hour}{f':{value.minute:02}' if value.minute else ''} {'am' if value.hour < 12 else 'pm'}"


@lru_cache(maxsize=16)
def federal_holidays(year: int) -> dict[date, str]:
    """Return the names of a year's US federal holidays, keyed by date, including observed dates."""
    import holidays  # imported here because the import takes 0.1 s and only this function needs it

    found = holidays.country_holidays("US", years=year)
    return {day: name.removesuffix(" (observed)") for day, name in found.items() if day.year == year}


def upcoming_holidays(today: date) -> list[tuple[date, str]]:
    """Return the dates and names of the federal holidays of the next 12 months, in order."""
    last = today + timedelta(days=365)
    days = federal_holidays(today.year) | federal_holidays(today.year + 1)
    return [(day, name) for day, name in sorted(days.items()) if today <= day < last]


def parse_spans(text: str) -> tuple[Span, ...]:
    """Parse one day's hours, such as "9 am - 12 pm, 1 - 5 pm" or "09:00-17:00". An empty text or "closed" means closed.

    Raises ValueError with a message to show to the person who typed the hours.
    """
    if text.strip(" .").lower() == "closed":
        return ()
    parts = [part.strip() for part in re.split(r"[,;&]|\band\b", text) if part.strip()]
    spans = sorted(_parse_span(part) for part in parts)
    for earlier, later in pairwise(spans):
        if later.opens <= earlier.closes:
            raise ValueError(f"{earlier.words} and {later.words} overlap. Write them as one span.")
    return tuple(spans)


def _parse_span(text: str) -> Span:
    match = _SPAN.fullmatch(_MIDNIGHT.sub("12 am", _NOON.sub("12 pm", text)))
    if not match:
        raise ValueError(f"“{text}” can't be read. Write hours like 9 am - 5 pm.")
    hour, minute, half, end_hour, end_minute, end_half = match.groups()
    if not end_half and not _is_24_hour(*match.groups()):
        raise ValueError(f"“{text}” could be morning or afternoon. Write am or pm, like 9 am - 5 pm.")
    closes = _time(end_hour, end_minute, end_half, text)
    opens = _time(hour, minute, half, text)
    if not half and end_half:  # "1 - 5 pm" starts in the afternoon, "9 - 5 pm" in the morning
        opens = next((at for at in (_time(hour, minute, end_half, text), opens) if at < closes), opens)
    if opens >= closes:
        raise ValueError(f"“{text}” ends before it starts. Hours can't end at or cross midnight; write 5 pm or 17:00.")
    return Span(opens, closes)


def _is_24_hour(
    hour: str, minute: str | None, half: str | None, end_hour: str, end_minute: str | None, end_half: str | None
) -> bool:
    """Return whether a span can only be meant in 24-hour form, like 9 - 17, 0:15 - 4:30 or 09:00 - 11:00."""
    if int(end_hour) > 12 or int(hour) > 12 or (int(hour) == 0 and minute):
        return True
    # Facts are stored like 09:00-11:00, so this must always be read as it was saved.
    return not half and bool(minute and end_minute) and len(hour) == len(end_hour) == 2


def _time(hour: str, minute: str | None, half: str | None, text: str) -> time:
    hours, minutes = int(hour), int(minute or 0)
    if half:
        if not 1 <= hours <= 12:
            raise ValueError(f"“{text}” can't be read. Write hours like 9 am - 5 pm.")
        hours = hours % 12 + (12 if half.lower() == "p" else 0)
    if hours > 23 or minutes > 59:
        raise ValueError(f"“{text}” isn't a time of day. Hours can't end at or cross midnight.")
    return time(hours, minutes)


def _days_from(day: date, count: int = LONGEST_LOOK_AHEAD) -> Iterator[date]:
    return (day + timedelta(days=offset) for offset in range(count + 1))


def _at(day: date, at: time) -> datetime:
    """Return the datetime in the clinic's time zone. A time that daylight saving time skips moves forward."""
    local = timezone.make_aware(datetime.combine(day, at))
    return timezone.localtime(local.astimezone(UTC))
