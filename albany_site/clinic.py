"""What is known of the clinic. A fact that nobody set is empty, and the site does not show it."""

import re
from dataclasses import dataclass
from datetime import time
from urllib.parse import quote, urlsplit

WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_DAY = "|".join(WEEKDAYS)
_HOURS = re.compile(rf"({_DAY})(?:-({_DAY}))? (\d\d:\d\d)-(\d\d:\d\d)")

# Where Google's own review links live. The code is printed on a card: it must lead nowhere else.
REVIEW_HOSTS = ("search.google.com", "g.page", "maps.app.goo.gl", "www.google.com")


@dataclass(frozen=True)
class OpeningHours:
    """The hours of some days in a row; days count from 0, Monday, as in datetime.weekday()."""

    days: tuple[int, ...]
    opens: time
    closes: time


@dataclass(frozen=True)
class Clinic:
    """The clinic's facts, used as settings.CLINIC."""

    name: str = "The Albany Clinic"
    city: str = "Carbondale"
    region: str = "Illinois"
    street: str = ""
    postal_code: str = ""
    phone: str = ""
    hours: tuple[OpeningHours, ...] = ()
    review_url: str = ""
    reviewer: str = ""
    reviewer_title: str = ""

    @property
    def phone_uri(self) -> str:
        """The phone number as a tel: link wants it."""
        return "tel:" + re.sub(r"[^0-9+]", "", self.phone)


def parse_hours(text: str) -> tuple[OpeningHours, ...]:
    """Read opening hours written as schema.org does: "Mo-Fr 09:00-17:00; Sa 09:00-12:00".

    Raises ValueError with a sentence for whoever wrote the setting.
    """
    return tuple(_parse_day_range(part.strip()) for part in text.split(";") if part.strip())


def _parse_day_range(text: str) -> OpeningHours:
    match = _HOURS.fullmatch(text)
    if not match:
        raise ValueError(f"{text!r} is not written like 'Mo-Fr 09:00-17:00'")
    first, last, opens, closes = match.groups()
    days = range(WEEKDAYS.index(first), WEEKDAYS.index(last or first) + 1)
    hours = OpeningHours(tuple(days), time.fromisoformat(opens), time.fromisoformat(closes))
    if not hours.days or hours.opens >= hours.closes:
        raise ValueError(f"{text!r} ends before it begins")
    return hours


def review_url(url: str, place_id: str) -> str:
    """The link that opens Google's review form, from the whole link or a place id; "" with neither.

    Raises ValueError unless it is https and on one of Google's own hosts.
    """
    if place_id and not url:
        url = "https://search.google.com/local/writereview?placeid=" + quote(place_id, safe="")
    if not url:
        return ""
    parts = urlsplit(url)
    if parts.scheme != "https" or parts.netloc not in REVIEW_HOSTS:
        raise ValueError(f"{url!r} is not an https link on one of {', '.join(REVIEW_HOSTS)}")
    return url
