"""Preserves what staff typed if their session expires or their CSRF token becomes stale.

The sign-in page contains the form's data in one encrypted hidden field. The data is stored in no session, URL or
temporary file, and cannot be read from an abandoned sign-in page, not even in the page source. It names its author,
because someone else may sign in on that page, and is offered to the author alone, on the same day.
"""

import json
from datetime import datetime, timedelta

from django.contrib import admin, messages
from django.contrib.auth.models import AnonymousUser, User
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from consultations.encryption import decrypt, encrypt
from consultations.going_back import keep_for_back
from consultations.models import ConsultationRequest
from consultations.statuses import STATUS_RULES, Outcome
from front_desk import known_browser

PURPOSE = "staff.kept-work"
AUTHOR = "typed_by"  # the name of the field
AUTHOR_SALT = "front_desk.unsaved_form.author"
SHORTEST = timedelta(hours=1)  # how long a form is offered even if the day ends
PRESERVED_PAGES = (
    "admin:consultations_consultationrequest_change",
    "admin:consultations_consultationrequest_add",
    "admin:consultations_consultationrequest_contact",
    "admin:own_account",
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


def author_field(user: User | AnonymousUser) -> SafeString:
    """Return the hidden field that says who opened a form. The session that knew it may have ended when it is sent."""
    signed = signing.Signer(salt=AUTHOR_SALT).sign(str(user.pk))
    return format_html('<input type="hidden" name="{}" value="{}">', AUTHOR, signed)


def encrypt_form(request: HttpRequest) -> str:
    """Return the encrypted form data of a POST to one of PRESERVED_PAGES, or "" for any other HTTP request."""
    if request.method != "POST" or not _is_preserved(request.path_info):
        return ""
    fields = {name: values for name, values in request.POST.lists() if name not in ("csrfmiddlewaretoken", AUTHOR)}
    form = {"path": request.path_info, "fields": fields, "author": _author(request), "at": timezone.now().isoformat()}
    return encrypt(json.dumps(form, ensure_ascii=False), PURPOSE)


def kept_before(request: HttpRequest) -> str:
    """Return the encrypted form that an earlier answer kept and this POST to one of PRESERVED_PAGES sends, or ""."""
    return request.POST.get("kept", "") if request.method == "POST" and _is_preserved(request.path_info) else ""


def kept_form(request: HttpRequest) -> str:
    """Return `kept_before`, or else this form, encrypted."""
    return kept_before(request) or encrypt_form(request)


def _author(request: HttpRequest) -> int | None:
    """Return the key of the account that typed the form: the page's, the session's, or the known browser's."""
    try:
        return int(signing.Signer(salt=AUTHOR_SALT).unsign(request.POST.get(AUTHOR, "")))
    except (signing.BadSignature, ValueError):
        cookie = known_browser.named(request)
        return request.user.pk or (cookie.user_pk if cookie else None)


def restore_form(request: HttpRequest, encrypted: str) -> HttpResponse | None:
    """Return a page that offers to submit the preserved form, or None if there is none to offer."""
    decrypted = decrypt(encrypted, PURPOSE)
    if not isinstance(decrypted, str):
        return None
    form = json.loads(decrypted)
    if form.get("author") != request.user.pk:
        return _of_a_colleague(request, form, encrypted)
    typed_at = datetime.fromisoformat(form["at"])
    if timezone.localdate(typed_at) != timezone.localdate() and timezone.now() - typed_at > SHORTEST:
        messages.warning(request, "What you typed on an earlier day was not saved, and is no longer kept.")
        return None
    fields = [(name, value) for name, values in form["fields"].items() for value in values]
    page = admin.site.page(
        request,
        "admin/unsaved_form.html",
        "Not saved yet",
        path=form["path"],
        fields=fields,
        note=dict(fields).get("note", ""),
        outcome=_outcome(dict(fields)),
    )
    return keep_for_back(page)


def _of_a_colleague(request: HttpRequest, form: dict, encrypted: str) -> HttpResponse:
    """Return a page that says whose form it is, and shows nothing of it."""
    author = User.objects.filter(pk=form.get("author")).first()
    context = {"author": author or "someone else", "kept": encrypted}
    return keep_for_back(admin.site.page(request, "admin/unsaved_form.html", "Not saved yet", **context))


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
