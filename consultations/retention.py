"""Erases what patients and staff wrote: after the retention period, on withdrawal, or when a manager asks."""

import logging
from datetime import datetime, timedelta

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from consultations import notifications
from consultations.encryption import encrypted_fields
from consultations.models import AccessLogEntry, ConsultationQuerySet, ConsultationRequest, Notification
from consultations.statuses import ENDED, SPAM, MainQueue, Status

logger = logging.getLogger(__name__)

WAIT_FOR_READERS_MS = 200
KEEP_ACCESS_LOG = timedelta(days=6 * 366)  # at least the six years of 45 CFR 164.316(b)(2)
KEEP_SIGN_INS = timedelta(days=30)  # who signed in or failed to, from which address; the longest lockout is minutes
HASHES = ("phone_hash", "email_hash", "address_hash")
# What a request that needs no more action has in these columns.
MARKS = {
    "urgent": False,
    "clinician_told_at": None,
    "asked_again_at": None,
    "patient_changed_at": None,
    "next_action_at": None,
    "priority": ConsultationRequest.Priority.NORMAL,
}


def due_for_erasure(now: datetime | None = None) -> ConsultationQuerySet:
    """Return the requests whose retention period has ended. The period of spam differs from that of other requests."""
    now = now or timezone.now()
    kept = ConsultationRequest.objects.filter(status__in=ENDED, erased_at=None)
    spam = kept.filter(status__in=SPAM, closed_at__lte=now - timedelta(days=settings.SPAM_RETENTION_DAYS))
    others = kept.exclude(status__in=SPAM).filter(closed_at__lte=now - timedelta(days=settings.RETENTION_DAYS))
    return spam | others


def erase(consultation: ConsultationRequest) -> None:
    """Erase a request with `erase_rows`, and truncate the WAL after commit."""
    erase_rows(consultation)
    truncate_wal()


@transaction.atomic
def erase_rows(consultation: ConsultationRequest) -> None:
    """Erase a request's hashes, the encrypted fields of the request and its related rows, and its receipt if unsent.

    Also erase that it was urgent, because that says something about the words. If the request is still open, close it.
    After the last request, the caller must call `truncate_wal`.
    """
    now = timezone.now()
    locked = ConsultationRequest.objects.select_for_update().get(pk=consultation.pk)
    for relation in locked._meta.related_objects:
        if encrypted := encrypted_fields(relation.related_model):
            rows = relation.related_model._base_manager.filter(**{relation.field.name: locked})
            rows.update(**{field.name: None for field in encrypted})
    emptied = {field.name: None for field in encrypted_fields(ConsultationRequest)} | dict.fromkeys(HASHES, "")
    ended = {} if locked.status in ENDED else {"status": Status.CLOSED, "closed_at": now}
    emptied |= {"main_queue": MainQueue.ENDED, "next_action": ""}
    emptied |= ended | MARKS | {"erased_at": locked.erased_at or now}
    ConsultationRequest.objects.filter(pk=locked.pk).update(**emptied)
    notifications.drop_unsent_receipts(locked)
    Notification.objects.filter(consultation=locked).update(recipient_hash="")
    Notification.objects.filter(consultation=locked, kind=Notification.Kind.URGENT).delete()
    # An older backup still contains the request. After a restore, this log line says which requests to erase again.
    transaction.on_commit(lambda: logger.info("request %s was erased", locked.reference))
    consultation.refresh_from_db()


@transaction.atomic
def erase_if_due(consultation: ConsultationRequest) -> bool:
    """Erase a request with `erase_rows`, unless staff have reopened it since it was listed as due."""
    # Ask under the lock that `erase_rows` takes as well.
    if due_for_erasure().select_for_update().filter(pk=consultation.pk).first() is None:
        return False
    erase_rows(consultation)
    return True


def truncate_wal() -> None:
    """Truncate the WAL after commit. A failed checkpoint does not undo the erasure."""
    transaction.on_commit(_truncate_wal, robust=True)


def _truncate_wal() -> None:
    """Checkpoint SQLite's WAL, which on a quiet site could otherwise contain erased text for days.

    A TRUNCATE checkpoint blocks writers while it waits for readers, so it waits for WAIT_FOR_READERS_MS at most.
    If readers take longer, the next erasure or the nightly command tries again.
    """
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        busy_timeout = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute(f"PRAGMA busy_timeout = {WAIT_FOR_READERS_MS}")
        try:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {busy_timeout}")


@transaction.atomic
def withdraw(consultation: ConsultationRequest) -> None:
    """Withdraw a request on the patient's behalf: erase it, or notify staff if they have begun to work on it.

    An urgent request is not erased, so that a person at the desk sees it once, even if it was withdrawn at night.
    """
    locked = ConsultationRequest.objects.select_for_update().get(pk=consultation.pk)
    if locked.withdrawn_at or locked.erased_at:
        return
    locked.withdrawn_at = locked.patient_changed_at = timezone.now()
    locked.version += 1
    locked.save(update_fields=["withdrawn_at", "patient_changed_at", "version"])
    if locked.has_begun or locked.urgent:
        notifications.drop_unsent_receipts(locked)
        notifications.queue_withdrawn(locked)
    else:
        erase(locked)


def delete_old_access_log_entries(now: datetime | None = None) -> int:
    """Delete access log entries that are older than KEEP_ACCESS_LOG, and return how many were deleted."""
    return AccessLogEntry.objects.all().forget(before=(now or timezone.now()) - KEEP_ACCESS_LOG)


def delete_old_sign_ins(now: datetime | None = None) -> int:
    """Delete what django-axes recorded about sign-ins before KEEP_SIGN_INS, and return how many rows were deleted."""
    before = (now or timezone.now()) - KEEP_SIGN_INS
    models = (AccessAttempt, AccessFailureLog, AccessLog)
    return sum(model.objects.filter(attempt_time__lt=before).delete()[0] for model in models)
