"""A consultation request: what a patient asked, and how far staff are with it."""

import secrets
import uuid
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any, Self

from django.conf import settings
from django.core import signing
from django.db import models
from django.urls import reverse
from django.utils import timezone

from clinic import snapshot, typed
from consultations.encryption import EncryptedField, Unreadable, keyed_hash, keyed_hashes
from consultations.models.moments import Moment
from consultations.statuses import (
    ENDED,
    STATUS_RULES,
    MainQueue,
    NextAction,
    Status,
)

# Without 0, 1, 2, Z and Q, which are easily confused when read aloud or written down, and without vowels and Y, so that
# no reference spells a word in an email.
REFERENCE_ALPHABET = "BCDFGHJKLMNPRSTVWX3456789"
REFERENCE_LENGTH = 8
CONDITIONS = ("PTSD", "CRPS")  # what can be spelled without vowels
RECEIPT_SALT = "consultations.receipt"
WITHDRAW_SALT = "consultations.withdraw"


def new_reference() -> str:
    """Return a random reference that is easy to read aloud and spells nothing, such as K7MB4P9X."""
    while True:
        reference = "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(REFERENCE_LENGTH))
        if not any(condition in reference for condition in CONDITIONS):
            return reference


def overdue(now: datetime | None = None) -> models.Q:
    """Match new requests past their due time. `is_overdue` is the same condition for one request."""
    return models.Q(status=Status.NEW, due_at__lte=now or timezone.now())


def open_too_long(now: datetime | None = None) -> models.Q:
    """Match old requests that have not ended. The desk lists them, because they are never erased automatically."""
    opened_before = (now or timezone.now()) - timedelta(days=settings.OPEN_TOO_LONG_DAYS)
    not_ended = [queue for queue in MainQueue if queue != MainQueue.ENDED]
    return models.Q(main_queue__in=not_ended, created_at__lt=opened_before)


def start_of_day(day: date) -> datetime:
    """Return midnight at the start of a day in the clinic's time zone."""
    return timezone.make_aware(datetime.combine(day, time.min))


