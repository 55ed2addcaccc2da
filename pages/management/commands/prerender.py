"""Request every public page and picture from the site and store the responses, to serve them without rendering."""

import fcntl
import gzip
import json
import logging
import os
import shutil
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from urllib.parse import urlsplit

import brotli
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.management.base import BaseCommand, CommandError
from django.http import HttpResponse
from django.shortcuts import render
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone
from tqdm import tqdm

from clinic import snapshot
from clinic.models import Picture
from clinic.pictures import shown_keys
from pages import build
from pages.build import LINK, NOT_FOUND, RECORD, SERVER_ERRORS, SUFFIXES, file_of, source_hash
from pages.sitemaps import SITEMAPS

# Two unknown paths, to check that the 404 page does not contain the requested path.
MISSING_PATHS = ("/no-such-page/", "/nor-this-one/")
COMPRESS = {"br": partial(brotli.compress, quality=11), "gzip": partial(gzip.compress, mtime=0)}
LOCK = "prerender.lock"
KEPT_OF_OUR_CODE = 2  # builds: the newest, and one that a process may still be reading
KEPT_OF_OTHER_CODE = 2  # releases, one build each


class NotForEverybody(Exception):
    """Raised if a response must not be served to every visitor."""


def prerendered_paths() -> list[str]:
    """Return the path of every page in the sitemap, except pages that contain a per-visitor token."""
    sections = [sitemap() for sitemap in SITEMAPS.values() if getattr(sitemap, "prerendered", True)]
    return [section.location(item) for section in sections for item in section.items()]


def picture_paths(facts: dict[str, Any]) -> list[str]:
    """Return the path of every rendition of the pictures that pages with these facts show."""
    return [
        reverse("pages:picture", args=[key, rendition])
        for key in sorted(shown_keys(facts))
        for rendition in Picture.RENDITIONS
    ]


@cache
def _site() -> WSGIHandler:
    return WSGIHandler()


def ask(path: str) -> HttpResponse:
    """Return the site's response to an anonymous visitor who uses SITE_URL's scheme and host."""
    address = urlsplit(settings.SITE_URL)
    request = RequestFactory(headers={"host": address.netloc}).get(
        "/" if path.isdecimal() else path, secure=address.scheme == "https"
    )
    request.prerendering = True
    if path in SERVER_ERRORS:
        return render(request, f"{path}.html", status=int(path))
    return _site().get_response(request)


def answer_for_everybody(path: str) -> HttpResponse:
    """Request a path twice. Return the response, with only the headers that are the same both times.

    For NOT_FOUND, request two paths that don't exist.

    Raise NotForEverybody if the response must not be served to every visitor.
    """
    first, second = MISSING_PATHS if path == NOT_FOUND else (path, path)
    response, again = ask(first), ask(second)
    expected = int(path) if path.isdecimal() else 200
    faults = {
        f"returns {response.status_code}, not {expected}": response.status_code != expected,
        "sets a cookie": bool(response.cookies),
        "contains a CSRF token": b"csrfmiddlewaretoken" in response.content,
        "must not be cached": expected == 200 and "public" not in response["Cache-Control"],
        "differs each time, for example because it contains a token or the time": response.content != again.content,
    }
    if found := [fault for fault, is_so in faults.items() if is_so]:
        raise NotForEverybody(f"{path} {' and '.join(found)}")
    response.headers = {name: value for name, value in response.items() if again.get(name) == value}
    return response


