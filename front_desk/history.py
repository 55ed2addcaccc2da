"""Builds a request's history: its arrival, notes, sent emails and corrections, latest first."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User

from consultations.models import ConsultationRequest, Correction, Note
from front_desk.labels import ago_in_words, change_names


@dataclass(frozen=True)
class Event:
    """One line of a request's history. Lines by the patient or the site have no author."""

    at: datetime
    author: User | None
    what: str
    kind: str
    words: object = ""


def history(consultation: ConsultationRequest) -> list[Event]:
    by_phone = consultation.source == ConsultationRequest.Source.PHONE
    events = [Event(consultation.created_at, None, f"Submitted {'by phone' if by_phone else 'online'}", "arrived")]
    for note in consultation.notes.select_related("author"):
        erased = "The words of this note were erased." if note.text is None else note.text
        if note.kind == Note.Kind.SYSTEM:
            events.append(Event(note.written_at, note.author, str(erased), "done"))
        else:
            events.append(Event(note.written_at, note.author, "Note", "note", erased))
    # An email to several people is one row for each, but one event.
    sent = {mail.event: mail for mail in consultation.notifications.all() if mail.sent_at}
    for mail in sent.values():
        events.append(Event(mail.sent_at, None, f"Email sent: {mail.get_kind_display().lower()}", "mail"))
    events += [_correction(correction) for correction in consultation.corrections.select_related("author")]
    if consultation.withdrawn_at:
        events.append(Event(consultation.withdrawn_at, None, "Withdrawn by the patient", "patient"))
    if consultation.asked_again_at:
        events.append(Event(consultation.asked_again_at, None, "The patient asked again", "patient"))
    return sorted(events, key=lambda event: event.at, reverse=True)


def _correction(correction: Correction) -> Event:
    who = correction.author or "the patient"
    names = change_names(correction.changed)
    words = "The earlier answers were erased." if correction.before is None else correction.before
    what = f"Corrected by {who}{f': {names}' if names else ''}. Before:"
    return Event(correction.corrected_at, correction.author, what, "staff" if correction.author else "patient", words)


def changes_since(events: list[Event], moment: datetime, user: User) -> list[str]:
    """Return a sentence about each change since `moment`, for `user`, who had the page open. The latest is first."""
    changes = [event for event in events if event.kind not in ("arrived", "mail")]
    since = [event for event in changes if event.at >= moment] or changes[:1]
    return [_sentence(event, user) for event in since]


def _sentence(event: Event, user: User) -> str:
    ago = ago_in_words(event.at)
    what = event.what.removesuffix(" Before:").removesuffix(".")
    if event.author == user:
        return f"You changed this in another tab {ago}: {what}."
    if event.author:
        return f"{event.author} changed this {ago}: {what}."
    if event.kind == "patient" and what.startswith("Corrected"):
        _, _, names = what.partition(": ")
        return f"The patient changed this {ago}{f': {names}' if names else ''}."
    return f"{what}, {ago}."
