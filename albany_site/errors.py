"""Error views that render templates/<status>.html.

Signed-in staff get errors in the desk's frame.
"""

from django.contrib import admin
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, HttpResponseServerError
from django.shortcuts import render
from django.template.loader import render_to_string

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
    """Return 404. If there is a build, use its prerendered 404 page, because bots request many missing pages."""
    if page := admin.site.error_page(request, 404):
        return page
    being_built = hasattr(request, "prerendering")  # a new build must not copy the previous build's 404 page
    build = None if being_built else current_build()
    if build:
        return HttpResponseNotFound(build.pages[NOT_FOUND].bodies[""])
    return render(request, "404.html", status=404)
