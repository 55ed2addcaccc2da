"""Everything that is stored about a request: the request, the records that belong to it, and the emails about it."""

from consultations.models.outbox import Heartbeat, Notification
from consultations.models.records import AccessLogEntry, ContactAttempt, Correction, Note, Step
from consultations.models.request import (
    RECEIPT_SALT,
    WITHDRAW_SALT,
    ConsultationQuerySet,
    ConsultationRequest,
    new_reference,
    on_days,
    open_too_long,
    overdue,
    start_of_day,
)

__all__ = [
    "RECEIPT_SALT",
    "WITHDRAW_SALT",
    "AccessLogEntry",
    "ConsultationQuerySet",
    "ConsultationRequest",
    "ContactAttempt",
    "Correction",
    "Heartbeat",
    "Note",
    "Notification",
    "Step",
    "new_reference",
    "on_days",
    "open_too_long",
    "overdue",
    "start_of_day",
]
