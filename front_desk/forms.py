"""The front desk's forms for working on requests, phone requests and the export."""

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.db import transaction
from django.utils.text import capfirst

from consultations import notifications
from consultations.forms import ConsultationForm, Text
from consultations.models import ConsultationRequest
from consultations.statuses import STATUS_RULES, Status
from front_desk.actions import Work
from front_desk.labels import STAFF_WORDS


class WorkForm(forms.Form):
    """A note, the assignee, the follow-up day and the button that was pressed, all saved together."""

    use_required_attribute = False

    version = forms.IntegerField(widget=forms.HiddenInput)
    note = Text(
        label="Note",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="For colleagues. It cannot be changed afterwards.",
    )
    assigned_to = forms.ModelChoiceField(
        User.objects.filter(is_active=True, is_staff=True).order_by("username"),
        label="Looked after by",
        required=False,
        empty_label="nobody yet",
        show_hidden_initial=True,
    )
    follow_up_on = forms.DateField(
        label="Follow up on",
        required=False,
        show_hidden_initial=True,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    closed_reason = forms.ChoiceField(
        label="Why is it closed?",
        required=False,
        choices=[("", "Choose a reason"), *ConsultationRequest.ClosedReason.choices],
    )
    # The pressed button's value. `work_on` checks whether the move is allowed, because it locks the request first.
    move = forms.TypedChoiceField(
        required=False,
        choices=[(status, rule.button) for status, rule in STATUS_RULES.items() if rule.button],
        coerce=Status,
        empty_value=None,
        error_messages={"invalid_choice": "There is no such move. Press one of the buttons below."},
    )

    def __init__(self, *args: Any, consultation: ConsultationRequest, **kwargs: Any) -> None:
        initial = {name: getattr(consultation, name) for name in ("version", "assigned_to", "follow_up_on")}
        super().__init__(*args, initial=initial | kwargs.pop("initial", {}), label_suffix="", **kwargs)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("move") == Status.CLOSED and not data.get("closed_reason"):
            self.add_error("closed_reason", "Choose why it is closed")
        if not data.get("move") and not data.get("note") and not self._planned and not self.errors:
            self.add_error("note", "Write a note, or press what happened")
        return data

    @property
    def _planned(self) -> tuple[str, ...]:
        return tuple(name for name in ("assigned_to", "follow_up_on") if name in self.changed_data)

    def work(self) -> Work:
        data = self.cleaned_data
        return Work(
            note=data["note"],
            to=data["move"],
            reason=data["closed_reason"],
            assigned_to=data["assigned_to"],
            follow_up_on=data["follow_up_on"],
            changed=self._planned,
        )


class PhonedInForm(ConsultationForm):
    """The public form, worded for staff who take a request by phone.

    A field that is not in ASKED is labeled with the model field's verbose_name, never with the patient's label.
    """

    ASKED = {
        "asking_for": "Who are they asking for?",
        "age_ok": "Is the person it is for 18 or over?",
        "full_name": "Their full name",
        "contact_by": "How should we contact them?",
        "phone": "Phone number",
        "email": "Email address",
        "voicemail_ok": "May we leave a voicemail that names the clinic?",
        "best_time": "When is a good time? (optional)",
        "topic": "What would they like to talk about? (optional)",
        "note": "Anything that helps us reach them (optional)",
        "consent": "They agreed that the clinic contacts them about this request",
    }
    HINTS = {
        "phone": "Needed for a call or a text message",
        "email": "Needed if they would like an answer by email",
    }
    MISSING = {
        "asking_for": "Say who they are asking for",
        "age_ok": "Say whether the person is 18 or over",
        "full_name": "Enter their full name",
        "contact_by": "Say how we should contact them",
        "consent": "Ask whether we may contact them, and tick the box",
    }

    # Staff need no spam check, and they can tell the caller the reference, so no receipt is emailed.
    honeypot = opened_at = receipt_wanted = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if field.widget.is_hidden:
                continue
            field.label = self.ASKED.get(name) or _neutral_label(name, field)
            field.help_text = self.HINTS.get(name, "")
            field.error_messages["required"] = self.MISSING.get(name, "Ask this as well")
            if name in STAFF_WORDS:
                field.choices = [(value, STAFF_WORDS[name].get(value, words)) for value, words in field.choices]

    def clean(self) -> dict[str, Any]:
        answers = super().clean()
        if answers.get("age_ok") == "no":
            self.add_error("age_ok", "We treat adults only: nothing is stored about somebody under 18")
        return answers | {"receipt_wanted": False}

    def save(self) -> ConsultationRequest:
        """Store the request unless its submission key is already stored. Return the stored request."""
        by_phone = {
            "source": ConsultationRequest.Source.PHONE,
            "consent_version": "by phone",
            "urgent": self.is_urgent,
        }
        with transaction.atomic():
            consultation, is_new = ConsultationRequest.objects.get_or_create(
                submission_key=self.key, defaults=self.content | by_phone
            )
            if is_new and consultation.urgent:
                notifications.queue_urgent(consultation)
        return consultation


def _neutral_label(name: str, field: forms.Field) -> str:
    label = capfirst(ConsultationRequest._meta.get_field(name).verbose_name)
    return label if field.required else f"{label} (optional)"


class ExportForm(forms.Form):
    """Form that selects the requests to export. Contact details and free text are left out by default."""

    received_from = forms.DateField(
        label="Received from", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    received_to = forms.DateField(
        label="Received up to and including", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    with_contact = forms.BooleanField(label="With names, phone numbers and email addresses", required=False)
    with_free_text = forms.BooleanField(label="With what people wrote, their topic, and our notes", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"label_suffix": ""})
