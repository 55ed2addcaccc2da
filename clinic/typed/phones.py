"""Reads typed phone numbers."""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, ValidationResult

from clinic.typed.characters import digits, plain

# {it} is "the phone number", or what else the form calls it.
NO_AREA_CODE = "Enter {it} with its area code, like 618 555 0100"
TOO_FEW_DIGITS = "Check {it}: it has {count} digits, and a US number has 10 with its area code"
TOO_MANY_DIGITS = "Check {it}: it has too many digits. If it is not a US number, start with + and the country code"
A_LETTER = (
    "Check {it}: replace the letter {letter} with the digit {digit}. A US number has 10 digits with its area code"
)
NO_COUNTRY = "Check {it}: no country has the code after the +. If it is a US number, leave out the +"
TOO_SHORT_ABROAD = "Check {it}: it has too few digits after the country code"
TOO_LONG_ABROAD = "Check {it}: it has too many digits after the country code"
# Only for phone numbers, because "·" and "ー" are letters in some domain names.
_PHONE_SIGNS = str.maketrans(dict.fromkeys("·•∙⋅‧・。˙", ".") | {"ー": "-", "⁄": "/", "∕": "/", "×": "x"})
_PHONE_PREFIX = re.compile(r"\W*\b(?:tel|sms|callto)\s*:[\s/]*", re.IGNORECASE)
# As most people type it. `phonenumbers` reads it the same, in ten times as long.
_US_NUMBER = re.compile(r"\(?([2-9][0-9]{2})\)?[ .-]?([2-9][0-9]{2})[ .-]?([0-9]{4})")
_LETTER = r"[^\W\d_]"
# A word, except "x" and words such as "ext" and "extension".
_WORD = re.compile(rf"(?<!{_LETTER})(?!e?xt|x(?!{_LETTER})){_LETTER}+")
_SPACING = r"[\s.:()=-]*+"
# "618-555-0100 x45". An extension belongs to the number before it, even if another number follows.
_LETTER_EXTENSION = re.compile(
    rf"(?P<number>(?:(?!{_LETTER}).)*\d)[\W_]*+(?:(?:e?xt{_LETTER}*+|x)[\W_]*+)++(?P<extension>\d{{1,6}})"
    r"(?!\d|(?<=\D\d{3})\D{0,2}\d{3}\D{0,2}\d{4}(?!\d))"  # "ext, 618-555-0100" is another number
)
# "618-555-0100,,45#"
_SIGN_EXTENSION = re.compile(rf"(?P<number>.*\d){_SPACING}(?:[,;#*~]{_SPACING})++(?P<extension>\d{{1,6}})[\s#).,;]*+")
# What separates two numbers: a sign, or the + of the second one.
_BETWEEN_NUMBERS = re.compile(r"[/\\|&]|(?<=\d)[^\d+]*(?=\+)")
_TWO_US_NUMBERS = re.compile(r"((?:\+?1\D{0,3})?(?:\D{0,3}\d){10})\s(?=(?:\D{0,4}\d){10,11}\D*$)")
# When to call: "8am-5pm", "(9 to 5)", and after a US number "9-5" and "24/7".
_TIME = r"(?:[01]?\d|2[0-4])(?::[0-5]\d)?"
_HALF = r"\s?[ap]\.?m?\.?(?![^\W_])"
_TO = r"\s?(?:-|/|to|til|till|until)\s?"
_HOURS = re.compile(
    rf"(?<![^\s(,;/])(?:{_TIME}(?:{_HALF})?{_TO})?{_TIME}{_HALF}(?:{_TO}{_TIME}(?:{_HALF})?)?|\(\s*{_TIME}{_TO}{_TIME}\s*\)"
)
_US_NUMBER_AND_HOURS = re.compile(
    rf"(\D*(?:1\D{{0,3}})?[2-9](?:\D{{0,3}}\d){{2}}\D{{0,3}}[2-9](?:\D{{0,3}}\d){{6}})[\s,;]+{_TIME}{_TO}{_TIME}\D*"
)
# 711 connects to a relay service for deaf people, and comes before the number or in parentheses after it.
_RELAY = re.compile(r"^\D*7-?1-?1(?!\d)\D+(?=\d)|\(\D*711\D*\)")
# "+618 555 0100": a US number with a + before its area code.
_US_AFTER_PLUS = re.compile(r"\s*\+\s*([2-9]\d\d)\s*([2-9]\d\d)\s*(\d{4})\s*")
# Until 2019, Mexican mobile numbers were dialed with a 1 after the country code.
_OLD_MEXICAN = re.compile(r"^(\s*(?:\+|011)\s*52)\s*(?:1|01|04[45])\s*(?=(?:\d\s*){10}$)")
# Letters that are typed in place of a digit.
_DIGIT_LETTERS = dict.fromkeys("OoОо", "0") | dict.fromkeys("Il", "1") | {"Z": "2", "S": "5", "B": "8"}
_LETTERS_FOR_DIGITS = re.compile(rf"(?<!{_LETTER})[{''.join(_DIGIT_LETTERS)}]+(?!{_LETTER})")


_PARSE_ERRORS = {
    NumberParseException.TOO_LONG: ValidationResult.TOO_LONG,
    NumberParseException.INVALID_COUNTRY_CODE: ValidationResult.INVALID_COUNTRY_CODE,
}


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


