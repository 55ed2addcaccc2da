"""CSV export of requests: permission-checked, logged, streamed, and safe to open in a spreadsheet."""

import csv
import unicodedata
from collections.abc import Callable, Collection, Iterator
from datetime import date, datetime, timedelta
from functools import partial
from itertools import chain
from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.db.models import Count, Max, Min, QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from clinic.typed.characters import plain_character
from consultations.encryption import encrypted_fields
from consultations.models import AccessLogEntry, ConsultationRequest, ContactAttempt, on_days
from front_desk import access_log, labels, month
from front_desk.forms import ExportForm

FORMULA_STARTS = tuple("=+-@")
CONTROL_STARTS = tuple("\t\r\n\0")  # a spreadsheet may skip these before a formula
BYTE_ORDER_MARK = "\ufeff"  # without it, Excel misreads accents
CHUNK = 500  # rows read, decrypted and sent at a time, so that an export of any size needs the same memory

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
CONTACT = ("full_name", "practice", "direct_line", "phone", "email", "voicemail_ok", "needs", "language")
TOPIC = ("topic",)
# The words of the request page, where they are neither in FACT_LABELS nor the field's verbose_name.
HEADERS = {"contact_by": "prefers", "needs": "needs"}
# What each tick box of the form adds, in the words of the access log.
IN_LOG = {
    "with_contact": "contact details",
    "with_topic": "reasons for contact",
    "with_free_text": "what people wrote and our notes",
}
# Exported only if free text is wanted. "Urgent" belongs here, because it is judged by what the patient wrote.
FREE_TEXT: dict[str, Column] = {
    "urgent": lambda row: "yes" if row.urgent else "",
    "clinician told": lambda row: _time(row.clinician_told_at),
    "closed because, in words": lambda row: row.closed_words or "",
    "our notes": lambda row: "\n".join(str(note.text or "") for note in row.notes.all() if note.kind == "staff"),
}


def header(name: str) -> str:
    """Return the column header of an answer, in the words of the request page."""
    field = ConsultationRequest._meta.get_field(name)
    return HEADERS.get(name) or labels.FACT_LABELS.get(name, str(field.verbose_name)).lower()


def optional_answers() -> dict[str, tuple[str, ...]]:
    """Return the answers that each tick box of the form adds. Every other encrypted answer counts as free text."""
    encrypted = {field.name for field in encrypted_fields(ConsultationRequest)} - {*CONTACT, *TOPIC}
    free_text = tuple(name for name in ConsultationRequest.CONTENT if name in encrypted)
    return {"with_contact": CONTACT, "with_topic": TOPIC, "with_free_text": free_text}


def columns(chosen: Collection[str] = ()) -> dict[str, Column]:
    """Return the CSV's columns, keyed by header. `chosen` are the ticked boxes."""
    optional = optional_answers()
    always = [name for name in ConsultationRequest.CONTENT if name not in chain(*optional.values())]
    added = [name for box, names in optional.items() if box in chosen for name in names]
    answers = {header(name): partial(labels.words_of, name=name) for name in (*always, *added)}
    return ABOUT | answers | (FREE_TEXT if "with_free_text" in chosen else {})


def harmless(value: Any) -> str:
    """Return the value as text, with a leading apostrophe if a spreadsheet could read it as a formula.

    Full-width signs, small signs and other dashes count as signs. Spaces and invisible characters before one don't
    hide it, because some spreadsheets drop them.
    """
    text = "" if value is None else str(value)
    starts = text.startswith(CONTROL_STARTS) or _visible_start(text).startswith(FORMULA_STARTS)
    return "'" + text if starts else text


def _visible_start(text: str) -> str:
    """Return the first visible character in its plain form, or "" if there is none."""
    visible = (shown for each in text if (shown := plain_character(each).strip()))
    return unicodedata.normalize("NFKC", next(visible, ""))


@permission_required("consultations.export_consultationrequest", raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def export_view(request: HttpRequest) -> HttpResponseBase:
    """Show the export form, or stream the CSV file and log how many requests it contains, and from when."""
    form = ExportForm(request.POST if request.method == "POST" else None, initial=_days(request.GET.get("month")))
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return admin.site.page(request, "admin/consultations/export.html", "Export", status, form=form)
    rows = ConsultationRequest.objects.order_by("created_at").filter(
        on_days("created_at", form.cleaned_data["received_from"], form.cleaned_data["received_to"])
    )
    chosen = [box for box in optional_answers() if form.cleaned_data[box]]
    access_log.record(request, AccessLogEntry.Action.EXPORT, detail=_log_line(rows, chosen))
    name = f"requests-{timezone.localdate():%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(as_csv(rows, chosen), content_type="text/csv; charset=utf-8", headers=headers)


def _days(named: str | None) -> dict[str, date]:
    """Return the first and last day of the month whose page led here, as the form's initial values."""
    if named is None:
        return {}
    first = month.chosen_month(named)
    return {"received_from": first, "received_to": month.after(first) - timedelta(days=1)}


def _log_line(rows: QuerySet, chosen: list[str]) -> str:
    """Return what the access log says: a count and a range of days, so that its length doesn't grow with the export."""
    found = rows.order_by().aggregate(count=Count("pk"), first=Min("created_at"), last=Max("created_at"))
    days = [f"{timezone.localdate(found[end]):%Y-%m-%d}" for end in ("first", "last") if found[end]]
    parts = [f"with {IN_LOG[box]}" for box in chosen] or ["without contact details, reasons or words"]
    count = f"{found['count']} request{'' if found['count'] == 1 else 's'}"
    return ", ".join([count, *([f"received {' to '.join(days)}"] if days else []), *parts])


class _Echo:
    """A file for csv.writer that returns each line instead of storing it."""

    def write(self, line: str) -> str:
        return line


def as_csv(rows: QuerySet, chosen: Collection[str] = ()) -> Iterator[str]:
    """Yield the CSV file in chunks of rows. The first chunk begins with the byte order mark and the column headers."""
    shown = columns(chosen)
    sheet = csv.writer(_Echo(), quoting=csv.QUOTE_ALL)
    lines = [BYTE_ORDER_MARK + sheet.writerow(shown)]
    for row in _with_what_is_exported(rows, chosen).iterator(chunk_size=CHUNK):
        lines.append(sheet.writerow([harmless(column(row)) for column in shown.values()]))
        row._prefetched_objects_cache.clear()  # it refers back to the row, and a cycle waits long for the collector
        if len(lines) >= CHUNK:
            yield "".join(lines)
            lines = []
    yield "".join(lines)


def _with_what_is_exported(rows: QuerySet, chosen: Collection[str]) -> QuerySet:
    """Read what the columns need. The other encrypted fields are neither read nor decrypted."""
    needed = {name for box, names in optional_answers().items() if box in chosen for name in names}
    related = ["contact_attempts"]
    if "with_free_text" in chosen:
        needed.add("closed_words")
        related.append("notes")
    unread = [field.name for field in encrypted_fields(ConsultationRequest) if field.name not in needed]
    return rows.defer(*unread).select_related("assigned_to").prefetch_related(*related)
