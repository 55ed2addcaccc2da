"""Our middleware, in the order of settings.MIDDLEWARE, outermost first, and the reasons for that order.

Parentheses mark the places of middleware from Django and other packages.

1. `log_requests` is first, so that every line logged during an HTTP request contains its id.
2. `client_address` sets `request.client_address`, which everything below it may read.
3. `compress_responses` is outside all middleware that reads or replaces the content, or computes its ETag.
4. `response_headers` also covers redirects and errors from everything below.
   (SecurityMiddleware redirects to https.)
5. `staff_networks` comes before sessions, so that a refused request costs no database query.
   (Sessions and CommonMiddleware.)
6. `method_not_allowed` replaces Django's empty 405 response.
7. `limit_bodies` comes before CSRF, which reads the body.
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
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response, has_vary_header, patch_vary_headers

from albany_site.compression import COMPRESS, best_encoding
from albany_site.headers import PRIVATE, PUBLIC, SECURITY_HEADERS, SPECULATION_RULES, entity_tag
from albany_site.json_logging import current_request

logger = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponseBase]

SLOW_SECONDS = 1.0
SMALLEST_COMPRESSED = 500  # bytes; a smaller response fits in one packet uncompressed
CACHEABLE_STATUSES = (200, 301)
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
    """Return the IP address of the client that connected to our outermost proxy.

    Without trusted proxies, or if X-Forwarded-For is too short or invalid, return the address of the socket's peer,
    which is "" on a Unix socket.
    """
    direct = request.META.get("REMOTE_ADDR", "")
    hops = settings.TRUSTED_PROXY_HOPS
    forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    if not hops or len(forwarded) < hops:
        return direct
    try:
        return str(ipaddress.ip_address(forwarded[-hops]))
    except ValueError:
        return direct


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
            response.headers["Cache-Control"] = PRIVATE
            response.headers.pop("Expires", None)
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


# --- 5. Hide the staff pages


def staff_networks(get_response: GetResponse) -> GetResponse:
    """Middleware that returns 404 for staff pages to clients outside STAFF_NETWORKS."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if settings.STAFF_NETWORKS and _is_staff_path(request):
            _require_staff_network(request.client_address)
        return get_response(request)

    return middleware


def _is_staff_path(request: HttpRequest) -> bool:
    return request.path.startswith(f"/{settings.STAFF_PATH}")


def _require_staff_network(address: str) -> None:
    try:
        client = ipaddress.ip_address(address)
    except ValueError:
        raise Http404("the client's address is unknown") from None
    if not any(client in network for network in settings.STAFF_NETWORKS):
        raise Http404("staff pages are restricted to STAFF_NETWORKS")


# --- 6. Wrong methods


def method_not_allowed(get_response: GetResponse) -> GetResponse:
    """Middleware that replaces Django's empty 405 response with a page."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if response.status_code == 405 and not response.content:
            page = admin.site.error_page(request, 405) or render(request, "405.html", status=405)
            page["Allow"] = response["Allow"]
            return page
        return response

    return middleware


# --- 7. Large bodies


def limit_bodies(get_response: GetResponse) -> GetResponse:
    """Middleware that refuses large bodies by their Content-Length, before anything reads them.

    Django itself limits only the fields of a form, not its files. The page for the clinic's pictures accepts a
    photograph, and explains itself if the body is too large for it as well.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        stated = request.META.get("CONTENT_LENGTH") or ""
        length = int(stated) if stated.isdecimal() else 0  # without a valid length, Django reads no body
        if length <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return get_response(request)
        uploads = reverse("admin:clinic_pictures")
        if request.path != uploads:
            return render(request, "413.html", status=413)
        return get_response(request) if length <= settings.LARGEST_UPLOAD else redirect(f"{uploads}?too-large")

    return middleware
