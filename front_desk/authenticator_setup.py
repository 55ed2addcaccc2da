"""The page where staff set up a new authenticator: enter the password, scan the QR code, enter the first code."""

import django_otp
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_http_methods
from django_otp.plugins.otp_totp.models import TOTPDevice

from consultations.models import AccessLogEntry
from front_desk import lockout, second_factor
from front_desk.access_log import record
from front_desk.accounts import has_password
from front_desk.sign_in_form import CLOCK_HINT


@require_http_methods(["GET", "HEAD", "POST"])
def own_second_factor(request: HttpRequest) -> HttpResponse:
    """Run the setup. Only the response to a POST shows the secret, so that no URL leads to it."""
    context = {"is_first": not second_factor.is_enrolled(request.user)}
    if context["is_first"]:
        context["failed_mail_count"] = 0  # its link would only lead back here
    if request.method == "POST":
        context |= _confirm(request) if "code" in request.POST else _propose(request)
    return admin.site.page(request, "admin/second_factor.html", "Your authenticator", **context)


def _propose(request: HttpRequest) -> dict[str, object]:
    """Check the password, then propose a new authenticator. An unattended session cannot replace the old one."""
    if lockout.is_locked(request, request.user):
        return {}
    if not has_password(request.user, request.POST.get("password", "")):
        lockout.count_failure(request, request.user)
        return {"error": "That is not your password."}
    return _qr_context(second_factor.propose(request.user))


def _confirm(request: HttpRequest) -> dict[str, object]:
    proposed = TOTPDevice.objects.filter(user=request.user, confirmed=False).first()
    if proposed is None:
        return {"error": "This QR code is no longer valid. Enter your password to get a new one."}
    is_first = not second_factor.is_enrolled(request.user)
    if codes := second_factor.confirm(proposed, request.POST["code"]):
        django_otp.login(request, proposed)  # because `confirm` deleted the session's old device
        detail = f"{request.user.get_username()}: set up an authenticator"[:200]
        record(request, AccessLogEntry.Action.ACCOUNT, detail=detail)
        return {"codes": codes, "is_first": is_first}
    return _qr_context(proposed) | {
        "error": f"That code isn't right. Wait for the next one, and type that. {CLOCK_HINT}"
    }


def _qr_context(device: TOTPDevice) -> dict[str, object]:
    qr = mark_safe(second_factor.qr_as_svg(device.config_url))  # noqa: S308  our own drawing
    return {"qr": qr, "device": device}