def on_days(field: str, first: date | None, last: date | None) -> models.Q:
    """Return the condition that a time is on one of these days in the clinic's time zone. None leaves an end open."""
    condition = models.Q()
    if first:
        condition &= models.Q((f"{field}__gte", start_of_day(first)))
    if last and last < date.max:  # no day follows the last one
        condition &= models.Q((f"{field}__lt", start_of_day(last + timedelta(days=1))))
    return condition


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
        COMPLETED = "completed", "Completed visit"
        CANCELED = "canceled", "Canceled the visit"
        NO_SHOW = "no-show", "No-show"
        ELSEWHERE = "elsewhere", "Scheduled elsewhere"
        NOT_SUITABLE = "not-suitable", "Not a candidate"
        NO_REPLY = "no-reply", "No response after several attempts"
        WRONG_NUMBER = "wrong-number", "Wrong number"
        CHANGED_MIND = "changed-mind", "No longer interested"
        WITHDREW = "withdrew", "Withdrew the request"
        UNDER_18 = "under-18", "Under 18"
        DUPLICATE = "duplicate", "Duplicate"
        OTHER = "other", "Other"

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
        PAIN = "pain", "Chronic pain"
        PTSD = "ptsd", "PTSD"
        ANXIETY = "anxious", "Anxiety"
        COST = "cost", "Cost and how it works"
        LATER = "later", "I would rather say when we speak"
        # One answer until the form told the two apart. No longer offered, but stored requests and open forms have it.
        ANXIETY_OR_PTSD = "anxiety", "Anxiety or PTSD"

        @classmethod
        def offered(cls) -> list[Self]:
            return [topic for topic in cls if topic != cls.ANXIETY_OR_PTSD]

    class Need(models.TextChoices):
        SPANISH = "spanish", "Spanish, with an interpreter"
        LANGUAGE = "language", "Another language, with an interpreter"
        RELAY = "relay", "A relay service for calls"
        TEXT_ONLY = "text-only", "Text messages only, no calls"
        LARGE_PRINT = "large-print", "Large print"
        STEP_FREE = "step-free", "Step-free access"

    class Priority(models.IntegerChoices):
        """How far up the desk lists an open request."""

        URGENT = 0
        PATIENT_ACTED = 1  # the patient corrected or withdrew the request, or asked again
        NORMAL = 2

    # The patient's answers. The form, the desk, the export and corrections use this list.
    CONTENT = (
        "full_name",
        "asking_for",
        "practice",
        "direct_line",
        "patient_agreed",
        "contact_by",
        "phone",
        "email",
        "voicemail_ok",
        "best_time",
        "needs",
        "language",
        "topic",
        "note",
        "receipt_wanted",
    )

    # The columns by which the desk selects and sorts requests, and the fields from which they are derived.
    DESK_FIELDS = ("main_queue", "next_action", "next_action_at", "priority")
    DESK_FIELDS_FOLLOW = (
        *("status", "created_at", "due_at", "scheduled_at", "follow_up_on"),
        *("urgent", "clinician_told_at", "patient_changed_at", "asked_again_at"),
    )

    reference = models.CharField(max_length=REFERENCE_LENGTH, unique=True, default=new_reference, editable=False)
    submission_key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    source = models.CharField("came by", max_length=10, choices=Source, default=Source.WEB)
    status = models.CharField(max_length=10, choices=Status, default=Status.NEW, db_index=True)
    # The queue and the next action of the status, derived from it so that an index can sort each queue.
    main_queue = models.CharField(max_length=10, default=MainQueue.OPEN, db_default=str(MainQueue.OPEN), editable=False)
    next_action = models.CharField(
        max_length=10, blank=True, default=NextAction.CONTACT, db_default=str(NextAction.CONTACT), editable=False
    )
    created_at = Moment("received", default=timezone.now, editable=False, db_index=True)
    # NULL if no open day was near enough to promise a due time.
    due_at = Moment("due", null=True, editable=False)
    # When a change of hours or closures last changed `due_at`. The receipt may have shown the previous due time.
    due_moved_at = Moment(null=True, editable=False)

    full_name = EncryptedField("full name", blank=True)
    asking_for = models.CharField(max_length=20, choices=AskingFor)
    # For a referral: who the clinician is. Nothing about the patient is asked or stored.
    practice = EncryptedField(blank=True)
    direct_line = EncryptedField("direct line", blank=True)
    patient_agreed = models.BooleanField("the patient agreed that we contact the clinician", null=True, blank=True)
    contact_by = models.CharField(max_length=10, choices=ContactBy)
    phone = EncryptedField(blank=True)
    email = EncryptedField(blank=True)
    voicemail_ok = models.BooleanField("voicemail may name the clinic", null=True)
    best_time = models.CharField(max_length=10, choices=BestTime, default=BestTime.ANY)
    # Comma-separated values of Need and of Topic.
    needs = EncryptedField("needs to talk with us", blank=True)
    language = EncryptedField("language for an interpreter", blank=True)
    topic = EncryptedField(blank=True)
    note = EncryptedField(blank=True)
    receipt_wanted = models.BooleanField("wants a receipt by e-mail", default=False)
    consent_at = Moment(default=timezone.now, editable=False)
    consent_version = models.CharField(max_length=20)

    phone_hash = models.CharField(max_length=32, blank=True, db_index=True, editable=False)
    email_hash = models.CharField(max_length=32, blank=True, db_index=True, editable=False)
    address_hash = models.CharField(max_length=32, blank=True, db_index=True, editable=False)
    spam_reasons = models.CharField("why suspected", max_length=300, blank=True, editable=False)

    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    follow_up_on = models.DateField("follow up on", null=True, blank=True)
    scheduled_at = Moment("scheduled for", null=True, blank=True)
    closed_reason = models.CharField(max_length=20, choices=ClosedReason, blank=True)
    closed_words = EncryptedField("closed because, in words", blank=True)
    first_contact_at = Moment("first contact attempt", null=True, blank=True, editable=False)
    # The version for optimistic locking. Each change by staff or the patient increments it; a note alone does not.
    version = models.PositiveIntegerField(default=0, editable=False)

    # The note or another answer reads like a crisis. Erased with the words, because it says something about them.
    urgent = models.BooleanField(default=False, db_default=False, editable=False)
    clinician_told_at = Moment(null=True, blank=True, editable=False)
    # When the patient last corrected or withdrew the request, until staff act on it.
    patient_changed_at = Moment(null=True, blank=True, editable=False)
    # When the patient last pressed "No one has reached me yet", until staff act on it.
    asked_again_at = Moment(null=True, blank=True, editable=False)
    # When staff must act next, and how far up the desk lists the request. Both are derived from the fields above.
    next_action_at = Moment(null=True, editable=False)
    priority = models.PositiveSmallIntegerField(
        choices=Priority, default=Priority.NORMAL, db_default=Priority.NORMAL, editable=False
    )

    corrected_at = Moment(null=True, blank=True, editable=False)
    closed_at = Moment(null=True, blank=True, editable=False, db_index=True)
    withdrawn_at = Moment(null=True, blank=True, editable=False)
    erased_at = Moment(null=True, blank=True, editable=False)

    objects = ConsultationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        default_permissions = ("add", "change", "view")  # rows are erased, never deleted
        permissions = [
            ("export_consultationrequest", "Can export requests"),
            ("erase_consultationrequest", "Can erase a request now"),
        ]
        # One for each way in which the desk selects and sorts requests, so that no list reads the whole table.
        indexes = [
            models.Index(fields=["main_queue", "priority", "next_action_at", "id"], name="desk_order"),
            models.Index(fields=["next_action", "priority", "next_action_at", "id"], name="desk_next_action"),
            models.Index(
                fields=["main_queue", "assigned_to", "priority", "next_action_at", "id"], name="desk_assigned"
            ),
            models.Index(
                fields=["main_queue", "asking_for", "priority", "next_action_at", "id"], name="desk_referrals"
            ),
            models.Index(fields=["main_queue", "priority", "created_at", "id"], name="desk_open_too_long"),
            models.Index(fields=["main_queue", "closed_at", "id"], name="desk_closed"),
            # Partial, so that storing a new request doesn't write to it.
            models.Index(
                fields=["assigned_to", "closed_at", "id"],
                name="desk_own_closed",
                condition=models.Q(main_queue=MainQueue.ENDED, assigned_to__isnull=False),
            ),
            models.Index(fields=["erased_at", "-created_at"], name="desk_search"),
        ]

    def __str__(self) -> str:
        return self.reference

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """Save the request. Also update the fields derived from those in `update_fields`."""
        self._update_derived_fields()
        if update_fields is not None:
            follows = {"phone": {"phone_hash"}, "email": {"email_hash"}}
            desk = {"closed_at", *self.DESK_FIELDS}
            update_fields = set(update_fields).union(*(follows.get(name, desk) for name in update_fields))
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
        self.update_desk_fields()

    def update_desk_fields(self) -> None:
        """Derive DESK_FIELDS again. This reads only the fields in DESK_FIELDS_FOLLOW, so the others may be deferred."""
        rule = STATUS_RULES[self.status]
        self.main_queue, self.next_action = rule.queue, rule.next_action or ""
        self.next_action_at = self._next_action_at()
        self.priority = self._priority()

    def _next_action_at(self) -> datetime | None:
        """Return when staff must act next, or None if the request has ended.

        Without a due time, follow-up day or appointment, that is when the request arrived, so that nothing open can
        be overlooked. The same holds for a crisis until a clinician was told, whatever is planned.
        """
        if self.status in self.ENDED:
            return None
        # Not for a visit, because this date tells when to ask how it went. Its priority lists it first.
        if self.urgent and not self.clinician_told_at and self.status != Status.SCHEDULED:
            return self.created_at
        if self.status == Status.NEW:
            return self.due_at or self.created_at
        if self.status == Status.SCHEDULED:
            if self.scheduled_at is None:
                return self.created_at
            return start_of_day(timezone.localdate(self.scheduled_at) + timedelta(days=1))
        if self.status == Status.SUSPECTED or self.follow_up_on is None:
            return self.created_at
        return start_of_day(self.follow_up_on)

    def _priority(self) -> int:
        if self.status in self.ENDED:
            return self.Priority.NORMAL
        if self.urgent and not self.clinician_told_at:
            return self.Priority.URGENT
        if self.patient_changed_at or self.asked_again_at:
            return self.Priority.PATIENT_ACTED
        return self.Priority.NORMAL

    # The choices of the answers that may have several, which are stored as comma-separated values.
    SEVERAL = {"needs": Need, "topic": Topic}

    def chosen(self, name: str) -> list[models.TextChoices]:
        """Return the choices of an answer in SEVERAL, in the order in which the form lists them."""
        values = str(getattr(self, name) or "").split(",")
        return [choice for choice in self.SEVERAL[name] if choice in values]

    def shown(self, name: str) -> tuple[str, str]:
        """Return the label and text of one answer. The text is empty if the question was not answered."""
        field = self._meta.get_field(name)
        value = getattr(self, name)
        if name in self.SEVERAL and not isinstance(value, Unreadable):
            value = ", ".join(choice.label for choice in self.chosen(name))
        value = getattr(self, f"get_{name}_display", lambda: value)()
        return str(field.verbose_name), str({True: "yes", False: "no", None: ""}.get(value, value))

    @property
    def moves(self) -> tuple[Status, ...]:
        """Return the statuses that staff may move the request to.

        An erased request cannot be moved, and one that the patient withdrew can only be closed.
        """
        if self.erased_at:
            return ()
        allowed = STATUS_RULES[self.status].moves
        return tuple(status for status in allowed if status == Status.CLOSED) if self.withdrawn_at else allowed

    @property
    def has_begun(self) -> bool:
        """Return whether the request is neither new, suspected spam nor spam, so staff have worked on it."""
        return self.status != Status.NEW and not STATUS_RULES[self.status].spam

    @property
    def needs_help_now(self) -> bool:
        """Return whether the request is urgent and staff have not told a clinician since it last became urgent."""
        return self.urgent and self.clinician_told_at is None

    @property
    def texts_only(self) -> bool:
        return self.Need.TEXT_ONLY in self.chosen("needs")

    @property
    def can_be_called(self) -> bool:
        """Return whether the patient gave a phone number, and may be called on it."""
        has_number = bool(self.phone_hash) or self.contact_by == self.ContactBy.CALL
        return has_number and not self.texts_only

    @property
    def contact_hint(self) -> str:
        """Return enough of the phone number or email address to notice a mistake in it, and too little to use it.

        This is all that the receipt shows of an answer, because its path is a capability: "the number ending in 0100",
        or "p…@example.com". Return "" if the answer is erased or cannot be decrypted.
        """
        by_email = self.contact_by == self.ContactBy.EMAIL
        contact = self.email if by_email else self.phone or self.direct_line
        if not contact or isinstance(contact, Unreadable):
            return ""
        if by_email:
            mailbox, _, domain = typed.email_key(contact).rpartition("@")
            return f"{mailbox[:1]}…@{domain}"
        return f"the number ending in\N{NO-BREAK SPACE}{typed.phone_key(contact)[-4:]}"

    @property
    def is_overdue(self) -> bool:
        return self.status == Status.NEW and self.due_at is not None and self.due_at <= timezone.now()

    @property
    def missed_follow_up(self) -> bool:
        """Return whether the follow-up day of a request that staff are contacting has passed."""
        contacting = self.status in (Status.CONTACTING, Status.IN_TOUCH)
        return contacting and (self.follow_up_on is None or self.follow_up_on < timezone.localdate())

    @property
    def asks_for_result(self) -> bool:
        """Return whether the day of the appointment is over or unknown, so staff must say what became of it."""
        return self.status == Status.SCHEDULED and self.next_action_at <= timezone.now()

    @property
    def contact_verb(self) -> str:
        """Return what we will do, for "we'll … you by Monday". Someone who asked for texts only is not promised a call."""
        return "contact" if self.texts_only else self.contact_by or "contact"

    @property
    def can_be_changed(self) -> bool:
        """Return whether staff have not begun, and every answer can be read, so that the form can show them again."""
        is_over = bool(self.withdrawn_at or self.erased_at or self.status in self.ENDED)
        answers = [getattr(self, name) for name in self.CONTENT]
        return not is_over and not self.has_begun and not any(isinstance(answer, Unreadable) for answer in answers)

    @property
    def receipt_url(self) -> str:
        """Return the path of the receipt. The path is a capability: anyone who has it can open the page."""
        return self._signed_path("consultations:received", RECEIPT_SALT)

    @property
    def change_url(self) -> str:
        """Return the path of the form with the answers. Only the browser that sent the request is shown it."""
        return self._signed_path("consultations:change", RECEIPT_SALT)

    @property
    def withdraw_url(self) -> str:
        return self._signed_path("consultations:withdraw", WITHDRAW_SALT)

    def _signed_path(self, route: str, salt: str) -> str:
        return reverse(route, args=[signing.Signer(salt=salt).sign(self.reference)])
