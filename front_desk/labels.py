"""The words and badges that the front desk uses for a request."""

import re
from datetime import date, datetime

from django.utils import timezone

from consultations.models import ConsultationRequest

# The form's answers about "me", as staff read them.
ASKING_FOR = {
    ConsultationRequest.AskingFor.MYSELF: "Themselves",
    ConsultationRequest.AskingFor.SOMEONE_ELSE: "Someone else",
    ConsultationRequest.AskingFor.PATIENT: "A patient, as a clinician who refers",
}


def badge(consultation: ConsultationRequest) -> tuple[str, str]:
    """Return a request's badge: the suffix of its CSS class, and its text."""
    if consultation.erased_at:
        return "erased", "Withdrawn, erased" if consultation.withdrawn_at else "Erased"
    if consultation.withdrawn_at:
        return "closed", "Withdrawn"
    return consultation.status, consultation.get_status_display()


def mail_state(consultation: ConsultationRequest) -> tuple[str, str]:
    """Return the badge for the emails about a request: the suffix of its CSS class, and its text."""
    mails = consultation.notifications.all()
    if any(mail.failed_at and not mail.sent_at for mail in mails):
        return "failed", "Failed"
    if any(not mail.sent_at for mail in mails):
        return "waiting", "Waiting"
    return ("sent", "Sent") if mails else ("none", "No mail")


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