def phone(text: str, called: str = "") -> Phone:
    """Return the first phone number of a text. Without a country code it is a US number.

    Raises ValueError if the number cannot exist, or lacks its area code. Its message calls the number `called`, such as
    "your direct line". A number that could exist but is not in use, such as 618 555 0100, is accepted.
    """
    text = phone_text(text)
    if us := _US_NUMBER.fullmatch(text):
        return Phone("+1" + "".join(us.groups()))
    refused = []
    for number, extension in _candidates(text.lower()):
        e164, result = _read(number)
        if result == ValidationResult.IS_POSSIBLE:
            return Phone(e164, extension)
        if result == ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
            refused = [(number, result)]
            break
        refused.append((number, result))
    fault = _fault(text, *refused[0]) if refused else NO_AREA_CODE
    raise ValueError(
        fault.replace("{it}", called or ("a phone number" if fault == NO_AREA_CODE else "the phone number"))
    )


def _fault(text: str, number: str, result: int) -> str:
    """Return what is wrong with a number that was refused."""
    is_abroad = re.match(r"\D*\+\D*[2-9]", number)
    if result == ValidationResult.IS_POSSIBLE_LOCAL_ONLY and not is_abroad:
        return NO_AREA_CODE
    if letter := _letter_for_digit(text):
        return A_LETTER.replace("{letter}", letter).replace("{digit}", _DIGIT_LETTERS[letter])
    if result == ValidationResult.INVALID_COUNTRY_CODE:
        return NO_COUNTRY
    if is_abroad:
        return TOO_LONG_ABROAD if result == ValidationResult.TOO_LONG else TOO_SHORT_ABROAD
    if result == ValidationResult.TOO_LONG:
        return TOO_MANY_DIGITS
    national = digits(number).removeprefix("1")
    return TOO_FEW_DIGITS.replace("{count}", str(len(national))) if len(national) in (8, 9) else NO_AREA_CODE


def _letter_for_digit(text: str) -> str:
    """Return a letter that must be a digit, because the text is a phone number then, or ""."""
    letters = _LETTERS_FOR_DIGITS.findall(text)
    fixed = _LETTERS_FOR_DIGITS.sub(lambda found: "".join(map(_DIGIT_LETTERS.get, found[0])), text)
    results = (_read(number).result for number, _ in _candidates(fixed.lower()))
    return letters[0][0] if letters and ValidationResult.IS_POSSIBLE in results else ""


def may_be_mistyped(text: str) -> bool:
    """Return whether a stored text's number is refused, or is in no range of numbers that its country has given out."""
    try:
        number = phonenumbers.parse(phone(text).e164)
    except (ValueError, NumberParseException):
        return True
    # phonenumbers accepts 911, 211 and the like after a US area code.
    has_service_code = number.country_code == 1 and re.match(r"\d{3}[2-9]11", str(number.national_number))
    return bool(has_service_code) or not phonenumbers.is_valid_number(number)


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
    return digits(dialed(text).e164)[-10:] if text else ""


def _candidates(text: str) -> Iterator[tuple[str, str]]:
    """Yield the ways to read the first number of a text, the likeliest first, each with its extension."""
    number_and_hours = _US_NUMBER_AND_HOURS.fullmatch(text)
    without_hours = number_and_hours[1] if number_and_hours else _HOURS.sub(" ", text)
    for reading in dict.fromkeys((without_hours, text, _RELAY.sub(" ", without_hours))):
        yield from _first_numbers(reading)


def _first_numbers(text: str) -> Iterator[tuple[str, str]]:
    parts = [part for part in _WORD.split(text) if re.search(r"\d", part)]
    if not parts:
        return
    yield from _with_and_without_extension(parts[0])
    if len(parts) == 1:
        yield text, ""  # 618-555-HELP
    first = next(part for part in _BETWEEN_NUMBERS.split(parts[0]) if re.search(r"\d", part))
    yield from _with_and_without_extension(first)
    yield from _with_and_without_extension(re.split(r"[,;]", first)[0])
    yield from ((two[1], "") for two in [_TWO_US_NUMBERS.match(first)] if two)


def _with_and_without_extension(text: str) -> Iterator[tuple[str, str]]:
    for match in (_LETTER_EXTENSION.match(text), _SIGN_EXTENSION.fullmatch(text)):
        if match:
            yield re.split(_LETTER, match["number"])[0], match["extension"]
    yield re.split(_LETTER, text)[0], ""


def _read(number: str) -> _Reading:
    number = re.sub(r"^\D*00(?=[1-9])", "+", re.sub(r"[^\w+]|_", " ", number))
    number = _OLD_MEXICAN.sub(r"\1 ", number)
    parsed, result = _parse(number)
    us = _US_AFTER_PLUS.fullmatch(number)
    if us and not (parsed and phonenumbers.is_valid_number(parsed)):
        parsed, result = _parse(" ".join(us.groups()))
    if not parsed:
        return _Reading("", result)
    if parsed.country_code != 1 and re.search(rf"\d.*{_LETTER}", number):
        return _Reading("", ValidationResult.INVALID_LENGTH)  # only US numbers are spelled with letters
    return _Reading(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164), result)


def _parse(number: str) -> tuple[PhoneNumber | None, int]:
    try:
        parsed = phonenumbers.parse(number, "US")
    except NumberParseException as error:
        return None, _PARSE_ERRORS.get(error.error_type, ValidationResult.TOO_SHORT)
    return parsed, phonenumbers.is_possible_number_with_reason(parsed)
