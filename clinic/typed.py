"""Cleans what people type: phone numbers, email addresses, names, references and searches.

Columns keep what was typed. Whatever validates, hashes, links or searches uses the clean form from here. `phone` and
`email` raise ValueError with a message for the person who typed; the other functions accept any text. Text beyond
LONGEST is ignored, so that no input takes more than a few milliseconds.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import quote, unquote

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import NumberParseException, ValidationResult

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
        text = "".join(map(_plain_character, text))
    return " ".join(text.split())


def _plain_character(character: str) -> str:
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


# --- Phone numbers

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


# --- Email addresses

NO_EMAIL = "Enter an email address like name@example.com"
TWO_EMAILS = "Enter one email address only"
NOT_ASCII = "Enter another email address: we cannot write to one with accented or non-English letters before the @"
BEFORE_AT = "Check the email address: before the @ it cannot have spaces, quotes, or two dots in a row"
AFTER_AT = "Check the email address: the part after the @ should look like example.com"
_AFTER_EMAIL = " .,;:!?<>()[]{}\"'“”‘’«»。、،؛"
_BEFORE_EMAIL = ' <>(["“”‘«»'


def email(text: str) -> str:
    """Return an email address that can be sent to over the internet. Raises ValueError for any other text."""
    address = bare_email(text)
    local, _, domain = address.rpartition("@")
    if not local or not domain:
        raise ValueError(NO_EMAIL)
    if re.search(r"@.*[\s,;/].*@", address):
        raise ValueError(TWO_EMAILS)
    if not local.isascii():
        raise ValueError(NOT_ASCII)
    if not _normalized("name@" + domain):
        raise ValueError(AFTER_AT)
    if normalized := _normalized(address):
        return normalized
    raise ValueError(BEFORE_AT)


def _normalized(address: str) -> str:
    try:
        return validate_email(address, check_deliverability=False, allow_smtputf8=False).normalized
    except EmailNotValidError:
        return ""


def bare_email(text: str) -> str:
    """Return the address in a text without "mailto:", a name, angle brackets, or punctuation around it."""
    text = plain(text)
    in_brackets = text.partition("<")[2].partition(">")[0]
    text = _without_punctuation(in_brackets if "@" in in_brackets else text)
    if text.lower().startswith("mailto:"):
        text = _without_punctuation(plain(unquote(text[len("mailto:") :].partition("?")[0])))
    return re.sub(r"\s*@\s*", "@", text)


def _without_punctuation(text: str) -> str:
    if text.endswith("]") and "@[" in text:
        return text  # pat@[192.0.2.1]
    bare = text.rstrip(_AFTER_EMAIL)
    if "'" in text[len(bare) :]:  # otherwise the address may start with an apostrophe
        bare = bare.removeprefix("'")
    return bare.lstrip(_BEFORE_EMAIL)


def mailbox(text: str) -> str:
    """Return the address to send to for a stored text, even if `email` refuses it."""
    try:
        return email(text)
    except ValueError:
        return bare_email(text)


def email_key(text: str) -> str:
    """Return the address in lower case, so that it matches however it was typed. Stored hashes are of this key."""
    return mailbox(text).lower()


def email_uri(text: str) -> str:
    """Return a mailto: link for a stored text. A "?" or "&" in the address is escaped, so it adds no header."""
    return "mailto:" + "@".join(quote(part, safe="") for part in mailbox(text).rsplit("@", 1))


# --- Names, references, sentences and searches

# Letters that Unicode does not decompose into a base letter and an accent, and apostrophes.
_UNACCENTED = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
    | dict.fromkeys("’‘ʼʹ`´", "'")
)


def visible(text: str) -> str:
    """Return a text on one line, without directional controls and zero-width characters except joiners."""
    return " ".join("".join(map(_shown_character, text)).split()).strip(JOINERS + " ")


def name(text: str) -> str:
    """Return a name as it can be shown safely, or "" if nothing of it is visible."""
    shown = visible(text[:LONGEST])
    return shown if any(unicodedata.category(character)[0] not in "CMZ" for character in shown) else ""


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
        text = "".join(_plain_character(character) for character in text if unicodedata.category(character) != "Mn")
    return " ".join(text.casefold().translate(_UNACCENTED).split())
