"""The page where staff correct the contact details of a request."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from consultations.intake import in_words
from consultations.models import AccessLogEntry, ConsultationRequest, Correction
from front_desk import access_log, labels
from front_desk.actions import EditConflict, locked
from front_desk.forms import ContactDetailsForm
from front_desk.history import changes_since, history
from front_desk.request_page import chosen_queue, page_url

Action = AccessLogEntry.Action


def correct(request: HttpRequest, consultation: ConsultationRequest) -> HttpResponse:
    """Show the form, or store the corrected answers and go back to the request."""
    back = page_url(consultation, chosen_queue(request))
    if consultation.erased_at or consultation.withdrawn_at:
        messages.warning(request, "The contact details of this request can't be changed.")
        return redirect(back)
    form = ContactDetailsForm(request.POST or None, consultation=consultation)
    if not form.is_valid():
        return _page(request, consultation, form, 422 if form.is_bound else 200)
    try:
        changed = store(consultation, request.user, form)
    except EditConflict:
        consultation.refresh_from_db()
        if consultation.erased_at:
            messages.warning(request, "This request was erased, so nothing was saved.")
            return redirect(back)
        typed = {name: form.data.get(name, "") for name in ContactDetailsForm.CORRECTED}
        return _page(request, consultation, ContactDetailsForm(consultation=consultation, initial=typed), 409)
    if changed:
        access_log.record(request, Action.CHANGE, consultation, detail="contact details")
    messages.success(request, f"Saved. Corrected: {labels.change_names(changed)}." if changed else "Nothing changed.")
    return redirect(back)


@transaction.atomic
def store(consultation: ConsultationRequest, author: User, form: ContactDetailsForm) -> str:
    """Store the corrected answers, and the earlier ones in a Correction. Return the comma-separated names.

    Raise EditConflict if the request has changed since the form was shown.
    """
    fresh = form.consultation = locked(consultation, form.cleaned_data["version"])
    corrected = form.corrected
    if not corrected:
        return ""
    return store_correction(fresh, author, corrected)


def store_correction(fresh: ConsultationRequest, author: User, corrected: dict[str, Any]) -> str:
    """Store corrected answers in a locked request, and the earlier ones in a Correction. Return their names."""
    changed = ",".join(corrected)
    before = in_words(fresh, corrected)
    Correction.objects.create(consultation=fresh, author=author, changed=changed, before=before)
    for name, answer in corrected.items():
        setattr(fresh, name, answer)
    fresh.version += 1
    fresh.save(update_fields=[*corrected, "version"])
    if "email" in corrected:
        fresh.notifications.refused_by_address().delete()
    return changed


def _page(
    request: HttpRequest, consultation: ConsultationRequest, form: ContactDetailsForm, status: int
) -> HttpResponse:
    access_log.record(request, Action.VIEW, consultation)
    context = {"consultation": consultation, "form": form, "queue": chosen_queue(request)}
    context["back"] = page_url(consultation, context["queue"])
    if status == 409:
        context["meanwhile"] = changes_since(history(consultation), timezone.now(), request.user)
        context["on_file"] = [consultation.shown(name) for name in form.fields if name in form.CORRECTED]
    template = "admin/consultations/contact.html"
    return admin.site.page(request, template, f"Contact details of {consultation}", status, **context)
