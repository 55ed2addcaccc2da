"""Asks the site itself for every public page and keeps the answers, to be served without rendering."""

import gzip
import json
import logging
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from tempfile import mkdtemp
from urllib.parse import urlsplit

import brotli
import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.management.base import BaseCommand, CommandError
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import reverse
from tqdm import tqdm

from pages.build import LINK, NOT_FOUND, RECORD, SUFFIXES, file_of, source_hash
from pages.sitemaps import SITEMAPS

# brotli's best takes most of a build's time. Nobody waits long for it with so few pages; of more, each gets its second
# best, which is far quicker and little larger. `make bench` builds both.
FEW = 200
# Two addresses that are none: the page that answers them may not name either.
NOWHERE = ("/no-such-page/", "/nor-this-one/")


class NotForEverybody(Exception):
    """An answer that is not the same page for each visitor at any time."""


def prerendered_paths() -> list[str]:
    """Every page of the sitemap but those whose section says that they hold something of one visitor."""
    sections = [sitemap() for sitemap in SITEMAPS.values() if getattr(sitemap, "prerendered", True)]
    return [section.location(item) for section in sections for item in section.items()]


@cache
def _site() -> WSGIHandler:
    return WSGIHandler()


def ask(path: str) -> HttpResponse:
    """The site's answer to a stranger who comes by SITE_URL's scheme and host."""
    address = urlsplit(settings.SITE_URL)
    request = RequestFactory(headers={"host": address.netloc}).get(path, secure=address.scheme == "https")
    return _site().get_response(request)


def answer_for_everybody(path: str) -> HttpResponse:
    """The answer at a path, with the headers that are the same each time.

    Raises NotForEverybody if it may not be handed to each visitor alike.
    """
    first, second = NOWHERE if path == NOT_FOUND else (path, path)
    answer, again = ask(first), ask(second)
    expected = 404 if path == NOT_FOUND else 200
    faults = {
        f"answers {answer.status_code}, not {expected}": answer.status_code != expected,
        "sets a cookie": bool(answer.cookies),
        "holds a CSRF token": b"csrfmiddlewaretoken" in answer.content,
        "is not to be stored": expected == 200 and "public" not in answer["Cache-Control"],
        "is another page each time, as with a key or a clock in it": answer.content != again.content,
    }
    if found := [fault for fault, is_so in faults.items() if is_so]:
        raise NotForEverybody(f"{path} {' and '.join(found)}")
    answer.headers = {name: value for name, value in answer.items() if again.get(name) == value}
    return answer


def compressors(pages: int) -> dict[str, Callable[[bytes], bytes]]:
    """How each encoding is made, in a build of so many pages."""
    quality = 11 if pages <= FEW else 10
    return {"br": partial(brotli.compress, quality=quality), "gzip": partial(gzip.compress, mtime=0)}


def prerender(path: str, folder: Path, pages: int) -> tuple[str, dict[str, str]]:
    """Write the page at a path, one of so many, into the folder, plain and compressed; its path and headers come back."""
    answer = answer_for_everybody(path)
    file = folder / file_of(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(answer.content)
    for encoding, compress in compressors(pages).items():
        file.with_name(file.name + SUFFIXES[encoding]).write_bytes(compress(answer.content))
    return path, {name: value for name, value in answer.headers.items() if name != "Content-Length"}


def _start_worker() -> None:
    django.setup()
    logging.disable(logging.WARNING)  # a line for each page asked for, and for the one that is not found


class Command(BaseCommand):
    help = __doc__

    def handle(self, **options: object) -> None:
        if settings.DEBUG:
            raise CommandError("With DEBUG pages are rendered for each request: prerendering would hide your edits.")
        settings.BUILD_DIR.mkdir(parents=True, exist_ok=True)
        folder = Path(mkdtemp(prefix=f"{LINK}-{datetime.now(UTC):%Y%m%dT%H%M%S}-", dir=settings.BUILD_DIR))
        try:
            pages = self.fill(folder)
        except BaseException as error:
            shutil.rmtree(folder)
            if isinstance(error, NotForEverybody):
                raise CommandError(f"Nothing is changed: {error}.") from error
            raise
        switch_to(folder)
        self.stdout.write(f"Prerendered {len(pages)} pages into {folder}.")

    def fill(self, folder: Path) -> dict[str, dict[str, str]]:
        """Every page's headers by its path, once all are written."""
        paths = [*prerendered_paths(), reverse("pages:away"), NOT_FOUND]
        with ProcessPoolExecutor(initializer=_start_worker) as pool:
            answers = pool.map(partial(prerender, folder=folder, pages=len(paths)), paths, chunksize=4)
            pages = dict(tqdm(answers, total=len(paths), desc="Prerendering", unit=" pages", disable=None))
        record = {"source_hash": source_hash(), "built_at": datetime.now(UTC).isoformat(), "pages": pages}
        (folder / RECORD).write_text(json.dumps(record, indent=1))
        folder.chmod(0o755)  # mkdtemp's folder is its maker's alone; the web server may be another user
        return pages


def switch_to(folder: Path) -> None:
    """Let the link lead to the new build, in one step, and drop all older ones but the last."""
    link = settings.BUILD_DIR / LINK
    last = link.resolve()
    new_link = folder.with_suffix(".link")
    new_link.symlink_to(folder.name)
    os.replace(new_link, link)
    for old in settings.BUILD_DIR.glob(f"{LINK}-*"):
        if old not in (folder, last):
            shutil.rmtree(old)
