"""Says when the clinic opens next, for someone who should not have to wait for it."""

from django.utils import timezone
from django.utils.formats import date_format

from clinic import snapshot


def opening_in_words() -> str:
    """Return "now", or when the clinic opens next, such as "this afternoon" or "on Friday morning".

    Return "" if its hours are unknown or it stays closed for too long to say.
    """
    calendar, now = snapshot.current().calendar, timezone.localtime()
    opens = calendar.next_open_moment(now) if any(calendar.hours) else None
    if opens is None:
        return ""
    if opens <= now:
        return "now"
    part = "morning" if opens.hour < 12 else "afternoon" if opens.hour < 17 else "evening"
    away = (opens.date() - now.date()).days
    if away == 0:
        return f"this {part}"
    # Never "tomorrow", which means a day less to someone awake at 1 a.m.
    return f"on {date_format(opens, 'l')} {part}" if away < 7 else f"on {date_format(opens, 'l, F j')}"
