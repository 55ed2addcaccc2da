"""Finds requests by what staff type: part of a name, phone number or email address, or a reference."""

import re
from collections.abc import Callable, Iterator

from clinic import typed
from consultations.encryption import Unreadable
from consultations.models import ConsultationRequest

MOST_FOUND = 50
FEWEST_DIGITS = 3
FEWEST_WITH_COUNTRY_CODE = 7

Matches = Callable[[str], bool]


def exact_matches(words: str) -> list[int]:
    """Return the keys of up to MOST_FOUND + 1 requests with this reference, whole phone number or email address."""
    requests = ConsultationRequest.objects.order_by("-created_at", "-pk")
    by_reference = requests.filter(reference=typed.reference(words)).values_list("pk", flat=True)
    by_contact = requests.with_contact(words).values_list("pk", flat=True)
    return list(by_reference) or list(by_contact[: MOST_FOUND + 1])


def partial_matches(words: str) -> list[int]:
    """Return the keys of up to MOST_FOUND + 1 requests that `words` is a part of, the newest first.

    Answers are encrypted, so the database cannot compare them. Requests that are not erased are decrypted instead.
    """
    checks = _checks(words)
    found: list[int] = []
    for pk, answers in _answers(list(checks)) if checks else ():
        if any(matches(answer) for matches, answer in zip(checks.values(), answers, strict=True)):
            found.append(pk)
            if len(found) > MOST_FOUND:
                break
    return found


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
        parts = wanted.replace(",", " ").split()
        checks["full_name"] = lambda name: _has_all(parts, typed.searchable(name))
        checks["email"] = lambda email: wanted in email.lower()
    elif len(digits) >= FEWEST_DIGITS:
        # The stored number may lack the country code. In a short part, a 1 is not a country code.
        spellings = {digits, digits.removeprefix("1")} if len(digits) >= FEWEST_WITH_COUNTRY_CODE else {digits}
        checks["phone"] = checks["direct_line"] = lambda phone: _has_any(spellings, typed.digits(phone))
    return checks


def _has_all(parts: list[str], text: str) -> bool:
    return all(part in text for part in parts)


def _has_any(parts: set[str], text: str) -> bool:
    return any(part in text for part in parts)
