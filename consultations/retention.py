"""What is erased, and when. The reference, the dates and the status stay: they name nobody."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from consultations import notifications
from consultations.encryption import encrypted_fields
from consultations.models import AccessLogEntry, ConsultationQuerySet, ConsultationRequest, Notification
from consultations.statuses import ENDED, SPAM, Status

logger = logging.getLogger(__name__)

WAIT_FOR_READERS = 200  # milliseconds
KEEP_ACCESS_LOG = timedelta(days=6 * 366)  # at least the six years of 45 CFR 164.316(b)(2)
HASHES = ("phone_hash", "email_hash", "address_hash")


def due_for_erasure(now: datetime | None = None) -> ConsultationQuerySet:
    """Requests that ended long enough ago: closed ones and spam, each by its own number of days."""
    now = now or timezone.now()
    kept = ConsultationRequest.objects.filter(status__in=ENDED, erased_at=None)
    spam = kept.filter(status__in=SPAM, closed_at__lte=now - timedelta(days=settings.SPAM_RETENTION_DAYS))
    others = kept.exclude(status__in=SPAM).filter(closed_at__lte=now - timedelta(days=settings.RETENTION_DAYS))
    return spam | others


def erase(consultation: ConsultationRequest) -> None:
    """Empty all that somebody wrote, here and in what belongs to the request, and all that could find it.

    An open request is closed by it. A receipt that has not gone out has nowhere to go any more.
    """
    erase_rows(consultation)
    truncate_wal()


@transaction.atomic
def erase_rows(consultation: ConsultationRequest) -> None:
    """Erase one of many: whoever does so empties the log of writes when all are erased."""
    now = timezone.now()
    locked = ConsultationRequest.objects.select_for_update().get(pk=consultation.pk)
    for relation in locked._meta.related_objects:
        if encrypted := encrypted_fields(relation.related_model):
            rows = relation.related_model._base_manager.filter(**{relation.field.name: locked})
            rows.update(**{field.name: None for field in encrypted})
    emptied = {field.name: None for field in encrypted_fields(ConsultationRequest)} | dict.fromkeys(HASHES, "")
    ended = {} if locked.status in ENDED else {"status": Status.CLOSED, "closed_at": now}
    ConsultationRequest.objects.filter(pk=locked.pk).update(**emptied, **ended, erased_at=locked.erased_at or now)
    Notification.objects.unsent().filter(consultation=locked, kind=Notification.Kind.RECEIPT).delete()
    # After a restore of an older backup, the log says what has to be erased once more.
    transaction.on_commit(lambda: logger.info("request %s was erased", locked.reference))
    consultation.refresh_from_db()


def truncate_wal() -> None:
    """Do it once all is committed. Erased is erased, whatever becomes of that."""
    transaction.on_commit(_truncate_wal, robust=True)


def _truncate_wal() -> None:
    """SQLite keeps the latest writes in a file of their own, and in it, for days on a quiet site, what was erased since.

    While it waits for whoever reads, nobody can write: so it waits for moments only. What it cannot empty now is left
    to the next erasure, or to the nightly command.
    """
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        patience = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute(f"PRAGMA busy_timeout = {WAIT_FOR_READERS}")
        try:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {patience}")


@transaction.atomic
def withdraw(consultation: ConsultationRequest) -> None:
    """The patient takes the request back: erased at once, unless staff have begun; then they are told."""
    locked = ConsultationRequest.objects.select_for_update().get(pk=consultation.pk)
    if locked.withdrawn_at or locked.erased_at:
        return
    locked.withdrawn_at = timezone.now()
    locked.save(update_fields=["withdrawn_at"])
    if locked.has_begun:
        notifications.queue_withdrawn(locked)
    else:
        erase(locked)


def delete_old_access_log_entries(now: datetime | None = None) -> int:
    """Delete the entries that no longer have to be kept; returns how many."""
    return AccessLogEntry.objects.all().forget(before=(now or timezone.now()) - KEEP_ACCESS_LOG)
