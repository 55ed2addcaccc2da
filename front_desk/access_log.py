"""Write the access log: who viewed, searched, changed or exported which requests. It never contains what a patient wrote."""

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
    """Add one entry for what the signed-in user just did, even if it involves several requests."""
    AccessLogEntry.objects.create(
        user=request.user,
        action=action,
        consultation=consultation,
        references=consultation.reference if consultation else " ".join(references),
        detail=detail,
        address=request.client_address or None,
    )
