"""Parses the email addresses in STAFF_EMAILS and DEFAULT_FROM_EMAIL."""

from email.utils import parseaddr

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

LONGEST_ADDRESS = 254  # characters


def parse_addresses(text: str) -> list[str]:
    """Return the addresses in a list separated by commas, each once. Raises ValueError."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts:
        raise ValueError("it has no address")
    return list({address.lower(): address for address in map(parse_address, parts)}.values())


def parse_address(text: str) -> str:
    """Return the address in "name@example.com" or "Name <name@example.com>". Raises ValueError."""
    if ";" in text:
        raise ValueError(f"separate addresses with commas, not semicolons, in {text!r}")
    named = text.rstrip().endswith(">")
    address = parseaddr(text)[1] if named else text.strip()
    try:
        validate_email(address)
    except ValidationError:
        raise ValueError(f"{text!r} is not an email address") from None
    if len(address) > LONGEST_ADDRESS:
        raise ValueError(f"an address has more than {LONGEST_ADDRESS} characters")
    return address
