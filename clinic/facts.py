"""The clinic's facts: each fact's label, where it appears, and the function that validates it.

Facts are stored as a dict of JSON values with the keys of FACTS. A fact that is not set is absent. Both the desk's
form and `manage.py load_facts` validate and normalize each fact with its `clean` function.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.utils import timezone

from clinic import notices, people, pictures, prices, typed, visit
from clinic.answers import NIGHT_NUMBER, QUESTIONS, sentence
from clinic.fact_types import check_type
from clinic.links import leads_to
from clinic.notices import NOTICES
from clinic.opening_hours import WEEKDAY_NAMES, clock, federal_holidays, parse_spans

# The hosts of Google's review links, and how the path must start. The path is checked because the link is printed on
# a card as a QR code, and some pages of www.google.com are open redirects.
REVIEW_LINKS = {
    "g.page": "/",
    "maps.app.goo.gl": "/",
    "search.google.com": "/local/writereview",
    "www.google.com": "/maps/",
}
# A longer link makes a denser QR code. At this length, even a poor photograph of the code scans, as
# tests/pages/test_review.py checks.
REVIEW_LINK_LENGTH = 150
LONGEST_CLOSURE = 180  # days
ANNOUNCEMENT_LENGTH = 200


@dataclass(frozen=True)
class Fact:
    """One fact: its label at the desk, where it appears, and the function that validates and normalizes it."""

    label: str
    appears: str
    clean: Callable[[Any], Any]


class FactErrors(ValueError):
    """The error message of each invalid fact, keyed by the fact's key."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("; ".join(f"{FACTS[key].label}: {message}" for key, message in errors.items()))
        self.errors = errors


