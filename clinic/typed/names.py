"""Reads typed names, references and searches."""

import re
import unicodedata

from clinic.typed.characters import BLANKS, JOINERS, LONGEST, plain, plain_character

# Letters that Unicode does not decompose into a base letter and an accent, and apostrophes.
_UNACCENTED = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
    | dict.fromkeys("’‘ʼʹ`´", "'")
)

# Letters, numbers and emoji. Modifier letters such as "ʼ" are left out, because alone they are only signs.
_IN_NAMES = ("Lu", "Ll", "Lt", "Lo", "Nd", "Nl", "No", "So")


def visible(text: str) -> str:
    """Return a text on one line, without directional controls and zero-width characters except joiners."""
    return " ".join("".join(map(_shown_character, text)).split()).strip(JOINERS + " ")


def name(text: str) -> str:
    """Return a name as it can be shown safely, or "" if nothing of it is visible."""
    shown = visible(text[:LONGEST])
    return shown if any(unicodedata.category(character)[0] not in "CMZ" for character in shown) else ""


def is_name(text: str) -> bool:
    """Return whether a text contains a letter or digit of any script, or an emoji, and not only signs."""
    return any(unicodedata.category(character) in _IN_NAMES for character in name(text))


def _shown_character(character: str) -> str:
    if character.isspace() or character in BLANKS:
        return " "
    hidden = unicodedata.category(character) in ("Cc", "Cf", "Cs") and character not in JOINERS
    return "" if hidden else character


def reference(text: str) -> str:
    """Return a typed reference as it is stored, such as K7MB4P9X, or "" if the text contains other signs."""
    text = re.sub(r"^\W*(?:REFERENCE|REF)\b", "", plain(text).upper())
    text = re.sub(r"[\s.,:;#/()'\"<>_-]", "", text)
    return text if re.fullmatch(r"[A-Z0-9]+", text) else ""


def searchable(text: str) -> str:
    """Return a text for comparing: case-folded, without accents and invisible characters, with single spaces."""
    text = text[:LONGEST].translate(_UNACCENTED)
    if not (text.isascii() and text.isprintable()):
        text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text)[:LONGEST].casefold())
        text = "".join(plain_character(character) for character in text if unicodedata.category(character) != "Mn")
    return " ".join(text.casefold().translate(_UNACCENTED).split())
