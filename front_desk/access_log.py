"""Writes the access log: who saw or did what to which request, without any patient's words."""

from collections.abc import Iterable

from django.http import HttpRequest

from consultations.models import AccessLogEntry, ConsultationRequest


def record(
    request: HttpRequest,
    action: AccessLogEntry.Action,
    consultation: ConsultationRequest | None = None,
    references: Iterable[str] = (),
    detail: str = "",
) -> None:
    """Add one entry for what the signed-in user just did, however many requests it involves."""
    AccessLogEntry.objects.create(
        user=request.user,
        action=action,
        consultation=consultation,
        references=consultation.reference if consultation else " ".join(references),
        detail=detail,
        address=request.client_address or None,
    )
