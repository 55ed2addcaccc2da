"""The form for the clinic's facts. It defines the inputs, and clinic/facts.py validates the facts."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.utils import timezone

from clinic import facts
from clinic.facts import FACTS
from clinic.opening_hours import WEEKDAY_NAMES
from clinic.snapshot import Clinic

# Facts entered as one line of text.
LINES = (
    "phone",
    "street",
    "postal_code",
    "review_url",
    "urgent_email",
    "manager_email",
    "reviewer",
    "reviewer_title",
    "privacy_practices_url",
    "nondiscrimination_url",
    "language_help_url",
)
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


class ClosureForm(forms.Form):
    """Form for one closure. If all fields are empty, it adds no closure."""

    use_required_attribute = False

    first = day_field("First day")
    last = day_field("Last day, if there is more than one")
    starts = time_field("Closed from, for part of a day")
    ends = time_field("Closed until")
    reason = forms.CharField(label="Reason to show, if any", required=False, max_length=100)
    remove = forms.BooleanField(label="Remove this closure", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        self.closure: dict[str, Any] | None = None
        if not self.initial:
            del self.fields["remove"]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if self.errors or data.get("remove") or not any(data.get(name) for name in self.fields):
            return data
        try:
            closure = facts.closure(data)
            if self.has_changed():
                facts.not_past(closure, timezone.localdate())
            self.closure = closure
        except ValueError as error:
            self.add_error("first", str(error))
        return data


ClosureFormSet = forms.formset_factory(ClosureForm, extra=2)


class ClinicForm(forms.Form):
    """Form for all facts except the closures. It edits one edition and contains that edition's number."""

    use_required_attribute = False

    edition = forms.IntegerField(widget=forms.HiddenInput)
    announcement_text = forms.CharField(
        label="Announcement", required=False, help_text=f"{FACTS['announcement'].appears}. Up to 200 characters."
    )
    announcement_until = forms.DateTimeField(
        label="It disappears on",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        error_messages={"invalid": "Enter the end as a day and a time."},
    )

    def __init__(self, *args: Any, stored: dict[str, Any], edition: int, **kwargs: Any) -> None:
        self.stored = stored
        self.holidays = Clinic.from_facts(stored).calendar.coming_holidays(timezone.localdate())
        super().__init__(*args, initial=self._initial(edition), label_suffix="", **kwargs)
        for key in LINES:
            self.fields[key] = forms.CharField(
                label=FACTS[key].label, required=False, strip=True, help_text=FACTS[key].appears
            )
        for name in WEEKDAY_NAMES:
            self.fields[name] = forms.CharField(label=name, required=False)
        self.fields[
            "Monday"
        ].help_text = "Like 9 am - 5 pm, or 9 am - 12 pm, 1 - 5 pm. Leave a day empty if you're closed"
        for day, name in self.holidays:
            self.fields[_holiday(day)] = forms.ChoiceField(
                label=f"{name}, {day:%A, %B} {day.day}", required=False, choices=DECISIONS
            )

    def _initial(self, edition: int) -> dict[str, Any]:
        hours = self.stored.get("hours") or [""] * 7
        announcement = self.stored.get("announcement", {})
        if announcement and _is_over(announcement):
            announcement = {}
        return {
            "edition": edition,
            "announcement_text": announcement.get("text", ""),
            "announcement_until": announcement.get("until", ""),
            **{key: self.stored.get(key, "") for key in LINES},
            **dict(zip(WEEKDAY_NAMES, hours, strict=True)),
            **{_holiday(day): self.stored.get("holidays", {}).get(day.isoformat(), "") for day, _ in self.holidays},
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        self.facts = {}
        for key in LINES:
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
        if not any(days) and self.stored.get("hours"):
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
        if all(typed[name] == before.get(name) for name in typed):
            typed["since"] = before["since"]
        field = "announcement_until" if typed["text"] and len(typed["text"]) <= facts.ANNOUNCEMENT_LENGTH else None
        self._take("announcement", field or "announcement_text", typed)

    @property
    def sections(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Return each heading and its fields, in page order."""
        named = (
            ("How to reach the clinic", LINES[:3]),
            ("Opening hours", WEEKDAY_NAMES),
            ("Federal holidays", [_holiday(day) for day, _ in self.holidays]),
            ("Announcement", ("announcement_text", "announcement_until")),
            ("Reviews", LINES[3:4]),
            ("Who gets email", LINES[4:6]),
            ("Who reviewed the articles", LINES[6:8]),
            ("Notices", LINES[8:]),
        )
        return [(title, [self[name] for name in names]) for title, names in named]


def _holiday(day: date) -> str:
    return f"holiday_{day.isoformat()}"


def _is_over(announcement: dict[str, str]) -> bool:
    return datetime.fromisoformat(announcement["until"]) <= timezone.localtime().replace(tzinfo=None)


class CloseTodayForm(forms.Form):
    """Form that closes the clinic for all of today."""

    reason = forms.CharField(label="Reason to show, if any", required=False, max_length=80)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
