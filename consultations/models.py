"""A request for a consultation, from the patient's form to the front desk."""

import secrets
import uuid

from django.core import signing
from django.db import models
from django.urls import reverse

# No letter or digit that is taken for another over the phone: no O/0, I/1, Z/2, Q.
REFERENCE_ALPHABET = "ABCDEFGHJKLMNPRSTUVWXY3456789"
REFERENCE_LENGTH = 8
RECEIPT_SALT = "consultations.receipt"


def new_reference() -> str:
    """A random reference that a person can read out, such as K7MB4P9X."""
    return "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(REFERENCE_LENGTH))


class ConsultationRequest(models.Model):
    """What somebody asked of the clinic. Its name everywhere but on its own page is its reference."""

    class Status(models.TextChoices):
        NEW = "new", "New"
        TRIED = "tried", "Tried"
        REACHED = "reached", "Reached"
        BOOKED = "booked", "Booked"
        CLOSED = "closed", "Closed"
        SPAM = "spam", "Spam"

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

    reference = models.CharField(max_length=REFERENCE_LENGTH, unique=True, default=new_reference, editable=False)
    submission_key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField("received", auto_now_add=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.NEW)

    full_name = models.CharField(max_length=100)
    asking_for = models.CharField(max_length=20, choices=AskingFor)
    contact_by = models.CharField(max_length=10, choices=ContactBy)
    phone = models.CharField(max_length=40, blank=True)
    email = models.EmailField(max_length=254, blank=True)
    voicemail_ok = models.BooleanField("voicemail may name the clinic", null=True)
    best_time = models.CharField(max_length=10, choices=BestTime, default=BestTime.ANY)
    topic = models.CharField(max_length=20, choices=Topic, blank=True)
    note = models.CharField(max_length=1000, blank=True)
    consent_version = models.CharField(max_length=20)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.reference

    @property
    def receipt_url(self) -> str:
        """Where the patient finds the receipt: the address is the key to it."""
        return reverse("consultations:received", args=[signing.dumps(self.reference, salt=RECEIPT_SALT)])
