"""Builds: the site's responses for all public pages, stored in files and served from memory.

A build is a folder BUILD_DIR/pages-<time>-<random>. Once a build contains its record, build.json, it never changes. The
record contains each page's headers, a hash of the code, and the clinic's facts that the pages show.
BUILD_DIR/pages is a symlink to the newest build, for nginx.
"""

import json
import logging
import time
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings

logger = logging.getLogger(__name__)

LINK = "pages"
RECORD = "build.json"
# Keys of error pages in Build.pages, because those pages have no path of their own. nginx and gunicorn send all but the
# 404 page, when they refuse an HTTP request before Django sees it.
NOT_FOUND = "404"
SERVER_ERRORS = ("400", "405", "413", "414", "429", "431")
SUFFIXES = {"": "", "br": ".br", "gzip": ".gz"}  # keyed by content encoding

# Inputs to the build. If a file or setting named here changes, earlier builds no longer match the current code.
SOURCES = (*(f"{app}/**/*.py" for app in settings.OUR_APPS), "templates/**/*", "static/**/*")
SETTINGS = (
    "SITE_URL",
    "RETENTION_DAYS",
    "SPAM_RETENTION_DAYS",
    "OPEN_TOO_LONG_DAYS",
    "SECURITY_CONTACT",
    "SECURE_HSTS_INCLUDE_SUBDOMAINS",
    "SECURE_HSTS_PRELOAD",
)


@dataclass(frozen=True)
class BuiltPage:
    headers: dict[str, str]
    bodies: dict[str, bytes]  # keyed by content encoding; "" is always present, and a picture has no other


@dataclass(frozen=True)
class Build:
    """A complete build, read into memory."""

    folder: Path
    shown_hash: str  # clinic.snapshot.shown_hash() when the build was made
    edition: int
    facts: dict[str, Any]
    pages: dict[str, BuiltPage]  # keyed by path


def file_of(path: str) -> str:
    """Return the file name of a page or picture within a build."""
    if path.isdecimal():
        return f"{path}.html"
    return path.lstrip("/") + ("index.html" if path.endswith("/") else "")


@cache
def source_hash() -> str:
    """Return a hash of all inputs to the build except the clinic's facts and the date."""
    digest = sha256((settings.BASE_DIR / "requirements.txt").read_bytes())
    for name in SETTINGS:
        digest.update(f"{name}={getattr(settings, name)!r}\n".encode())
    for pattern in SOURCES:
        for path in sorted(settings.BASE_DIR.glob(pattern)):
            if path.is_file():
                digest.update(f"{path.relative_to(settings.BASE_DIR)}\n".encode() + path.read_bytes())
    return digest.hexdigest()


# --- On disk


def complete_builds() -> list[Path]:
    """Return the folders of all complete builds, newest first, including builds of other versions of the code."""
    return sorted((record.parent for record in settings.BUILD_DIR.glob(f"{LINK}-*/{RECORD}")), reverse=True)


@lru_cache(maxsize=16)
def read_record(folder: Path) -> dict[str, Any]:
    return json.loads((folder / RECORD).read_text())


def newest_folder() -> Path | None:
    """Return the folder of the newest complete build of the current code, or None."""
    for folder in complete_builds():
        try:
            if read_record(folder)["source_hash"] == source_hash():
                return folder
        except (OSError, ValueError):
            continue  # removed between listing and reading
    return None


def read_build(folder: Path) -> Build:
    record = read_record(folder)
    pages = {path: _read_page(folder / file_of(path), headers) for path, headers in record["pages"].items()}
    return Build(folder, record["shown_hash"], record["edition"], record["facts"], pages)


def _read_page(file: Path, headers: dict[str, str]) -> BuiltPage:
    variants = {encoding: file.with_name(file.name + suffix) for encoding, suffix in SUFFIXES.items()}
    return BuiltPage(headers, {encoding: path.read_bytes() for encoding, path in variants.items() if path.exists()})


# --- What this process serves

_served: Build | None = None
_behind_since: float | None = None  # a time.monotonic() value


def current_build() -> Build | None:
    """Return the build that this process serves, or None. Until there is one, each call looks for a build on disk."""
    if _served is None and look_for_newer_build() is None:
        _warn_once()
    return _served


@cache
def _warn_once() -> None:
    logger.warning(
        "No prerendered pages match the current code, so pages are rendered per request. Run manage.py prerender."
    )


def look_for_newer_build() -> Build | None:
    """Serve the newest build of the current code from now on. Return the build that is served, or None."""
    global _served
    folder = newest_folder()
    if folder and (_served is None or folder != _served.folder):
        try:
            _served = read_build(folder)
        except OSError:
            logger.warning("the build %s was deleted while being read; trying again at the next check", folder.name)
    return _served


def note_lag(wanted_hash: str) -> None:
    """Record when the served build became outdated, or clear that time if its `shown_hash` equals `wanted_hash`."""
    global _behind_since
    if _served is None or _served.shown_hash == wanted_hash:
        _behind_since = None
    elif _behind_since is None:
        _behind_since = time.monotonic()


def seconds_behind() -> float:
    return time.monotonic() - _behind_since if _behind_since is not None else 0.0


def forget() -> None:
    """Reset this module to the state of a new process."""
    global _served, _behind_since
    _served = _behind_since = None
    for cached in (source_hash, read_record, _warn_once):
        cached.cache_clear()
