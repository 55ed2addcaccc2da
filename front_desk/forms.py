"""The front desk's forms for phone requests, contact details and the export."""

import uuid
from typing import Any

from django import forms
from django.db import transaction
from django.utils.text import capfirst

from consultations import notifications
from consultations.encryption import Unreadable
from consultations.forms import ConsultationForm, Several, Text
from consultations.intake import changes, is_someone_else
from consultations.models import ConsultationRequest
from consultations.urgent import reads_like_crisis
from front_desk.labels import STAFF_WORDS


class StaffForm(ConsultationForm):
    """The public form, worded for staff.

    A field that is not in ASKED is labeled with the model field's verbose_name, never with the patient's label.
    """

    ASKED = {
        "asking_for": "Who is the request for?",
        "age_ok": "Is the patient 18 or older?",
        "practice": "For a referral: their practice (optional)",
        "direct_line": "For a referral: their direct line (optional)",
        "patient_agreed": "For a referral: the patient agreed that we contact the clinician",
        "full_name": "Their full name",
        "contact_by": "How should we contact them?",
        "phone": "Phone number",
        "email": "Email address",
        "voicemail_ok": "May a voicemail name the clinic?",
        "best_time": "When is a good time? (optional)",
        "needs": "Do they need any of these to talk with us? (optional)",
        "language": "Which other language? (optional)",
        "topic": "Reasons for contact (optional)",
        "note": "Contact notes: anything else we should know to reach them (optional)",
        "consent": "They agreed that the clinic contacts them about this request",
    }
    HINTS = {
        "full_name": "For a referral: the clinician who refers. Don't record anything about the patient",
        "phone": "Needed for a call or a text message",
        "email": "Needed if they would like an answer by email",
    }
    MISSING = {
        "asking_for": "Choose who the request is for",
        "age_ok": "Choose whether the patient is 18 or older",
        "full_name": "Enter their full name",
        "contact_by": "Choose how we should contact them",
        "consent": "Ask whether we may contact them, and tick the box",
        # The public form words these for the patient, because another answer makes them required.
        "phone": "Enter their phone number",
        "voicemail_ok": "Ask whether a voicemail may name the clinic",
        "email": "Enter their email address",
        "patient_agreed": "Ask whether the patient agreed that we contact the clinician, and tick the box",
    }

    # Fields that only staff fill in, and that already have staff's wording.
    declared_by_staff: tuple[str, ...] = ()
    # Staff need no spam check, and they can tell the caller the reference, so no receipt is emailed.
    honeypot = opened_at = receipt_wanted = None
    # Staff tick all needs in one list.
    interpreter = None
    needs = Several(choices=ConsultationRequest.Need.choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if field.widget.is_hidden or name in self.declared_by_staff:
                continue
            field.label = self.ASKED.get(name) or _neutral_label(name, field)
            field.help_text = self.HINTS.get(name, "")
            field.error_messages["required"] = self.MISSING.get(name, "Ask this too")
            if name in STAFF_WORDS:
                # The widget's, which lists only what is offered, while the field may accept more.
                offered = field.widget.choices
                field.widget.choices = [(value, STAFF_WORDS[name].get(value, words)) for value, words in offered]

    def clean(self) -> dict[str, Any]:
        before = set(self.errors)
        answers = super().clean()
        for name in set(self.errors) - before:
            self.errors[name] = self.error_class([self.MISSING.get(name, "Ask this too")])
        return answers


class PhonedInForm(StaffForm):
    """The form for a request that staff take by phone."""

    declared_by_staff = ("spoke", "staff_note")

    spoke = forms.BooleanField(
        label="I spoke with them now",
        required=False,
        help_text="Logs a contact attempt, sets the status to In touch, and assigns the request to you",
    )
    staff_note = Text(
        label="Note for colleagues (optional)",
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="It can't be changed later. Don't record health details here",
    )
    # References of open requests with the same phone or email, of which the page has warned.
    warned_of = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        answers = super().clean()
        if answers.get("age_ok") == "no":
            self.add_error("age_ok", "We treat adults only, so nothing is stored about someone under 18")
        return answers | {"receipt_wanted": False}

    def save(self) -> tuple[ConsultationRequest, bool]:
        """Store the request unless this form already stored it. Return it, and whether it is new.

        If the stored request has ended, or the answers are now someone else's, other answers are a new request, as on
        the public form. The caller stores corrections of a request that is not new.
        """
        key = self.key
        while (earlier := ConsultationRequest.objects.filter(submission_key=key).first()) and self._needs_new(earlier):
            key = uuid.uuid5(key, "after the end")
        by_phone = {
            "source": ConsultationRequest.Source.PHONE,
            "consent_version": "by phone",
            "urgent": self.is_urgent or reads_like_crisis(self.cleaned_data["staff_note"]),
        }
        with transaction.atomic():
            consultation, is_new = ConsultationRequest.objects.get_or_create(
                submission_key=key, defaults=self.content | by_phone
            )
            if is_new and consultation.urgent:
                notifications.queue_urgent(consultation)
        return consultation, is_new

    def _needs_new(self, earlier: ConsultationRequest) -> bool:
        if earlier.withdrawn_at or is_someone_else(earlier, self.content):
            return True
        return earlier.status in ConsultationRequest.ENDED and bool(changes(earlier, self.content))


class ContactDetailsForm(StaffForm):
    """The form for correcting the contact details of a request, with the public form's checks."""

    CORRECTED = ("full_name", "contact_by", "phone", "email", "voicemail_ok", "best_time", "direct_line")

    asking_for = age_ok = practice = patient_agreed = needs = language = topic = note = consent = submission_key = None
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, consultation: ConsultationRequest, **kwargs: Any) -> None:
        shown = {name: _as_answer(getattr(consultation, name)) for name in self.CORRECTED}
        initial = shown | {"version": consultation.version} | kwargs.pop("initial", {})
        super().__init__(*args, initial=initial, **kwargs)
        self.consultation = consultation
        if consultation.asking_for != ConsultationRequest.AskingFor.PATIENT:
            del self.fields["direct_line"]
        else:
            self.fields["direct_line"].widget.attrs.pop(
                "class", None
            )  # which shows it beside a ticked radio button only

    def clean(self) -> dict[str, Any]:
        # The public form's checks also look at answers that this form leaves alone.
        self.cleaned_data |= {"asking_for": self.consultation.asking_for, "patient_agreed": True}
        return super().clean()

    @property
    def corrected(self) -> dict[str, Any]:
        """Return the answers that differ from those stored."""
        stored = self.consultation
        return {
            name: self.cleaned_data[name]
            for name in self.CORRECTED
            if name in self.fields and self.cleaned_data[name] != _without_unreadable(getattr(stored, name))
        }


def _without_unreadable(value: object) -> object:
    """Return a stored answer, or "" for one that cannot be decrypted. It is replaced only if staff enter another."""
    return "" if isinstance(value, Unreadable) else value


def _as_answer(value: object) -> object:
    """Return a stored answer as the form's fields show it."""
    return {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else _without_unreadable(value)


def _neutral_label(name: str, field: forms.Field) -> str:
    label = capfirst(ConsultationRequest._meta.get_field(name).verbose_name)
    return label if field.required else f"{label} (optional)"


class ExportForm(forms.Form):
    """Form that selects the requests to export. Contact details, topics and free text are left out by default."""

    received_from = forms.DateField(
        label="Received from", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    received_to = forms.DateField(
        label="Received up to and including",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    with_contact = forms.BooleanField(label="With names, phone numbers and email addresses", required=False)
    with_topic = forms.BooleanField(label="With the reasons for contact, such as chronic pain", required=False)
    with_free_text = forms.BooleanField(label="With what people wrote, and our notes", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"label_suffix": ""})
