"""Builds form submissions and stores requests, with made-up content, for tests."""

import uuid
from datetime import timedelta

from django import forms
from django.utils import timezone

from consultations.forms import ConsultationForm
from consultations.models import ConsultationRequest, Notification
from consultations.spam import opened_now

Posted = dict[str, str | list[str]]


def made_up(name: str) -> str | list[str]:
    """Return a value for the form field `name`: its last choice, "on" for a checkbox, or some text."""
    field = ConsultationForm.base_fields[name]
    if isinstance(field, forms.MultipleChoiceField):
        return [str(value) for value, _ in list(field.choices)[-2:]]
    if isinstance(field, forms.ChoiceField):
        return str(list(field.choices)[-1][0])
    return "on" if isinstance(field, forms.BooleanField) else f"made-up {name}"


# Valid answers of a patient, as a browser sends them. made_up() answers the questions not listed here.
ANSWERS: Posted = {
    name: made_up(name) for name in ConsultationRequest.CONTENT if name in ConsultationForm.base_fields
} | {
    "full_name": "Alex Example",
    "asking_for": "myself",
    "age_ok": "yes",
    "practice": "",
    "direct_line": "",
    "patient_agreed": "",
    "contact_by": "call",
    "phone": "(618) 555-0100",
    "email": "",
    "voicemail_ok": "yes",
    "best_time": "morning",
    "language": "",
    "topic": ["depression"],
    "note": "",
    "receipt_wanted": "",
    "consent": "on",
}
# The answers that a clinician who refers a patient gives besides.
REFERRAL: Posted = {
    "asking_for": "patient",
    "practice": "Example Family Practice",
    "direct_line": "(618) 555-0155",
    "patient_agreed": "on",
}
# An answer to every question. Only a clinician can answer them all.
EVERY_ANSWER: Posted = (
    ANSWERS
    | REFERRAL
    | {"email": "alex@example.com", "note": "Ring twice", "receipt_wanted": "on"}
    | {"needs": ["language", "step-free"], "language": "Polish"}
)


def sent_form(**answers: str | list[str]) -> Posted:
    """Return the POST data of a valid form that was opened a minute ago. `answers` override its values."""
    opened_at = opened_now(seconds_ago=60)
    return ANSWERS | {"submission_key": str(uuid.uuid4()), "opened_at": opened_at, "kettle": ""} | answers


def consultation(**fields) -> ConsultationRequest:
    """Store and return a consultation request. `fields` override its made-up values."""
    made_up = {
        "full_name": "Alex Example",
        "asking_for": "myself",
        "contact_by": "call",
        "phone": "(618) 555-0100",
        "email": "",
        "voicemail_ok": True,
        "topic": "depression",
        "note": "",
        "consent_version": "made up",
    }
    return ConsultationRequest.objects.create(**made_up | fields)


def fill(count: int, **fields) -> None:
    """Store `count` requests, received one minute apart until now, and a sent email for each of the newest hundred."""
    now = timezone.now()
    asked = [
        ConsultationRequest(
            created_at=now - timedelta(minutes=number),
            due_at=now,
            full_name="Example Person",
            asking_for="myself",
            contact_by="call",
            consent_version="made up",
            **fields,
        )
        for number in range(count)
    ]
    for one in asked:
        one._update_derived_fields()  # bulk_create() does not call save()
    made = ConsultationRequest.objects.bulk_create(asked, batch_size=1000)
    Notification.objects.bulk_create(
        Notification(kind="new", consultation=one, slot=f"new:{one.pk}", sent_at=now) for one in made[:100]
    )
