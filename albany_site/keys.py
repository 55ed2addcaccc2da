"""Secret keys as the environment holds them: several, each with a name, so that they can be changed one by one."""

import base64
import binascii
import re

KEY_BYTES = 32
_NAME = re.compile(r"[a-z0-9-]{1,16}")


def parse_keys(text: str) -> dict[str, bytes]:
    """Read "2026b:<base64>,2026a:<base64>" into keys of 32 bytes by name, in the order written.

    The first is the one that writes; all of them read. Raises ValueError with a sentence that
    names the key and never shows it.
    """
    keys: dict[str, bytes] = {}
    for part in text.split(","):
        name, colon, encoded = part.strip().partition(":")
        if not colon or not _NAME.fullmatch(name):
            raise ValueError("each key is written name:base64, the name in small letters, digits and hyphens")
        try:
            key = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            raise ValueError(f"the key {name!r} is not base64") from None
        if len(key) != KEY_BYTES:
            raise ValueError(f"the key {name!r} has {len(key)} bytes and needs {KEY_BYTES}")
        if name in keys or key in keys.values():
            raise ValueError(f"the key {name!r} stands there twice")
        keys[name] = key
    return keys
