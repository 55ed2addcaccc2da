"""The JSON type of each fact, checked before clinic/facts.py validates its content.

A type is str, bool or a tuple of types; [type] is a list of them, {"part": type} an object whose other parts don't
matter, and {str: type} an object with any keys. A part of an object may also be null.
"""

from typing import Any

from clinic import pictures
from clinic.notices import NOTICES
from clinic.people import LABELS

PICTURE = {"picture": str, "alt": str}
# Facts that are not listed are text.
FACT_TYPES: dict[str, Any] = {
    "hours": [str],
    "closures": [dict.fromkeys(("first", "last", "starts", "ends", "reason"), str)],
    "holidays": {str: str},
    "announcement": dict.fromkeys(("text", "since", "until"), str),
    "people": [{part: bool if part == "responsible" else str for part in LABELS}],
    "article_reviews": {str: {"name": str, "day": str}},
    pictures.DOOR: PICTURE,
    pictures.ROOM: PICTURE,
    pictures.PEOPLE: {str: PICTURE},
    "prices": {"as_of": str, "rows": [{"what": str, "amount": (str, int, float), "note": str}]},
    **{kind.fact: {"effective": str, "texts": [{"language": str, "text": str}]} for kind in NOTICES.values()},
}
NAMES = {list: "a list", dict: "an object", str: "text", bool: "true or false", (str, int, float): "text or a number"}


def check_type(key: str, value: Any) -> None:
    """Raise ValueError with a message for staff, like "must be text", if a fact has the wrong JSON type."""
    _check(value, FACT_TYPES.get(key, str), "")


def _check(value: Any, wanted: Any, where: str) -> None:
    kind = type(wanted) if isinstance(wanted, list | dict) else wanted
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise ValueError(f"{where}must be {NAMES[kind]}.")
    if kind is list:
        for number, each in enumerate(value, 1):
            _check(each, wanted[0], f"{where}row {number} ")
    if kind is dict:
        for part, each in value.items():
            if each is not None and (inner := wanted.get(str, wanted.get(part))):
                _check(each, inner, f"{where}“{part}” ")
