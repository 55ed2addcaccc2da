"""The clinic's people, and who reviewed which article.

A review names its person, so the name is what identifies a person: nobody becomes the reviewer of an article because a
manager typed a new person over an old one.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from clinic import typed
from clinic.links import leads_to

Row = dict[str, Any]  # one person, or one review, as stored

# Hosts of the state's license lookup, and how the path must start.
LICENSE_LOOKUPS = {"idfpr.illinois.gov": "/", "online-dfpr.micropact.com": "/"}
MOST_PEOPLE = 30
LABELS = {
    "name": "Name",
    "title": "License title",
    "role": "Role",
    "training": "Training",
    "text": "In a few words",
    "license_url": "License lookup",
    "responsible": "Responsible licensee",
}
LONGEST = {"name": 100, "title": 100, "role": 100, "training": 200, "text": 600, "license_url": 300}
# Earlier editions name one reviewer of all articles. No page shows it, because it says neither what was reviewed nor when.
RETIRED_FACTS = ("reviewer", "reviewer_title")


@dataclass(frozen=True)
class Person:
    name: str
    title: str = ""  # as licensed
    role: str = ""
    training: str = ""
    text: str = ""
    license_url: str = ""
    responsible: bool = False  # the home page and every footer name this licensee
    picture: Any = None  # a ShownPicture: see clinic/pictures.py

    @classmethod
    def from_row(cls, row: Row) -> "Person":
        return cls(**{part: row[part] for part in LABELS if part in row})

    @property
    def name_and_title(self) -> str:
        return f"{self.name}, {self.title}" if self.title else self.name


@dataclass(frozen=True)
class Review:
    """A review of an article by one of the clinic's people."""

    person: Person
    day: date


class PersonError(ValueError):
    """An error in one part of one person. `row` is the person's index in the list."""

    def __init__(self, message: str, part: str, row: int = 0) -> None:
        super().__init__(message)
        self.part, self.row = part, row


# --- People


def people(rows: list[Row]) -> list[Row]:
    """Return validated people, in their order. Exactly one of them is the responsible licensee."""
    if len(rows) > MOST_PEOPLE:
        raise ValueError(f"Enter at most {MOST_PEOPLE} people.")
    cleaned = [_person(row, number) for number, row in enumerate(rows)]
    names = [typed.searchable(row["name"]) for row in cleaned]
    for number, name in enumerate(names):
        if name in names[:number]:
            raise PersonError(f"{cleaned[number]['name']} is here twice.", "name", number)
    responsible = [number for number, row in enumerate(cleaned) if row["responsible"]]
    if cleaned and len(responsible) != 1:
        raise PersonError("Mark one person as the responsible licensee.", "responsible", (responsible or [0])[-1])
    return cleaned


def _person(row: Row, number: int) -> Row:
    cleaned: Row = {}
    for part in LONGEST:
        try:
            cleaned[part] = clean_part(part, row.get(part) or "")
        except ValueError as error:
            raise PersonError(str(error), part, number) from error
    cleaned["responsible"] = bool(row.get("responsible"))
    if cleaned["responsible"] and not cleaned["title"]:
        raise PersonError(
            "Enter the responsible licensee's title, because Home and the footer show it.", "title", number
        )
    return cleaned


def clean_part(part: str, text: str) -> str:
    """Return one part of a person, validated, on one line. Raise ValueError with a message for staff."""
    text = " ".join(text.split())
    if part == "name" and not typed.name(text):
        raise ValueError("Enter a name.")
    if len(text) > LONGEST[part]:
        raise ValueError(f"Use {LONGEST[part]} characters or fewer; this has {len(text)}.")
    if part == "license_url" and text and not leads_to(text, LICENSE_LOOKUPS):
        raise ValueError(f"Enter a link to the state's license lookup (https, on {' or '.join(LICENSE_LOOKUPS)}).")
    return typed.name(text) if part == "name" else text


def may_be_one_person(name: str, other: str) -> bool:
    """Return whether two names share a word of three letters or more, as they do if one corrects the other."""
    words, others = (set(re.findall(r"\w{3,}", typed.searchable(each))) for each in (name, other))
    return not words.isdisjoint(others)


def merged(base: list[Row], theirs: list[Row], mine: list[Row]) -> list[Row]:
    """Return the people after two edits of `base`. Where both changed the same person, `mine` wins."""
    before, saved, typed_here = ({row["name"]: row for row in rows} for rows in (base, theirs, mine))
    kept = [
        saved.get(name, row) if row == before.get(name) else row
        for name, row in typed_here.items()
        if name in saved or row != before.get(name)
    ]
    return kept + [row for name, row in saved.items() if name not in before and name not in typed_here]


# --- Reviews of articles


def reviews(records: dict[str, Row]) -> dict[str, Row]:
    """Return validated reviews, keyed by the article's slug. Leave out empty ones."""
    return {slug: review(record) for slug, record in sorted(records.items()) if record}


def review(record: Row) -> Row:
    """Return a validated review: the person's name, and the day."""
    name = clean_part("name", record.get("name") or "")
    try:
        day = date.fromisoformat(str(record.get("day") or ""))
    except ValueError:
        raise ValueError("Enter the day of the review as a date.") from None
    if day > timezone.localdate():
        raise ValueError("This day is in the future.")
    return {"name": name, "day": day.isoformat()}


def shown_review(record: Row | None, team: tuple[Person, ...], checked: date) -> Review | None:
    """Return an article's review, if it may be shown: its person is set, and it is not older than `checked`.

    `checked` is the day on which the article was last changed or checked against its sources.
    """
    person = next((each for each in team if record and each.name == record["name"]), None)
    if not person or (day := date.fromisoformat(record["day"])) < checked:
        return None
    return Review(person, day)


# --- Changes in words, for the history


def people_changes(before: list[Row] | None, after: list[Row] | None) -> list[str]:
    """Return a line for each change between two lists of people."""
    was, now = ({row["name"]: row for row in rows or ()} for rows in (before, after))
    lines = [f"{name} removed" for name in was if name not in now]
    lines += [f"{_in_words(row)} added" for name, row in now.items() if name not in was]
    both = [name for name in now if name in was]
    for name in both:
        lines += [
            f"{name}: {LABELS[part].lower()} {_value(now[name], part)}, was {_value(was[name], part)}"
            for part in LABELS
            if now[name].get(part) != was[name].get(part)
        ]
    if both != [name for name in was if name in now]:
        lines.append(f"in the order {', '.join(now)}")
    return lines


def review_changes(before: dict[str, Row] | None, after: dict[str, Row] | None) -> list[str]:
    """Return a line for each article whose review changed."""
    was, now = before or {}, after or {}
    return [
        f"{slug}: {_review_in_words(now.get(slug))}, was {_review_in_words(was.get(slug))}"
        for slug in sorted({*was, *now})
        if was.get(slug) != now.get(slug)
    ]


def _in_words(row: Row) -> str:
    parts = [f"{LABELS[part].lower()} {_value(row, part)}" for part in LABELS if part != "name" and row.get(part)]
    return f"{row['name']} ({'; '.join(parts)})" if parts else row["name"]


def _value(row: Row, part: str) -> str:
    return ("yes" if row.get(part) else "no") if part == "responsible" else row.get(part) or "not set"


def _review_in_words(record: Row | None) -> str:
    if not record:
        return "no review"
    day = date.fromisoformat(record["day"])
    return f"reviewed by {record['name']} on {day:%B} {day.day}, {day.year}"
