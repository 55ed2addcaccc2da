"""Preserves what staff typed if their session expires or their CSRF token becomes stale.

The sign-in page contains the form's data in one encrypted hidden field. The data is stored in no session, URL or
temporary file, and cannot be read from an abandoned sign-in page, not even in the page source.
"""

import json

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from consultations.encryption import decrypt, encrypt
from consultations.models import ConsultationRequest
from consultations.statuses import STATUS_RULES, Outcome

PURPOSE = "staff.kept-work"
PRESERVED_PAGES = (
    "admin:consultations_consultationrequest_change",
    "admin:consultations_consultationrequest_add",
    "admin:consultations_consultationrequest_contact",
    "admin:clinic",
    "admin:clinic_answers",
    "admin:clinic_prices",
    "admin:clinic_people",
    "admin:clinic_review",
    "admin:clinic_notice",
    "admin:clinic_pictures",
)
OTHER_BUTTONS = {
    "told": "Told a clinician",
    "not_urgent": "Not urgent",
    "undo": "Undo",
    "reopen": "Reopen",
    "then": "Save and next",
}


def encrypt_form(request: HttpRequest) -> str:
    """Return the encrypted form data of a POST to one of PRESERVED_PAGES, or "" for any other HTTP request."""
    if request.method != "POST" or not _is_preserved(request.path_info):
        return ""
    fields = {name: values for name, values in request.POST.lists() if name != "csrfmiddlewaretoken"}
    return encrypt(json.dumps({"path": request.path_info, "fields": fields}, ensure_ascii=False), PURPOSE)


def restore_form(request: HttpRequest, encrypted: str) -> HttpResponse | None:
    """Return a page that offers to submit the preserved form, or None if the ciphertext cannot be decrypted."""
    decrypted = decrypt(encrypted, PURPOSE)
    if not isinstance(decrypted, str):
        return None
    form = json.loads(decrypted)
    fields = [(name, value) for name, values in form["fields"].items() for value in values]
    return admin.site.page(
        request,
        "admin/unsaved_form.html",
        "Not saved yet",
        path=form["path"],
        fields=fields,
        note=dict(fields).get("note", ""),
        outcome=_outcome(dict(fields)),
    )


def _outcome(fields: dict[str, str]) -> str:
    """Return the wording of the button that was pressed on a request's page, or "" for Save."""
    if reason := fields.get("close_as"):
        return f"Close: {dict(ConsultationRequest.ClosedReason.choices).get(reason, reason).lower()}"
    if move := fields.get("move"):
        return STATUS_RULES[move].button if move in STATUS_RULES else ""
    if attempt := fields.get("attempt"):
        return dict(Outcome.choices).get(attempt, "")
    return next((words for name, words in OTHER_BUTTONS.items() if fields.get(name)), "")


def _is_preserved(path: str) -> bool:
    try:
        return resolve(path).view_name in PRESERVED_PAGES
    except Resolver404:
        return False
