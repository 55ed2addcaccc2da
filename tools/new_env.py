"""Print .env.example with fresh keys. `make .env` and step 2 of deploy/README.md run this.

Refuse beside an existing database, because its requests can be read only with the keys of the .env that is missing.
"""

import os
import re
import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path

from albany_site.keys import fresh_key

PROJECT = Path(__file__).resolve().parent.parent
EXAMPLE = PROJECT / ".env.example"
DATABASE = PROJECT / "var/db.sqlite3"


def new_env(example: str) -> str:
    """Return the text of .env.example with fresh keys filled in."""
    keys = {name: fresh_key(datetime.now(UTC).date()) for name in ("FIELD_KEYS", "LOOKUP_KEYS")}
    fresh = {"SECRET_KEY": secrets.token_urlsafe(50)} | keys
    return re.sub(r"^(\w+)=$", lambda line: line[0] + fresh.get(line[1], ""), example, flags=re.MULTILINE)


def why_not(database: Path) -> str:
    """Return the reason not to make new keys beside this database, or ""."""
    if "FIELD_KEYS" in os.environ or not database.exists() or not database.stat().st_size:
        return ""
    return (
        f"There is a database, {database}, but no .env. Its requests can be read only with the keys in the .env it was "
        "used with.\nPut that .env back. Only if you no longer need the requests, move the database away "
        f"(mv {database}* SOMEWHERE) and run this again: that makes a new .env with new keys."
    )


if __name__ == "__main__":
    if reason := why_not(DATABASE):
        sys.exit(reason)
    print(new_env(EXAMPLE.read_text()), end="")
