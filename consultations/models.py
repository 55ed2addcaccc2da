"""A request for a consultation, from the patient's form to the front desk, and the mails about it."""

import re
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

from clinic.opening_hours import one_business_day_after
from consultations.encryption import EncryptedField, Unreadable, keyed_hash, keyed_hashes
from consultations.statuses import ENDED, STATUS_RULES, Status

# No letter or digit that is taken for another over the phone: no O/0, I/1, Z/2, Q.
REFERENCE_ALPHABET = "ABCDEFGHJKLMNPRSTUVWXY3456789"
REFERENCE_LENGTH = 8
RECEIPT_SALT = "consultations.receipt"
WITHDRAW_SALT = "consultations.withdraw"


def new_reference() -> str:
    """A random reference that a person can read out, such as K7MB4P9X."""
    return "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(REFERENCE_LENGTH))


def bare_phone(phone: str) -> str:
    """The ten last digits, however it was written, without an extension: what two writings of one number share."""
    return re.sub(r"[^0-9]", "", re.split(r"x|ext", phone.lower())[0])[-10:]


def overdue(now: datetime | None = None) -> models.Q:
    """Match requests that staff have not acted on by their due time; `is_overdue` says the same of one request."""
    return models.Q(status=Status.NEW, due_at__lte=now or timezone.now())


def open_too_long(now: datetime | None = None) -> models.Q:
    """Match requests that are old and have not ended: staff are shown them, and they are never erased by themselves."""
    opened_before = (now or timezone.now()) - timedelta(days=settings.OPEN_TOO_LONG_DAYS)
    return ~models.Q(status__in=ENDED) & models.Q(created_at__lt=opened_before)


class ConsultationQuerySet(models.QuerySet):
    def with_contact(self, contact: str) -> Self:
        """Those with exactly this phone number, however written, or this e-mail address."""
        phones = keyed_hashes(bare_phone(contact), "phone")
        emails = keyed_hashes(contact.strip().lower(), "email")
        return self.filter(models.Q(phone_hash__in=phones) | models.Q(email_hash__in=emails))


