"""The page where staff log a request that came by phone."""

from urllib.parse import urlencode
from uuid import uuid4

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from clinic import typed
from consultations import notifications
from consultations.encryption import keyed_hashes
from consultations.intake import changes
from consultations.models import AccessLogEntry, ConsultationRequest
from consultations.statuses import MainQueue, Outcome
from consultations.urgent import reads_like_crisis
from front_desk import access_log, actions, labels
from front_desk.contact_details import store_correction
from front_desk.forms import PhonedInForm
from front_desk.request_page import page_url

Action = AccessLogEntry.Action
TITLE = "Log a phone request"


def log_request(request: HttpRequest) -> HttpResponse:
    """Show the form, warn of open requests with the same phone or email, and store the request.

    The address has the form's key, so that going back to the form and saving it again corrects the same request.
    """
    if request.method != "POST" and "form" not in request.GET:
        return redirect(f"{request.path}?{urlencode({'form': uuid4()})}")
    form = PhonedInForm(request.POST or None, initial={"submission_key": request.GET.get("form", "")})
    if not form.is_valid():
        return _page(request, form, 422 if form.is_bound else 200)
    found = _open_requests_like(form)
    if not {other.reference for other in found} <= set(form.cleaned_data["warned_of"].split()):
        return _page(request, form, 422, found)
    with transaction.atomic():
        consultation, new = form.save()
        if new:
            actions.write_down(consultation, request.user, "Logged the phone request.")
            access_log.record(request, Action.ADD, consultation)
            changed = ""
        else:
            consultation = ConsultationRequest.objects.select_for_update().get(pk=consultation.pk)
            if _changed_by_others(consultation, request.user) and changes(consultation, form.content):
                form.add_error("full_name", f"{consultation} was saved, and changed since. Correct it on its own page")
                return _page(request, form, 409)
            changed = _correct(request, consultation, form)
        _work_on(request, consultation, form)
    said = f"Saved. Corrected: {labels.change_names(changed)}." if changed else "Saved."
    messages.success(request, f"{said} You spoke with them." if form.cleaned_data["spoke"] else said)
    return redirect(page_url(consultation))


def _changed_by_others(consultation: ConsultationRequest, user: User) -> bool:
    """Return whether someone else worked on the request or corrected it since `user` logged it."""
    records = (consultation.steps, consultation.corrections)
    return any(each.filter(~Q(author=user) | Q(author=None)).exists() for each in records)


def _correct(request: HttpRequest, consultation: ConsultationRequest, form: PhonedInForm) -> str:
    """Store the answers that differ from those first saved with this form. Return their names."""
    names = changes(consultation, form.content)
    if not names or consultation.status in ConsultationRequest.ENDED:
        return ""
    changed = store_correction(consultation, request.user, {name: form.content[name] for name in names})
    access_log.record(request, Action.CHANGE, consultation, detail="phone request")
    if form.is_urgent_in(names):
        consultation.urgent, consultation.clinician_told_at = True, None
        consultation.save(update_fields=["urgent", "clinician_told_at"])
        notifications.queue_urgent(consultation)
    return changed


def _work_on(request: HttpRequest, consultation: ConsultationRequest, form: PhonedInForm) -> None:
    """Store the note and the contact attempt, unless this form already stored them."""
    note, spoke = form.cleaned_data["staff_note"], form.cleaned_data["spoke"]
    if note in [earlier.text for earlier in consultation.notes.filter(author=request.user)]:
        note = ""
    if consultation.contact_attempts.filter(author=request.user).exists():
        spoke = False
    if note and reads_like_crisis(note) and not consultation.urgent:
        consultation.urgent = True
        consultation.save(update_fields=["urgent"])
        notifications.queue_urgent(consultation)
    if note or spoke:
        work = actions.Work(note=note, attempt=Outcome.SPOKE if spoke else None)
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
