"""CSV export of requests: permission-checked, logged, and safe to open in a spreadsheet."""

import csv
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from io import StringIO
from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from consultations.encryption import encrypted_fields
from consultations.models import AccessLogEntry, ConsultationRequest, ContactAttempt, start_of_day
from front_desk import access_log, labels
from front_desk.forms import ExportForm

# Characters that start a formula in a spreadsheet, including full-width forms, and those skipped before a formula.
FORMULA_STARTS = tuple("=+-@\t\r\n\0＝＋－＠")

Column = Callable[[ConsultationRequest], Any]


def _time(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else ""


def _tries(row: ConsultationRequest) -> list[ContactAttempt]:
    return [attempt for attempt in row.contact_attempts.all() if attempt.undone_at is None]


# The columns of every export. They contain nothing that a patient or staff typed.
ABOUT: dict[str, Column] = {
    "reference": lambda row: row.reference,
    "received": lambda row: _time(row.created_at),
    "came by": lambda row: row.get_source_display(),
    "status": lambda row: row.get_status_display(),
    "due": lambda row: _time(row.due_at),
    "first contact attempt": lambda row: _time(row.first_contact_at),
    "tries": lambda row: len(_tries(row)),
    "last try": lambda row: _time(_tries(row)[-1].at) if _tries(row) else "",
    "outcome of the last try": lambda row: _tries(row)[-1].get_outcome_display() if _tries(row) else "",
    "assigned to": lambda row: row.assigned_to or "",
    "follow up on": lambda row: row.follow_up_on or "",
    "scheduled for": lambda row: _time(row.scheduled_at),
    "closed": lambda row: _time(row.closed_at),
    "closed because": lambda row: row.get_closed_reason_display(),
    "corrected": lambda row: _time(row.corrected_at),
    "patient asked again": lambda row: _time(row.asked_again_at),
    "withdrawn": lambda row: _time(row.withdrawn_at),
    "erase on": lambda row: labels.erased_after(row) or "",
    "erased": lambda row: _time(row.erased_at),
}
# Exported only if contact details are wanted. voicemail_ok and needs belong here, because they say how to use them.
CONTACT = ("full_name", "practice", "direct_line", "phone", "email", "voicemail_ok", "needs")
# Column headers, where they differ from the field's verbose_name.
HEADERS = {"note": "what they wrote", "receipt_wanted": "wants a confirmation by email"}
# Exported only if free text is wanted. "Urgent" belongs here, because it is judged by what the patient wrote.
FREE_TEXT: dict[str, Column] = {
    "urgent": lambda row: "yes" if row.urgent else "",
    "clinician told": lambda row: _time(row.clinician_told_at),
    "closed because, in words": lambda row: row.closed_words or "",
    "our notes": lambda row: "\n".join(str(note.text or "") for note in row.notes.all() if note.kind == "staff"),
}


def header(name: str) -> str:
    return HEADERS.get(name) or str(ConsultationRequest._meta.get_field(name).verbose_name)


def columns(*, with_contact: bool, with_free_text: bool) -> dict[str, Column]:
    """Return the CSV's columns, keyed by header. Free text is every encrypted answer but CONTACT, and FREE_TEXT."""
    encrypted = {field.name for field in encrypted_fields(ConsultationRequest)} - set(CONTACT)
    plain = [name for name in ConsultationRequest.CONTENT if name not in encrypted and name not in CONTACT]
    free_text = [name for name in ConsultationRequest.CONTENT if name in encrypted]
    chosen = [*plain, *(CONTACT if with_contact else ()), *(free_text if with_free_text else ())]
    answers = {header(name): partial(labels.words_of, name=name) for name in chosen}
    return ABOUT | answers | (FREE_TEXT if with_free_text else {})


def harmless(value: Any) -> str:
    """Return the value as text, with a leading apostrophe if a spreadsheet would read it as a formula."""
    text = "" if value is None else str(value)
    return "'" + text if text.startswith(FORMULA_STARTS) else text


@permission_required("consultations.export_consultationrequest", raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def export_view(request: HttpRequest) -> HttpResponse:
    """Show the export form, or return the CSV file and log which requests it contains."""
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
    content = as_csv(rows, **extra).encode("utf-8-sig")  # without the byte order mark, Excel misreads accents
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)


def as_csv(rows: list[ConsultationRequest], *, with_contact: bool = False, with_free_text: bool = False) -> str:
    chosen = columns(with_contact=with_contact, with_free_text=with_free_text)
    written = StringIO()
    sheet = csv.writer(written, quoting=csv.QUOTE_ALL)
    sheet.writerow(chosen)
    sheet.writerows([harmless(column(row)) for column in chosen.values()] for row in rows)
    return written.getvalue()


def _received(first: date | None, last: date | None) -> QuerySet:
    rows = (
        ConsultationRequest.objects.select_related("assigned_to")
        .prefetch_related("notes", "contact_attempts")
        .order_by("created_at")
    )
    if first:
        rows = rows.filter(created_at__gte=start_of_day(first))
    return rows.filter(created_at__lt=start_of_day(last + timedelta(days=1))) if last else rows
