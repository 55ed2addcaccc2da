"""The page where staff log a request that came by phone."""

from uuid import uuid4

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from clinic import typed
from consultations.encryption import keyed_hashes
from consultations.models import AccessLogEntry, ConsultationRequest
from consultations.statuses import MainQueue, Outcome
from front_desk import access_log, actions, labels
from front_desk.forms import PhonedInForm
from front_desk.request_page import page_url

Action = AccessLogEntry.Action
TITLE = "Log a phone request"


def log_request(request: HttpRequest) -> HttpResponse:
    """Show the form, warn of open requests with the same phone or email, and store the request."""
    form = PhonedInForm(request.POST or None, initial={"submission_key": uuid4()})
    if not form.is_valid():
        return _page(request, form, 422 if form.is_bound else 200)
    found = _open_requests_like(form)
    if not {other.reference for other in found} <= set(form.cleaned_data["warned_of"].split()):
        return _page(request, form, 422, found)
    with transaction.atomic():
        consultation, new = form.save()
        if new:
            _work_on_new(request, consultation, form)
    messages.success(request, "Saved. You spoke with them." if form.cleaned_data["spoke"] else "Saved.")
    return redirect(page_url(consultation))


def _work_on_new(request: HttpRequest, consultation: ConsultationRequest, form: PhonedInForm) -> None:
    actions.write_down(consultation, request.user, "Logged the phone request.")
    access_log.record(request, Action.ADD, consultation)
    spoke = Outcome.SPOKE if form.cleaned_data["spoke"] else None
    work = actions.Work(note=form.cleaned_data["staff_note"], attempt=spoke)
    if work.note or work.attempt:
        actions.work_on(consultation, request.user, consultation.version, work)


def _open_requests_like(form: PhonedInForm) -> list[ConsultationRequest]:
    """Return the open requests with the form's phone number or email address, except one stored from this form."""
    answers, same = form.cleaned_data, Q(pk__in=[])
    if answers["phone"]:
        same |= Q(phone_hash__in=keyed_hashes(typed.phone_key(answers["phone"]), "phone"))
    if answers["email"]:
        same |= Q(email_hash__in=keyed_hashes(typed.email_key(answers["email"]), "email"))
    rows = ConsultationRequest.objects.filter(same, erased_at=None).exclude(main_queue=MainQueue.ENDED)
    return list(rows.exclude(submission_key=form.key).order_by("created_at"))


def _page(
    request: HttpRequest, form: PhonedInForm, status: int, found: list[ConsultationRequest] | None = None
) -> HttpResponse:
    references = [other.reference for other in found or []]
    if found:  # the warning shows their names
        access_log.record(request, Action.SEARCH, references=references)
    context = {
        "form": form,
        "found": [(other, labels.full_name(other)) for other in found or []],
        "warned_of": " ".join(references),
    }
    return admin.site.page(request, "admin/consultations/phoned_in.html", TITLE, status, **context)
