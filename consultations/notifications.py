"""Mail to staff about a request. It holds a reference and a link, and nothing that the patient typed."""

import logging

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse

from consultations.models import ConsultationRequest

logger = logging.getLogger(__name__)


def notify_staff(consultation: ConsultationRequest) -> None:
    """Tell staff that a request waits. It is stored already, so a mail server's failure costs nothing but the mail."""
    link = settings.SITE_URL + reverse("admin:consultations_consultationrequest_change", args=[consultation.pk])
    body = render_to_string("consultations/emails/new_request.txt", {"consultation": consultation, "link": link})
    try:
        send_mail(f"New consultation request {consultation.reference}", body, None, settings.STAFF_EMAILS)
    except OSError:
        logger.exception("staff were not told of %s", consultation.reference)
