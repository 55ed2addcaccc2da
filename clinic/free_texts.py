"""The free texts among the facts: what managers write for public pages in their own words.

The desk checks these texts for forbidden phrases. A fact is either here or in WITHOUT_FREE_TEXT, which a test checks.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from clinic.answers import NIGHT_NUMBER, QUESTIONS
from clinic.notices import LANGUAGES, NOTICES
from clinic.people import LABELS
from clinic.pictures import DOOR, PEOPLE, ROOM
from clinic.visit import DIRECTIONS

Labeled = Iterator[tuple[str, str]]  # a label for staff, and the text

WITHOUT_FREE_TEXT = {
    *(
        "phone",
        "street",
        "postal_code",
        "hours",
        "holidays",
        "closed_today",
        "review_url",
        "urgent_email",
        "manager_email",
    ),
    *("reply_email", "article_reviews", QUESTIONS[NIGHT_NUMBER].fact),
    *(kind.url_fact for kind in NOTICES.values()),
}


def _one(label: str, text: str) -> Labeled:
    yield label, text


def _announcement(value: dict[str, str]) -> Labeled:
    yield "Announcement", value["text"]


def _closures(rows: list[dict[str, Any]]) -> Labeled:
    for row in rows:
        yield f"Closure on {row['first']}", row["reason"]


def _people(rows: list[dict[str, Any]]) -> Labeled:
    for row in rows:
        for part in ("role", "training", "text"):
            yield f"{row['name']}, {LABELS[part].lower()}", row.get(part, "")


def _prices(value: dict[str, Any]) -> Labeled:
    for number, row in enumerate(value["rows"], 1):
        yield f"Price {number}", f"{row['what']} {row['note']}"


def _notice(title: str, value: dict[str, Any]) -> Labeled:
    for row in value["texts"]:
        yield f"{title}, {LANGUAGES[row['language']].name}", row["text"]


def _picture(label: str, row: dict[str, str]) -> Labeled:
    yield f"{label}, alt text", row["alt"]


def _people_pictures(rows: dict[str, dict[str, str]]) -> Labeled:
    for name, row in rows.items():
        yield from _picture(f"Picture of {name}", row)


FREE_TEXTS: dict[str, Callable[[Any], Labeled]] = {
    **{key: partial(_one, label) for key, label in DIRECTIONS.items()},
    "closures": _closures,
    "announcement": _announcement,
    "people": _people,
    "prices": _prices,
    **{each.fact: partial(_one, each.text) for key, each in QUESTIONS.items() if key != NIGHT_NUMBER},
    DOOR: partial(_picture, "Picture of the door"),
    ROOM: partial(_picture, "Picture of the room"),
    PEOPLE: _people_pictures,
    **{kind.fact: partial(_notice, kind.title) for kind in NOTICES.values()},
}


def free_texts(facts: dict[str, Any]) -> dict[str, str]:
    """Return the free texts of validated facts, keyed by a label for staff. Leave out empty ones."""
    return {
        label: text
        for key, texts in FREE_TEXTS.items()
        if facts.get(key)
        for label, text in texts(facts[key])
        if text.strip()
    }
