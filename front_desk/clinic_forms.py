"""The form for the clinic's facts. It defines the inputs, and clinic/facts.py validates the facts."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils import timezone

from clinic import facts
from clinic.facts import FACTS
from clinic.opening_hours import WEEKDAY_NAMES, parse_spans
from clinic.snapshot import Clinic
from clinic.visit import DIRECTIONS, DIRECTIONS_LENGTH

# Facts entered as one line of text, by heading.
REACH = ("phone", "street", "postal_code")
REVIEWS = ("review_url",)
EMAILS = ("urgent_email", "reply_email", "manager_email")
NOTICE_LINKS = ("privacy_practices_url", "nondiscrimination_url", "language_help_url")
LINES = (*REACH, *REVIEWS, *EMAILS, *NOTICE_LINKS)
# The facts that ClinicForm and ClosureFormSet edit. Other facts have their own pages at the desk.
ON_THIS_FORM = (*LINES, *DIRECTIONS, "hours", "closures", "holidays", "announcement")
# What a browser should offer for typing them, and how wide the field is drawn.
WIDGETS = {
    "phone": forms.TextInput(attrs={"type": "tel"}),
    "postal_code": forms.TextInput(attrs={"inputmode": "numeric"}),
    "urgent_email": forms.EmailInput(),
    "reply_email": forms.EmailInput(),
    "manager_email": forms.EmailInput(),
    **{key: forms.Textarea(attrs={"rows": 3}) for key in DIRECTIONS},
}
DECISIONS = [("", "Not decided"), ("closed", "Closed"), ("open", "Open")]
DAY_INPUT = {"type": "date"}


def day_field(label: str, **options: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput(attrs=DAY_INPUT, format="%Y-%m-%d"),
        error_messages={"invalid": "Enter a date like 2026-12-24."},
        **options,
    )


def time_field(label: str) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": "Enter a time like 13:00."},
    )


class Moment(forms.DateTimeField):
    """A day and a time at the clinic. Unlike Django's field, it says plainly that the clocks change at that time."""

    def to_python(self, value: Any) -> datetime | None:
        try:
            return super().to_python(value)
        except forms.ValidationError as error:
            if error.code != "ambiguous_timezone":
                raise
            raise forms.ValidationError(
                "The clocks change at that time. Enter a time before 1 a.m., or 3 a.m. or later."
            ) from None


class EditionForm(forms.Form):
    """Base of the forms that edit one edition. It contains that edition's number."""

    use_required_attribute = False

    edition = forms.Field(required=False, widget=forms.HiddenInput)  # opened_edition() reads it

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)


