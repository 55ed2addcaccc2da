"""Recognizes notes that read as if someone may be in danger, in English and Spanish.

A false alarm costs staff a minute, but a missed note can cost a life. So when in doubt, a note is marked. To make the
check find more, or less, add a phrase to `crisis_phrases.py`.
"""

import re
import unicodedata
from collections.abc import Iterable

from consultations.crisis_phrases import ENGLISH, ORDINARY, OTHER_SCRIPTS, REPLACED, SPANISH, SWAPPED, TOLERANT

LONGEST_READ = 5000  # characters; the form's longest answer has 1000

_MARKS = re.compile(r"[^a-z0-9]+")
_REPEATS = re.compile(r"([a-z])\1+")
_SPELLED_OUT = re.compile(r"\b(?:[a-z] ){2,}[a-z]\b")
_SOUND_ALIKE = str.maketrans("vzcq", "bskk")
_INSIDE_WORDS = str.maketrans("013457@$", "oieastas")


def reads_like_crisis(text: str) -> bool:
    """Return whether a note reads as if its writer, or someone the writer knows, may be in danger."""
    if _OTHER_SCRIPTS.search(" ".join(text[:LONGEST_READ].split())):
        return True
    words = " ".join(_ORDINARY_PHRASES.sub(" ", _normalized(text[:LONGEST_READ])).split())
    return any(pattern.search(words) for pattern in _CRISIS_PHRASES)


def _normalized(text: str) -> str:
    """Return the text as lowercase words without accents, punctuation, doubled letters and common misspellings."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if unicodedata.category(c)[0] != "M")
    plain = "".join(c for c in plain if unicodedata.category(c) not in ("Cf", "Cs"))
    plain = re.sub(r"['’‘`´]", "", plain)
    plain = re.sub(r"[^\s]+", lambda word: _without_digits(word.group()), plain)
    plain = _MARKS.sub(" ", plain).strip()
    plain = _SPELLED_OUT.sub(lambda letters: letters.group().replace(" ", ""), plain)
    words = (_MISSPELLED.get(word, word) for word in _squashed(plain).split())
    return " ".join(_REPLACED_SQUASHED.get(word, word) for word in words)


def _without_digits(word: str) -> str:
    """Read digits inside a word as the letters they resemble, as in "su1cide"."""
    return word.translate(_INSIDE_WORDS) if re.search(r"[a-z]", word) and len(word) > 2 else word


def _squashed(text: str) -> str:
    """Write doubled letters once, and letters that sound alike in Spanish as one: b and v, s and z, k, c and qu."""
    return _REPEATS.sub(r"\1", text.replace("qu", "k").translate(_SOUND_ALIKE))


def _misspellings(word: str) -> Iterable[str]:
    """Yield the word with one letter wrong, missing or extra, or two swapped. The first letter stays."""
    yield from _swapped(word)
    letters = "abcdefghijklmnopqrstuvwxyz"
    for i in range(1, len(word) + 1):
        yield word[:i] + word[i + 1 :]
        for letter in letters:
            yield word[:i] + letter + word[i:]
            yield word[:i] + letter + word[i + 1 :]


def _swapped(word: str) -> Iterable[str]:
    """Yield the word with two neighboring letters swapped. The first letter stays."""
    return (word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(1, len(word) - 1))


def _compiled(phrases: Iterable[str]) -> re.Pattern[str]:
    """Compile one pattern that matches any of the phrases, at word boundaries in normalized text."""
    spread = (_squashed(phrase).replace("~~", r"(?:\w+ ){0,8}").replace("~", r"(?:\w+ ){0,4}") for phrase in phrases)
    return re.compile(r"\b(?:" + "|".join(f"(?:{phrase})" for phrase in spread) + r")(?!\w)")


_REPLACED_SQUASHED = {_squashed(word): _squashed(plain) for word, plain in REPLACED.items()}
_MISSPELLED = {
    _squashed(wrong): _squashed(word)
    for words, misspellings in ((SWAPPED, _swapped), (reversed(TOLERANT), _misspellings))
    for word in words
    for wrong in (*misspellings(word), word)
}
# Wishes to die in Russian, Ukrainian, Chinese, Japanese, Korean and Arabic, which the normalized text does not contain.
_OTHER_SCRIPTS = re.compile("|".join(OTHER_SCRIPTS), re.IGNORECASE)
_ORDINARY_PHRASES = _compiled(ORDINARY)
_CRISIS_PHRASES = [_compiled(phrases) for language in (ENGLISH, SPANISH) for phrases in language.values()]
