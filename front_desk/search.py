"""Finds requests by what staff type: part of a name, phone number or email address, or the start of a reference."""

import re
from collections.abc import Callable, Iterator
from difflib import SequenceMatcher
from functools import cache
from heapq import nlargest

from clinic import typed
from consultations.encryption import Unreadable
from consultations.models import ConsultationRequest
from consultations.models.request import REFERENCE_ALPHABET

MOST_FOUND = 50
FEWEST_DIGITS = 3
FEWEST_WITH_COUNTRY_CODE = 7
FEWEST_OF_REFERENCE = 4
MOST_SIMILAR = 5
SIMILAR = 0.75  # the least likeness of two words, so that Smyth finds Smith, and Brian finds Bryan
# Signs that people leave out of a name, or write in another way.
SIGNS = {"'": None, ".": None, ",": " "}
SPACED, JOINED = (str.maketrans(SIGNS | {"-": between}) for between in (" ", None))

Matches = Callable[[str], bool]


def exact_matches(words: str) -> list[int]:
    """Return the keys of up to MOST_FOUND + 1 requests with this reference, whole phone number or email address."""
    requests = ConsultationRequest.objects.order_by("-created_at", "-pk")
    by_reference = requests.filter(reference=typed.reference(words)).values_list("pk", flat=True)
    by_contact = requests.with_contact(words).values_list("pk", flat=True)
    return list(by_reference) or list(by_contact[: MOST_FOUND + 1])


def partial_matches(words: str) -> list[int]:
    """Return the keys of up to MOST_FOUND + 1 requests that `words` is a part of, or whose reference begins with it.

    Answers are encrypted, so the database cannot compare them. Requests that are not erased are decrypted instead.
    """
    checks = _checks(words)
    found = _begin_with(typed.reference(words))
    for pk, answers in _answers(list(checks)) if checks else ():
        if len(found) > MOST_FOUND:
            break
        if pk not in found and any(matches(answer) for matches, answer in zip(checks.values(), answers, strict=True)):
            found.append(pk)
    return found


def _begin_with(start: str) -> list[int]:
    """Return the keys of the requests whose reference begins like this. Few names could be such a beginning."""
    if len(start) < FEWEST_OF_REFERENCE or not set(start) <= set(REFERENCE_ALPHABET):
        return []
    rows = ConsultationRequest.objects.filter(reference__startswith=start).order_by("-created_at", "-pk")
    return list(rows.values_list("pk", flat=True)[: MOST_FOUND + 1])


def similar_names(words: str) -> list[int]:
    """Return the keys of up to MOST_SIMILAR requests with a name that may be what `words` misspells."""
    if "full_name" not in _checks(words):
        return []
    parts = [(part, _likeness_to(part)) for part in _parts_of_name(words)]
    near: list[tuple[float, int]] = []
    for pk, [name] in _answers(["full_name"]):
        text = _text_of_name(name)
        scores = [1.0 if part in text else max(map(likeness, text.split()), default=0) for part, likeness in parts]
        if min(scores) >= SIMILAR:
            near.append((sum(scores), pk))
    return [pk for _, pk in nlargest(MOST_SIMILAR, near)]


def _likeness_to(part: str) -> Callable[[str], float]:
    matcher = SequenceMatcher(b=part)

    @cache
    def likeness(word: str) -> float:
        matcher.set_seq1(word)
        # These are upper bounds of the likeness, and far faster.
        bounds = (matcher.real_quick_ratio, matcher.quick_ratio)
        return matcher.ratio() if all(bound() >= SIMILAR for bound in bounds) else 0

    return likeness


def _answers(names: list[str]) -> Iterator[tuple[int, list[str]]]:
    kept = ConsultationRequest.objects.filter(erased_at=None).order_by("-created_at")
    for pk, *values in kept.values_list("pk", *names).iterator(chunk_size=500):
        yield pk, ["" if value is None or isinstance(value, Unreadable) else value for value in values]


def _checks(words: str) -> dict[str, Matches]:
    """Return the answers to compare with `words`, each with the function that compares."""
    wanted = typed.searchable(words)
    digits = typed.digits(words)
    checks: dict[str, Matches] = {}
    if "@" in wanted:
        checks["email"] = lambda email: wanted in typed.searchable(email)
    elif re.search(r"[^\W\d_]", wanted):
        parts = _parts_of_name(words)
        checks["full_name"] = lambda name: _has_all(parts, _text_of_name(name))
        checks["email"] = lambda email: wanted in email.lower()
    elif len(digits) >= FEWEST_DIGITS:
        # The stored number may lack the country code. In a short part, a 1 is not a country code.
        spellings = {digits, digits.removeprefix("1")} if len(digits) >= FEWEST_WITH_COUNTRY_CODE else {digits}
        checks["phone"] = checks["direct_line"] = lambda phone: _has_any(spellings, typed.digits(phone))
    return checks


def _parts_of_name(words: str) -> list[str]:
    return typed.searchable(words).translate(SPACED).split()


def _text_of_name(name: str) -> str:
    """Return a name for comparing, without signs. A double name is in it as two words and as one."""
    text = typed.searchable(name)
    return f"{text.translate(SPACED)} {text.translate(JOINED)}" if "-" in text else text.translate(SPACED)


def _has_all(parts: list[str], text: str) -> bool:
    return all(part in text for part in parts)


def _has_any(parts: set[str], text: str) -> bool:
    return any(part in text for part in parts)
