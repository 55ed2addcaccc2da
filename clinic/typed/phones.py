"""Reads typed phone numbers."""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote

import phonenumbers
from phonenumbers import NumberParseException, ValidationResult

from clinic.typed.characters import digits, plain

NO_AREA_CODE = "Enter a phone number with its area code, like 618 555 0100"
TOO_MANY_DIGITS = (
    "Check the phone number: it has too many digits. If it is not a US number, start with + and the country code"
)
# Only for phone numbers, because "·" and "ー" are letters in some domain names.
_PHONE_SIGNS = str.maketrans(dict.fromkeys("·•∙⋅‧・。˙", ".") | {"ー": "-", "⁄": "/", "∕": "/", "×": "x"})
_PHONE_PREFIX = re.compile(r"\W*\b(?:tel|sms|callto)\s*:[\s/]*", re.IGNORECASE)
_LETTER = r"[^\W\d_]"
# A word, except "x" and words such as "ext" and "extension".
_WORD = re.compile(rf"(?<!{_LETTER})(?!e?xt|x(?!{_LETTER})){_LETTER}+")
_EXTENSION = re.compile(
    rf"(?P<number>.*\d)[\s.:()=-]*+(?:(?:[,;#*~]|e?xt{_LETTER}*+|x)[\s.:()=-]*+)++(?P<extension>\d{{1,6}})[\s#).,;]*+"
)
# What separates two numbers: a sign, or the + of the second one.
_BETWEEN_NUMBERS = re.compile(r"[/\\|&]|(?<=\d)[^\d+]*(?=\+)")
_TWO_US_NUMBERS = re.compile(r"((?:\+?1\D{0,3})?(?:\D{0,3}\d){10})\s(?=(?:\D{0,4}\d){10,11}\D*$)")


class Phone(NamedTuple):
    e164: str  # such as "+16185550100"
    extension: str = ""


class _Reading(NamedTuple):
    e164: str
    result: int  # one of phonenumbers.ValidationResult


def phone_text(text: str) -> str:
    """Return a typed phone number in plain characters, without a "tel:" prefix."""
    text = plain(text).translate(_PHONE_SIGNS).strip("<> ")
    if prefix := _PHONE_PREFIX.match(text):
        text = plain(unquote(text[prefix.end() :]))
    return "".join(character for character in text if unicodedata.category(character)[0] != "M")


def phone(text: str) -> Phone:
    """Return the first phone number of a text. Without a country code it is a US number.

    Raises ValueError if the number cannot exist, or lacks its area code. A number that could exist but is not in use,
    such as 618 555 0100, is accepted.
    """
    results = []
    for number, extension in _candidates(phone_text(text).lower()):
        e164, result = _read(number)
        if result == ValidationResult.IS_POSSIBLE:
            return Phone(e164, extension)
        if result == ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
            raise ValueError(NO_AREA_CODE)
        results.append(result)
    raise ValueError(TOO_MANY_DIGITS if results[:1] == [ValidationResult.TOO_LONG] else NO_AREA_CODE)


def dialed(text: str) -> Phone:
    """Return the number to dial for a stored text, even if `phone` refuses it."""
    try:
        return phone(text)
    except ValueError:
        number = re.split(r"x|ext", phone_text(text).lower())[0]
        return Phone("+" * bool(re.match(r"\D*\+", number)) + digits(number))


def phone_key(text: str) -> str:
    """Return the last ten digits of the first number, so that the same number matches however it was typed.

    For a US number they are its ten national digits. Stored hashes are of this key, so it must not change.
    """
    return digits(dialed(text).e164)[-10:]


def _candidates(text: str) -> Iterator[tuple[str, str]]:
    """Yield the ways to read the first number of a text, the likeliest first, each with its extension."""
    parts = [part for part in _WORD.split(text) if re.search(r"\d", part)]
    if not parts:
        return
    yield from _with_and_without_extension(parts[0])
    if len(parts) == 1:
        yield text, ""  # 618-555-HELP
    first = next(part for part in _BETWEEN_NUMBERS.split(parts[0]) if re.search(r"\d", part))
    yield from _with_and_without_extension(first)
    yield from ((part, "") for part in re.split(r"[,;]", first)[:1])
    yield from ((two[1], "") for two in [_TWO_US_NUMBERS.match(first)] if two)


def _with_and_without_extension(text: str) -> Iterator[tuple[str, str]]:
    if match := _EXTENSION.fullmatch(text):
        yield re.split(_LETTER, match["number"])[0], match["extension"]
    yield re.split(_LETTER, text)[0], ""


def _read(number: str) -> _Reading:
    number = re.sub(r"^\D*00(?=[1-9])", "+", re.sub(r"[^\w+]|_", " ", number))
    try:
        parsed = phonenumbers.parse(number, "US")
    except NumberParseException as error:
        too_long = error.error_type == NumberParseException.TOO_LONG
        return _Reading("", ValidationResult.TOO_LONG if too_long else ValidationResult.TOO_SHORT)
    if parsed.country_code != 1 and re.search(rf"\d.*{_LETTER}", number):
        return _Reading("", ValidationResult.INVALID_LENGTH)  # only US numbers are spelled with letters
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return _Reading(e164, phonenumbers.is_possible_number_with_reason(parsed))
