"""Writing the access log: who looked at what. It never holds anybody's words."""

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
    """Write down that the signed-in person did this just now. One entry, however many requests it shows."""
    AccessLogEntry.objects.create(
        user=request.user,
        action=action,
        consultation=consultation,
        references=consultation.reference if consultation else " ".join(references),
        detail=detail,
        address=request.client_address or None,
    )
