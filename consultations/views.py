import logging
from typing import Any

from django.conf import settings
from django.core import signing
from django.db import Error as DatabaseFailure
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import REASON_NO_CSRF_COOKIE
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.csrf import csrf_failure as plain_csrf_failure
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from clinic import snapshot
from consultations import asked_again, intake, notifications, retention
from consultations.forms import ConsultationForm
from consultations.going_back import keep_for_back
from consultations.models import RECEIPT_SALT, WITHDRAW_SALT, ConsultationRequest
from consultations.next_opening import opening_in_words
from consultations.origins import hides_origin, is_our_form

logger = logging.getLogger(__name__)

# Holds the reference of the request that this browser sent. Only this browser may open its answers to change them.
SENT_COOKIE = "sent"
SENT_COOKIE_AGE = 30 * 60  # seconds


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def request_consultation(request: HttpRequest) -> HttpResponse:
    """Show the form, or store a valid submission and redirect to its receipt."""
    if request.method != "POST":
        return _show(request, ConsultationForm.fresh())
    form = ConsultationForm(request.POST)
    if form.is_for_minor:
        return _for_minor(request, form)
    if not form.is_valid():
        return _show(request, form, status=422)
    try:
        consultation = intake.receive(form, request)
    except intake.TooManyRequests:
        return _not_sent(request, "too-many", status=429, retry_after=3600)
    except DatabaseFailure:
        logger.exception("a request could not be stored")  # the log formatter omits the exception's message
        return _not_sent(request, "not-stored", status=503, retry_after=60)
    response = HttpResponseRedirect(consultation.receipt_url)  # `redirect` would first try it as the name of a route
    response.set_signed_cookie(
        SENT_COOKIE,
        consultation.reference,
        salt=RECEIPT_SALT,
        max_age=SENT_COOKIE_AGE,
        path=request.path,
        secure=settings.CSRF_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
    return response


@never_cache
@require_safe
def change(request: HttpRequest, token: str) -> HttpResponse:
    """Show the form with the answers of a request to the browser that sent it. To others, redirect to the receipt."""
    consultation = _requested(token, RECEIPT_SALT)
    if not _may_change(request, consultation):
        return redirect(consultation.receipt_url)
    return _show(request, ConsultationForm.to_change(consultation), is_change=True)


def _may_change(request: HttpRequest, consultation: ConsultationRequest) -> bool:
    sent = request.get_signed_cookie(SENT_COOKIE, default="", salt=RECEIPT_SALT, max_age=SENT_COOKIE_AGE)
    return sent == consultation.reference and consultation.can_be_changed


def _show(request: HttpRequest, form: ConsultationForm, status: int = 200, **context: Any) -> HttpResponse:
    due_at = snapshot.current().calendar.one_business_day_after(timezone.now())
    context |= {"form": form, "due_at": due_at, "retention_days": settings.RETENTION_DAYS}
    # An empty form is kept too: Back must find its key, or a corrected answer would make a second request.
    return keep_for_back(render(request, "consultations/request.html", context, status=status))


def _for_minor(request: HttpRequest, form: ConsultationForm) -> HttpResponse:
    """Redirect to the page about minors, or show it with what a clinician or someone in danger needs to read."""
    is_referral = form.data.get("asking_for") == ConsultationRequest.AskingFor.PATIENT
    if not form.shows_urgent_help and not is_referral:
        return redirect("consultations:under_18")
    # Without a redirect, because an address that says so would be logged.
    context = {"shows_urgent_help": form.shows_urgent_help, "is_referral": is_referral}
    return render(request, "consultations/under_18.html", context)


def _not_sent(request: HttpRequest, why: str, status: int, retry_after: int) -> HttpResponse:
    """Show the form again with the submitted values and the reason why the request was not accepted."""
    response = _show(request, ConsultationForm.as_typed(request.POST), status, not_sent=why)
    response["Retry-After"] = str(retry_after)
    return response


@never_cache
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Show the form again with a new CSRF token if it is ours, and say why it was not accepted.

    Any other failure, such as a POST from another site, gets 403_csrf.html, without the posted data.
    """
    if is_our_form(request, reason) and request.path == reverse("consultations:request"):
        return _show(request, ConsultationForm.as_typed(request.POST), 403, not_sent=_why_refused(request, reason))
    return plain_csrf_failure(request, reason)


def _why_refused(request: HttpRequest, reason: str) -> str:
    """Return what the form says about a CSRF failure. A second try without a cookie shows that cookies are off."""
    if hides_origin(request, reason):
        return "hidden"
    return "no-cookie" if reason == REASON_NO_CSRF_COOKIE and "resent" in request.POST else "stale"


def _requested(token: str, salt: str) -> ConsultationRequest:
    """Return the consultation request that a signed token identifies, or raise Http404."""
    try:
        reference = signing.Signer(salt=salt).unsign(token)
    except signing.BadSignature:
        raise Http404("the token's signature is invalid") from None
    return get_object_or_404(ConsultationRequest, reference=reference)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def received(request: HttpRequest, token: str) -> HttpResponse:
    """Show the receipt, or record that no one has reached the patient yet and redirect to the receipt."""
    consultation = _requested(token, RECEIPT_SALT)
    if request.method == "POST":
        asked_again.ask_again(consultation)
        return redirect(consultation.receipt_url)
    context = {
        "consultation": consultation,
        "is_waiting": asked_again.is_waiting(consultation),
        "is_closed": consultation.status in ConsultationRequest.ENDED,
        "is_scheduled": consultation.status == ConsultationRequest.Status.SCHEDULED,
        "may_change": _may_change(request, consultation),
        "receipt_email": notifications.receipt_outcome(consultation),
        "email_refused": consultation.notifications.refused_by_address().exists(),
        "last_asked": asked_again.last_asked(consultation),
        "may_ask": asked_again.may_ask(consultation),
        "may_ask_from": asked_again.may_ask_from(consultation),
        "is_referral": consultation.asking_for == ConsultationRequest.AskingFor.PATIENT,
        "opening": opening_in_words() if consultation.urgent else "",
    }
    return render(request, "consultations/received.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, token: str) -> HttpResponse:
    """On GET, ask for confirmation. On POST, withdraw the request and redirect to its receipt."""
    consultation = _requested(token, WITHDRAW_SALT)
    if request.method == "POST":
        retention.withdraw(consultation)
        return redirect(consultation.receipt_url)
    return render(request, "consultations/withdraw.html", {"consultation": consultation})
