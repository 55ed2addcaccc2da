"""Checks that a link leads to a known place."""

import re
from urllib.parse import unquote, urlsplit


def leads_to(url: str, places: dict[str, str]) -> bool:
    """Return whether a URL is https and leads to one of the places: hosts, each with how the path must start."""
    # Refuse a URL that a browser would rewrite. Browsers drop line breaks, and turn \ into / and %2e%2e into "..".
    if not re.fullmatch(r"[!-~]+", url) or "\\" in url or ".." in unquote(url):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:  # such as "https://["
        return False
    path = places.get(parts.netloc)
    return bool(parts.scheme == "https" and path and parts.path.startswith(path))
