"""Ask the site itself for every public page and store the answers, so that serving one renders nothing."""

import gzip
import json
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from tempfile import mkdtemp
from urllib.parse import urlsplit

import brotli
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.management.base import BaseCommand, CommandError
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import reverse
from tqdm import tqdm

from pages.build import LINK, NOT_FOUND, RECORD, SUFFIXES, file_of, source_hash
from pages.sitemaps import SITEMAPS

# At their best settings, because this runs once a build and not once a request.
COMPRESS = {"br": partial(brotli.compress, quality=11), "gzip": partial(gzip.compress, mtime=0)}
# Two paths that do not exist, to check that the 404 page does not contain the path.
MISSING_PATHS = ("/no-such-page/", "/nor-this-one/")


class NotForEverybody(Exception):
    """A page that is not the same for every visitor, and so must not be stored."""


def prerendered_paths() -> list[str]:
    """Return every path in the sitemap, except sections with pages for one visitor."""
    sections = [sitemap() for sitemap in SITEMAPS.values() if sitemap.prerendered]
    return [section.location(item) for section in sections for item in section.items()]


@cache
def _site() -> WSGIHandler:
    return WSGIHandler()


def ask(path: str) -> HttpResponse:
    address = urlsplit(settings.SITE_URL)  # with another scheme or host the site would redirect or refuse
    request = RequestFactory(headers={"host": address.netloc}).get(path, secure=address.scheme == "https")
    request.prerendering = True
    return _site().get_response(request)


def answer_for_everybody(path: str) -> HttpResponse:
    """Return the response at `path`, with only the headers that are the same each time.

    Raises NotForEverybody if visitors may not share it.
    """
    first, second = MISSING_PATHS if path == NOT_FOUND else (path, path)
    answer, again = ask(first), ask(second)
    expected = 404 if path == NOT_FOUND else 200
    faults = {
        f"answers {answer.status_code}, not {expected}": answer.status_code != expected,
        "sets a cookie": bool(answer.cookies),
        "holds a CSRF token": b"csrfmiddlewaretoken" in answer.content,
        "must not be cached": expected == 200 and "public" not in answer["Cache-Control"],
        "differs each time, for example by a token or the time": answer.content != again.content,
    }
    if found := [fault for fault, is_so in faults.items() if is_so]:
        raise NotForEverybody(f"{path} {' and '.join(found)}")
    answer.headers = {name: value for name, value in answer.items() if again.get(name) == value}
    return answer


def prerender(path: str, folder: Path) -> dict[str, str]:
    """Write the page at `path` into the folder, plain and compressed. Returns its headers."""
    answer = answer_for_everybody(path)
    file = folder / file_of(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(answer.content)
    for encoding, compress in COMPRESS.items():
        file.with_name(file.name + SUFFIXES[encoding]).write_bytes(compress(answer.content))
    return {name: value for name, value in answer.headers.items() if name != "Content-Length"}


class Command(BaseCommand):
    help = __doc__

    def handle(self, **options: object) -> None:
        if settings.DEBUG:
            raise CommandError("Set DEBUG=False first: prerendered pages would hide your edits.")
        settings.BUILD_DIR.mkdir(parents=True, exist_ok=True)
        folder = Path(mkdtemp(prefix=f"{LINK}-{datetime.now(UTC):%Y%m%dT%H%M%S}-", dir=settings.BUILD_DIR))
        try:
            pages = fill(folder)
        except BaseException as error:
            shutil.rmtree(folder)
            if isinstance(error, NotForEverybody):
                raise CommandError(f"Kept the old build: {error}.") from error
            raise
        switch_to(folder)
        self.stdout.write(f"Prerendered {len(pages)} pages into {folder}.")


def fill(folder: Path) -> dict[str, dict[str, str]]:
    """Write every page and the build's record into the folder. Returns the pages' headers by path."""
    paths = [*prerendered_paths(), reverse("pages:away"), NOT_FOUND]
    with _quiet_log():
        pages = {path: prerender(path, folder) for path in tqdm(paths, "Prerendering", unit=" pages", disable=None)}
    record = {"source_hash": source_hash(), "built_at": datetime.now(UTC).isoformat(), "pages": pages}
    (folder / RECORD).write_text(json.dumps(record, indent=1))
    folder.chmod(0o755)  # mkdtemp makes it private, but the web server may run as another user
    return pages


@contextmanager
def _quiet_log() -> Iterator[None]:
    """Log only errors, not a line for each page and a warning for the 404."""
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def switch_to(folder: Path) -> None:
    """Point the link at the new build atomically, then delete all older builds except the last."""
    link = settings.BUILD_DIR / LINK
    last = link.resolve()
    new_link = folder.with_suffix(".link")
    new_link.symlink_to(folder.name)
    os.replace(new_link, link)
    for old in settings.BUILD_DIR.glob(f"{LINK}-*"):
        if old not in (folder, last):
            shutil.rmtree(old)
