"""Error pages in the site's own look, where Django would answer with a bare line or with nothing.

The words are templates/<status>.html. Django itself draws 403 and 500 from there.
"""

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.shortcuts import render

from pages.build import NOT_FOUND, current_build


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400; or 413 for a body that is too large, which Django counts among the bad requests."""
    status = 413 if isinstance(exception, RequestDataTooBig) else 400
    return render(request, f"{status}.html", status=status)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404, from the build where there is one: robots ask for little else."""
    being_built = hasattr(request, "prerendering")  # a build must not copy the page of the one before it
    page = None if being_built else current_build().get(NOT_FOUND)
    if page:
        return HttpResponseNotFound(page.bodies[""])
    return render(request, "404.html", status=404)
