"""The clinic's photographs as facts: which picture shows the door, a room or a person, and its alt text.

The pictures themselves are rows of `Picture`, which never change. An edition names a picture by its key, so putting an
edition back also brings back its pictures. clinic/picture_files.py makes the rows from uploaded files.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from clinic import typed
from clinic.models import Edition, Picture
from clinic.people import Person

Row = dict[str, Any]  # a picture's key and its alt text, as stored in an edition

ALT_LENGTH = 200
DOOR, ROOM, PEOPLE = "door_picture", "room_picture", "people_pictures"
UNUSED_KEPT = timedelta(days=1)


@dataclass(frozen=True)
class ShownPicture:
    """A picture as pages show it."""

    key: str
    alt: str
    kind: str

    @property
    def height_for(self) -> dict[int, int]:
        """Return the height for each width at which templates show pictures of this kind."""
        wide, high = Picture.SHAPES[self.kind]
        return {width: width * high // wide for width in (120, 240, 480, 576, 960)}

    @classmethod
    def from_row(cls, row: Row | None, kind: str) -> "ShownPicture | None":
        return cls(row["picture"], row["alt"], kind) if row else None


def with_pictures(people: Iterable[Person], rows: dict[str, Row] | None) -> tuple[Person, ...]:
    """Return the people with their pictures. A picture of someone who is no longer one of them is not shown."""
    kind = Picture.Kind.PERSON
    return tuple(
        replace(person, picture=ShownPicture.from_row((rows or {}).get(person.name), kind)) for person in people
    )


def kept_by(people: Iterable[dict[str, Any]], facts: dict[str, Any], renamed: dict[str, str]) -> dict[str, Row]:
    """Return the pictures of people after the people in `facts` became `people`. `renamed` maps old to new names.

    A picture of someone who isn't one of them any more is left out, so that typing the name again later shows nobody's.
    """
    before, after = ({person["name"] for person in each} for each in (facts.get("people", ()), people))
    rows = {name: row for name, row in facts.get(PEOPLE, {}).items() if name in before}
    rows = {renamed.get(name, name): _renamed(row, name, renamed) for name, row in rows.items()}
    return {name: row for name, row in rows.items() if name in after}


def _renamed(row: Row, name: str, renamed: dict[str, str]) -> Row:
    """Return a person's picture, with the new name in its alt text if it fits."""
    alt = row["alt"].replace(name, renamed.get(name, name))
    return row | {"alt": alt} if len(alt) <= ALT_LENGTH else row


def shown_keys(facts: dict[str, Any]) -> set[str]:
    """Return the keys of the pictures that pages with these facts show."""
    people = {person["name"] for person in facts.get("people", ())}
    rows = [facts.get(DOOR), facts.get(ROOM)]
    rows += [row for name, row in facts.get(PEOPLE, {}).items() if name in people]
    return {row["picture"] for row in rows if row}


def _named_keys(facts: dict[str, Any]) -> set[str]:
    rows = [facts.get(DOOR), facts.get(ROOM), *facts.get(PEOPLE, {}).values()]
    return {row["picture"] for row in rows if row}


# --- Validating


def door(row: Row) -> Row:
    return _clean(row, Picture.Kind.DOOR)


def room(row: Row) -> Row:
    return _clean(row, Picture.Kind.ROOM)


def of_people(rows: dict[str, Row]) -> dict[str, Row]:
    """Return the validated pictures, keyed by the person's name. Leave out empty ones."""
    return {typed.name(name): _clean(row, Picture.Kind.PERSON) for name, row in sorted(rows.items()) if row}


def alt_text(text: str) -> str:
    text = " ".join(text.split())
    if not text:
        raise ValueError("Say in a few words what the picture shows, for people who can't see it.")
    if len(text) > ALT_LENGTH:
        raise ValueError(f"Use {ALT_LENGTH} characters or fewer; this has {len(text)}.")
    return text


def _clean(row: Row, kind: str) -> Row:
    if not row:
        return {}
    alt = alt_text(row.get("alt") or "")
    key = str(row.get("picture") or "")
    if not Picture.objects.filter(key=key, kind=kind).exists():
        raise ValueError("This picture is no longer stored. Choose the file again.")
    return {"picture": key, "alt": alt}


# --- In words, for the history


def changes(before: Row | None, after: Row | None) -> list[str]:
    return [f"{_in_words(after)}, was {_in_words(before)}"]


def people_changes(before: dict[str, Row] | None, after: dict[str, Row] | None) -> list[str]:
    """Return a line for each person whose picture changed, or was another name's before."""
    was, now = before or {}, after or {}
    gone = {row["picture"]: name for name, row in was.items() if name not in now}
    renamed = {name: gone[row["picture"]] for name, row in now.items() if name not in was and row["picture"] in gone}
    lines = [f"{name}: {_in_words(now[name])}, was the picture of {old}" for name, old in sorted(renamed.items())]
    return lines + [
        f"{name}: {_in_words(now.get(name))}, was {_in_words(was.get(name))}"
        for name in sorted({*was, *now} - {*renamed, *renamed.values()})
        if was.get(name) != now.get(name)
    ]


def _in_words(row: Row | None) -> str:
    """Return the picture's alt text and the start of its key, which tells two pictures with the same text apart."""
    return f"“{row['alt']}” (picture {row['picture'][:8]})" if row else "none"


# --- Pictures that no edition names


def remove_unused() -> int:
    """Delete pictures older than a day that no edition names, such as previews that were never saved.

    Lock the rows before reading the editions, so that saving an edition, which locks its picture too, can't name a
    picture while it is deleted.
    """
    with transaction.atomic():
        old = Picture.objects.select_for_update().filter(made_at__lt=timezone.now() - UNUSED_KEPT)
        keys = set(old.values_list("key", flat=True))
        for facts in Edition.objects.values_list("facts", flat=True).iterator() if keys else ():
            keys -= _named_keys(facts)
        Picture._base_manager.filter(key__in=keys).delete()
    return len(keys)
