"""Our middleware, in the order of settings.MIDDLEWARE, outermost first, and the reasons for that order.

Parentheses mark the places of middleware from Django and other packages.

1. `log_requests` is first, so that every line logged during an HTTP request contains its id.
2. `client_address` sets `request.client_address`, which everything below it may read.
3. `compress_responses` is outside all middleware that reads or replaces the content, or computes its ETag.
4. `response_headers` also covers redirects and errors from everything below.
5. `one_host`, `limit_body`, `whole_body` and `utf8_only` of front_door.py refuse what nothing below them may read.
   (SecurityMiddleware redirects to https.)
6. `staff_networks` comes before sessions, so that a refused request costs no database query, and so does
   `readable_cookies`, which drops what no session can have as its key.
   (Sessions and CommonMiddleware.)
7. `method_not_allowed` replaces Django's empty 405 response.
8. `hidden_origin` comes just before the CSRF check, which reads what it sets.
   (CSRF, authentication, OTP, messages, axes.)
"""

import ipaddress
import logging
import re
import time
import uuid
from collections.abc import Callable

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import get_conditional_response, has_vary_header, patch_vary_headers

from albany_site.compression import COMPRESS, best_encoding
from albany_site.front_door import READ_METHODS
from albany_site.headers import KEPT_FOR_BACK, PRIVATE, PUBLIC, SECURITY_HEADERS, SPECULATION_RULES, entity_tag
from albany_site.json_logging import current_request
from consultations.origins import HIDDEN_ORIGINS, OUR_FETCH_SITES

logger = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponseBase]

SLOW_SECONDS = 1.0
SMALLEST_COMPRESSED = 500  # bytes; a smaller response fits in one packet uncompressed
MISSING_PATH = "/no-such-page/"
CACHEABLE_STATUSES = (200, 301)
_ADDRESS = re.compile(
    r"(?P<v4>[0-9.]+)(:[0-9]*)?|\[(?P<bracketed>[0-9a-f:.]+)(%[^\]]*)?\](:[0-9]*)?|(?P<v6>[0-9a-f:.]+)(%.*)?",
    re.IGNORECASE,
)
_REQUEST_ID = re.compile(r"[0-9a-f]{32}")


# --- 1. Log each request


def log_requests(get_response: GetResponse) -> GetResponse:
    """Middleware that assigns each request an id and logs its response."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        request.id = _request_id(request)
        token = current_request.set(request)
        started = time.perf_counter()
        try:
            response = get_response(request)
            response.headers["X-Request-ID"] = request.id
            _log_response(request.method, response.status_code, time.perf_counter() - started)
        finally:
            current_request.reset(token)
        return response

    return middleware


def _request_id(request: HttpRequest) -> str:
    """Return the X-Request-ID that the proxy sent, which is also in the proxy's log, or else a new id."""
    given = request.headers.get("X-Request-ID", "")
    return given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def _log_response(method: str, status: int, seconds: float) -> None:
    figures = {"method": method, "status": status, "milliseconds": round(seconds * 1000)}
    if seconds >= SLOW_SECONDS:
        logger.warning("slow request", extra={"figures": figures})
    else:
        logger.info("request", extra={"figures": figures})


# --- 2. The client's address


def client_address(get_response: GetResponse) -> GetResponse:
    """Middleware that sets `request.client_address`."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        request.client_address = address_of(request)
        return get_response(request)

    return middleware


def address_of(request: HttpRequest) -> str:
    """Return the IP address of the client that connected to our outermost proxy, or "" if it is unknown.

    Without trusted proxies or without X-Forwarded-For, return the address of the socket's peer, which is "" on a Unix
    socket. If the header is too short or unreadable, the address is unknown, because the peer is only the proxy.
    """
    hops = settings.TRUSTED_PROXY_HOPS
    header = request.META.get("HTTP_X_FORWARDED_FOR", "").strip()
    if not hops or not header:
        return parse_address(request.META.get("REMOTE_ADDR", ""))
    forwarded = header.split(",")
    return parse_address(forwarded[-hops]) if len(forwarded) >= hops else ""


def parse_address(text: str) -> str:
    """Return the IP address in text such as 192.0.2.7:4711 or "[2001:db8::7]:4711", or "" if there is none.

    An IPv4 address inside an IPv6 one, such as ::ffff:192.0.2.7, is that IPv4 address.
    """
    match = _ADDRESS.fullmatch(text.strip().strip('"').strip())
    try:
        address = ipaddress.ip_address((match["v4"] or match["bracketed"] or match["v6"]) if match else "")
    except ValueError:
        return ""
    return str(getattr(address, "ipv4_mapped", None) or address)


# --- 3. Compress responses


def compress_responses(get_response: GetResponse) -> GetResponse:
    """Middleware that compresses what Django renders, such as the form. Prerendered pages are already compressed."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if not _may_compress(request, response):
            return response
        patch_vary_headers(response, ["Accept-Encoding"])
        encoding = best_encoding(request.headers.get("Accept-Encoding", ""))
        if encoding:
            response.content = COMPRESS[encoding](response.content)
            response.headers["Content-Encoding"] = encoding
            response.headers["Content-Length"] = str(len(response.content))
        return response

    return middleware


