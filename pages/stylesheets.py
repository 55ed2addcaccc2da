"""Reads the stylesheets that are inlined into public pages. The CSP allows them by hash.

Inlining saves a phone one round trip before the first paint. `make bench` compares it with a linked stylesheet.
The print rules of every page are in a file of their own, which base.html links to and no first paint waits for.
"""

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path

from django.conf import settings

FOLDER = Path("static/css")
# In cascade order.
SHARED = ("tokens", "base", "layout", "components")
PRINT = "print"
# Inlined only in pages that use them, so that articles, the longest pages, stay within their byte limits.
SINGLE = ("home", "columns", "folds", "forms", "article", "contents", "headings", "charts", "lists", "sheet")


@cache
def styles(*sources: str) -> str:
    css = "\n".join((settings.BASE_DIR / FOLDER / f"{name}.css").read_text() for name in sources)
    return re.sub(r"\s*([{};,])\s*|(:)\s+", r"\1\2", re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)).strip()


def style_hashes() -> list[str]:
    """Return the CSP sources of every <style> element that a page may contain."""
    carried = [styles(*SHARED), *map(styles, SINGLE)]
    return [f"'sha256-{b64encode(sha256(css.encode()).digest()).decode()}'" for css in carried]
