"""The records that belong to a request: notes, contact attempts, steps, corrections, and the access log."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone

from clinic.append_only import AppendOnly, AppendOnlyQuerySet
from consultations.encryption import EncryptedField
from consultations.models.moments import Moment
from consultations.statuses import (
    Outcome,
)


class Note(AppendOnly):
    """A note about a request, written by staff, or by the system to record what staff did."""

    class Kind(models.TextChoices):
        STAFF = "staff", "Note"
        SYSTEM = "system", "What was done"

    consultation = models.ForeignKey(
        "consultations.ConsultationRequest", on_delete=models.PROTECT, related_name="notes", db_column="request_id"
    )
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.STAFF)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    written_at = Moment(default=timezone.now, editable=False)
    text = EncryptedField()

    class Meta:
        ordering = ["written_at", "pk"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"note on {self.consultation.reference}"


class ContactAttempt(models.Model):
    """One attempt of staff to contact the patient. An attempt that was undone stays, but no longer counts."""

    consultation = models.ForeignKey(
        "consultations.ConsultationRequest", on_delete=models.PROTECT, related_name="contact_attempts"
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = Moment(default=timezone.now, editable=False)
    outcome = models.CharField(max_length=20, choices=Outcome)
    undone_at = Moment(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["at", "pk"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"attempt to contact {self.consultation.reference}"


class Step(models.Model):
    """A change that staff made to a request, with the values it replaced, so that it can be undone."""

    consultation = models.ForeignKey(
        "consultations.ConsultationRequest", on_delete=models.PROTECT, related_name="steps"
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = Moment(default=timezone.now, editable=False)
    # The request's version after the step. Only the step that led to the present version can be undone.
    version = models.PositiveIntegerField(editable=False)
    attempt = models.OneToOneField(ContactAttempt, on_delete=models.PROTECT, null=True, editable=False)
    before = EncryptedField("values before the step", help_text="JSON, keyed by field name.")
    undone_at = Moment(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["at", "pk"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"step on {self.consultation.reference}"


class AccessLogQuerySet(AppendOnlyQuerySet):
    def forget(self, before: datetime) -> int:
        """Delete entries older than `before`, and return how many were deleted."""
        return models.QuerySet.delete(self.filter(at__lt=before))[0]


class AccessLogEntry(AppendOnly):
    """An entry of the access log: who did what to which requests, and when. It contains nothing a patient wrote."""

    class Action(models.TextChoices):
        VIEW = "view", "Opened a request"
        LIST = "list", "Saw a list"
        SEARCH = "search", "Searched"
        EXPORT = "export", "Exported"
        ADD = "add", "Logged a phone request"
        CHANGE = "change", "Worked on a request"
        ERASE = "erase", "Erased a request"
        SEND_AGAIN = "send-again", "Sent an email again"
        DISMISS = "dismiss", "Dismissed a failed email"
        ACCOUNT = "account", "Changed a staff account"
        CLINIC = "clinic", "Changed the clinic's facts"

    at = Moment(default=timezone.now, editable=False, db_index=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    action = models.CharField(max_length=10, choices=Action)
    # Set if the entry is about one request. Entries about lists, searches and exports use `references`.
    consultation = models.ForeignKey(
        "consultations.ConsultationRequest",
        on_delete=models.PROTECT,
        null=True,
        related_name="access_log_entries",
        db_column="request_id",
    )
    references = models.TextField(blank=True)
    detail = models.CharField(max_length=200, blank=True)
    address = models.GenericIPAddressField(null=True)

    objects = AccessLogQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        default_permissions = ("view",)
        verbose_name = "access log entry"
        verbose_name_plural = "access log entries"

    def __str__(self) -> str:
        return f"{self.get_action_display()}, {self.at:%Y-%m-%d %H:%M} UTC"


class Correction(models.Model):
    """The previous values of answers that the patient changed by sending the form again, or that staff changed."""

    consultation = models.ForeignKey(
        "consultations.ConsultationRequest",
        on_delete=models.PROTECT,
        related_name="corrections",
        db_column="request_id",
    )
    corrected_at = Moment(default=timezone.now, editable=False)
    author = models.ForeignKey(  # NULL if the patient made the correction
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    changed = models.CharField("changed answers", max_length=300, blank=True, default="", db_default="")
    before = EncryptedField("what it was before", help_text="One line for each answer that was changed.")

    class Meta:
        ordering = ["corrected_at"]

    def __str__(self) -> str:
        return f"correction of {self.consultation.reference}"