class ConsultationRequest(models.Model):
    """What somebody asked of the clinic. Its name everywhere but on its own page is its reference.

    Save with `update_fields`: the patient may correct a request while staff have it open.
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

    # What the patient says; a correction replaces these and nothing else.
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
    due_at = models.DateTimeField("due", editable=False)

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
    # Not read: `status` says it. The column stays until a later release, because the previous one still writes it.
    suspected_spam = models.BooleanField(default=False, db_default=False, db_index=True)
    spam_reasons = models.CharField("why suspected", max_length=300, blank=True, editable=False)

    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    follow_up_on = models.DateField("follow up on", null=True, blank=True)
    closed_reason = models.CharField(max_length=20, choices=ClosedReason, blank=True)
    first_contact_at = models.DateTimeField("first tried or reached", null=True, blank=True, editable=False)
    # Counts what staff did to it: who acts on an older count than this has not seen the latest.
    version = models.PositiveIntegerField(default=0, editable=False)

    corrected_at = models.DateTimeField(null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False, db_index=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ConsultationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        default_permissions = ("add", "change", "view")  # nobody deletes a row
        permissions = [
            ("export_consultationrequest", "Can export requests"),
            ("erase_consultationrequest", "Can erase a request now"),
        ]

    def __str__(self) -> str:
        return self.reference

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """Store it, with what follows from it: the hashes to find it by, when it is due, when it was closed."""
        self._follow()
        if update_fields is not None:
            follows = {"phone": "phone_hash", "email": "email_hash", "status": "closed_at"}
            update_fields = {*update_fields, *(follows[name] for name in update_fields if name in follows)}
        super().save(*args, update_fields=update_fields, **kwargs)

    def _follow(self) -> None:
        if not isinstance(self.phone, Unreadable):
            self.phone_hash = keyed_hash(bare_phone(self.phone or ""), "phone")
        if not isinstance(self.email, Unreadable):
            self.email_hash = keyed_hash((self.email or "").lower(), "email")
        self.due_at = self.due_at or one_business_day_after(self.created_at)
        if self.status not in self.ENDED:
            self.closed_at = None
        elif not self.closed_at:
            self.closed_at = timezone.now()

    @property
    def topic_in_words(self) -> object:
        """The topic as it was offered on the form; if it cannot be read, that says so."""
        return dict(self.Topic.choices).get(self.topic, self.topic) or ""

    @property
    def moves(self) -> tuple[Status, ...]:
        """The statuses that staff may move it to; none once it is erased."""
        return () if self.erased_at else STATUS_RULES[self.status].moves

    @property
    def has_begun(self) -> bool:
        """Whether staff have acted on it as a request from a person."""
        return self.status != Status.NEW and not STATUS_RULES[self.status].spam

    @property
    def is_overdue(self) -> bool:
        return self.status == Status.NEW and self.due_at <= timezone.now()

    @property
    def receipt_url(self) -> str:
        """Where the patient finds the receipt: the address is the key to it."""
        return reverse("consultations:received", args=[signing.Signer(salt=RECEIPT_SALT).sign(self.reference)])

    @property
    def withdraw_url(self) -> str:
        return reverse("consultations:withdraw", args=[signing.Signer(salt=WITHDRAW_SALT).sign(self.reference)])


class AppendOnlyQuerySet(models.QuerySet):
    """Rows are added and read. No code of ours does more by accident: retention.py alone goes past it."""

    def update(self, **values: Any) -> int:
        raise TypeError(f"{self.model._meta.verbose_name_plural} are not changed")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise TypeError(f"{self.model._meta.verbose_name_plural} are not deleted")


class AppendOnly(models.Model):
    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError(f"a {self._meta.verbose_name} is not changed once it is written")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError(f"a {self._meta.verbose_name} is not deleted")


class Note(AppendOnly):
    """What staff wrote about a request, and what the system wrote down of what they did."""

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
        """Delete what is older than the law asks us to keep; returns how many rows that was."""
        return models.QuerySet.delete(self.filter(at__lt=before))[0]


class AccessLogEntry(AppendOnly):
    """Who looked at which requests, and when. It names them by reference and holds nobody's words."""

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

    at = models.DateTimeField(default=timezone.now, editable=False, db_index=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    action = models.CharField(max_length=10, choices=Action)
    # The one request that it was about; a list, a search and an export name theirs in `references` alone.
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
    """The patient sent the form again with a change. What was there before is kept here."""

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
        """Given up: somebody has to look."""
        return self.filter(sent_at=None).exclude(failed_at=None)


class Notification(models.Model):
    """A mail to be sent. It holds no words of anybody: the mail is written when it goes out."""

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
    # What it is about, so that nothing is told twice: "new:17", "digest:2026-11-23".
    slot = models.CharField(max_length=60, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now, db_index=True)
    # Who is sending it at this moment, and until when that is believed.
    lease = models.UUIDField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    sent_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True, db_index=True)
    # The kind of the last failure, never its words: a mail server's answer may name the patient's address.
    last_error = models.CharField(max_length=80, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["created_at"]
        permissions = [("resend_notification", "Can send a notification again")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.consultation.reference if self.consultation else self.slot}"

    def send_again(self) -> None:
        """Begin anew, as if it had never been tried."""
        fresh = {"attempts": 0, "next_attempt_at": timezone.now(), "sent_at": None, "failed_at": None, "last_error": ""}
        type(self).objects.filter(pk=self.pk).update(**fresh, lease=None, lease_until=None)
        self.refresh_from_db()


class Heartbeat(models.Model):
    """When the worker was last seen. There is one row."""

    LATE_AFTER = timedelta(minutes=5)  # a slow mail server may hold the worker for a minute

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
        """Whether the worker, last seen at `seen`, has stopped."""
        return seen is None or timezone.now() - seen > cls.LATE_AFTER
