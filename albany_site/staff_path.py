"""Parses STAFF_PATH, the path of the staff pages."""

import re

# The first part of each public address. A test compares this with the URL patterns.
PUBLIC = {
    "about",
    "accessibility",
    "away",
    "consultation",
    "cost",
    "favicon.ico",
    "feed.atom",
    "healthz",
    "ketamine-infusion-therapy",
    "notices",
    "pictures",
    "privacy",
    "review",
    "robots.txt",
    "sitemap.xml",
    "speculation-rules.json",
    "static",
    "team",
    "visit-us",
    ".well-known",
}


def parse_staff_path(text: str) -> str:
    """Return the path with a slash at its end only. Raises ValueError."""
    path = text.strip("/")
    if not re.fullmatch(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*", path):
        raise ValueError("must be a word of letters, digits and hyphens, such as staff")
    if path.split("/")[0].lower() in PUBLIC:
        raise ValueError(f"must not begin like a public page: {path.split('/')[0]!r} is one")
    return path + "/"
