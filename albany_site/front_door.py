"""Refuses or redirects HTTP requests that the rest of the site must never read: other hosts, encodings and sizes.

`FrontDoor` is the outermost WSGI application. It sends such requests to Django directly, past the prerendered pages and
files, so that pages, files and the form all treat them alike. The middleware here answers them.
"""

import ipaddress
import re
from collections.abc import Callable, Iterable
from io import BytesIO
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import BadRequest, DisallowedHost, RequestDataTooBig
from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.http.request import split_domain_port, validate_host
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import parse_header_parameters

GetResponse = Callable[[HttpRequest], HttpResponseBase]
Application = Callable[[dict, Callable], Iterable[bytes]]

HEALTH_PATH = "/healthz"
OTHER_CHARSET = "albany.other_charset"  # a key of the WSGI environ
UTF_8 = ("utf-8", "utf8")
READ_METHODS = ("GET", "HEAD")


class FrontDoor:
    """WSGI application that passes ordinary requests to `site`, and all others to `django`."""

    def __init__(self, site: Application, django: Application) -> None:
        self.site, self.django = site, django

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        if environ.get("HTTP_TRANSFER_ENCODING"):
            _read_chunks(environ)
        if not _is_utf8(environ.get("CONTENT_TYPE", "")):
            # Django decodes the query string when it creates the request object, so hide the charset until `utf8_only`.
            environ[OTHER_CHARSET] = environ.pop("CONTENT_TYPE")
        is_file = environ.get("PATH_INFO", "").startswith(settings.STATIC_URL)
        if is_file and environ.get("REQUEST_METHOD") not in READ_METHODS:
            return self.django(environ, start_response)  # WhiteNoise would send an empty 405
        ordinary = is_our_host(environ.get("HTTP_HOST", "")) and OTHER_CHARSET not in environ
        return (self.site if ordinary else self.django)(environ, start_response)


def _read_chunks(environ: dict) -> None:
    """Give a chunked body a length, because Django reads a body without a length as empty.

    Read one byte more than the limit at most, so that `limit_body` refuses a longer body.
    """
    if environ.get("CONTENT_LENGTH") or not environ.get("wsgi.input_terminated"):
        return
    body = environ["wsgi.input"].read(longest_body(environ.get("PATH_INFO", "")) + 1)
    environ["CONTENT_LENGTH"], environ["wsgi.input"] = str(len(body)), BytesIO(body)


def is_our_host(host: str) -> bool:
    """Return whether a Host header names SITE_URL's host. A port is ignored, because proxies may leave it out."""
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


def _is_utf8(content_type: str) -> bool:
    """Return whether a Content-Type names UTF-8 or no charset. One that Python can't parse names another."""
    try:
        _, options = parse_header_parameters(content_type)
    except ValueError:  # a parameter is encoded (RFC 2231) by a codec that Python lacks or that fails
        return False
    return options.get("charset", "utf-8").lower() in UTF_8


# --- Middleware


def one_host(get_response: GetResponse) -> GetResponse:
    """Middleware that redirects GET and HEAD requests for other hosts to SITE_URL.

    Answer a health check from this machine under any host, because it may use the machine's address.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        host = request.META.get("HTTP_HOST") or request.META.get("SERVER_NAME", "")
        if not is_our_host(host):
            if request.path == HEALTH_PATH and is_loopback(request.client_address):
                request.META["HTTP_HOST"] = urlsplit(settings.SITE_URL).netloc
            elif request.method in READ_METHODS and split_domain_port(host)[0]:
                return HttpResponsePermanentRedirect(settings.SITE_URL + request.get_full_path())
            else:
                raise DisallowedHost("the request names another host")
        return get_response(request)

    return middleware


def is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def limit_body(get_response: GetResponse) -> GetResponse:
    """Middleware that returns 413 for a body over the limit before reading it. Django reads file uploads first.

    The page for the clinic's pictures explains itself instead.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if _announced_length(request) > longest_body(request.path):
            if request.path == settings.UPLOAD_PATH:
                return redirect(f"{request.path}?too-large")
            raise RequestDataTooBig("the body is longer than the limit")
        return get_response(request)

    return middleware


def longest_body(path: str) -> int:
    """Return how many bytes a request to this path may send."""
    return settings.LARGEST_UPLOAD if path == settings.UPLOAD_PATH else settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def _announced_length(request: HttpRequest) -> int:
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isdecimal() else 0


def whole_body(get_response: GetResponse) -> GetResponse:
    """Middleware that returns 400 if a client stops sending before the end of its form.

    Otherwise the view would fail, or take the part that arrived for all of it.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.method == "POST":
            try:
                body = request._stream.read()
            except OSError as error:
                raise BadRequest("the client stopped sending") from error
            if len(body) < _announced_length(request):
                raise BadRequest("the client stopped sending")
            # Not request.body, because Django limits that to less than an upload may have.
            request._stream = BytesIO(body)
        return get_response(request)

    return middleware


def utf8_only(get_response: GetResponse) -> GetResponse:
    """Middleware that returns 400 for every charset but UTF-8, before anything is decoded.

    Python has codecs, such as rot13 or utf-7, that fail or that produce lone surrogates.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        whole = request.META.get(OTHER_CHARSET) or request.META.get("CONTENT_TYPE", "")
        if not (_is_utf8(whole) and all(map(_is_utf8, _types_of_parts(request)))):
            request.encoding = "utf-8"  # for the error page
            raise BadRequest("only UTF-8 is supported")
        return get_response(request)

    return middleware


def _types_of_parts(request: HttpRequest) -> list[str]:
    """Return the Content-Type of each part of a multipart body, without reading what the parts contain."""
    kind, options = parse_header_parameters(request.META.get("CONTENT_TYPE", ""))
    boundary = options.get("boundary", "")
    if request.method != "POST" or kind != "multipart/form-data" or not boundary:
        return []
    body = request._stream.read()  # from memory; see `whole_body`
    request._stream = BytesIO(body)
    heads = [part.partition(b"\r\n\r\n")[0] for part in body.split(b"--" + boundary.encode())]
    found = (
        re.search(rb"^content-type:(.*)", re.sub(rb"\r\n[ \t]+", b" ", head), re.IGNORECASE | re.MULTILINE)
        for head in heads
    )
    return [match[1].decode("latin-1").strip() for match in found if match]
