"""The style sources, in their order. Every page carries all of them in itself, and its CSP knows them by their hash.

One answer then brings what the first screen needs: a stylesheet of its own would cost a phone one more round trip
before it shows anything (`make bench` measures both).
"""

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path

from django.conf import settings

FOLDER = Path("static/css")
SOURCES = ("tokens", "base", "layout", "components", "home", "forms", "charts", "print")


@cache
def stylesheet() -> str:
    """All sources in one, without comments and indentation."""
    css = "\n".join((settings.BASE_DIR / FOLDER / f"{name}.css").read_text() for name in SOURCES)
    return re.sub(r"\s*\n\s*", "\n", re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)).strip()


@cache
def stylesheet_hash() -> str:
    """How a Content-Security-Policy names the stylesheet."""
    return f"'sha256-{b64encode(sha256(stylesheet().encode()).digest()).decode()}'"
