"""Consultation requests, staff's notes about them, the access log, and the outbox of emails about requests."""

import secrets
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.core import signing
from django.db import models
from django.urls import reverse
from django.utils import timezone

from clinic import snapshot, typed
from clinic.append_only import AppendOnly, AppendOnlyQuerySet
from consultations.encryption import EncryptedField, Unreadable, keyed_hash, keyed_hashes
from consultations.statuses import ENDED, STATUS_RULES, Status

# Without O and 0, I and 1, Z and 2, and Q, which are easily confused when read aloud or written down.
REFERENCE_ALPHABET = "ABCDEFGHJKLMNPRSTUVWXY3456789"
REFERENCE_LENGTH = 8
RECEIPT_SALT = "consultations.receipt"
WITHDRAW_SALT = "consultations.withdraw"


def new_reference() -> str:
    """Return a random reference that is easy to read aloud, such as K7MB4P9X."""
    return "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(REFERENCE_LENGTH))


def overdue(now: datetime | None = None) -> models.Q:
    """Match new requests past their due time. `is_overdue` is the same condition for one request."""
    return models.Q(status=Status.NEW, due_at__lte=now or timezone.now())


def open_too_long(now: datetime | None = None) -> models.Q:
    """Match old requests that have not ended. The desk lists them, because they are never erased automatically."""
    opened_before = (now or timezone.now()) - timedelta(days=settings.OPEN_TOO_LONG_DAYS)
    return ~models.Q(status__in=ENDED) & models.Q(created_at__lt=opened_before)


class ConsultationQuerySet(models.QuerySet):
    def with_contact(self, contact: str) -> Self:
        """Filter by phone number or email address, however it was typed. Partial values don't match."""
        phones = keyed_hashes(typed.phone_key(contact), "phone")
        emails = keyed_hashes(typed.email_key(contact), "email")
        return self.filter(models.Q(phone_hash__in=phones) | models.Q(email_hash__in=emails))


