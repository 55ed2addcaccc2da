"""What is known of the clinic. A fact that nobody set is empty, and the site does not show it."""

import re
from dataclasses import dataclass
from datetime import time
from urllib.parse import quote, unquote, urlsplit

WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
WEEKDAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DAY = "|".join(WEEKDAYS)
_HOURS = re.compile(rf"({_DAY})(?:-({_DAY}))? (\d\d:\d\d)-(\d\d:\d\d)")

# Where Google's own review links live, and below which path. The code is printed on a card: it must lead
# nowhere else, and much of www.google.com forwards to any address that it is given.
REVIEW_LINKS = {
    "g.page": "/",
    "maps.app.goo.gl": "/",
    "search.google.com": "/local/writereview",
    "www.google.com": "/maps/",
}
# Longer links make a finer code: on the counter card this one still reads in a poor photograph (tests/pages/test_review.py).
REVIEW_LINK_LENGTH = 150


@dataclass(frozen=True)
class OpeningHours:
    """The hours of some days in a row; days count from 0, Monday, as in datetime.weekday()."""

    days: tuple[int, ...]
    opens: time
    closes: time

    @property
    def schema_org(self) -> str:
        """As schema.org's openingHours wants it: "Mo-Fr 09:00-17:00"."""
        return f"{'-'.join(self._ends(WEEKDAYS))} {self.opens:%H:%M}-{self.closes:%H:%M}"

    @property
    def days_in_words(self) -> str:
        return " to ".join(self._ends(WEEKDAY_NAMES))

    def _ends(self, names: tuple[str, ...]) -> list[str]:
        return [names[day] for day in sorted({self.days[0], self.days[-1]})]


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
    security_contact: str = ""  # a URI
    # The clinic's own notices, each a page of its making.
    privacy_practices_url: str = ""
    nondiscrimination_url: str = ""
    language_help_url: str = ""

    @property
    def notices(self) -> list[tuple[str, str]]:
        """The notices that are there, by the words that lead to them."""
        every = {
            "Notice of privacy practices": self.privacy_practices_url,
            "Notice of nondiscrimination": self.nondiscrimination_url,
            "Language help": self.language_help_url,
        }
        return [(title, url) for title, url in every.items() if url]

    @property
    def phone_uri(self) -> str:
        """The phone number as a tel: link wants it; "" without one."""
        return self.phone and "tel:" + e164(self.phone)

    @property
    def map_url(self) -> str:
        """A page of Google Maps that shows the clinic; "" without a street, for a town is no way to a door."""
        address = f"{self.name}, {self.street}, {self.city}, {self.region} {self.postal_code}".strip()
        return self.street and "https://www.google.com/maps/search/?api=1&query=" + quote(address)


def e164(phone: str) -> str:
    """A phone number as any phone in the world dials it, "+16185550100"; without a + it is North American.

    Raises ValueError with a sentence for whoever wrote the setting.
    """
    digits = re.sub(r"[\s().-]", "", phone)
    if re.fullmatch(r"1?[2-9]\d{2}[2-9]\d{6}", digits):
        return "+1" + digits[-10:]
    if re.fullmatch(r"\+1[2-9]\d{2}[2-9]\d{6}|\+[2-9]\d{7,14}", digits):
        return digits
    raise ValueError(f"CLINIC_PHONE: {phone!r} is not a number like '(618) 555-0100', without an extension")


def parse_phone(text: str) -> str:
    """The number as the clinic writes it, once it is sure that it can be dialed; "" for none."""
    if text:
        e164(text)
    return text


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


def notice_url(name: str, text: str) -> str:
    """The address of one of the clinic's notices; "" for none.

    Raises ValueError with a sentence for whoever wrote the setting.
    """
    if text and not re.fullmatch(r"https://[!-~]+", text):
        raise ValueError(f"{name}: {text!r} is not an https link")
    return text


def security_contact(text: str) -> str:
    """Where to report a weakness of the site, as security.txt wants it: an e-mail address becomes a mailto: URI.

    Raises ValueError with a sentence for whoever wrote the setting.
    """
    if re.fullmatch(r"[^\s@:]+@[^\s@:]+\.[^\s@:]+", text):
        return "mailto:" + text
    if text and not re.fullmatch(r"https://[!-~]+", text):
        raise ValueError(f"SECURITY_CONTACT: {text!r} is neither an e-mail address nor an https link")
    return text


def review_url(url: str, place_id: str) -> str:
    """The link that opens Google's review form, from the whole link or else a place id; "" with neither.

    Raises ValueError, with a sentence for whoever wrote the setting, unless it leads to Google's reviews alone.
    """
    if not url and not place_id:
        return ""
    if not url and not re.fullmatch(r"[A-Za-z0-9_-]{10,}", place_id):
        raise ValueError(f"GOOGLE_PLACE_ID: {place_id!r} is not a place id, like ChIJ and more letters")
    if url and not _is_googles(url):
        places = ", ".join(host + path.rstrip("/") for host, path in REVIEW_LINKS.items())
        raise ValueError(f"GOOGLE_REVIEW_URL: {url!r} is not an https link on one of {places}")
    link = url or f"https://search.google.com/local/writereview?placeid={place_id}"
    if len(link) > REVIEW_LINK_LENGTH:
        raise ValueError(f"GOOGLE_REVIEW_URL: {len(link)} characters; a printed code holds {REVIEW_LINK_LENGTH}")
    return link


def _is_googles(url: str) -> bool:
    # Only what a browser takes as it stands: it drops line breaks, and turns \ into / and %2e%2e into "..".
    plain = re.fullmatch(r"[!-~]+", url) and "\\" not in url and ".." not in unquote(url)
    parts = urlsplit(url)
    path = REVIEW_LINKS.get(parts.netloc)
    return bool(plain and parts.scheme == "https" and path and parts.path.startswith(path))
