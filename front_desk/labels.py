"""The words and badges that the front desk uses for a request."""

import re
from datetime import date, datetime
from typing import NamedTuple

from django.utils import timezone
from django.utils.text import capfirst

from consultations.models import ConsultationRequest

# Choices that the public form words from the patient's side, in staff's words.
STAFF_WORDS = {
    "asking_for": {
        ConsultationRequest.AskingFor.MYSELF: "Themselves",
        ConsultationRequest.AskingFor.PATIENT: "A patient, as a clinician who refers",
    },
    "topic": {ConsultationRequest.Topic.LATER: "Would rather say when we speak"},
}
# Labels in the list of facts that differ from the field's verbose name.
FACT_LABELS = {
    "topic": "Wants to talk about",
    "note": "What helps to reach them",
    "receipt_wanted": "Wants a confirmation by email",
}
# Answers that the request page shows above its list of facts.
SHOWN_ABOVE_FACTS = ("full_name", "contact_by", "phone", "email", "voicemail_ok", "best_time")


def words_of(consultation: ConsultationRequest, name: str) -> str:
    """Return the words of one answer as staff read them, empty if it was not answered."""
    _, words = consultation.shown(name)
    return STAFF_WORDS.get(name, {}).get(getattr(consultation, name), words)


def facts(consultation: ConsultationRequest) -> list[tuple[str, str]]:
    """Return the label and words of each answer in the request page's list of facts."""
    return [
        (FACT_LABELS.get(name) or capfirst(consultation.shown(name)[0]), words_of(consultation, name))
        for name in ConsultationRequest.CONTENT
        if name not in SHOWN_ABOVE_FACTS
    ]


class Badge(NamedTuple):
    kind: str  # the suffix of its CSS class
    words: str


def badge(consultation: ConsultationRequest) -> Badge:
    if consultation.erased_at:
        return Badge("erased", "Withdrawn, erased" if consultation.withdrawn_at else "Erased")
    if consultation.withdrawn_at:
        return Badge("closed", "Withdrawn")
    return Badge(consultation.status, consultation.get_status_display())


def mail_state(consultation: ConsultationRequest) -> Badge:
    """Return the badge for the emails about a request."""
    mails = consultation.notifications.all()
    if any(mail.failed_at and not mail.sent_at for mail in mails):
        return Badge("failed", "Failed")
    if any(not mail.sent_at for mail in mails):
        return Badge("waiting", "Waiting")
    return Badge("sent", "Sent") if mails else Badge("none", "No mail")


def ago(moment: datetime) -> str:
    """Return how long ago that was, in one unit: "5 min", "2 h", "3 days"."""
    minutes = int((timezone.now() - moment).total_seconds() // 60)
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h"
    return f"{minutes // (24 * 60)} days"


def day(when: date) -> str:
    """Return "today", or the day as in "Nov 24"."""
    return "today" if when == timezone.localdate() else f"{when:%b} {when.day}"


def phone_uri(phone: str) -> str:
    """Return the number for a tel: or sms: link, without its extension, which staff dial by hand."""
    return re.sub(r"[^0-9+]", "", re.split(r"x|ext", phone.lower())[0])
