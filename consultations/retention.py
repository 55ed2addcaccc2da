"""Erases what patients and staff wrote: after the retention period, on withdrawal, or when a manager asks."""

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from consultations import notifications
from consultations.batches import in_batches
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
    erase_rows([consultation.pk])
    consultation.refresh_from_db()
    truncate_wal()


@transaction.atomic
def erase_rows(keys: Sequence[int]) -> None:
    """Erase requests' hashes, the encrypted fields of the requests and their related rows, and their unsent receipts.

    Also erase that a request was urgent, because that says something about the words. Close requests that are open.
    After the last request, the caller must call `truncate_wal`.
    """
    now = timezone.now()
    rows = ConsultationRequest.objects.filter(pk__in=keys)
    references = list(rows.select_for_update().values_list("reference", flat=True))
    for relation in ConsultationRequest._meta.related_objects:
        if encrypted := encrypted_fields(relation.related_model):
            related = relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": keys})
            related.update(**{field.name: None for field in encrypted})
    rows.exclude(status__in=ENDED).update(status=Status.CLOSED, closed_at=now)
    rows.filter(erased_at=None).update(erased_at=now)
    emptied = {field.name: None for field in encrypted_fields(ConsultationRequest)} | dict.fromkeys(HASHES, "")
    rows.update(**emptied, **MARKS, main_queue=MainQueue.ENDED, next_action="")
    notifications.drop_unsent_receipts(keys)
    emails = Notification.objects.filter(consultation__in=keys)
    emails.update(recipient_hash="")
    emails.filter(kind=Notification.Kind.URGENT).delete()
    transaction.on_commit(lambda: _log_erased(references))


def _log_erased(references: list[str]) -> None:
    # An older backup still contains the requests. After a restore, these lines say which requests to erase again.
    for reference in references:
        logger.info("request %s was erased", reference)


def erase_due() -> Iterator[int]:
    """Erase all requests that are due, in short transactions. Yield how many each of them erased."""
    for keys in in_batches(due_for_erasure().order_by("pk").values_list("pk", flat=True)):
        yield _erase_if_due(keys)


@transaction.atomic
def _erase_if_due(keys: Sequence[int]) -> int:
    """Erase those of the requests that staff have not reopened since. Return how many were erased."""
    # Ask under the lock that `erase_rows` takes as well.
    due = list(due_for_erasure().select_for_update().filter(pk__in=keys).values_list("pk", flat=True))
    erase_rows(due)
    return len(due)


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
        notifications.drop_unsent_receipts([locked.pk])
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
