"""When a request is due: one business day after it arrived, by the clinic's own hours."""

from datetime import UTC, datetime, time, timedelta

from django.conf import settings
from django.utils import timezone

# Where the clinic has set no hours: Monday to Friday, all day.
WEEKDAYS_ALL_DAY = {day: [(time.min, time(23, 59))] for day in range(5)}


def _hours_by_weekday() -> dict[int, list[tuple[time, time]]]:
    """Opening and closing times by weekday, Monday 0, in order."""
    by_weekday: dict[int, list[tuple[time, time]]] = {}
    for hours in settings.CLINIC.hours:
        for day in hours.days:
            by_weekday.setdefault(day, []).append((hours.opens, hours.closes))
    return {day: sorted(spans) for day, spans in by_weekday.items()} or WEEKDAYS_ALL_DAY


def one_business_day_after(moment: datetime) -> datetime:
    """The same time on the next open day, held within that day's hours.

    What arrives while the clinic is closed counts from the next opening. Holidays are not known here.
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
    """The moment itself if the clinic is open, else its next opening."""
    for opens, closes in by_weekday.get(local.weekday(), []):
        if local.time() < closes:
            return max(local, _at(local, opens))
    day = local + timedelta(days=1)
    while day.weekday() not in by_weekday:
        day += timedelta(days=1)
    return _at(day, by_weekday[day.weekday()][0][0])


def _at(day: datetime, clock: time) -> datetime:
    """That time of that day by the clinic's clock, stored as UTC would be. Daylight saving is minded."""
    local = timezone.make_aware(datetime.combine(day.date(), clock))
    return timezone.localtime(local.astimezone(UTC))
