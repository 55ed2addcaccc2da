"""Error views that use the site's own templates, templates/<status>.html.

Django's own views already use those for 403 and 500.
"""

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, HttpResponseServerError
from django.shortcuts import render
from django.template.loader import render_to_string

from clinic import snapshot
from pages.build import NOT_FOUND, current_build


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return 400, or 413 if the body is too large: Django reports both as bad requests."""
    status = 413 if isinstance(exception, RequestDataTooBig) else 400
    return render(request, f"{status}.html", status=status)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, with the facts in memory and no other context: what usually fills it may be what broke."""
    return HttpResponseServerError(render_to_string("500.html", {"clinic": snapshot.current()}))


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return 404, prerendered if there is a build, because bots request many missing pages."""
    being_built = hasattr(request, "prerendering")  # a build must not copy the 404 page of the one before it
    build = None if being_built else current_build()
    if build:
        return HttpResponseNotFound(build.pages[NOT_FOUND].bodies[""])
    return render(request, "404.html", status=404)