def prerender(path: str, folder: Path) -> dict[str, str]:
    """Write a page into the folder, both uncompressed and compressed. Return the page's headers.

    Pictures are only written as they are.
    """
    response = answer_for_everybody(path)
    file = folder / file_of(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(response.content)
    compressed = {} if response["Content-Type"].startswith("image/") else COMPRESS
    for encoding, compress in compressed.items():
        file.with_name(file.name + SUFFIXES[encoding]).write_bytes(compress(response.content))
    return {name: value for name, value in response.headers.items() if name != "Content-Length"}


def copy_earlier_pictures(facts: dict[str, Any], folder: Path) -> dict[str, dict[str, str]]:
    """Copy the pictures that the newest build's pages show into the folder. Return their headers.

    A page that a browser or cache still has can then load its pictures, even if the new pages don't show them. Without
    the database, a build still has its pictures, if the code is the same.
    """
    earlier = next(iter(build.complete_builds()), None)
    if earlier is None:
        return {}
    record = build.read_record(earlier)
    same_code = record["source_hash"] == source_hash()
    shown = set() if same_code else set(picture_paths(facts))  # new code may send other headers
    copied = [path for path in picture_paths(record["facts"]) if path in record["pages"] and path not in shown]
    for path in copied:
        file = folder / file_of(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(earlier / file_of(path), file)
    return {path: record["pages"][path] for path in copied}


def facts_to_build_from() -> snapshot.Clinic:
    """Return the newest edition's facts. If the database is unavailable, return the facts of the newest build."""
    if (folder := build.newest_folder()) is not None:
        record = build.read_record(folder)
        snapshot.start_from(record["facts"], record["edition"])
    return snapshot.current()


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--if-needed", action="store_true", help="do nothing if the newest build is up to date")

    def handle(self, *, if_needed: bool = False, **options: object) -> None:
        if settings.DEBUG:
            raise CommandError("Set DEBUG=False first, because prerendered pages would hide your edits.")
        os.umask(0o022)  # nginx reads the pages and runs as another user
        settings.BUILD_DIR.mkdir(parents=True, exist_ok=True)
        settings.BUILD_DIR.chmod(0o755)  # collectstatic may have created it, under a stricter umask
        with _one_at_a_time():
            clinic, now = facts_to_build_from(), timezone.now()
            folder = build.newest_folder()
            wanted = snapshot.shown_hash(clinic, now)
            if if_needed and folder and build.read_record(folder)["shown_hash"] == wanted:
                self.stdout.write(f"{folder.name} already shows edition {clinic.edition} of the facts.")
                return
            with snapshot.use(clinic):
                pages, folder = self.write_build(clinic, wanted)
        self.stdout.write(f"Prerendered {pages} pages of edition {clinic.edition} into {folder}.")

    def write_build(self, clinic: snapshot.Clinic, shown_hash: str) -> tuple[int, Path]:
        """Write a complete build and point the symlink to it. Return the number of pages and the folder.

        After a failure, the old build stays in use.
        """
        folder = Path(mkdtemp(prefix=f"{LINK}-{datetime.now(UTC):%Y%m%dT%H%M%S%f}-", dir=settings.BUILD_DIR))
        disabled = logging.root.manager.disable
        try:
            logging.disable(logging.WARNING)  # hides a log line per page, and the warning about the 404
            pages = copy_earlier_pictures(clinic.facts, folder)
            paths = [*prerendered_paths(), reverse("pages:away"), NOT_FOUND, *SERVER_ERRORS]
            paths += [path for path in picture_paths(clinic.facts) if path not in pages]
            progress = tqdm(paths, desc="Prerendering", unit=" pages", disable=None)
            pages |= {path: prerender(path, folder) for path in progress}
            record = {
                "source_hash": source_hash(),
                "shown_hash": shown_hash,
                "edition": clinic.edition,
                "facts": clinic.facts,
                "built_at": datetime.now(UTC).isoformat(),
                "pages": pages,
            }
            folder.chmod(0o755)
            _write_atomically(folder / RECORD, json.dumps(record, indent=1))
        except BaseException as error:
            shutil.rmtree(folder)
            if isinstance(error, NotForEverybody):
                raise CommandError(f"Kept the old build: {error}.") from error
            raise
        finally:
            logging.disable(disabled)
        point_link_at(folder)
        remove_old_builds(folder)
        return len(pages), folder


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Context manager that holds the lock on BUILD_DIR. The kernel releases the lock if the process dies."""
    with (settings.BUILD_DIR / LOCK).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _write_atomically(file: Path, text: str) -> None:
    unfinished = file.with_suffix(".new")
    unfinished.write_text(text)
    os.replace(unfinished, file)


def point_link_at(folder: Path) -> None:
    new_link = folder.with_suffix(".link")
    new_link.symlink_to(folder.name)
    os.replace(new_link, settings.BUILD_DIR / LINK)


def remove_old_builds(newest: Path) -> None:
    """Remove old builds, and leftovers of interrupted builds. The caller must hold the lock."""
    kept: dict[str, list[Path]] = {}
    for folder in build.complete_builds():
        kept.setdefault(build.read_record(folder)["source_hash"], []).append(folder)
    needed = {newest, *kept.pop(source_hash(), [])[:KEPT_OF_OUR_CODE]}
    needed |= {folders[0] for folders in list(kept.values())[:KEPT_OF_OTHER_CODE]}
    for folder in settings.BUILD_DIR.glob(f"{LINK}-*"):
        if folder not in needed:
            shutil.rmtree(folder) if folder.is_dir() and not folder.is_symlink() else folder.unlink()
