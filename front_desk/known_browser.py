"""A signed cookie that lets staff return after a pause with a code alone, on the browser where they signed in.

The cookie names the account and its sign-in. It works for ten hours after the password was typed, until the account
signs out there, or its password, its authenticator or its being active changes.
"""

import time
from typing import NamedTuple

from axes.helpers import get_client_session_hash
from axes.models import AccessLog
from django.conf import settings
from django.contrib.auth.models import User
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django_otp.plugins.otp_totp.models import TOTPDevice

LASTS = 10 * 60 * 60  # seconds
CLOCKS_DIFFER = 60  # seconds between the clocks of two machines
SALT = "front_desk.known_browser"


class Named(NamedTuple):
    """What the cookie says."""

    user_pk: int
    sign_in_pk: int  # the row of AccessLog that is marked when the browser signs out
    signed_in_at: float
    state: str


def remember(request: HttpRequest, response: HttpResponse, signed_in_at: float) -> None:
    """Set the cookie after a sign-in with password and code."""
    user = request.user
    sign_in = AccessLog.objects.filter(session_hash=get_client_session_hash(request)).order_by("-pk").first()
    if sign_in is None:
        return
    value = signing.dumps(Named(user.pk, sign_in.pk, signed_in_at, _state(user, settings.SECRET_KEY)), salt=SALT)
    response.set_cookie(
        settings.KNOWN_BROWSER_COOKIE_NAME,
        value,
        max_age=LASTS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def named(request: HttpRequest) -> Named | None:
    """Return what the cookie says, if we signed it in the last ten hours. It may have been revoked since."""
    try:
        value = signing.loads(request.COOKIES.get(settings.KNOWN_BROWSER_COOKIE_NAME, ""), salt=SALT, max_age=LASTS)
        cookie = Named(*value)
    except (signing.BadSignature, TypeError):
        return None
    # A sign-in in the future, from a clock that was ahead, would open no session.
    return cookie if cookie.signed_in_at < time.time() + CLOCKS_DIFFER else None


def account(request: HttpRequest) -> User | None:
    """Return the account that may sign in here with a code alone, or None."""
    cookie = named(request)
    if cookie is None:
        return None
    user = User.objects.filter(pk=cookie.user_pk, is_active=True, is_staff=True).first()
    if user is None or not AccessLog.objects.filter(pk=cookie.sign_in_pk, logout_time=None).exists():
        return None
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return user if any(constant_time_compare(cookie.state, _state(user, key)) for key in keys) else None


def forget(request: HttpRequest, response: HttpResponse) -> None:
    """Delete the cookie, and revoke it in case it was copied."""
    if cookie := named(request):
        AccessLog.objects.filter(pk=cookie.sign_in_pk).update(logout_time=timezone.now())
    response.delete_cookie(settings.KNOWN_BROWSER_COOKIE_NAME, samesite="Lax")


def _state(user: User, key: str) -> str:
    """Return a keyed hash that changes with the account's password and authenticator."""
    devices = TOTPDevice.objects.filter(user=user, confirmed=True).order_by("pk").values_list("pk", flat=True)
    return salted_hmac(SALT, f"{user.password} {list(devices)}", secret=key, algorithm="sha256").hexdigest()
