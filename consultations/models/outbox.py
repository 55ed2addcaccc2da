"""The outbox of emails about requests, and the heartbeat of the worker that sends them."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.text import capfirst

from consultations import email_errors
from consultations.statuses import (
    ENDED,
)

# Earlier than any email.
BEFORE_ANY_EMAIL = datetime(2000, 1, 1, tzinfo=UTC)


class NotificationQuerySet(models.QuerySet):
    def unsent(self) -> Self:
        return self.filter(sent_at=None, failed_at=None)

    def failed(self) -> Self:
        """Filter for emails that failed, are no longer retried, and were not dismissed."""
        # A range, because for IS NOT NULL SQLite reads the whole table instead of the index.
        return self.filter(sent_at=None, dismissed_at=None, failed_at__gte=BEFORE_ANY_EMAIL)

    def refused_by_address(self) -> Self:
        """Filter for receipts whose address the mail server refused for good."""
        refused = self.filter(kind=Notification.Kind.RECEIPT, refused=True, sent_at=None)
        by_address = refused.filter(last_error__startswith=email_errors.ADDRESS_REFUSED_BY)
        return by_address.exclude(last_error__contains=email_errors.POLICY)  # as `blames_address` does

    def alarming(self) -> Self:
        """Filter for failed emails that are a fault of the site: of these the health check and every desk page warn.

        A receipt never is, because a visitor typed its address. An email about a request that has ended is not
        either, unless the server refused it, because then staff may miss later emails too.
        """
        settled = models.Q(consultation__status__in=ENDED, refused=False)
        return self.failed().exclude(kind=Notification.Kind.RECEIPT).exclude(settled)


class Notification(models.Model):
    """An email in the outbox. Its text is not stored, but rendered when the email is sent."""

    class Kind(models.TextChoices):
        NEW = "new", "New request"
        URGENT = "urgent", "Urgent request"
        CORRECTED = "corrected", "Request corrected"
        WITHDRAWN = "withdrawn", "Request withdrawn"
        ASKED_AGAIN = "asked-again", "Patient asked again"
        REMINDER = "reminder", "Request overdue"
        REMINDERS = "reminders", "Several requests overdue"
        SUMMARY = "summary", "Many new requests"
        DIGEST = "digest", "Suspected spam"
        RECEIPT = "receipt", "Receipt to the patient"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20, choices=Kind)
    # A staff address, or empty for a receipt, which goes to the address in the request. Each email has one recipient.
    recipient = models.CharField(max_length=254, blank=True, default="", db_default="", editable=False)
    consultation = models.ForeignKey(
        "consultations.ConsultationRequest",
        on_delete=models.PROTECT,
        related_name="notifications",
        null=True,
        blank=True,
        db_column="request_id",
    )
    # A keyed hash of a receipt's address, to count the receipts to it. Erased with the request.
    recipient_hash = models.CharField(
        max_length=32, blank=True, default="", db_default="", db_index=True, editable=False
    )
    # Deduplication key: the event and the recipient, such as "new:17:desk@example.com", or "receipt:17". At most one
    # email is queued for each slot.
    slot = models.CharField(max_length=320, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now, db_index=True)
    # Identifies the worker's attempt to send the email. After `lease_until`, another worker may try.
    lease = models.UUIDField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    sent_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True, db_index=True)
    # The mail server refused the recipient or the email for good, so it is not retried.
    refused = models.BooleanField(default=False, db_default=False, editable=False)
    # When staff dismissed the failure, or the address that had refused the email accepted a later one.
    dismissed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Only the exception's class and the reply codes, because its message may contain the patient's address.
    last_error = models.CharField(max_length=80, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["created_at"]
        permissions = [("resend_notification", "Can send a notification again")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.consultation.reference if self.consultation else self.slot}"

    @property
    def event(self) -> str:
        """Return the part of the slot that the emails to all recipients share."""
        return self.slot.removesuffix(f":{self.recipient}")

    @property
    def is_failed(self) -> bool:
        """Return whether the email failed and still needs attention. `failed` is the same condition in SQL."""
        return bool(self.failed_at and not self.sent_at and not self.dismissed_at)

    @property
    def reason(self) -> str:
        """Return in a sentence why the email was not sent, or "" if no attempt has failed."""
        if not self.last_error:
            return ""
        words = email_errors.in_words(self.last_error)
        if self.refused and self.kind == self.Kind.RECEIPT:
            if not email_errors.blames_address(self.last_error):
                return f"The confirmation was not sent: {words}."
            detail = "" if words == email_errors.ADDRESS_REFUSED else f" The mail server says: {words}."
            sentence = "The mail server refused the patient's address, so no confirmation was sent. Check the address."
            return sentence + detail
        if self.refused and self.recipient:
            return f"The email to {self.recipient} was refused: {words}."
        return f"{capfirst(words)}."

    def send_again(self) -> bool:
        """Queue a failed email again, and return whether there was one. Reset its attempts."""
        failed = type(self).objects.filter(pk=self.pk, sent_at=None).exclude(failed_at=None)
        if self.kind == self.Kind.RECEIPT:
            failed = failed.filter(consultation__erased_at=None, consultation__withdrawn_at=None)
        fresh = {"attempts": 0, "next_attempt_at": timezone.now(), "failed_at": None, "dismissed_at": None}
        return failed.update(**fresh, refused=False, last_error="", lease=None, lease_until=None) > 0

    def dismiss(self) -> bool:
        """Stop listing a failed email as failed, and return whether it was."""
        return type(self).objects.failed().filter(pk=self.pk).update(dismissed_at=timezone.now()) > 0


class Heartbeat(models.Model):
    """The time when the worker last ran. The table has one row."""

    LATE_AFTER = timedelta(minutes=5)  # a slow mail server can block the worker for a minute
    AHEAD_AFTER = timedelta(minutes=1)  # the clocks of two machines may differ a little

    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"mail worker, last seen {self.seen_at:%Y-%m-%d %H:%M} UTC"

    @classmethod
    def beat(cls) -> None:
        cls.objects.update_or_create(pk=1, defaults={"seen_at": timezone.now()})

    @classmethod
    def last_seen(cls) -> datetime | None:
        return cls.objects.values_list("seen_at", flat=True).first()

    @classmethod
    def is_late(cls, seen: datetime | None) -> bool:
        """Return whether to presume that the worker stopped: `seen` is None, long ago, or in the future.

        A heartbeat from a clock that is ahead says nothing about now.
        """
        return seen is None or timezone.now() - seen > cls.LATE_AFTER or cls.is_ahead(seen)

    @classmethod
    def is_ahead(cls, seen: datetime) -> bool:
        return seen - timezone.now() > cls.AHEAD_AFTER
