"""WSGI middleware that serves prerendered pages from memory, with the headers that Django would send."""

from collections.abc import Callable, Iterable
from pathlib import Path

from django.conf import settings
from django.utils.http import parse_etags

from albany_site.compression import best_encoding
from pages.build import Build, BuiltPage

Application = Callable[[dict, Callable], Iterable[bytes]]


class Answer:
    """A page's prepared responses: the headers and body for each content encoding, and the headers of a 304."""

    def __init__(self, page: BuiltPage) -> None:
        headers = list(page.headers.items())
        self.tag = page.headers["ETag"]
        self.not_modified = [(name, value) for name, value in headers if name != "Content-Type"]
        self.full = {
            encoding: (
                [*headers, *([("Content-Encoding", encoding)] if encoding else []), ("Content-Length", str(len(body)))],
                [body],
            )
            for encoding, body in page.bodies.items()
        }


class BuiltPages:
    """Serves prerendered pages, and passes every other request to the wrapped application.

    Bodies are kept in memory, so a build's files may be deleted while the process runs.
    """

    def __init__(self, application: Application, build: Build | None) -> None:
        self.application = application
        self.folder: Path | None = None
        self.answers: dict[str, Answer] = {}
        if build:
            self.switch_to(build)

    def switch_to(self, build: Build) -> None:
        """Serve `build` from the next request on. Each response comes from one build, never from a mix of two."""
        if build.folder != self.folder:
            self.answers = {path: Answer(page) for path, page in build.pages.items() if path.startswith("/")}
            self.folder = build.folder

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        answer = self.answers.get(environ["PATH_INFO"])
        method = environ["REQUEST_METHOD"]
        if answer is None or method not in ("GET", "HEAD") or (settings.HTTPS and not came_by_https(environ)):
            return self.application(environ, start_response)
        if "HTTP_IF_NONE_MATCH" in environ and _is_held(answer.tag, environ["HTTP_IF_NONE_MATCH"]):
            start_response("304 Not Modified", answer.not_modified)
            return []
        encoding = best_encoding(environ.get("HTTP_ACCEPT_ENCODING", ""))
        headers, body = answer.full.get(encoding) or answer.full[""]  # pictures are not compressed again
        start_response("200 OK", headers)
        return body if method == "GET" else []


def _is_held(tag: str, if_none_match: str) -> bool:
    """Return whether an If-None-Match header matches the page's ETag, by weak comparison."""
    opaque = tag.removeprefix("W/")
    return any(held in ("*", opaque) for held in (tag.removeprefix("W/") for tag in parse_etags(if_none_match)))


def came_by_https(environ: dict) -> bool:
    """Return whether the request used https, like `request.is_secure()`. A configured proxy header takes precedence."""
    header, secure = settings.SECURE_PROXY_SSL_HEADER or (None, None)
    reported = environ.get(header)
    if reported is None:
        return environ["wsgi.url_scheme"] == "https"
    return reported.split(",", 1)[0].strip() == secure
