"""The consultation form: its fields, hints and the sentences that say what went wrong."""

from django import forms

from consultations.models import ConsultationRequest

CONSENT_VERSION = "2026-11"


class ConsultationForm(forms.ModelForm):
    use_required_attribute = False

    age_ok = forms.TypedChoiceField(
        label="Is the person 18 or over?",
        choices=[("yes", "Yes"), ("no", "No")],
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether the person is 18 or over"},
    )
    consent = forms.BooleanField(
        label="The Albany Clinic may contact me about this request",
        error_messages={"required": "Tick the box so that we may contact you"},
    )

    class Meta:
        model = ConsultationRequest
        fields = (
            "full_name",
            "asking_for",
            "contact_by",
            "phone",
            "email",
            "voicemail_ok",
            "best_time",
            "topic",
            "note",
        )

    @property
    def is_for_minor(self) -> bool:
        return self.cleaned_data["age_ok"] == "no"

    def save(self, commit: bool = True) -> ConsultationRequest:
        self.instance.consent_version = CONSENT_VERSION
        return super().save(commit)
