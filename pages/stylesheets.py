"""The style sources, in their order. A page carries its own in itself, and the CSP knows them by their hashes.

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
SHARED = ("tokens", "base", "layout", "components", "charts", "print")
# Of a few pages: an article, the longest kind, has no room for what it does not use.
SINGLE = ("home", "forms")


@cache
def styles(*sources: str) -> str:
    """Some sources in one, without comments and indentation."""
    css = "\n".join((settings.BASE_DIR / FOLDER / f"{name}.css").read_text() for name in sources)
    return re.sub(r"\s*\n\s*", "\n", re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)).strip()


def style_hashes() -> list[str]:
    """How a Content-Security-Policy names everything that a page may carry."""
    carried = [styles(*SHARED), *map(styles, SINGLE)]
    return [f"'sha256-{b64encode(sha256(css.encode()).digest()).decode()}'" for css in carried]
