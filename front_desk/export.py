"""Requests as a CSV file, for whoever may have one: asked first, logged, and harmless in a spreadsheet."""

import csv
from collections.abc import Callable
from datetime import date
from io import StringIO
from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from consultations.models import AccessLogEntry, ConsultationRequest
from front_desk import access_log
from front_desk.forms import ExportForm
from front_desk.labels import ASKING_FOR

# What spreadsheets begin a formula with, in full width too, or skip before one.
FORMULA_STARTS = tuple("=+-@\t\r\n\0＝＋－＠")

COLUMNS: dict[str, Callable[[ConsultationRequest], Any]] = {
    "reference": lambda row: row.reference,
    "received": lambda row: f"{timezone.localtime(row.created_at):%Y-%m-%d %H:%M}",
    "came by": lambda row: row.get_source_display(),
    "status": lambda row: row.get_status_display(),
    "closed because": lambda row: row.get_closed_reason_display(),
    "looked after by": lambda row: row.assigned_to or "",
    "follow up on": lambda row: row.follow_up_on or "",
    "first tried or reached": lambda row: (
        f"{timezone.localtime(row.first_contact_at):%Y-%m-%d %H:%M}" if row.first_contact_at else ""
    ),
    "asking for": lambda row: ASKING_FOR[row.asking_for],
    "contact by": lambda row: row.get_contact_by_display(),
    "best time": lambda row: row.get_best_time_display(),
}
CONTACT: dict[str, Callable[[ConsultationRequest], Any]] = {
    "full name": lambda row: row.full_name,
    "phone": lambda row: row.phone,
    "email": lambda row: row.email,
    "voicemail may name the clinic": lambda row: {True: "yes", False: "no", None: ""}[row.voicemail_ok],
}
FREE_TEXT: dict[str, Callable[[ConsultationRequest], Any]] = {
    "topic": lambda row: row.topic_in_words,
    "what they wrote": lambda row: row.note,
    "our notes": lambda row: "\n".join(str(note.text or "") for note in row.notes.all() if note.kind == "staff"),
}


def harmless(value: Any) -> str:
    """The value as text that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return "'" + text if text.startswith(FORMULA_STARTS) else text


@permission_required("consultations.export_consultationrequest", raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def export_view(request: HttpRequest) -> HttpResponse:
    """Ask what is wanted; then send the file, and write down who took which requests."""
    form = ExportForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return admin.site.page(request, "admin/consultations/export.html", "Export", status, form=form)
    chosen = form.cleaned_data
    rows = list(_received(chosen["received_from"], chosen["received_to"]))
    extra = {name: chosen[name] for name in ("with_contact", "with_free_text")}
    access_log.record(
        request,
        AccessLogEntry.Action.EXPORT,
        references=[row.reference for row in rows],
        detail=", ".join(name.replace("_", " ") for name, wanted in extra.items() if wanted)
        or "without contact or words",
    )
    name = f"requests-{timezone.localdate():%Y-%m-%d}.csv"
    content = as_csv(rows, **extra)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)


def as_csv(rows: list[ConsultationRequest], *, with_contact: bool = False, with_free_text: bool = False) -> str:
    columns = COLUMNS | (CONTACT if with_contact else {}) | (FREE_TEXT if with_free_text else {})
    written = StringIO()
    sheet = csv.writer(written, quoting=csv.QUOTE_ALL)
    sheet.writerow(columns)
    sheet.writerows([harmless(column(row)) for column in columns.values()] for row in rows)
    return written.getvalue()


def _received(first: date | None, last: date | None) -> QuerySet:
    rows = ConsultationRequest.objects.select_related("assigned_to").prefetch_related("notes").order_by("created_at")
    if first:
        rows = rows.filter(created_at__date__gte=first)
    return rows.filter(created_at__date__lte=last) if last else rows
