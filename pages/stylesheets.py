"""The stylesheets, inlined into each page and allowed by hash in the Content-Security-Policy.

Inlining saves a phone the round trip for a stylesheet before it shows anything. `make bench` measures both ways.
"""

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path

from django.conf import settings

FOLDER = Path("static/css")
# In cascade order.
SHARED = ("tokens", "base", "layout", "components", "charts", "print")
# Used by a few pages only. Articles are the longest pages and have no room for styles they do not use.
SINGLE = ("home", "forms")


@cache
def styles(*sources: str) -> str:
    css = "\n".join((settings.BASE_DIR / FOLDER / f"{name}.css").read_text() for name in sources)
    return re.sub(r"\s*\n\s*", "\n", re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)).strip()


def style_hashes() -> list[str]:
    """Return the Content-Security-Policy sources of every <style> a page may contain."""
    carried = [styles(*SHARED), *map(styles, SINGLE)]
    return [f"'sha256-{b64encode(sha256(css.encode()).digest()).decode()}'" for css in carried]