def _may_compress(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Return whether compression is worthwhile and safe.

    Compressing a response that contains both request data and a secret is not safe, because the compressed size can
    leak the secret (BREACH).
    """
    return (
        request.method in ("GET", "HEAD")
        and not request.META.get("QUERY_STRING")
        and not _is_staff_path(request)
        and response.status_code in (200, 404)
        and not response.streaming
        and len(response.content) >= SMALLEST_COMPRESSED
        and response.headers.get("Content-Type", "").startswith(("text/", "application/xml", "image/svg"))
        and "Content-Encoding" not in response.headers
    )


# --- 4. Security and cache headers


def response_headers(get_response: GetResponse) -> GetResponse:
    """Middleware that adds the security and cache headers. Public responses also get an ETag."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if _is_public(request, response):
            response.headers.setdefault("Cache-Control", PUBLIC)
            is_page = response.headers.get("Content-Type", "").startswith("text/html")
            response = _with_etag(request, response)
            if is_page:
                response.headers["Speculation-Rules"] = SPECULATION_RULES
        else:
            response.headers["Cache-Control"] = KEPT_FOR_BACK if hasattr(response, "kept_for_back") else PRIVATE
            response.headers.pop("Expires", None)
            if hasattr(response, "kept_for_back") and not _is_staff_path(request):
                # With Vary: Cookie, a browser that just got our CSRF cookie cannot go back to its page.
                response.headers.pop("Vary", None)
        for name, value in SECURITY_HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return middleware


def _is_public(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Return whether the response is the same for every visitor, so that shared caches may store it."""
    return (
        request.method in ("GET", "HEAD")
        and response.status_code in CACHEABLE_STATUSES
        and not _is_staff_path(request)
        and not response.cookies
        and not has_vary_header(response, "Cookie")
        and not re.search("no-store|private", response.headers.get("Cache-Control", ""))
    )


def _with_etag(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Return the response with an ETag, or a 304 if the client already has this version."""
    patch_vary_headers(response, ["Accept-Encoding"])
    if response.streaming:
        return response
    response.headers.setdefault("ETag", entity_tag(response.content))
    return get_conditional_response(request, etag=response.headers["ETag"], response=response)


# --- 6. Hide the staff pages


def staff_networks(get_response: GetResponse) -> GetResponse:
    """Middleware that returns 404 for staff pages to clients outside STAFF_NETWORKS.

    The request continues with the path of a page that doesn't exist, so its response is like every other 404.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if settings.STAFF_NETWORKS and _is_staff_path(request) and not _is_in_staff_network(request.client_address):
            request.path = request.path_info = MISSING_PATH
        return get_response(request)

    return middleware


def _is_staff_path(request: HttpRequest) -> bool:
    return f"{request.path}/".startswith(f"/{settings.STAFF_PATH}")


def _is_in_staff_network(address: str) -> bool:
    try:
        client = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(client in network for network in settings.STAFF_NETWORKS)


def readable_cookies(get_response: GetResponse) -> GetResponse:
    """Middleware that drops each cookie with a control character or a character outside ASCII. Ours have neither.

    A quoted cookie can have a NUL, and PostgreSQL cannot look up a session with it.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        for name, value in list(request.COOKIES.items()):
            if not (value.isascii() and value.isprintable()):
                del request.COOKIES[name]
        return get_response(request)

    return middleware


# --- 7. Wrong methods


def method_not_allowed(get_response: GetResponse) -> GetResponse:
    """Middleware that replaces Django's empty 405 response with a page. Static files can only be read."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        is_file = request.path.startswith(settings.STATIC_URL)
        if is_file and request.method not in READ_METHODS:
            response: HttpResponseBase = HttpResponseNotAllowed(READ_METHODS)
        else:
            response = get_response(request)
        if response.status_code == 405 and not response.content:
            page = admin.site.error_page(request, 405) or render(request, "405.html", status=405)
            page["Allow"] = response["Allow"]
            return page
        return response

    return middleware


# --- 8. Forms from browsers that hide where they come from


def hidden_origin(get_response: GetResponse) -> GetResponse:
    """Middleware that restores a missing Origin if the browser says that the request comes from our own page.

    Privacy add-ons and proxies remove Origin and Referer, and Django's CSRF check refuses such a form however often it
    is sent. No page can set Sec-Fetch-Site, which is "none" if the browser itself sends a form again. The CSRF token is
    still checked.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        is_ours = request.headers.get("Sec-Fetch-Site") in OUR_FETCH_SITES
        if is_ours and request.headers.get("Origin", "") in HIDDEN_ORIGINS:
            request.META["HTTP_ORIGIN"] = settings.SITE_URL
        return get_response(request)

    return middleware
