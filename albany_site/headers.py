"""The headers we add to pages, files, redirects and errors. middleware.py sets them on responses from Django."""

import re
from collections.abc import MutableMapping
from hashlib import sha256
from pathlib import Path

from django.conf import settings

from pages.stylesheets import style_hashes

# No nonce: a page that anybody may get from a cache cannot hold one. Django's admin needs none either.
CONTENT_SOURCES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": " ".join(["'self'", *style_hashes()]),
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "object-src": "'none'",
    "frame-ancestors": "'none'",
}
CONTENT_SECURITY_POLICY = "; ".join(f"{kind} {source}" for kind, source in CONTENT_SOURCES.items())

SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "browsing-topics=(), camera=(), geolocation=(), microphone=()",
    # Other hosts learn nothing; our own need it, for Django's CSRF check under https reads it.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
if settings.HTTPS:
    SECURITY_HEADERS["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}; includeSubDomains" + (
        "; preload" if settings.SECURE_HSTS_PRELOAD else ""
    )

# A changed page is seen within five minutes, and nobody waits for the check: the old one is shown meanwhile.
PUBLIC = "public, max-age=300, stale-while-revalidate=86400"
IMMUTABLE = "public, max-age=31536000, immutable"
PRIVATE = "no-store"

# Pages that are the same for everybody are fetched when a finger or pointer comes near: see the view of that name.
SPECULATION_RULES = '"/speculation-rules.json"'

_HASH_IN_NAME = re.compile(r"\.[0-9a-f]{12}\.\w+$")


def entity_tag(content: bytes) -> str:
    """A tag that only other content changes. Weak, for one tag stands for every encoding of the same bytes."""
    return f'W/"{sha256(content).hexdigest()[:20]}"'


def add_file_headers(headers: MutableMapping[str, str], path: str, url: str) -> None:
    """WhiteNoise's hook, called once for each file when the site starts."""
    for name, value in SECURITY_HEADERS.items():
        headers[name] = value
    headers["Cache-Control"] = IMMUTABLE if _HASH_IN_NAME.search(url) else PUBLIC
    headers["ETag"] = entity_tag(Path(path).read_bytes())