class ConsultationRequest(models.Model):
    """A request for a consultation. Emails and logs identify it by its `reference`, never by the patient's name.

    Save with `update_fields`, because the patient may correct the request while staff work on it.
    """

    Status = Status
    ENDED = ENDED

    class ClosedReason(models.TextChoices):
        COMPLETED = "completed", "Seen at the clinic"
        ELSEWHERE = "elsewhere", "Booked elsewhere"
        NOT_SUITABLE = "not-suitable", "Not suitable"
        NO_REPLY = "no-reply", "No reply after several tries"
        CHANGED_MIND = "changed-mind", "Changed their mind"
        DUPLICATE = "duplicate", "The same request twice"

    class Source(models.TextChoices):
        WEB = "web", "Website"
        PHONE = "phone", "Phone"

    class AskingFor(models.TextChoices):
        MYSELF = "myself", "Myself"
        SOMEONE_ELSE = "someone-else", "Someone else"
        PATIENT = "patient", "I am a clinician referring a patient"

    class ContactBy(models.TextChoices):
        CALL = "call", "Phone call"
        TEXT = "text", "Text message"
        EMAIL = "email", "Email"

    class BestTime(models.TextChoices):
        MORNING = "morning", "Morning"
        AFTERNOON = "afternoon", "Afternoon"
        ANY = "any", "Any time in opening hours"

    class Topic(models.TextChoices):
        DEPRESSION = "depression", "Depression or mood"
        ANXIETY = "anxiety", "Anxiety or PTSD"
        PAIN = "pain", "Chronic pain"
        COST = "cost", "Cost and how it works"
        LATER = "later", "I would rather say when we speak"

    # The patient's answers. The form, the desk, the export and corrections use this list.
    CONTENT = (
        "full_name",
        "asking_for",
        "contact_by",
        "phone",
        "email",
        "voicemail_ok",
        "best_time",
        "topic",
        "note",
        "receipt_wanted",
    )

    reference = models.CharField(max_length=REFERENCE_LENGTH, unique=True, default=new_reference, editable=False)
    submission_key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    source = models.CharField("came by", max_length=10, choices=Source, default=Source.WEB)
    status = models.CharField(max_length=10, choices=Status, default=Status.NEW, db_index=True)
    created_at = models.DateTimeField("received", default=timezone.now, editable=False, db_index=True)
    # NULL if no open day was near enough to promise a due time.
    due_at = models.DateTimeField("due", null=True, editable=False)
    # When a change of hours or closures last changed `due_at`. The receipt may have shown the previous due time.
    due_moved_at = models.DateTimeField(null=True, editable=False)

    full_name = EncryptedField("full name", blank=True)
    asking_for = models.CharField(max_length=20, choices=AskingFor)
    contact_by = models.CharField(max_length=10, choices=ContactBy)
    phone = EncryptedField(blank=True)
    email = EncryptedField(blank=True)
    voicemail_ok = models.BooleanField("voicemail may name the clinic", null=True)
    best_time = models.CharField(max_length=10, choices=BestTime, default=BestTime.ANY)
    topic = EncryptedField(choices=Topic, blank=True)
    note = EncryptedField(blank=True)
    receipt_wanted = models.BooleanField("wants a receipt by e-mail", default=False)
    consent_at = models.DateTimeField(default=timezone.now, editable=False)
    consent_version = models.CharField(max_length=20)

    phone_hash = models.CharField(max_length=32, blank=True, db_index=True, editable=False)
    email_hash = models.CharField(max_length=32, blank=True, db_index=True, editable=False)
    address_hash = models.CharField(max_length=32, blank=True, db_index=True, editable=False)
    # Unused, because `status` replaces it. Keep the column for now, because the previous release still writes it.
    suspected_spam = models.BooleanField(default=False, db_default=False, db_index=True)
    spam_reasons = models.CharField("why suspected", max_length=300, blank=True, editable=False)

    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    follow_up_on = models.DateField("follow up on", null=True, blank=True)
    closed_reason = models.CharField(max_length=20, choices=ClosedReason, blank=True)
    first_contact_at = models.DateTimeField("first tried or reached", null=True, blank=True, editable=False)
    # The version for optimistic locking. Each change by staff increments it; a note alone does not.
    version = models.PositiveIntegerField(default=0, editable=False)

    corrected_at = models.DateTimeField(null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False, db_index=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ConsultationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        default_permissions = ("add", "change", "view")  # rows are erased, never deleted
        permissions = [
            ("export_consultationrequest", "Can export requests"),
            ("erase_consultationrequest", "Can erase a request now"),
        ]

    def __str__(self) -> str:
        return self.reference

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """Save the request. Also update the fields derived from those in `update_fields`."""
        self._update_derived_fields()
        if update_fields is not None:
            follows = {"phone": "phone_hash", "email": "email_hash", "status": "closed_at"}
            update_fields = {*update_fields, *(follows[name] for name in update_fields if name in follows)}
        super().save(*args, update_fields=update_fields, **kwargs)

    def _update_derived_fields(self) -> None:
        if not isinstance(self.phone, Unreadable):
            self.phone_hash = keyed_hash(typed.phone_key(self.phone or ""), "phone")
        if not isinstance(self.email, Unreadable):
            self.email_hash = keyed_hash(typed.email_key(self.email or ""), "email")
        if self._state.adding and not self.due_at:
            self.due_at = snapshot.current().calendar.one_business_day_after(self.created_at)
        if self.status not in self.ENDED:
            self.closed_at = None
        elif not self.closed_at:
            self.closed_at = timezone.now()

    def shown(self, name: str) -> tuple[str, str]:
        """Return the label and text of one answer. The text is empty if the question was not answered."""
        field = self._meta.get_field(name)
        value = getattr(self, f"get_{name}_display")() if field.choices else getattr(self, name)
        return str(field.verbose_name), str({True: "yes", False: "no", None: ""}.get(value, value))

    @property
    def moves(self) -> tuple[Status, ...]:
        """Return the statuses that staff may move the request to. An erased request cannot be moved."""
        return () if self.erased_at else STATUS_RULES[self.status].moves

    @property
    def has_begun(self) -> bool:
        """Return whether the request is neither new, suspected spam nor spam, so staff have worked on it."""
        return self.status != Status.NEW and not STATUS_RULES[self.status].spam

    @property
    def is_overdue(self) -> bool:
        return self.status == Status.NEW and self.due_at is not None and self.due_at <= timezone.now()

    @property
    def receipt_url(self) -> str:
        """Return the path of the receipt. The path is a capability: anyone who has it can open the page."""
        return reverse("consultations:received", args=[signing.Signer(salt=RECEIPT_SALT).sign(self.reference)])

    @property
    def withdraw_url(self) -> str:
        return reverse("consultations:withdraw", args=[signing.Signer(salt=WITHDRAW_SALT).sign(self.reference)])


class Note(AppendOnly):
    """A note about a request, written by staff, or by the system to record what staff did."""

    class Kind(models.TextChoices):
        STAFF = "staff", "Note"
        SYSTEM = "system", "What was done"

    consultation = models.ForeignKey(
        ConsultationRequest, on_delete=models.PROTECT, related_name="notes", db_column="request_id"
    )
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.STAFF)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    written_at = models.DateTimeField(default=timezone.now, editable=False)
    text = EncryptedField()

    class Meta:
        ordering = ["written_at", "pk"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"note on {self.consultation.reference}"


class AccessLogQuerySet(AppendOnlyQuerySet):
    def forget(self, before: datetime) -> int:
        """Delete entries older than `before`, and return how many were deleted."""
        return models.QuerySet.delete(self.filter(at__lt=before))[0]


class AccessLogEntry(AppendOnly):
    """An entry of the access log: who did what to which requests, and when. It contains nothing a patient wrote."""

    class Action(models.TextChoices):
        VIEW = "view", "Opened a request"
        LIST = "list", "Saw a list"
        SEARCH = "search", "Searched by phone or email"
        EXPORT = "export", "Exported"
        ADD = "add", "Wrote down a call"
        CHANGE = "change", "Worked on a request"
        ERASE = "erase", "Erased a request"
        SEND_AGAIN = "send-again", "Had a mail sent again"
        ACCOUNT = "account", "Changed a staff account"
        CLINIC = "clinic", "Changed the clinic's facts"

    at = models.DateTimeField(default=timezone.now, editable=False, db_index=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    action = models.CharField(max_length=10, choices=Action)
    # Set if the entry is about one request. Entries about lists, searches and exports use `references`.
    consultation = models.ForeignKey(
        ConsultationRequest,
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
    """The previous values of the answers that a patient changed by sending the form again."""

    consultation = models.ForeignKey(
        ConsultationRequest, on_delete=models.PROTECT, related_name="corrections", db_column="request_id"
    )
    corrected_at = models.DateTimeField(default=timezone.now, editable=False)
    before = EncryptedField("what it was before", help_text="One line for each answer that was changed.")

    class Meta:
        ordering = ["corrected_at"]

    def __str__(self) -> str:
        return f"correction of {self.consultation.reference}"


class NotificationQuerySet(models.QuerySet):
    def unsent(self) -> Self:
        return self.filter(sent_at=None, failed_at=None)

    def failed(self) -> Self:
        """Filter for emails that failed and are no longer retried."""
        return self.filter(sent_at=None).exclude(failed_at=None)


class Notification(models.Model):
    """An email in the outbox. Its text is not stored, but rendered when the email is sent."""

    class Kind(models.TextChoices):
        NEW = "new", "New request"
        CORRECTED = "corrected", "Request corrected"
        WITHDRAWN = "withdrawn", "Request withdrawn"
        REMINDER = "reminder", "Request overdue"
        SUMMARY = "summary", "Many new requests"
        DIGEST = "digest", "Suspected spam of the day"
        RECEIPT = "receipt", "Receipt to the patient"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=Kind)
    consultation = models.ForeignKey(
        ConsultationRequest,
        on_delete=models.PROTECT,
        related_name="notifications",
        null=True,
        blank=True,
        db_column="request_id",
    )
    # Deduplication key, such as "new:17" or "digest:2026-11-23". At most one email is queued for each slot.
    slot = models.CharField(max_length=60, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now, db_index=True)
    # Identifies the worker's attempt to send the email. After `lease_until`, another worker may try.
    lease = models.UUIDField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    sent_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True, db_index=True)
    # Only the exception's class, because its message may contain the patient's address.
    last_error = models.CharField(max_length=80, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["created_at"]
        permissions = [("resend_notification", "Can send a notification again")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.consultation.reference if self.consultation else self.slot}"

    def send_again(self) -> None:
        """Queue the email again, and reset its attempts."""
        fresh = {"attempts": 0, "next_attempt_at": timezone.now(), "sent_at": None, "failed_at": None, "last_error": ""}
        type(self).objects.filter(pk=self.pk).update(**fresh, lease=None, lease_until=None)
        self.refresh_from_db()


class Heartbeat(models.Model):
    """The time when the worker last ran. The table has one row."""

    LATE_AFTER = timedelta(minutes=5)  # a slow mail server can block the worker for a minute

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
        """Return whether to presume that the worker stopped: `seen` is None or more than LATE_AFTER ago."""
        return seen is None or timezone.now() - seen > cls.LATE_AFTER
