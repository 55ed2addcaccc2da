"""The consultation form: its questions, hints and error messages."""

import re
import uuid
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NamedTuple

from django import forms
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import SimpleLazyObject, cached_property
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from clinic import typed
from consultations.models import ConsultationRequest as Request
from consultations.spam import opened_now
from consultations.urgent import reads_like_crisis

# Keep old versions, because each request stores which version of the wording its sender agreed to.
CONSENT_WORDINGS = {
    "2026-11": "The Albany Clinic may contact me about this request, also by text message if I chose that",
    "2026-11-27": "The Albany Clinic may contact me about this request",
    "2026-11-27b": "The Albany Clinic may keep my answers and contact me",
}
CONSENT_VERSION = list(CONSENT_WORDINGS)[-1]

YES_NO = [("yes", "Yes"), ("no", "No")]
# The CSS class of the questions that are shown to clinicians only.
FOR_CLINICIANS = "for-clinicians"
# When to answer a question. Only browsers without :has() show it, because others hide the question itself.
WITHOUT_HAS = '<span class="without-has">{}</span> {}'
# Words for clinicians, in place of words for patients. Browsers without :has() show the latter to everyone.
TO_PATIENTS_OR_CLINICIANS = '<span class="for-patients">{}</span><span class="to-clinician" hidden>{}</span>'
# Words for the answer "Someone else". Browsers without :has() show them to everyone.
FOR_SOMEONE_ELSE = '<span class="for-someone-else">{}</span>'
# The same words to the person who would be treated, and to others. Browsers without :has() show only the latter.
TO_PATIENT_OR_OTHERS = '<span class="to-patient" hidden>{}</span><span class="to-others">{}</span>'
# Lets CSS match an empty field by :placeholder-shown.
BLANK_PLACEHOLDER = {"placeholder": " "}


def without_control_characters(text: str) -> str:
    """Replace each kind of line break by \\n, and drop other control characters and lone surrogates.

    They come from pasting, and cannot be seen, so nobody could take them out.
    """
    return re.sub(r"[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]", "", re.sub(r"\r\n?|[\x0b\x0c]", "\n", text))


class Text(forms.CharField):
    """A text field without control characters."""

    def to_python(self, value: Any) -> str:
        return super().to_python(without_control_characters(value) if isinstance(value, str) else value)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        # No maxlength, because browsers silently truncate pasted text.
        return {"dir": "auto"}


