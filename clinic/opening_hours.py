"""Computes when a request is due: one business day after it arrived, within the clinic's hours."""

from datetime import UTC, datetime, time, timedelta

from django.conf import settings
from django.utils import timezone

# Assumed until the clinic sets its hours.
WEEKDAYS_ALL_DAY = {day: [(time.min, time(23, 59))] for day in range(5)}


def _hours_by_weekday() -> dict[int, list[tuple[time, time]]]:
    """Return each open weekday's opening and closing times, in order. Monday is 0."""
    by_weekday: dict[int, list[tuple[time, time]]] = {}
    for hours in settings.CLINIC.hours:
        for day in hours.days:
            by_weekday.setdefault(day, []).append((hours.opens, hours.closes))
    return {day: sorted(spans) for day, spans in by_weekday.items()} or WEEKDAYS_ALL_DAY


def one_business_day_after(moment: datetime) -> datetime:
    """Return the same time on the next open day, moved into that day's hours.

    A request that arrives while the clinic is closed counts from the next opening. Ignores holidays.
    """
    by_weekday = _hours_by_weekday()
    opened = _first_open_moment(timezone.localtime(moment), by_weekday)
    day = opened + timedelta(days=1)
    while day.weekday() not in by_weekday:
        day += timedelta(days=1)
    spans = by_weekday[day.weekday()]
    due = min(max(opened.time(), spans[0][0]), spans[-1][1])
    return _at(day, due)


def _first_open_moment(local: datetime, by_weekday: dict[int, list[tuple[time, time]]]) -> datetime:
    """Return the moment itself if the clinic is open then, else its next opening."""
    for opens, closes in by_weekday.get(local.weekday(), []):
        if local.time() < closes:
            return max(local, _at(local, opens))
    day = local + timedelta(days=1)
    while day.weekday() not in by_weekday:
        day += timedelta(days=1)
    return _at(day, by_weekday[day.weekday()][0][0])


def _at(day: datetime, clock: time) -> datetime:
    """Return the aware datetime of a local time on a day. The trip through UTC fixes times skipped by daylight saving."""
    local = timezone.make_aware(datetime.combine(day.date(), clock))
    return timezone.localtime(local.astimezone(UTC))
