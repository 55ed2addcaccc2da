"""Builds a request's history: its arrival, notes, sent emails and corrections, latest first."""

from dataclasses import dataclass
from datetime import datetime

from consultations.models import ConsultationRequest, Note


@dataclass(frozen=True)
class Event:
    """One line of a request's history."""

    at: datetime
    who: str
    what: str
    kind: str
    words: object = ""


def history(consultation: ConsultationRequest) -> list[Event]:
    came_by = "Asked by phone" if consultation.source == ConsultationRequest.Source.PHONE else "Asked on the website"
    lines = [Event(consultation.created_at, "", came_by, "arrived")]
    for note in consultation.notes.select_related("author"):
        erased = "The words of this note were erased." if note.text is None else note.text
        if note.kind == Note.Kind.SYSTEM:
            lines.append(Event(note.written_at, str(note.author or ""), str(erased), "done"))
        else:
            lines.append(Event(note.written_at, str(note.author or ""), "Note", "note", erased))
    for mail in consultation.notifications.all():
        if mail.sent_at:
            lines.append(Event(mail.sent_at, "", f"Mail sent: {mail.get_kind_display().lower()}", "mail"))
    for correction in consultation.corrections.all():
        words = "What it was before is erased." if correction.before is None else correction.before
        lines.append(Event(correction.corrected_at, "", "Corrected by the patient. Before:", "note", words))
    return sorted(lines, key=lambda line: line.at, reverse=True)
