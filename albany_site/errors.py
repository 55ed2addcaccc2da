"""Error views that render templates/<status>.html.

Signed-in staff get errors in the desk's frame.
"""

import re

from django.contrib import admin
from django.core.exceptions import RequestDataTooBig
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotFound,
    HttpResponsePermanentRedirect,
    HttpResponseServerError,
)
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve

from albany_site.health import healthz
from clinic import snapshot
from pages.build import NOT_FOUND, current_build


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return 413 if the request's body is too large, or else 400. Django calls this view for both."""
    status = 413 if isinstance(exception, RequestDataTooBig) else 400
    return admin.site.error_page(request, status) or render(request, f"{status}.html", status=status)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return admin.site.error_page(request, 403) or render(request, "403.html", status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """Return 500. Run no context processor, because one may have caused the error."""
    return HttpResponseServerError(render_to_string("500.html", {"clinic": snapshot.current()}))


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Redirect to the page that was probably meant, or return 404.

    If there is a build, use its prerendered 404 page, because bots request many missing pages.
    """
    if page := admin.site.error_page(request, 404):
        return page
    if request.method in ("GET", "HEAD") and (meant := page_meant_by(request.path)):
        query = request.META.get("QUERY_STRING", "")
        return HttpResponsePermanentRedirect(f"{meant}?{query}" if query else meant)
    being_built = hasattr(request, "prerendering")  # a new build must not copy the previous build's 404 page
    build = None if being_built else current_build()
    if build:
        return HttpResponseNotFound(build.pages[NOT_FOUND].bodies[""])
    return render(request, "404.html", status=404)


# What people and programs add to an address: an index file, and punctuation or quotes after it.
_ADDED = re.compile(r"""(/index\.\w+|[\s)\]}>.,;:!?'"*’”…]+|%20)+/?$""")
PUBLIC_NAMESPACES = ("pages", "consultations")


def page_meant_by(path: str) -> str:
    """Return the address of the public page that a mistyped path means, or "".

    The result is an address that the site itself has, so it never leads elsewhere. Pages with a token in their address
    and staff pages are never guessed.
    """
    tidied = "/" + re.sub("/+", "/", _ADDED.sub("/", path.lower())).strip("/")
    for candidate in (tidied, f"{tidied}/"):
        if candidate != path and _is_public_page(candidate):
            return candidate
    return ""


def _is_public_page(path: str) -> bool:
    try:
        match = resolve(path)
    except Resolver404:
        return False
    public = match.namespace in PUBLIC_NAMESPACES or match.func is healthz
    return public and not match.captured_kwargs
