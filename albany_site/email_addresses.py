"""Parses the email addresses in STAFF_EMAILS and DEFAULT_FROM_EMAIL."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

LONGEST_ADDRESS, LONGEST_BEFORE_THE_AT = 254, 64  # characters, by RFC 5321
_NAMED = re.compile(r"(.*?)\s*<([^<>]*)>")
_SPECIAL = re.compile(r'[()<>@,:;\\".\[\]]')  # in a display name, these need quotes


def parse_addresses(text: str) -> list[str]:
    """Return the addresses in a list separated by commas, each once. Raises ValueError."""
    if ";" in text:
        raise ValueError("must separate addresses with commas, not semicolons")
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts:
        raise ValueError("has no address")
    return list({address.lower(): address for address in map(parse_address, parts)}.values())


def parse_address(text: str) -> str:
    """Return the address in "name@example.com" or "Name <name@example.com>". Raises ValueError."""
    return _name_and_address(text)[1]


def parse_sender(text: str) -> str:
    """Return an address with its display name, which is quoted where email needs that. Raises ValueError."""
    name, address = _name_and_address(text)
    if not name:
        return address
    return f'"{name}" <{address}>' if _SPECIAL.search(name) else f"{name} <{address}>"


def _name_and_address(text: str) -> tuple[str, str]:
    named = _NAMED.fullmatch(text.strip())
    name, address = named.groups() if named else ("", text.strip())
    if name.startswith('"') and name.endswith('"') and len(name) > 1:
        name = name[1:-1].strip()
    if re.search(r'[<>"\\]', name):
        raise ValueError("has a quote, a backslash or an angle bracket in a name")
    try:
        validate_email(address)
    except ValidationError:
        raise ValueError(f"has {text!r}, which is not an email address") from None
    if len(address) > LONGEST_ADDRESS or len(address.rpartition("@")[0]) > LONGEST_BEFORE_THE_AT:
        raise ValueError(
            f"has an address of more than {LONGEST_ADDRESS} characters, or {LONGEST_BEFORE_THE_AT} before the @"
        )
    return name, address
