"""The words and badges that the front desk uses for a request."""

import re
from datetime import date, datetime
from typing import NamedTuple

from django.utils import timezone

from consultations.models import ConsultationRequest

Status = ConsultationRequest.Status


# What the form's own answers mean when somebody else reads them.
ASKING_FOR = {
    ConsultationRequest.AskingFor.MYSELF: "Themselves",
    ConsultationRequest.AskingFor.SOMEONE_ELSE: "Someone else",
    ConsultationRequest.AskingFor.PATIENT: "A patient, as a clinician who refers",
}


class Badge(NamedTuple):
    kind: str  # the suffix of its CSS class
    words: str


def badge(consultation: ConsultationRequest) -> Badge:
    """The kind and the words of the badge that a request wears; colour only repeats the words."""
    if consultation.erased_at:
        return Badge("erased", "Withdrawn, erased" if consultation.withdrawn_at else "Erased")
    if consultation.withdrawn_at:
        return Badge("closed", "Withdrawn")
    if consultation.suspected_spam and consultation.status == Status.NEW:
        return Badge("suspected", "Suspected spam")
    return Badge(consultation.status, consultation.get_status_display())


def mail_state(consultation: ConsultationRequest) -> Badge:
    """The kind and the words of how the mails about a request stand."""
    mails = consultation.notifications.all()
    if any(mail.failed_at and not mail.sent_at for mail in mails):
        return Badge("failed", "Failed")
    if any(not mail.sent_at for mail in mails):
        return Badge("waiting", "Waiting")
    return Badge("sent", "Sent") if mails else Badge("none", "No mail")


def ago(moment: datetime) -> str:
    """How long ago, in its largest unit: "5 min", "2 h", "3 days"."""
    minutes = int((timezone.now() - moment).total_seconds() // 60)
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h"
    return f"{minutes // (24 * 60)} days"


def day(when: date) -> str:
    """A day as people say it: "today", "Nov 24"."""
    return "today" if when == timezone.localdate() else f"{when:%b} {when.day}"


def phone_uri(phone: str) -> str:
    """The number as tel: and sms: links want it; an extension is left to whoever dials."""
    return re.sub(r"[^0-9+]", "", re.split(r"x|ext", phone.lower())[0])
