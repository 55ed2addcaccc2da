"""Writing the access log: who looked at what. It never holds anybody's words."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.http import HttpRequest
from django.utils import timezone

from consultations.models import AccessLogEntry, ConsultationRequest

KEPT_FOR = timedelta(days=6 * 366)  # six years, as 45 CFR 164.316(b)(2) asks, and never a day less


def record(
    request: HttpRequest,
    action: AccessLogEntry.Action,
    consultation: ConsultationRequest | None = None,
    references: Iterable[str] = (),
    detail: str = "",
) -> None:
    """Write down that the signed-in person did this just now. One entry, however many requests it shows."""
    AccessLogEntry.objects.create(
        user=request.user,
        action=action,
        request=consultation,
        references=consultation.reference if consultation else " ".join(references),
        detail=detail,
        address=request.client_address or None,
    )


def forget_old_entries(now: datetime | None = None) -> int:
    """Delete the entries that need not be kept any longer; returns how many."""
    return AccessLogEntry.objects.all().forget(before=(now or timezone.now()) - KEPT_FOR)
