"""Reads typed email addresses."""

import re
from urllib.parse import quote, unquote

from email_validator import EmailNotValidError, validate_email

from clinic.typed.characters import plain

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