def cleaned(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the facts, validated and normalized, without empty ones.

    Raises FactErrors for invalid facts, and ValueError for an unknown key.
    """
    done, errors = {}, {}
    for key, value in facts.items():
        if key not in FACTS:
            raise ValueError(f"There is no fact called {key!r}. The facts are {', '.join(FACTS)}.")
        try:
            check_type(key, value)
            if result := FACTS[key].clean(value):
                done[key] = result
        except ValueError as error:
            errors[key] = str(error)
    if errors:
        raise FactErrors(errors)
    return done


# --- One function for each kind of fact. It returns the value to store, or raises ValueError with a message for staff.


def line(text: str) -> str:
    text = " ".join(text.split())
    if len(text) > 100:
        raise ValueError("Use 100 characters or fewer.")
    return text


def street(text: str) -> str:
    """Return the street in characters that the counter card's fonts can print, so that pages and card spell it alike."""
    text = line(typed.plain(text).replace("\u2019", "'"))
    if unprintable := [sign for sign in text if ord(sign) > 255]:
        raise ValueError(f"The counter card can't print “{unprintable[0]}”. Leave it out, or use another sign.")
    return text


def phone(text: str) -> str:
    e164(text) if (text := line(typed.phone_text(text))) else None
    return text


def e164(text: str) -> str:
    """Return a phone number in E.164 format, like "+16185550100". A number without a + is North American."""
    digits = re.sub(r"[\s().-]", "", typed.phone_text(text))
    if re.fullmatch(r"1?[2-9]\d{2}[2-9]\d{6}", digits):
        return "+1" + digits[-10:]
    if re.fullmatch(r"\+1[2-9]\d{2}[2-9]\d{6}|\+[2-9]\d{7,14}", digits):
        return digits
    raise ValueError("Enter a number that can be dialed, like (618) 555-0100, without an extension.")


def postal_code(text: str) -> str:
    text = line(text)
    if text and not re.fullmatch(r"\d{5}(-\d{4})?", text):
        raise ValueError("Enter a ZIP code of five digits, like 62901.")
    return text


def weekly_hours(days: list[str]) -> list[str]:
    """Return the seven days' hours, normalized like "09:00-12:00, 13:00-17:00", or [] if no day has any."""
    if len(days) != 7:
        raise ValueError("Hours have seven lines, Monday first.")
    normalized = []
    for name, text in zip(WEEKDAY_NAMES, days, strict=True):
        try:
            spans = parse_spans(text)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error
        normalized.append(", ".join(f"{span.opens:%H:%M}-{span.closes:%H:%M}" for span in spans))
    return normalized if any(normalized) else []


def closures(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted((closure(row) for row in rows), key=lambda row: (row["first"], row["starts"]))


def closure(row: dict[str, Any]) -> dict[str, Any]:
    """Return a validated closure: its first and last day, its times if it is for part of the day, and its reason."""
    first = _day(row.get("first"))
    last = _day(row.get("last")) if row.get("last") else first
    if last < first:
        raise ValueError("The last day is before the first.")
    if (last - first).days >= LONGEST_CLOSURE:
        raise ValueError(f"A closure is at most {LONGEST_CLOSURE} days long. For more, change the weekly hours.")
    starts, ends = row.get("starts") or "", row.get("ends") or ""
    if bool(starts) != bool(ends):
        raise ValueError("For a part of the day, enter both times. For the whole day, leave both empty.")
    if starts and _clock(starts) >= _clock(ends):
        raise ValueError("The closure ends before it starts.")
    return {
        "first": first.isoformat(),
        "last": last.isoformat(),
        "starts": f"{_clock(starts):%H:%M}" if starts else "",
        "ends": f"{_clock(ends):%H:%M}" if ends else "",
        "reason": line(row.get("reason") or ""),
    }


def not_past(row: dict[str, Any], today: date) -> None:
    """Raise ValueError if a closure's last day is in the past."""
    if _day(row["last"]) < today:
        raise ValueError("This day is in the past.")


def decided_holidays(decisions: dict[str, str]) -> dict[str, str]:
    """Return the decisions about federal holidays, "open" or "closed", keyed by date. Leave out empty ones."""
    for day, decision in decisions.items():
        if _day(day) not in federal_holidays(_day(day).year):
            raise ValueError(f"{day} is not a federal holiday.")
        if decision not in ("", "open", "closed"):
            raise ValueError(f"{day} is “open” or “closed”.")
    return {day: decision for day, decision in sorted(decisions.items()) if decision}


def review_url(text: str) -> str:
    """Return the link to Google's review form, from a full link or a place ID."""
    text = text.strip()
    if re.fullmatch(r"[A-Za-z0-9_-]{10,}", text):
        text = f"https://search.google.com/local/writereview?placeid={text}"
    if not text:
        return ""
    if not leads_to(text, REVIEW_LINKS):
        places = ", ".join(host + path.rstrip("/") for host, path in REVIEW_LINKS.items())
        raise ValueError(f"Enter Google's own review link (https, on one of {places}), or the place ID.")
    if len(text) > REVIEW_LINK_LENGTH:
        raise ValueError(f"Use a link of {REVIEW_LINK_LENGTH} characters or fewer: longer ones print too small.")
    return text


def https_url(text: str) -> str:
    text = text.strip()
    if text and not re.fullmatch(r"https://[!-~]+", text):
        raise ValueError("Enter a link that starts with https://.")
    return text


def email(text: str) -> str:
    try:
        return typed.email(text) if text.strip() else ""
    except ValueError as error:
        raise ValueError(f"{error}.") from None


def announcement(value: dict[str, str]) -> dict[str, str]:
    """Return the announcement's text and its local start and end times, or {} if it has no text."""
    text = " ".join((value.get("text") or "").split())
    until = value.get("until") or ""
    if not text:
        return {}
    if len(text) > ANNOUNCEMENT_LENGTH:
        raise ValueError(f"Use {ANNOUNCEMENT_LENGTH} characters or fewer; this has {len(text)}.")
    if not until:
        raise ValueError("Enter the day and time at which it disappears.")
    ends, since = _local_time(until, "end"), value.get("since")
    starts = _local_time(since, "start") if since else timezone.localtime().replace(tzinfo=None)
    if ends <= starts:
        raise ValueError("The end is before the start." if since else "This time is in the past.")
    return {"text": text, "since": starts.isoformat(timespec="minutes"), "until": ends.isoformat(timespec="minutes")}


def _local_time(text: str, name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"Enter the {name} as a day and a time.") from None
    if moment.tzinfo:
        raise ValueError("Enter the clinic's local time, without a time zone.")
    return moment


def closed_day(text: str) -> str:
    """Return the day on which a manager closed early, as ISO date, or ""."""
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        raise ValueError("Enter the day as a date.") from None


def _day(value: str | date | None) -> date:
    try:
        return value if isinstance(value, date) else date.fromisoformat(value or "")
    except ValueError:
        raise ValueError("Enter the first day as a date.") from None


def _clock(value: str | time) -> time:
    try:
        at = value if isinstance(value, time) else time.fromisoformat(value)
    except ValueError:
        raise ValueError("Enter times like 13:00.") from None
    if at.tzinfo:
        raise ValueError("Enter times like 13:00.")
    return at


FACTS = {
    "phone": Fact("Phone", "At the top and foot of every page, on error pages, the receipt and its email", phone),
    "street": Fact(
        "Street address",
        "In the footer, on Home, About and Visit us, in the receipt's email, the map link and the counter card",
        street,
    ),
    "postal_code": Fact("ZIP code", "With the street address", postal_code),
    **{key: Fact(label, "On Visit us", visit.directions) for key, label in visit.DIRECTIONS.items()},
    "hours": Fact(
        "Opening hours", "On Home, About and Visit us; every promise to call back follows them", weekly_hours
    ),
    "closures": Fact(
        "Closures", "On Home, About and Visit us from a week before; promises and reminders skip them", closures
    ),
    "holidays": Fact(
        "Federal holidays",
        "Until you decide, promises treat each as closed and pages don't mention it",
        decided_holidays,
    ),
    "announcement": Fact("Announcement", "Across the top of every page and on the form, until its end", announcement),
    # Only a day: pages build the notice from the closure that begins on it, so removing the closure takes it down.
    "closed_today": Fact(
        "Closed today", "Across the top of every page and on the form, for the rest of the day", closed_day
    ),
    "review_url": Fact("Google review link", "On the review page, its QR code and the counter card", review_url),
    "urgent_email": Fact("Email for urgent requests", "Not shown; gets urgent requests as well as the staff", email),
    "reply_email": Fact(
        "Email for replies",
        "Not shown; gets the replies to confirmation emails, which otherwise say that no one reads replies",
        email,
    ),
    "manager_email": Fact("Manager's email", "Not shown; gets reminders that nobody acts on", email),
    "people": Fact("People", "On Our team and About; Home and the footer name the responsible licensee", people.people),
    "article_reviews": Fact("Reviews of articles", "At the top of the reviewed article", people.reviews),
    pictures.DOOR: Fact("Picture of the door", "On Home, About and Visit us", pictures.door),
    pictures.ROOM: Fact("Picture of a room", "On About and Your visit", pictures.room),
    pictures.PEOPLE: Fact(
        "Pictures of people",
        "With the person, on Our team and About; the responsible licensee's also on Home",
        pictures.of_people,
    ),
    "privacy_practices_url": Fact("Notice of privacy practices", "In the footer and on Privacy", https_url),
    "nondiscrimination_url": Fact("Notice of nondiscrimination", "In the footer and on Privacy", https_url),
    "language_help_url": Fact("Language help", "In the footer and on Privacy", https_url),
    "prices": Fact("Prices", "On Cost, with their date and the sentence that Illinois law asks for", prices.clean),
    **{
        each.fact: Fact(f"Answer to “{each.text}”", each.appears, phone if each.key == NIGHT_NUMBER else sentence)
        for each in QUESTIONS.values()
    },
    **{
        kind.fact: Fact(f"{kind.title}, on this site", "In the footer and on Privacy", notices.clean)
        for kind in NOTICES.values()
    },
}
# Facts that the clinic does not always need, so neither deploy_check nor the desk lists them as missing.
NEVER_MISSING = (
    *("closures", "holidays", "announcement", "closed_today", "landmark", "transit", "reply_email", "article_reviews"),
    pictures.PEOPLE,
    *(each.fact for each in QUESTIONS.values()),
    *(kind.fact for kind in NOTICES.values()),
)


def missing(stored: dict[str, Any]) -> dict[str, str]:
    """Return the label of each fact that the clinic needs and has not set, by key. A notice is set here or as a link."""
    hosted = {kind.url_fact for kind in NOTICES.values() if kind.fact in stored}
    return {key: fact.label for key, fact in FACTS.items() if key not in {*stored, *hosted, *NEVER_MISSING}}


# --- Facts in words, for the history


def in_words(key: str, value: Any) -> str:
    """Return a stored fact as the history shows it, or "not set" if it is empty."""
    if not value:
        return "not set"
    if key == "hours":
        return "; ".join(map(_day_hours_in_words, WEEKDAY_NAMES, value))
    if key == "closures":
        return "; ".join(map(_closure_in_words, value))
    if key == "holidays":
        return "; ".join(f"{_day_in_words(day)} {decision}" for day, decision in value.items())
    if key == "closed_today":
        return _day_in_words(value)
    if key == "prices":
        return prices.in_words(value)
    if key == "announcement":
        return f"“{value['text']}” from {moment_in_words(value['since'])} until {moment_in_words(value['until'])}"
    return f"“{value}”" if FACTS[key].clean is sentence else str(value)


def _day_in_words(text: str) -> str:
    day = datetime.fromisoformat(text)
    return f"{day:%B} {day.day}, {day.year}"


def moment_in_words(text: str) -> str:
    return f"{_day_in_words(text)}, {clock(datetime.fromisoformat(text).time())}"


def _day_hours_in_words(name: str, day: str) -> str:
    return f"{name} {' and '.join(span.words for span in parse_spans(day)) or 'closed'}"


def _closure_in_words(row: dict[str, str]) -> str:
    first, last = _day_in_words(row["first"]), _day_in_words(row["last"])
    days = first if first == last else f"{first} to {last}"
    part = f", {clock(_clock(row['starts']))} to {clock(_clock(row['ends']))}" if row["starts"] else ""
    return days + part + (f" ({row['reason']})" if row["reason"] else "")


# Facts with parts, whose changes are described part by part.
CHANGES = {
    "people": people.people_changes,
    "article_reviews": people.review_changes,
    **{kind.fact: notices.changes for kind in NOTICES.values()},
    pictures.DOOR: pictures.changes,
    pictures.ROOM: pictures.changes,
    pictures.PEOPLE: pictures.people_changes,
}


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Return a line for each change, such as "Phone: (618) 555-0100, was not set"."""
    return [
        f"{fact.label}: {change}"
        for key, fact in FACTS.items()
        if before.get(key) != after.get(key)
        for change in _changes(key, before.get(key), after.get(key))
    ]


def _changes(key: str, before: Any, after: Any) -> list[str]:
    if key in CHANGES:
        return CHANGES[key](before, after)
    return [f"{in_words(key, after)}, was {in_words(key, before)}"]
