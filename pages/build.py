"""The build: every public page, rendered once, stored compressed in files and served from memory.

BUILD_DIR/pages is a link to the newest build. A build is a folder that is complete before the link points to it
and is never changed afterwards. Its build.json records the hash of its sources and each page's headers.
"""

import json
import logging
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from django.conf import settings

logger = logging.getLogger(__name__)

LINK = "pages"
RECORD = "build.json"
NOT_FOUND = "404"  # key of the 404 page, in place of a path
SUFFIXES = {"": "", "br": ".br", "gzip": ".gz"}  # by content encoding

# What pages are made from. A change in any of these makes a build out of date.
SOURCES = (*(f"{app}/**/*.py" for app in settings.OUR_APPS), "templates/**/*", "static/**/*")
SETTINGS = ("SITE_URL", "CLINIC", "RETENTION_DAYS", "SPAM_RETENTION_DAYS", "OPEN_TOO_LONG_DAYS")


@dataclass(frozen=True)
class BuiltPage:
    headers: dict[str, str]
    bodies: dict[str, bytes]  # by content encoding; "" is always present


def file_of(path: str) -> str:
    """Return the file, relative to the build, that holds the page at `path`."""
    return f"{NOT_FOUND}.html" if path == NOT_FOUND else f"{path}index.html".lstrip("/")


@cache
def source_hash() -> str:
    digest = sha256((settings.BASE_DIR / "requirements.txt").read_bytes())
    for name in SETTINGS:
        digest.update(f"{name}={getattr(settings, name)!r}\n".encode())
    for pattern in SOURCES:
        for path in sorted(settings.BASE_DIR.glob(pattern)):
            if path.is_file():
                digest.update(f"{path.relative_to(settings.BASE_DIR)}\n".encode() + path.read_bytes())
    return digest.hexdigest()


@cache
def current_build() -> dict[str, BuiltPage]:
    """Return the pages of the newest build by path, or {} if there is no build of this code and these facts.

    An out-of-date build could show yesterday's phone number, so it is not served.
    """
    folder = (settings.BUILD_DIR / LINK).resolve()
    if not folder.is_dir():
        logger.warning("No prerendered pages found, so every request renders its page. Run manage.py prerender.")
        return {}
    record = json.loads((folder / RECORD).read_text())
    if record["source_hash"] != source_hash():
        logger.warning("The prerendered pages are out of date, so they are not served. Run manage.py prerender.")
        return {}
    return {path: _read(folder / file_of(path), headers) for path, headers in record["pages"].items()}


def _read(file: Path, headers: dict[str, str]) -> BuiltPage:
    variants = {encoding: file.with_name(file.name + suffix) for encoding, suffix in SUFFIXES.items()}
    return BuiltPage(headers, {encoding: path.read_bytes() for encoding, path in variants.items() if path.exists()})
