"""Reads typed email addresses."""

import re
from urllib.parse import quote, unquote

from email_validator import EmailNotValidError, validate_email

from clinic.typed.characters import LONGEST, plain

NO_EMAIL = "Enter an email address like name@example.com"
TWO_EMAILS = "Enter one email address only"
TWO_SIGNS = "Check the email address: take out the second @"
NOT_ASCII = "Enter another email address: we cannot write to one with accented or non-English letters before the @"
TOO_LONG = "Check the email address: it has more than 64 characters before the @"
BEFORE_AT = "Check the email address: it has {fault} before the @"
AFTER_AT = "Check the email address: the part after the @ {fault}. It should look like example.com"
_BEFORE_AT_FAULTS = (
    (r"\s", "a space"),
    (r"\.\.", "two dots in a row"),
    (r"^\.", "a dot at the start"),
    (r"\.$", "a dot right"),
    (r"[\"“”]", "a quotation mark"),
    (r"", "a character that email addresses cannot have"),
)
_AFTER_AT_FAULTS = (
    (r"\s", "has a space"),
    (r"\.\.", "has two dots in a row"),
    (r"^[.-]|-$|-\.|\.-", "has a dot or hyphen where a letter should be"),
    (r"^[\d.]+$|^\[", "is the number of a computer"),
    (r"^[^.]*$", "has no dot"),
    (r"\.[^.]$", "ends in a single letter"),
    (r"[^\w.-]|_", "has a character that it cannot have"),
    (r"", "is not a name on the internet"),
)
# Endings of private networks. The first six are from RFC 6762, and ICANN will never assign "mail".
_PRIVATE_ENDINGS = ("intranet", "internal", "private", "corp", "home", "lan", "localdomain", "mail")
_APOSTROPHE = re.compile(r"(?<=[^\W_])[’‘ʼ´′＇](?=[^\W_])")
# What may stand before an address in a sentence: "email:", "my address is".
_LABEL = re.compile(r"(?:|.*\w\w\s?[:=–—-]|.*\b(?:e-?mail|mail|address|correo|is|es|at))\s*", re.IGNORECASE)
# What follows an address that has a space in it: "pat@example.co m", "pat@example .com".
_REST_OF_ADDRESS = re.compile(r"\s*(?:\.|\w(?!\w)|\S*\w\.\w|(?:com|net|org|edu|gov|mil|us|uk|ca|mx)\b)", re.IGNORECASE)
_AFTER_EMAIL = " .,;:!?<>()[]{}\"'“”‘’«»。、،؛"
_BEFORE_EMAIL = ' <>(["“”‘«»'


def email(text: str) -> str:
    """Return the email address in a text, if it can be sent to over the internet. Raises ValueError otherwise."""
    address = bare_email(text)
    if re.search(r"@.*[\s,;/].*@", address):
        raise ValueError(TWO_EMAILS)
    address = _among_words(address)
    local, _, domain = address.rpartition("@")
    if not local.strip("@") or not domain:
        raise ValueError(NO_EMAIL)
    if "@" in local:
        raise ValueError(TWO_SIGNS)
    if any(character.isalpha() and not character.isascii() for character in local):
        raise ValueError(NOT_ASCII)
    if not _normalized("name@" + domain) or _is_private(domain):
        raise ValueError(AFTER_AT.replace("{fault}", _fault(domain, _AFTER_AT_FAULTS)))
    if len(local) > 64:
        raise ValueError(TOO_LONG)
    if normalized := _normalized(address):
        return normalized
    raise ValueError(BEFORE_AT.replace("{fault}", _fault(local, _BEFORE_AT_FAULTS)))


def _normalized(address: str) -> str:
    try:
        return validate_email(address, check_deliverability=False, allow_smtputf8=False).normalized
    except EmailNotValidError:
        return ""


def _is_private(domain: str) -> bool:
    """Return whether no mail server on the internet can have this domain."""
    ending = domain.rpartition(".")[2].lower()
    return len(ending) < 2 or ending in _PRIVATE_ENDINGS


def _fault(part: str, faults: tuple[tuple[str, str], ...]) -> str:
    return next(words for pattern, words in faults if re.search(pattern, part))


def _among_words(text: str) -> str:
    """Return the address in a text such as "email: pat@example.com (home)", or the whole text if it may be one."""
    if _normalized(text):
        return text
    found = re.search(r"[^\s:(<,;]*@[^\s()<>,;]*", text)
    if not found or not _LABEL.fullmatch(text[: found.start()]) or _REST_OF_ADDRESS.match(text[found.end() :]):
        return text
    return _without_punctuation(found[0])


def bare_email(text: str) -> str:
    """Return the address in a text without "mailto:", a name, angle brackets, or punctuation around it."""
    text = plain(_APOSTROPHE.sub("'", text[:LONGEST]))
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
        address = bare_email(text)
        return _normalized(address) or address


def email_key(text: str) -> str:
    """Return the address in lower case, so that it matches however it was typed. Stored hashes are of this key."""
    return mailbox(text).lower() if text else ""


def email_uri(text: str) -> str:
    """Return a mailto: link for a stored text. A "?" or "&" in the address is escaped, so it adds no header."""
    return "mailto:" + "@".join(quote(part, safe="") for part in mailbox(text).rsplit("@", 1))
