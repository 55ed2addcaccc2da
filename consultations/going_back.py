"""Marks the pages that a browser must find again when someone goes back to them."""

from typing import TypeVar

from django.http.response import HttpResponseBase

Response = TypeVar("Response", bound=HttpResponseBase)


def keep_for_back(response: Response) -> Response:
    """Mark a page that answers a form with what was typed into it, and return the page.

    Without its answer in the browser's cache, going back to such a page ends in an error, because the browser may not
    send the form again by itself. The middleware `response_headers` reads the mark.
    """
    response.kept_for_back = True
    return response
