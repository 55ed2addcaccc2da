"""Where staff give themselves a new authenticator: password again, scan, first code."""

import django_otp
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.safestring import mark_safe
from django_otp.plugins.otp_totp.models import TOTPDevice

from front_desk import second_factor


def own_second_factor(request: HttpRequest) -> HttpResponse:
    """Each step is the answer to a post, so that a secret stands under no address and in no history."""
    context = admin.site.each_context(request) | {"title": "Your authenticator"}
    if request.method == "POST" and "code" in request.POST:
        context |= _confirm(request)
    elif request.method == "POST":
        context |= _propose(request)
    return TemplateResponse(request, "admin/second_factor.html", context)


def _propose(request: HttpRequest) -> dict[str, object]:
    """Whoever finds an open desk must not take the account over: the password is asked again."""
    if not request.user.check_password(request.POST.get("password", "")):
        return {"error": "That is not your password."}
    return _drawn(second_factor.propose(request.user))


def _confirm(request: HttpRequest) -> dict[str, object]:
    proposed = TOTPDevice.objects.filter(user=request.user, confirmed=False).first()
    if proposed is None:
        return {"error": "Begin again, please: this code is no longer waited for."}
    if codes := second_factor.confirm(proposed, request.POST["code"]):
        django_otp.login(request, proposed)  # this sign-in stood on the device that is gone
        return {"codes": codes}
    return _drawn(proposed) | {"error": "This code does not fit. Wait for the next one and type that."}


def _drawn(device: TOTPDevice) -> dict[str, object]:
    return {"qr": mark_safe(second_factor.qr_as_svg(device.config_url)), "device": device}  # noqa: S308  our own drawing
