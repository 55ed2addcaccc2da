"""Tells our own forms from those of other sites, although privacy tools hide where a form comes from."""

from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import REASON_CSRF_TOKEN_MISSING, REASON_NO_CSRF_COOKIE, REASON_NO_REFERER

# The Sec-Fetch-Site of our own forms: sent from our page, or sent again by the browser itself, after a restart.
OUR_FETCH_SITES = ("same-origin", "none")
HIDDEN_ORIGINS = ("", "null")


def is_our_form(request: HttpRequest, reason: str) -> bool:
    """Return whether a form that failed the CSRF check came from our own page.

    The token is stale or missing, or the browser hides the origin. Another site's form names its origin, or "null", and
    browsers that send Sec-Fetch-Site send "cross-site" with it.
    """
    stale = reason in (REASON_CSRF_TOKEN_MISSING, REASON_NO_CSRF_COOKIE) or reason.startswith("CSRF token")
    return (stale or hides_origin(request, reason)) and request.headers.get("Sec-Fetch-Site", "none") in OUR_FETCH_SITES


def hides_origin(request: HttpRequest, reason: str) -> bool:
    """Return whether our form was refused only because the browser, an add-on or a proxy hides where it comes from.

    Browsers don't send our CSRF cookie with another site's form, because it is SameSite=Lax.
    """
    if reason == REASON_NO_REFERER:
        return True
    refused = reason.startswith(("Origin checking", "Referer checking"))
    hidden = request.headers.get("Origin", "") in HIDDEN_ORIGINS
    return refused and hidden and settings.CSRF_COOKIE_NAME in request.COOKIES
