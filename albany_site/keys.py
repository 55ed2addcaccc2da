"""Parses the named secret keys in FIELD_KEYS and LOOKUP_KEYS."""

import base64
import binascii
import re

KEY_BYTES = 32
_NAME = re.compile(r"[a-z0-9-]{1,16}")


def parse_keys(text: str) -> dict[str, bytes]:
    """Parse "2026b:<base64>,2026a:<base64>" into a dict of 32-byte keys, keyed by name, in the given order.

    Raises ValueError. The message never contains a key, only its name.
    """
    keys: dict[str, bytes] = {}
    for part in text.split(","):
        name, colon, encoded = part.strip().partition(":")
        if not colon or not _NAME.fullmatch(name):
            raise ValueError("each key must be name:base64, with lowercase letters, digits and hyphens in the name")
        try:
            key = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            raise ValueError(f"the key {name!r} is not base64") from None
        if len(key) != KEY_BYTES:
            raise ValueError(f"the key {name!r} has {len(key)} bytes and needs {KEY_BYTES}")
        if name in keys or key in keys.values():
            raise ValueError(f"the key {name!r} is listed twice")
        keys[name] = key
    return keys
