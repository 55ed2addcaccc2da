"""The build: public pages as the site answered them once, kept in files and served from memory.

BUILD_DIR/pages is a link to the newest build, a folder that is complete before the link leads there and
never written again. build.json in it says what it was made from, and which headers each page carries.
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
NOT_FOUND = "404"  # stands in for a path: the page for every address that is none
SUFFIXES = {"": "", "br": ".br", "gzip": ".gz"}  # by content encoding

# What the pages are made from: change one of these, and a build is no longer the site's.
SOURCES = (*(f"{app}/**/*.py" for app in settings.OUR_APPS), "templates/**/*", "static/**/*")
SETTINGS = ("SITE_URL", "CLINIC", "RETENTION_DAYS", "SPAM_RETENTION_DAYS", "OPEN_TOO_LONG_DAYS")


@dataclass(frozen=True)
class BuiltPage:
    headers: dict[str, str]
    bodies: dict[str, bytes]  # by content encoding; "" is always there


def file_of(path: str) -> str:
    """Where in the build the page at an address lies."""
    return f"{NOT_FOUND}.html" if path == NOT_FOUND else f"{path}index.html".lstrip("/")


@cache
def source_hash() -> str:
    """A hash of everything that the pages come from: code, templates, styles, SITE_URL and the clinic's facts."""
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
    """Every page of the newest build by its path; none if there is no build, or one of another site than this.

    An old build would show yesterday's phone number, so it is not served, and the log says so.
    """
    folder = (settings.BUILD_DIR / LINK).resolve()
    if not folder.is_dir():
        logger.warning("No pages are prerendered, so each is rendered anew: run manage.py prerender.")
        return {}
    record = json.loads((folder / RECORD).read_text())
    if record["source_hash"] != source_hash():
        logger.warning("The prerendered pages are of other code or facts, and not served: run manage.py prerender.")
        return {}
    return {path: _read(folder / file_of(path), headers) for path, headers in record["pages"].items()}


def _read(file: Path, headers: dict[str, str]) -> BuiltPage:
    variants = {encoding: file.with_name(file.name + suffix) for encoding, suffix in SUFFIXES.items()}
    return BuiltPage(headers, {encoding: path.read_bytes() for encoding, path in variants.items() if path.exists()})
