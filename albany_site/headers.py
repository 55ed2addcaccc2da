"""The security and cache headers of pages, files, redirects and errors.

middleware.py adds these headers to Django's responses, and WhiteNoise adds them to files. Django's SecurityMiddleware
does not cover files, so this module reads that middleware's settings and uses the same values for both.
"""

import re
from collections.abc import MutableMapping
from hashlib import sha256
from pathlib import Path

from django.conf import settings

from pages.stylesheets import style_hashes

# The CSP has no nonce, because a cached page cannot contain a fresh one. Django's admin works without a nonce.
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
    """Return the value of the Strict-Transport-Security header, or "" if HSTS is off, as on plain http."""
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

# Short, so that every page shows a changed fact within a minute. Browsers may cache for 30 s, shared caches for 20 s.
PUBLIC = "public, max-age=30, s-maxage=20"
IMMUTABLE = "public, max-age=31536000, immutable"
PRIVATE = "no-store"
# For pages that show what someone typed: the browser alone stores them, and shows them again only to someone going back.
KEPT_FOR_BACK = "private, no-cache"

# The value of the Speculation-Rules header. pages.views.speculation_rules serves this URL.
SPECULATION_RULES = '"/speculation-rules.json"'

_HASH_IN_NAME = re.compile(r"\.[0-9a-f]{12}\.\w+$")


def entity_tag(content: bytes) -> str:
    """Return the content's ETag, a hash. The ETag is weak because all content encodings share it."""
    return f'W/"{sha256(content).hexdigest()[:20]}"'


def add_file_headers(headers: MutableMapping[str, str], path: str, url: str) -> None:
    """Add our headers to a static file. WhiteNoise calls this hook once per file at startup."""
    for name, value in SECURITY_HEADERS.items():
        headers[name] = value
    headers["Cache-Control"] = IMMUTABLE if _HASH_IN_NAME.search(url) else PUBLIC
    headers["ETag"] = entity_tag(Path(path).read_bytes())
