"""Makes and parses the secret keys in SECRET_KEY, FIELD_KEYS and LOOKUP_KEYS. No message contains a key."""

import base64
import binascii
import hashlib
import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import date

KEY_BYTES = 32
SHORTEST_SECRET_KEY = 50  # characters, as Django recommends
_NAME = re.compile(r"[a-z0-9-]{1,16}")


def fresh_key(today: date) -> str:
    """Return a new key as name:base64. The name has the date and the key's fingerprint, so no other key has it."""
    key = secrets.token_bytes(KEY_BYTES)
    return f"{today:%Y%m%d}-{hashlib.sha256(key).hexdigest()[:7]}:{base64.b64encode(key).decode()}"


def parse_secret_key(text: str) -> str:
    if len(text) < SHORTEST_SECRET_KEY or len(set(text)) < 5:
        raise ValueError(f"must have at least {SHORTEST_SECRET_KEY} random characters")
    return text


def parse_secret_keys(text: str) -> list[str]:
    return [parse_secret_key(part.strip()) for part in text.split(",") if part.strip()]


def check_keys_differ(secret_keys: Sequence[str | None], *named: Mapping[str, bytes]) -> None:
    """Raise ValueError if two variables share a key."""
    keys = [key for each in named for key in each.values()]
    encoded = [base64.b64encode(key).decode() for key in keys]
    if len(set(keys)) < len(keys) or any(key and key in text for key in secret_keys for text in encoded):
        raise ValueError("must not share a key")


def parse_keys(text: str) -> dict[str, bytes]:
    """Parse "2026b:<base64>,2026a:<base64>" into a dict of 32-byte keys, keyed by name, in the given order.

    Raises ValueError. The message never contains a key, only its name.
    """
    keys: dict[str, bytes] = {}
    for part in text.split(","):
        name, colon, encoded = part.strip().partition(":")
        if not colon or not _NAME.fullmatch(name):
            raise ValueError("must list keys as name:base64, with lowercase letters, digits and hyphens in each name")
        try:
            key = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            raise ValueError(f"has a key {name!r} that is not base64") from None
        if len(key) != KEY_BYTES:
            raise ValueError(f"lists the key {name!r}, which has {len(key)} bytes and needs {KEY_BYTES}")
        if name in keys or key in keys.values():
            raise ValueError(f"lists the key {name!r} twice")
        keys[name] = key
    return keys
