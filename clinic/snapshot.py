"""Holds the clinic's facts and parses their settings. The site does not show a fact that is empty."""

import re
from dataclasses import dataclass
from datetime import time
from urllib.parse import quote, unquote, urlsplit

WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
WEEKDAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DAY = "|".join(WEEKDAYS)
_HOURS = re.compile(rf"({_DAY})(?:-({_DAY}))? (\d\d:\d\d)-(\d\d:\d\d)")

# The hosts and path prefixes of Google's review links. The QR code is printed on a card, so it must lead nowhere
# else, and many other paths of www.google.com redirect to any URL.
REVIEW_LINKS = {
    "g.page": "/",
    "maps.app.goo.gl": "/",
    "search.google.com": "/local/writereview",
    "www.google.com": "/maps/",
}
# A longer link makes a denser QR code. tests/pages/test_review.py reads one of this length from a poor photo.
REVIEW_LINK_LENGTH = 150


@dataclass(frozen=True)
class OpeningHours:
    """The opening hours of consecutive weekdays, numbered as in `datetime.weekday()`: Monday is 0."""

    days: tuple[int, ...]
    opens: time
    closes: time

    @property
    def schema_org(self) -> str:
        """The schema.org form, "Mo-Fr 09:00-17:00"."""
        return f"{'-'.join(self._ends(WEEKDAYS))} {self.opens:%H:%M}-{self.closes:%H:%M}"

    @property
    def days_in_words(self) -> str:
        return " to ".join(self._ends(WEEKDAY_NAMES))

    def _ends(self, names: tuple[str, ...]) -> list[str]:
        return [names[day] for day in sorted({self.days[0], self.days[-1]})]


@dataclass(frozen=True)
class Clinic:
    """The clinic's facts, available as `settings.CLINIC`."""

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
    # Links to the clinic's own notices.
    privacy_practices_url: str = ""
    nondiscrimination_url: str = ""
    language_help_url: str = ""

    @property
    def notices(self) -> list[tuple[str, str]]:
        """The link text and URL of each notice that is set."""
        notices = {
            "Notice of privacy practices": self.privacy_practices_url,
            "Notice of nondiscrimination": self.nondiscrimination_url,
            "Language help": self.language_help_url,
        }
        return [(title, url) for title, url in notices.items() if url]

    @property
    def phone_uri(self) -> str:
        """The tel: URI of the phone number, or ""."""
        return self.phone and "tel:" + e164(self.phone)

    @property
    def map_url(self) -> str:
        """A Google Maps link to the clinic, or "" without a street, because the town alone leads nowhere."""
        address = f"{self.name}, {self.street}, {self.city}, {self.region} {self.postal_code}".strip()
        return self.street and "https://www.google.com/maps/search/?api=1&query=" + quote(address)


def e164(phone: str) -> str:
    """Return a phone number in E.164 form, "+16185550100". A number without a + is North American.

    Raises ValueError with a message for the person who set it.
    """
    digits = re.sub(r"[\s().-]", "", phone)
    if re.fullmatch(r"1?[2-9]\d{2}[2-9]\d{6}", digits):
        return "+1" + digits[-10:]
    if re.fullmatch(r"\+1[2-9]\d{2}[2-9]\d{6}|\+[2-9]\d{7,14}", digits):
        return digits
    raise ValueError(f"CLINIC_PHONE: {phone!r} is not a phone number like '(618) 555-0100'. Leave out any extension")


def parse_phone(text: str) -> str:
    """Return the number as written, after checking that it can be dialed. "" stays ""."""
    if text:
        e164(text)
    return text


def parse_hours(text: str) -> tuple[OpeningHours, ...]:
    """Parse opening hours in schema.org form: "Mo-Fr 09:00-17:00; Sa 09:00-12:00".

    Raises ValueError with a message for the person who set them.
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
        raise ValueError(f"{text!r} ends before it starts")
    return hours


def notice_url(name: str, text: str) -> str:
    """Return the URL of a notice, or "" for none. Raises ValueError unless it is an https link."""
    if text and not re.fullmatch(r"https://[!-~]+", text):
        raise ValueError(f"{name}: {text!r} is not an https link")
    return text


def security_contact(text: str) -> str:
    """Return the contact URI for security.txt: an https link, or mailto: and an email address.

    Raises ValueError with a message for the person who set it.
    """
    if re.fullmatch(r"[^\s@:]+@[^\s@:]+\.[^\s@:]+", text):
        return "mailto:" + text
    if text and not re.fullmatch(r"https://[!-~]+", text):
        raise ValueError(f"SECURITY_CONTACT: {text!r} is neither an email address nor an https link")
    return text


def review_url(url: str, place_id: str) -> str:
    """Return the link to Google's review form, given the link or a place id. "" with neither.

    Raises ValueError unless the link can only lead to Google's reviews.
    """
    if not url and not place_id:
        return ""
    if not url and not re.fullmatch(r"[A-Za-z0-9_-]{10,}", place_id):
        raise ValueError(f"GOOGLE_PLACE_ID: {place_id!r} is not a place id, which looks like 'ChIJ...'")
    if url and not _is_google_review_link(url):
        places = ", ".join(host + path.rstrip("/") for host, path in REVIEW_LINKS.items())
        raise ValueError(f"GOOGLE_REVIEW_URL: {url!r} is not an https link on {places}")
    link = url or f"https://search.google.com/local/writereview?placeid={place_id}"
    if len(link) > REVIEW_LINK_LENGTH:
        raise ValueError(f"GOOGLE_REVIEW_URL: {len(link)} characters, but a printed code fits {REVIEW_LINK_LENGTH}")
    return link


def _is_google_review_link(url: str) -> bool:
    # Reject what a browser would rewrite: it drops line breaks and turns \ into / and %2e%2e into "..".
    plain = re.fullmatch(r"[!-~]+", url) and "\\" not in url and ".." not in unquote(url)
    parts = urlsplit(url)
    path = REVIEW_LINKS.get(parts.netloc)
    return bool(plain and parts.scheme == "https" and path and parts.path.startswith(path))
