"""The security and cache headers of pages, files, redirects and errors.

middleware.py adds them to Django's responses, and WhiteNoise adds them to files. Django's SecurityMiddleware
covers only the former, so the values come from the settings it reads and both send the same.
"""

import re
from collections.abc import MutableMapping
from hashlib import sha256
from pathlib import Path

from django.conf import settings

from pages.stylesheets import style_hashes

# Without a nonce, because a cached page cannot hold one. Django's admin needs none either.
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


def strict_transport_security() -> str:
    """Return the value of Strict-Transport-Security; "" on plain http."""
    if not settings.SECURE_HSTS_SECONDS:
        return ""
    subdomains = "; includeSubDomains" if settings.SECURE_HSTS_INCLUDE_SUBDOMAINS else ""
    preload = "; preload" if settings.SECURE_HSTS_PRELOAD else ""
    return f"max-age={settings.SECURE_HSTS_SECONDS}{subdomains}{preload}"


_values = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "browsing-topics=(), camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
    "Strict-Transport-Security": strict_transport_security(),
    "X-Content-Type-Options": "nosniff" if settings.SECURE_CONTENT_TYPE_NOSNIFF else "",
    "X-Frame-Options": settings.X_FRAME_OPTIONS,
}
SECURITY_HEADERS = {name: value for name, value in _values.items() if value}

# A changed fact must be on every page within seconds: browsers keep a page for 30 s, shared caches for 20 s.
PUBLIC = "public, max-age=30, s-maxage=20"
IMMUTABLE = "public, max-age=31536000, immutable"
PRIVATE = "no-store"

# Browsers prefetch public pages when a pointer nears a link. The view of that name lists which.
SPECULATION_RULES = '"/speculation-rules.json"'

_HASH_IN_NAME = re.compile(r"\.[0-9a-f]{12}\.\w+$")


def entity_tag(content: bytes) -> str:
    """Return the content's ETag: a hash, marked weak because every encoding of the content shares it."""
    return f'W/"{sha256(content).hexdigest()[:20]}"'


def add_file_headers(headers: MutableMapping[str, str], path: str, url: str) -> None:
    """WhiteNoise hook: add our headers to a file. Called once per file at startup."""
    for name, value in SECURITY_HEADERS.items():
        headers[name] = value
    headers["Cache-Control"] = IMMUTABLE if _HASH_IN_NAME.search(url) else PUBLIC
    headers["ETag"] = entity_tag(Path(path).read_bytes())