class Checked(Text):
    """A text field that is checked by a function from `clinic.typed`, and stored as typed."""

    def __init__(self, *, check: Callable[[str], object], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.check = check

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and len(value) <= self.max_length:  # if it is too long, `run_validators` says so
            try:
                self.check(value)
            except ValueError as error:
                raise forms.ValidationError(str(error)) from None


class Name(Text):
    """A field for a name, stored as typed. A name without a letter or digit counts as missing."""

    def validate(self, value: str) -> None:
        super().validate(value if typed.is_name(value) else "")


class Tick(forms.BooleanField):
    """A checkbox in a group of its own, whose heading is `legend`."""

    def __init__(self, *, legend: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.legend = legend


class SharedFields(dict):
    """The fields of a form class, which all its forms share.

    Django deep-copies the fields for each form, in case the form changes them. Ours never does.
    """

    def __deepcopy__(self, memo: dict[int, object]) -> dict[str, forms.Field]:
        return self.copy()


class Fold(NamedTuple):
    """Optional questions, folded away under their title until one of them has an answer or an error."""

    title: str
    fields: list[forms.BoundField]

    @property
    def is_open(self) -> bool:
        return any(field.value() or field.errors for field in self.fields)


class Section(NamedTuple):
    """A part of the form: questions that everyone sees, then folds."""

    title: str
    fields: list[forms.BoundField]
    folds: list[Fold]

    @property
    def questions(self) -> list[forms.BoundField]:
        """Return every question, seen or folded, in order."""
        return [*self.fields, *(field for fold in self.folds for field in fold.fields)]


def choice(label: str, choices: list, missing: str, **options: Any) -> forms.TypedChoiceField:
    """Return a field of radio buttons. `missing` is the error for no answer; if it is "", the field is optional."""
    messages = {"required": missing, "invalid_choice": missing or "Choose one of the answers"}
    return forms.TypedChoiceField(
        label=label,
        choices=choices,
        widget=forms.RadioSelect,
        error_messages=messages,
        required=bool(missing),
        **options,
    )


class WithOwnId(forms.BoundField):
    """A question whose id is its own, even if it shares its name with another question."""

    @property
    def auto_id(self) -> str:
        return self.form.auto_id % self.name


class Several(forms.MultipleChoiceField):
    """An optional question with checkboxes. It may offer fewer answers than it accepts."""

    def __init__(self, *, choices: list, offered: list | None = None, **kwargs: Any) -> None:
        messages = {"invalid_choice": "Choose from the answers listed"}
        super().__init__(
            choices=choices, required=False, widget=forms.CheckboxSelectMultiple, error_messages=messages, **kwargs
        )
        if offered is not None:
            self.widget.choices = offered

    def prepare_value(self, value: Any) -> list[str]:
        """Return the chosen answers among those on offer."""
        return [str(one) for one, _ in self.widget.choices if one in (value or ())]

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> forms.BoundField:
        return WithOwnId(form, self, field_name)


class ConsultationForm(forms.Form):
    """The public form.

    If a field is always optional, its label says so, or the title of its section. If another answer makes a field
    required, its help text says so. Browsers without :has() in CSS show both the question and those words to everyone.
    Other browsers show the question only to those who must answer it, and never those words.
    """

    use_required_attribute = False

    # Each section's title, questions, and folds. What is optional is folded away, so that a tired reader sees how little
    # there is to answer.
    SECTIONS = (
        ("Who it is for", ("asking_for", "patient_agreed", "age_ok"), {}),
        (
            "How we reach you",
            (
                *("full_name", "practice", "contact_by", "phone", "direct_line", "voicemail_ok", "best_time"),
                *("receipt_wanted", "email"),
            ),
            {},
        ),
        (
            "Anything to add? (optional)",
            ("interpreter", "language"),
            {
                "A relay service, large print or step-free access": ("needs",),
                "What to talk about, or a note": ("topic", "note"),
            },
        ),
        ("Before you send it", ("consent",), {}),
    )

    asking_for = choice(
        "Who are you asking for?",
        Request.AskingFor.choices,
        "Tell us who you're asking for",
    )
    # Clinicians are asked about themselves and never about their patient.
    patient_agreed = Tick(
        legend="Has your patient agreed?",
        label="My patient agreed to this referral",
        required=False,
        widget=forms.CheckboxInput(attrs={"class": FOR_CLINICIANS}),
        help_text=format_html(
            WITHOUT_HAS,
            "Needed if you're referring a patient.",
            "Please don't tell us about your patient here; we'll ask when we talk",
        ),
    )
    age_ok = choice(
        format_html(
            TO_PATIENT_OR_OTHERS,
            "Are you 18 or older?",
            format_html(
                "Is {} 18 or older?",
                format_html(TO_PATIENTS_OR_CLINICIANS, "the person who would be treated", "your patient"),
            ),
        ),
        YES_NO,
        "Choose Yes or No. We treat only people who are 18 or older",
        help_text="We treat adults only. If you choose No, we'll show you who else can help",
    )
    full_name = Name(
        label="Your full name",
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "name", "spellcheck": "false"}),
        error_messages={
            "required": "Enter your full name",
            "max_length": "Please shorten your name to 100 characters",
        },
        help_text=format_html(
            FOR_SOMEONE_ELSE, "If you're asking for someone else, give us your name and contact details, not theirs"
        ),
    )
    practice = Text(
        label="Your practice (optional)",
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization", "class": FOR_CLINICIANS}),
        # Formatted once, at the first form, because the URLs are not known yet.
        help_text=SimpleLazyObject(
            lambda: format_html(
                WITHOUT_HAS,
                "If you're referring a patient.",
                format_html(
                    'Our page <a href="{}">for clinicians</a> says what to send, and what comes back to you',
                    reverse("pages:for-clinicians"),
                ),
            )
        ),
        error_messages={"max_length": "Please shorten the name of your practice to 100 characters"},
    )
    contact_by = choice("How should we contact you?", Request.ContactBy.choices, "Tell us how we should contact you")
    phone = Checked(
        label="Phone number",
        check=typed.phone,
        max_length=80,  # two numbers with extensions
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"} | BLANK_PLACEHOLDER),
        help_text=format_html(
            WITHOUT_HAS,
            "Needed for a text, and for a call unless you gave a direct line.",
            "We use it only to answer you",
        ),
        error_messages={"max_length": "Please shorten your phone number to 80 characters"},
    )
    direct_line = Checked(
        label="Your direct line (optional)",
        check=partial(typed.phone, called="your direct line"),
        max_length=80,
        required=False,
        widget=forms.TextInput(
            attrs={"type": "tel", "autocomplete": "work tel", "class": FOR_CLINICIANS} | BLANK_PLACEHOLDER
        ),
        help_text=format_html(
            WITHOUT_HAS,
            "If you're referring a patient.",
            "For a call, you can give us this instead of a phone number",
        ),
        error_messages={"max_length": "Please shorten your direct line to 80 characters"},
    )
    voicemail_ok = choice(
        "May we leave a voicemail that names the clinic?",
        YES_NO,
        "",
        help_text=format_html(WITHOUT_HAS, "Needed for a call.", "If you say no, we won't leave one"),
        coerce=lambda answer: answer == "yes",
        empty_value=None,
    )
    best_time = choice(
        "When is a good time? (optional)", Request.BestTime.choices, "", empty_value=Request.BestTime.ANY
    )
    receipt_wanted = Tick(
        legend="Would you like a confirmation? (optional)",
        label="Send me a confirmation by email",
        required=False,
        help_text="It has only your reference number, nothing that you wrote",
    )
    email = Checked(
        label="Email address",
        check=typed.email,
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"} | BLANK_PLACEHOLDER),
        help_text=format_html(
            WITHOUT_HAS, "Needed if you'd like an answer or a confirmation by email.", "We use it only to answer you"
        ),
        error_messages={"max_length": "Please shorten your email address to 254 characters"},
    )
    # Two questions with one name and one stored answer: many people need an interpreter, so that one is not folded away.
    interpreter = Several(
        label="Would you like an interpreter?",
        choices=Request.Need.choices,
        offered=[
            (Request.Need.SPANISH, mark_safe('<span lang="es">Español</span>')),
            (Request.Need.LANGUAGE, "Another language"),
        ],
    )
    language = Text(
        label="Which language?",
        max_length=60,
        required=False,
        help_text=format_html(
            WITHOUT_HAS, "If you'd like an interpreter for another language.", "Such as Polish or ASL"
        ),
        error_messages={"max_length": "Please shorten the language to 60 characters"},
    )
    needs = Several(
        label="Would any of these make it easier to talk with us?",
        choices=Request.Need.choices,
        offered=[need for need in Request.Need.choices if need[0] not in (Request.Need.SPANISH, Request.Need.LANGUAGE)],
        help_text="Choose as many as you like, so we can be ready for you",
    )
    topic = Several(
        label="What would you like to talk about?",
        choices=Request.Topic.choices,
        offered=[(choice.value, choice.label) for choice in Request.Topic.offered()],
        help_text="Choose as many as you like",
    )
    note = Text(
        label="Anything else we should know to reach you?",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="When we shouldn't call, for example, in up to 1,000 characters. "
        "Please leave out your medical history, medicines and insurance numbers",
        error_messages={"max_length": "Please shorten your note to 1,000 characters"},
    )
    consent = Tick(
        legend="May we keep your answers and contact you?",
        label=CONSENT_WORDINGS[CONSENT_VERSION],
        error_messages={"required": "Confirm that we may keep your answers and contact you"},
    )

    # Hidden fields accept any value, because users couldn't correct an error in a field they can't see.
    submission_key = forms.Field(required=False, widget=forms.HiddenInput)  # sent as the value of the submit button
    opened_at = forms.Field(required=False, widget=forms.HiddenInput)
    # Positioned off screen, so that only bots fill it in.
    honeypot = forms.Field(
        label="Leave this empty",
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"label_suffix": ""})

    @classmethod
    def to_change(cls, consultation: Request) -> "ConsultationForm":
        """Return an unbound form with a request's answers and its submission key, so that sending it corrects the request.

        The age was "yes", or the request would not be stored.
        """
        answers = {name: getattr(consultation, name) for name in Request.CONTENT}
        answers |= {name: consultation.chosen(name) for name in Request.SEVERAL} | {"age_ok": "yes", "consent": True}
        answers["voicemail_ok"] = {True: "yes", False: "no", None: ""}[answers["voicemail_ok"]]
        return cls(initial=answers | {"submission_key": consultation.submission_key, "opened_at": opened_now()})

    def add_prefix(self, field_name: str) -> str:
        # Bots skip a field named "honeypot". They don't know "kettle", and browsers don't autofill it.
        return super().add_prefix({"honeypot": "kettle", "interpreter": "needs"}.get(field_name, field_name))

    def get_initial_for_field(self, field: forms.Field, field_name: str) -> Any:
        # Both questions of one name begin with the same answer.
        return super().get_initial_for_field(field, "needs" if field_name == "interpreter" else field_name)

    @classmethod
    def fresh(cls) -> "ConsultationForm":
        """Return an empty form with a new submission key."""
        return cls(initial={"submission_key": uuid.uuid4(), "opened_at": opened_now()})

    @classmethod
    def as_typed(cls, data: QueryDict) -> "ConsultationForm":
        """Return an unbound form that shows the submitted values, without error messages."""
        return cls(initial=data.dict() | {name: data.getlist(name) for name in Request.SEVERAL})

    def clean(self) -> dict[str, Any]:
        answers = super().clean()
        self._clean_referral(answers)
        self.errors.pop("interpreter", None)  # `needs` has the same answers, and reports it
        if Request.Need.LANGUAGE not in answers.get("needs", ()):
            self.errors.pop("language", None)  # the question is hidden
            answers["language"] = ""
        way = answers.get("contact_by")
        has_phone = answers.get("phone") != "" or (way == Request.ContactBy.CALL and answers.get("direct_line") != "")
        if way in (Request.ContactBy.CALL, Request.ContactBy.TEXT) and not has_phone:
            self.add_error("phone", f"Enter your phone number, so that we can {way} you")
        if way == Request.ContactBy.EMAIL and "phone" in self.errors:
            # The person who chose email after typing a number may not know why it matters now.
            self.errors["phone"] = self.error_class(["Correct your phone number or delete it, because you chose email"])
        if way == Request.ContactBy.CALL and answers.get("voicemail_ok", "") is None:
            self.add_error("voicemail_ok", "Tell us whether we may leave a voicemail")
        if (way == Request.ContactBy.EMAIL or answers.get("receipt_wanted")) and answers.get("email") == "":
            self.add_error("email", "Enter your email address, so that we can write to you")
        return answers

    def _clean_referral(self, answers: dict[str, Any]) -> None:
        """Require a clinician's answers, and drop what anyone else typed there, because they do not see it."""
        if answers.get("asking_for") == Request.AskingFor.PATIENT:
            if not answers["patient_agreed"]:
                self.add_error("patient_agreed", "Confirm that your patient agreed to this referral")
            return
        for name in ("practice", "direct_line", "patient_agreed"):
            self.errors.pop(name, None)
        answers |= {"practice": "", "direct_line": "", "patient_agreed": None}

    @property
    def sections(self) -> list[Section]:
        def asked(names: tuple[str, ...]) -> list[forms.BoundField]:
            return [self[name] for name in names]

        return [
            Section(title, asked(names), [Fold(summary, asked(folded)) for summary, folded in folds.items()])
            for title, names, folds in self.SECTIONS
        ]

    @property
    def is_for_minor(self) -> bool:
        return self.is_bound and "age_ok" not in self.errors and self.cleaned_data["age_ok"] == "no"

    @property
    def problems(self) -> list[tuple[str, str]]:
        """Return the field's id and the message of each error, in the form's order."""
        if not self.is_bound:
            return []
        faulty = [self[name] for name in self.fields if name in self.errors]
        return [(_first_id(field), message) for field in faulty for message in field.errors]

    @property
    def content(self) -> dict[str, Any]:
        """Return the answers to store in the request."""
        chosen = {name: self.cleaned_data[name] for name in Request.CONTENT}
        in_order = {name: [one for one in every if one in chosen[name]] for name, every in Request.SEVERAL.items()}
        return chosen | {name: ",".join(values) for name, values in in_order.items()}

    @cached_property
    def is_urgent(self) -> bool:
        """Return whether any text of a valid form reads like a crisis."""
        return self.is_urgent_in(self._texts)

    def is_urgent_in(self, names: Iterable[str]) -> bool:
        """Return whether any text among these answers of a valid form reads like a crisis."""
        texts = (self.cleaned_data[name] for name in self._texts if name in names)
        return any(reads_like_crisis(text) for text in texts if text)

    @cached_property
    def shows_urgent_help(self) -> bool:
        """Return whether any text reads like a crisis as it was typed, even if the form is invalid or unbound."""
        return any(reads_like_crisis(str(self[name].value() or "")) for name in self._texts)

    @property
    def _texts(self) -> list[str]:
        return [name for name in Request.CONTENT if isinstance(self.fields.get(name), Text)]

    @cached_property
    def key(self) -> uuid.UUID:
        """Return the form's submission key, or a new one if it is missing or not a UUID."""
        try:
            return uuid.UUID(self.cleaned_data["submission_key"])
        except (ValueError, AttributeError, TypeError):
            return uuid.uuid4()


ConsultationForm.base_fields = SharedFields(ConsultationForm.base_fields)


def _first_id(field: forms.BoundField) -> str:
    """Return the id to use in a link to the field: for radio buttons, the id of the first button."""
    return field.id_for_label or f"{field.auto_id}_0"
