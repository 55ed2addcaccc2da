"""Print .env.example with fresh keys. `make .env` runs this."""

import base64
import re
import secrets
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parent.parent / ".env.example"


def fresh_key() -> str:
    return "1:" + base64.b64encode(secrets.token_bytes(32)).decode()


def new_env(example: str) -> str:
    """Return the text of .env.example with fresh keys filled in."""
    fresh = {"SECRET_KEY": secrets.token_urlsafe(50), "FIELD_KEYS": fresh_key(), "LOOKUP_KEYS": fresh_key()}
    return re.sub(r"^(\w+)=$", lambda line: line[0] + fresh.get(line[1], ""), example, flags=re.MULTILINE)


if __name__ == "__main__":
    print(new_env(EXAMPLE.read_text()), end="")
