"""Locks a username out after wrong passwords or codes, at sign-in and wherever staff confirm who they are."""

from datetime import datetime, timedelta

from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_credentials
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_login_failed
from django.db.models import Max, Sum
from django.http import HttpRequest
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from consultations.rate_limit import network_of
from front_desk.accounts import has_password
from front_desk.second_factor import is_authenticator_code, verified_device

LONGEST_USERNAME = 150  # characters; the column of django-axes holds 255


def network(request: HttpRequest) -> str | None:
    """Return the address under which failures are counted: the first of a /64 for IPv6, None if unknown."""
    address = getattr(request, "client_address", "")  # absent if no middleware ran
    return network_of(address).partition("/")[0] if address else None


def username_tried(request: HttpRequest, credentials: dict | None) -> str:
    """Return the username under which failures are counted, in a form that every database can store."""
    name = (credentials or {}).get("username") or request.POST.get("username", "")
    return name.replace("\0", "")[:LONGEST_USERNAME]


def sign_in_name(username: str, *_: object) -> str:
    """Return how the log of django-axes names who tried to sign in. Its default includes the IP address."""
    return f"staff name {username!r}"


def is_locked(request: HttpRequest, user: User) -> bool:
    """Return whether the user is locked out. If so, the middleware of django-axes answers with the lockout page."""
    credentials = get_credentials(user.get_username())
    if AxesProxyHandler.is_allowed(request, credentials):
        return False
    request.axes_locked_out, request.axes_credentials = True, credentials
    return True


def count_failure(request: HttpRequest, user: User) -> None:
    """Count a wrong password or code toward the lockout."""
    user_login_failed.send(__name__, credentials={"username": user.get_username()}, request=request)


def confirms_identity(request: HttpRequest, typed: str) -> bool:
    """Return whether `typed` is the signed-in user's password or authenticator code. Count a failure if not."""
    user = request.user
    if is_locked(request, user):
        return False
    if has_password(user, typed) or (is_authenticator_code(typed) and verified_device(user, typed)):
        return True
    count_failure(request, user)
    return False


def locked_until(username: str, address: str | None = None) -> datetime | None:
    """Return when the username's longest lockout ends, at one address or at any, or None if there is none."""
    cooloff: timedelta = settings.AXES_COOLOFF_TIME
    attempts = AccessAttempt.objects.filter(username=username, attempt_time__gt=timezone.now() - cooloff)
    if address:
        attempts = attempts.filter(ip_address=address)
    failures = attempts.order_by().values("ip_address").annotate(total=Sum("failures_since_start"))
    locked = failures.filter(total__gte=settings.AXES_FAILURE_LIMIT).annotate(last=Max("attempt_time"))
    return max((row["last"] + cooloff for row in locked), default=None)


def unlock(user: User) -> None:
    """End the user's lockouts at every address, and the pauses after wrong codes."""
    AccessAttempt.objects.filter(username=user.get_username()).delete()
    for model in (TOTPDevice, StaticDevice):
        model.objects.filter(user=user).update(throttling_failure_timestamp=None, throttling_failure_count=0)