class RowForm(forms.Form):
    """Base of the forms for one row of an edition, such as a closure or a price. A row that is not new can be removed.

    If it is valid, `row` is what the edition stores, or {} for a row that is removed or was left empty.
    """

    use_required_attribute = False
    noun = ""
    remove_label = "Remove it"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        place = int(self.prefix.rpartition("-")[2]) + 1
        self.heading = f"{self.noun} {place}" if self.initial else f"New {self.noun.lower()}"
        # After a conflict, a row that is not in the edition was shown with the checkbox too.
        if self.initial or self.is_bound:
            self.fields["remove"] = forms.BooleanField(label=self.remove_label, required=False)
        self.row: dict[str, Any] = {}

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not self.errors and not data.get("remove"):
            try:
                self.row = self.clean_row(data)
            except ValueError as error:
                self.add_error(self.field_to_blame(data), str(error))
        return data

    def clean_row(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return the row, or {} if it was left empty. Raise ValueError with a message if it can't be saved."""
        raise NotImplementedError

    def field_to_blame(self, data: dict[str, Any]) -> str:
        """Return the name of the field next to which an error is shown."""
        raise NotImplementedError


class ClosureForm(RowForm):
    """Form for one closure. If all fields are empty, it adds no closure."""

    noun = "Closure"

    first = day_field("First day")
    last = day_field("Last day")
    starts = time_field("Closed from")
    ends = time_field("Closed until")
    reason = forms.CharField(label="Reason to show, if any", required=False, max_length=100)

    def clean_row(self, data: dict[str, Any]) -> dict[str, Any]:
        if not any(data.get(name) for name in self.fields):
            return {}
        closure = facts.closure(data)
        if self.has_changed():
            facts.not_past(closure, timezone.localdate())
        return closure

    def field_to_blame(self, data: dict[str, Any]) -> str:
        return "first"


ClosureFormSet = forms.formset_factory(ClosureForm, extra=2)


class ClinicForm(EditionForm):
    """Form for all facts except the closures."""

    announcement_text = forms.CharField(
        label="Text", required=False, help_text="Up to 200 characters", widget=forms.Textarea(attrs={"rows": 3})
    )
    announcement_until = Moment(
        label="It disappears on",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        error_messages={"invalid": "Enter the end as a day and a time."},
    )

    def __init__(self, *args: Any, stored: dict[str, Any], edition: int, **kwargs: Any) -> None:
        self.stored = stored
        self.holidays = Clinic.from_facts(stored).calendar.coming_holidays(timezone.localdate())
        super().__init__(*args, initial=self._initial(edition), **kwargs)
        if _starts_later(announcement := stored.get("announcement", {})):
            self.fields[
                "announcement_text"
            ].help_text += f". It starts on {facts.moment_in_words(announcement['since'])}"
        for key in (*LINES, *DIRECTIONS):
            self.fields[key] = forms.CharField(
                label=FACTS[key].label, required=False, help_text=FACTS[key].appears, widget=WIDGETS.get(key)
            )
        for name in WEEKDAY_NAMES:
            self.fields[name] = forms.CharField(label=name, required=False)
        for day, name in self.holidays:
            self.fields[_holiday(day)] = forms.ChoiceField(
                label=f"{day:%a, %b} {day.day}: {name}", required=False, choices=DECISIONS
            )

    def _initial(self, edition: int) -> dict[str, Any]:
        hours = [_as_typed(day) for day in self.stored.get("hours") or [""] * 7]
        announcement = self.stored.get("announcement", {})
        if announcement and _is_over(announcement):
            announcement = {}
        return {
            "edition": edition,
            "announcement_text": announcement.get("text", ""),
            "announcement_until": announcement.get("until", ""),
            **{key: self.stored.get(key, "") for key in (*LINES, *DIRECTIONS)},
            **dict(zip(WEEKDAY_NAMES, hours, strict=True)),
            **{_holiday(day): self.stored.get("holidays", {}).get(day.isoformat(), "") for day, _ in self.holidays},
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        self.facts = {}
        for key in (*LINES, *DIRECTIONS):
            self._take(key, key, data.get(key, ""))
        self._take_hours(data)
        decisions = {day.isoformat(): data.get(_holiday(day), "") for day, _ in self.holidays}
        self._take("holidays", "edition", decisions)
        if not self.has_error("announcement_until"):
            self._take_announcement(data)
        return data

    def _take(self, key: str, field: str, value: Any) -> None:
        """Validate one fact and keep the cleaned value. An error is shown next to `field`."""
        try:
            if cleaned := FACTS[key].clean(value):
                self.facts[key] = cleaned
        except ValueError as error:
            self.add_error(field, str(error))

    def _take_hours(self, data: dict[str, Any]) -> None:
        days = [data.get(name, "") for name in WEEKDAY_NAMES]
        for name, text in zip(WEEKDAY_NAMES, days, strict=True):
            try:
                facts.weekly_hours([text, *[""] * 6])
            except ValueError as error:
                self.add_error(name, str(error).removeprefix("Monday: "))
        if any(name in self.errors for name in WEEKDAY_NAMES):
            return
        if not facts.weekly_hours(days) and self.stored.get("hours"):
            self.add_error("Monday", "At least one day needs hours. To close for a while, add a closure.")
            return
        self._take("hours", "Monday", days)

    def _take_announcement(self, data: dict[str, Any]) -> None:
        until: datetime | None = data.get("announcement_until")
        typed = {
            "text": data.get("announcement_text", ""),
            "until": timezone.localtime(until).strftime("%Y-%m-%dT%H:%M") if until else "",
        }
        before = self.stored.get("announcement", {})
        if all(typed[name] == before.get(name) for name in typed) or _starts_later(before):
            typed["since"] = before["since"]
        field = "announcement_until" if typed["text"] and len(typed["text"]) <= facts.ANNOUNCEMENT_LENGTH else None
        self._take("announcement", field or "announcement_text", typed)

    @property
    def sections(self) -> list["Section"]:
        """Return each heading, its note and its fields, in page order."""
        holidays = [_holiday(day) for day, _ in self.holidays]
        named = (
            ("How to reach the clinic", "", "", REACH),
            ("How to find the door", DIRECTIONS_NOTE, "", DIRECTIONS),
            ("Opening hours", HOURS_NOTE, "rows", WEEKDAY_NAMES),
            ("Federal holidays", f"{FACTS['holidays'].appears}.", "rows rows--holidays", holidays),
            ("Announcement", f"{FACTS['announcement'].appears}.", "", ("announcement_text", "announcement_until")),
            ("Reviews", "", "", REVIEWS),
            ("Who gets email", "", "", EMAILS),
            ("Notices elsewhere", NOTICES_NOTE, "", NOTICE_LINKS),
        )
        return [Section(title, note, layout, [self[name] for name in names]) for title, note, layout, names in named]


DIRECTIONS_NOTE = f"Up to {DIRECTIONS_LENGTH} characters each."
NOTICES_NOTE = "Links to documents on other sites. A notice that you enter on the page Notices is shown instead."
HOURS_NOTE = (
    f"{FACTS['hours'].appears}. Write a day like “9 am - 5 pm” or “9 am - 12 pm, 1 - 5 pm”, and leave it empty "
    "if you're closed."
)


@dataclass(frozen=True)
class Section:
    """Fields under one heading; `layout` is the class that lays them out."""

    title: str
    note: str
    layout: str
    fields: list[forms.BoundField]


def _as_typed(day: str) -> str:
    """Return one day's stored hours as a person types them: "9 am - 12 pm, 1 pm - 5 pm"."""
    return ", ".join(span.words.replace(" to ", " - ") for span in parse_spans(day))


def _holiday(day: date) -> str:
    return f"holiday_{day.isoformat()}"


def _is_over(announcement: dict[str, str]) -> bool:
    return datetime.fromisoformat(announcement["until"]) <= timezone.localtime().replace(tzinfo=None)


def _starts_later(announcement: dict[str, str]) -> bool:
    """Return whether an announcement has a start that is still to come, which only load_facts can set."""
    since = announcement.get("since")
    return bool(since) and datetime.fromisoformat(since) > timezone.localtime().replace(tzinfo=None)


class CloseTodayForm(forms.Form):
    """Form that closes the clinic for all of today."""

    reason = forms.CharField(label="Reason to show, if any", required=False, max_length=80)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
