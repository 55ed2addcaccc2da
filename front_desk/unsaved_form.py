"""What staff typed while their sign-in ran out, or their page went stale, comes back after signing in.

It travels through the sign-in page and back as one encrypted hidden field. So the words of patients and
staff stand in no web session, no address and no temporary file, and whoever finds the signed-out page
open can read nothing off it, nor from its source.
"""

import json
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import Resolver404, resolve

from consultations.encryption import decrypt, encrypt

PURPOSE = "staff.kept-work"
# The pages on which somebody types what would be missed.
KEEPERS = (
    "admin:consultations_consultationrequest_change",
    "admin:consultations_consultationrequest_add",
)


def encrypt_form(request: HttpRequest) -> str:
    """All that this post brought to one of KEEPERS, encrypted; "" for any other page."""
    if request.method != "POST" or not _is_keeper(request.path_info):
        return ""
    fields = {name: values for name, values in request.POST.lists() if name != "csrfmiddlewaretoken"}
    return encrypt(json.dumps({"path": request.path_info, "fields": fields}), PURPOSE)


def restore_form(request: HttpRequest, sealed: str) -> HttpResponse | None:
    """A page that sends on what was sealed once its reader says so; None if it is no seal of ours."""
    opened = decrypt(sealed, PURPOSE)
    if not isinstance(opened, str):
        return None
    kept = json.loads(opened)
    fields = [(name, value) for name, values in kept["fields"].items() for value in values]
    context: dict[str, Any] = admin.site.each_context(request) | {
        "title": "Nothing is lost",
        "path": kept["path"],
        "fields": fields,
        "note": dict(fields).get("note", ""),
    }
    return TemplateResponse(request, "admin/unsaved_form.html", context)


def _is_keeper(path: str) -> bool:
    try:
        return resolve(path).view_name in KEEPERS
    except Resolver404:
        return False
