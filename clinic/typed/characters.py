"""Reduces typed text to plain characters."""

import re
import unicodedata

LONGEST = 300  # characters

# Letters and symbols that look like a space but whose Unicode category is not "space".
BLANKS = "\u115f\u1160\u2800\u3164\uffa0"
JOINERS = "\u200c\u200d"  # Persian, Hindi and other scripts need them between letters
_DASHES = "\u02d7\u2043\u2212"  # dashes outside the category Pd
# Default-ignorable code points outside the category Cf: variation selectors and the like.
_IGNORED = re.compile("[\u034f\u17b4\u17b5\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")


def plain(text: str) -> str:
    """Normalize every dash, space and decimal digit to ASCII, and drop invisible characters."""
    text = unicodedata.normalize("NFKC", text[:LONGEST])[:LONGEST]
    if not (text.isascii() and text.isprintable()):
        text = "".join(map(plain_character, text))
    return " ".join(text.split())


def plain_character(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Pd" or character in _DASHES:
        return "-"
    if character.isspace() or character in BLANKS:
        return " "
    if category in ("Cc", "Cf", "Cs") or _IGNORED.match(character):
        return ""
    return str(unicodedata.decimal(character)) if category == "Nd" else character


def digits(text: str) -> str:
    """Return the decimal digits of a text in ASCII."""
    return re.sub(r"[^0-9]", "", plain(text))
