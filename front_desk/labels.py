"""The wording and badges that the front desk uses for a request."""

from datetime import date, datetime
from typing import NamedTuple

from django.utils import timezone
from django.utils.text import capfirst

from clinic import typed
from consultations.models import ConsultationRequest

# Staff's wording of choices that the public form words from the patient's point of view.
STAFF_WORDS = {
    "asking_for": {
        ConsultationRequest.AskingFor.MYSELF: "Themselves",
        ConsultationRequest.AskingFor.PATIENT: "A patient, as a clinician who refers",
    },
    "topic": {ConsultationRequest.Topic.LATER: "Would rather say when we speak"},
}
# Labels for the request page's list of answers, where they differ from the field's verbose_name.
FACT_LABELS = {
    "topic": "Wants to talk about",
    "note": "What helps to reach them",
    "receipt_wanted": "Wants a confirmation by email",
}
# Answers that the request page shows above its list of answers.
SHOWN_ABOVE_FACTS = ("full_name", "contact_by", "phone", "email", "voicemail_ok", "best_time")


def words_of(consultation: ConsultationRequest, name: str) -> str:
    """Return an answer in staff's wording, or an empty string if there is none."""
    _, words = consultation.shown(name)
    return STAFF_WORDS.get(name, {}).get(getattr(consultation, name), words)


def facts(consultation: ConsultationRequest) -> list[tuple[str, str]]:
    """Return the label and wording of each answer in the request page's list of answers."""
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
    """Return the badge that sums up the emails about a request."""
    mails = consultation.notifications.all()
    if any(mail.failed_at and not mail.sent_at for mail in mails):
        return Badge("failed", "Failed")
    if any(not mail.sent_at for mail in mails):
        return Badge("waiting", "Waiting")
    return Badge("sent", "Sent") if mails else Badge("none", "No mail")


def ago(moment: datetime) -> str:
    """Return the time since `moment` in one unit, such as "5 min", "2 h" or "3 days"."""
    minutes = int((timezone.now() - moment).total_seconds() // 60)
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h"
    return f"{minutes // (24 * 60)} days"


def day(when: date) -> str:
    """Return "today", or a date such as "Nov 24"."""
    return "today" if when == timezone.localdate() else f"{when:%b} {when.day}"


def full_name(consultation: ConsultationRequest) -> str:
    return typed.name(str(consultation.full_name or "")) or "No name that can be shown"


def phone_uri(phone: str, scheme: str = "tel") -> str:
    """Return a tel: link, or an sms: link without the extension. If two numbers were typed, it is for the first."""
    number = typed.dialed(phone)
    extension = f";ext={number.extension}" if number.extension and scheme == "tel" else ""
    return f"{scheme}:{number.e164}{extension}"
