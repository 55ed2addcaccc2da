"""Fewer bytes: no indentation in pages, and compression of what is rendered for each request.

That is the form, and every page where none are prerendered.
"""

import gzip
import re
from collections.abc import Callable
from functools import lru_cache, partial

import brotli
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

PREFERRED = ("br", "gzip")
# Half a millisecond for the form; the smallest possible would take forty.
COMPRESS = {"br": partial(brotli.compress, quality=5), "gzip": partial(gzip.compress, compresslevel=6, mtime=0)}
MINIMUM = 500  # bytes: less fits a packet anyway
_REFUSED = {"q=0", "q=0.0", "q=0.00", "q=0.000"}


@lru_cache(maxsize=64)  # browsers send a handful of different values
def best_encoding(accept_encoding: str) -> str:
    """The best of our encodings that an Accept-Encoding header allows; "" for none."""
    allowed = {}
    for part in accept_encoding.lower().split(","):
        name, _, quality = part.replace(" ", "").partition(";")
        allowed[name] = quality not in _REFUSED
    return next((name for name in PREFERRED if allowed.get(name, allowed.get("*", False))), "")


_INDENTATION = re.compile(rb"\n\s+")
_KEEPS_ITS_SPACES = re.compile(rb"<(?:textarea|pre)\b")


def drop_indentation(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable:
    """Django middleware: templates are indented for whoever writes them, and pages for nobody.

    A page that may hold what somebody typed is left as it is.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        is_page = not response.streaming and response.headers.get("Content-Type", "").startswith("text/html")
        if is_page and not _KEEPS_ITS_SPACES.search(response.content):
            response.content = _INDENTATION.sub(b"\n", response.content)
        return response

    return middleware


def compress_answers(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable:
    """Django middleware, outside whatever reads or tags the content."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if not _may_be_compressed(request, response):
            return response
        patch_vary_headers(response, ["Accept-Encoding"])
        encoding = best_encoding(request.headers.get("Accept-Encoding", ""))
        if encoding:
            response.content = COMPRESS[encoding](response.content)
            response.headers["Content-Encoding"] = encoding
            response.headers["Content-Length"] = str(len(response.content))
        return response

    return middleware


def _may_be_compressed(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Not an answer that may repeat what a request brought: beside a secret, its size would tell of both (BREACH)."""
    return (
        request.method in ("GET", "HEAD")
        and not request.META.get("QUERY_STRING")
        and not request.path.startswith(f"/{settings.STAFF_PATH}")
        and response.status_code in (200, 404)
        and not response.streaming
        and len(response.content) >= MINIMUM
        and response.headers.get("Content-Type", "").startswith(("text/", "application/xml", "image/svg"))
        and "Content-Encoding" not in response.headers
    )
