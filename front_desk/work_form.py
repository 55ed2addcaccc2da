"""The form on a request's page: a note, the plan, and the button that was pressed, all saved together."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format, time_format

from clinic import snapshot
from clinic.opening_hours import Span
from consultations.forms import Text
from consultations.models import ConsultationRequest
from consultations.statuses import ENDED, STATUS_RULES, Outcome, Status
from front_desk.actions import Work, next_open_day, undo_ends

# Fields in which staff can correct what an error says.
WITH_A_PLACE = (
    "note",
    "assigned_to",
    "follow_up_on",
    "scheduled_day",
    "scheduled_time",
    "closed_reason",
    "closed_words",
)
FARTHEST = timedelta(days=366)  # a later day is probably a mistyped year
DATE_LIKE = "Enter the day like 11/27/2026"


class Assignee(forms.ModelChoiceField):
    """A select of the active staff, and of the present assignee even if their account is off."""

    def label_from_instance(self, account: User) -> str:
        return str(account) if account.is_active else f"{account} (no longer active)"


class WorkForm(forms.Form):
    """The form that staff save on a request's page.

    The hidden fields hold what the page showed: the request's version and plan, and the time.
    """

    use_required_attribute = False

    version = forms.IntegerField(widget=forms.HiddenInput)
    shown_at = forms.FloatField(required=False, widget=forms.HiddenInput)  # Unix time
    shown_assignee = forms.IntegerField(required=False, widget=forms.HiddenInput)
    shown_follow_up = forms.DateField(required=False, widget=forms.HiddenInput)
    queue = forms.CharField(required=False, widget=forms.HiddenInput)
    # The visit while the clinic is closed of which the page has warned.
    warned_of_visit = forms.CharField(required=False, widget=forms.HiddenInput)
    # The version of the urgent request of which the page has warned that no clinician was told.
    warned_of_urgent = forms.IntegerField(required=False, widget=forms.HiddenInput)

    note = Text(
        label="Note",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="For colleagues. It can't be changed later.",
    )
    assigned_to = Assignee(
        User.objects.none(),
        label="Assigned to",
        required=False,
        empty_label="Unassigned",
        error_messages={"invalid_choice": "Choose an active colleague"},
    )
    follow_up_pick = forms.DateField(label="Follow up", required=False, widget=forms.RadioSelect)
    follow_up_on = forms.DateField(
        label="Follow up on",
        required=False,
        error_messages={"invalid": DATE_LIKE},
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    scheduled_day = forms.DateField(
        label="Visit day",
        required=False,
        error_messages={"invalid": DATE_LIKE},
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    scheduled_time = forms.TimeField(
        label="Time",
        required=False,
        error_messages={"invalid": "Enter the time like 10:30"},
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    closed_reason = forms.ChoiceField(
        label="Reason",
        required=False,
        choices=[("", "Choose a reason"), *ConsultationRequest.ClosedReason.choices],
        error_messages={"invalid_choice": "Choose a reason from the list"},
    )
    closed_words = Text(
        label="Details (for Other)",
        required=False,
        max_length=200,
        error_messages={"max_length": "Keep the reason to 200 characters"},
    )
    keep_going = forms.BooleanField(label="Open the next request after saving", required=False)

    # The pressed button. `work_on` checks whether the request allows it, because it locks the request first.
    attempt = forms.TypedChoiceField(
        required=False,
        choices=Outcome.choices,
        coerce=Outcome,
        empty_value=None,
        error_messages={"invalid_choice": "There is no such outcome. Use one of the buttons below."},
    )
    move = forms.TypedChoiceField(
        required=False,
        choices=[(status, rule.button) for status, rule in STATUS_RULES.items() if rule.button],
        coerce=Status,
        empty_value=None,
        error_messages={"invalid_choice": "There is no such status. Use one of the buttons below."},
    )
    close_as = forms.ChoiceField(required=False, choices=ConsultationRequest.ClosedReason.choices)
    told = forms.BooleanField(required=False)
    not_urgent = forms.BooleanField(required=False)
    undo = forms.BooleanField(required=False)
    reopen = forms.BooleanField(required=False)
    then = forms.ChoiceField(required=False, choices=[("next", "Save and next")])

    def __init__(self, *args: Any, consultation: ConsultationRequest, **kwargs: Any) -> None:
        shown = _shown(consultation)
        super().__init__(*args, initial=shown | kwargs.pop("initial", {}), label_suffix="", **kwargs)
        self.consultation = consultation
        active = Q(is_active=True, is_staff=True)
        staff = User.objects.filter(active | Q(pk=consultation.assigned_to_id)).order_by("username")
        self.fields["assigned_to"].queryset = staff
        self.fields["follow_up_pick"].widget.choices = quick_picks()
        for name in ("follow_up_on", "scheduled_day"):
            self.fields[name].widget.attrs["min"] = timezone.localdate().isoformat()
        for name in ("assigned_to", "follow_up_pick", "follow_up_on"):
            # Going back loads the page again. A browser must not put the plan from before the last save into it.
            self.fields[name].widget.attrs["autocomplete"] = "off"

    @classmethod
    def after_conflict(cls, typed: "WorkForm", consultation: ConsultationRequest) -> "WorkForm":
        """Return a form for the changed request that keeps what was typed, without error messages."""
        untouched = {"assigned_to", "follow_up_on"} - set(typed.planned)
        keep = [name for name in typed.fields if name not in untouched and not name.startswith(("version", "shown"))]
        return cls(consultation=consultation, initial={name: typed.data[name] for name in keep if name in typed.data})

    @property
    def problems(self) -> list[tuple[str, str]]:
        """Return each error's message with the id of the field to go to, or "" if the page shows no such field."""
        return [
            (self[name].auto_id if name in WITH_A_PLACE else "", message)
            for name, messages in self.errors.items()
            for message in messages
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("close_as"):
            if data.get("closed_reason") not in ("", data["close_as"]):
                self.add_error("closed_reason", "You entered another reason to close. Press Close, or clear it.")
            data |= {"move": Status.CLOSED, "closed_reason": data["close_as"]}
        if (
            data.get("attempt") == Outcome.SPOKE
            and not data.get("move")
            and self._has("scheduled_day", "scheduled_time")
        ):
            data["move"] = Status.SCHEDULED
        if data.get("move") == Status.CLOSED:
            self._check_reason(data)
        if data.get("move") == Status.SCHEDULED:
            self._check_schedule(data)
        self._check_nothing_is_dropped(data)
        self._check_follow_up(data)
        pressed = any(data.get(name) for name in ("note", "attempt", "move", "told", "not_urgent", "undo", "reopen"))
        if not pressed and not self.planned and not self.errors and data.get("then") != "next":
            self.add_error("note", "Write a note, or choose an outcome")
        if not self.errors:
            self._check_clinician_told(data)
        return data

    def _has(self, *names: str) -> bool:
        """Return whether something was entered in one of the fields, even if it is not valid."""
        return any(self.data.get(name, "").strip() for name in names)

    def _check_nothing_is_dropped(self, data: dict[str, Any]) -> None:
        """Refuse a button that would not save the visit or the closing reason that was entered."""
        if data.get("move") != Status.SCHEDULED and self._has("scheduled_day", "scheduled_time"):
            self.add_error("scheduled_day", "You entered a visit. Press Schedule, or clear it.")
        if data.get("move") != Status.CLOSED and self._has("closed_reason", "closed_words"):
            self.add_error("closed_reason", "You entered a reason to close. Press Close, or clear it.")

    def _check_reason(self, data: dict[str, Any]) -> None:
        if not data.get("closed_reason") and "closed_reason" not in self.errors:
            self.add_error("closed_reason", "Choose why it is closed")
        if data.get("closed_reason") == ConsultationRequest.ClosedReason.OTHER and not data.get("closed_words"):
            self.add_error("closed_words", "Say in a few words why it is closed")
        elif data.get("closed_reason") != ConsultationRequest.ClosedReason.OTHER and data.get("closed_words"):
            self.add_error(
                "closed_words", "These details are saved only with the reason Other. Choose it, or clear them"
            )

    def _check_schedule(self, data: dict[str, Any]) -> None:
        day, at = data.get("scheduled_day"), data.get("scheduled_time")
        if day is None and "scheduled_day" not in self.errors:
            self.add_error("scheduled_day", "Enter the day of the visit")
        if at is None and "scheduled_time" not in self.errors:
            self.add_error("scheduled_time", "Enter the time of the visit")
        if day is None or at is None:
            return
        data["scheduled_at"] = timezone.make_aware(datetime.combine(day, at))
        if data["scheduled_at"] <= timezone.now():
            self.add_error("scheduled_day", "That visit would be in the past. Choose a later day or time")
        elif day > timezone.localdate() + FARTHEST:
            self.add_error("scheduled_day", "That visit would be more than a year away. Check the year")
        else:
            self._check_hours(day, at)

    def _check_hours(self, day: date, at: time) -> None:
        """Warn once of a day or a time at which the clinic is closed."""
        spans, visit = snapshot.current().calendar.spans_on(day), f"{day} {at:%H:%M}"
        if _within(spans, at) or self.cleaned_data.get("warned_of_visit") == visit:
            return
        self.data = self.data.copy()
        self.data["warned_of_visit"] = visit
        if not spans:
            closed = f"The clinic is closed that day: {date_format(day, 'D, M j')}."
            self.add_error("scheduled_day", f"{closed} To keep this day, press the button again.")
            return
        other = at.replace(hour=(at.hour + 12) % 24)  # a.m. instead of p.m., or the reverse
        asks = f" Did you mean {time_format(other, 'g:i a')}?" if _within(spans, other) else ""
        self.add_error(
            "scheduled_time",
            f"The clinic is closed then: {time_format(at, 'g:i a')}{asks} To keep this time, press the button again.",
        )

    def _check_clinician_told(self, data: dict[str, Any]) -> None:
        """Warn once before an urgent request ends that no clinician was told of."""
        open_urgent = self.consultation.needs_help_now and self.consultation.status not in ENDED
        ends = data.get("move") in ENDED or (data.get("undo") and undo_ends(self.consultation))
        if not (open_urgent and ends) or data.get("told") or data.get("warned_of_urgent") == data["version"]:
            return
        self.data = self.data.copy()
        self.data["warned_of_urgent"] = data["version"]
        self.add_error(
            None, "No clinician has been told of this urgent request. Tell one first, or press the button again."
        )

    def _check_follow_up(self, data: dict[str, Any]) -> None:
        """Use the quick pick if there is one. Refuse a new day in the past or more than a year away."""
        pick, day = data.get("follow_up_pick"), data.get("follow_up_on")
        if pick and day not in (None, pick, data.get("shown_follow_up")):
            self.add_error("follow_up_on", "Choose one follow-up day: a quick pick or a date")
            return
        if pick:
            day = data["follow_up_on"] = pick
        if day is None or "follow_up_on" not in self.planned:
            return
        if day < timezone.localdate():
            self.add_error("follow_up_on", "That follow-up day is in the past. Choose today or later")
        elif day > timezone.localdate() + FARTHEST:
            self.add_error("follow_up_on", "That follow-up day is more than a year away. Check the year")

    @property
    def planned(self) -> tuple[str, ...]:
        """Return which of the assignee and the follow-up day differ from what the page showed."""
        data = self.cleaned_data
        assignee = data["assigned_to"].pk if data.get("assigned_to") else None
        changed = {
            "assigned_to": assignee != data.get("shown_assignee"),
            "follow_up_on": data.get("follow_up_pick") or data.get("follow_up_on") != data.get("shown_follow_up"),
        }
        return tuple(name for name, differs in changed.items() if differs and name in self.data and name in data)

    @property
    def shown_since(self) -> datetime:
        """Return when the page was shown, or now if the form doesn't say."""
        try:
            return datetime.fromtimestamp(self.cleaned_data["shown_at"], tz=timezone.get_current_timezone())
        except (KeyError, TypeError, ValueError, OverflowError, OSError):
            return timezone.now()

    def work(self) -> Work:
        data = self.cleaned_data
        return Work(
            note=data["note"],
            attempt=data["attempt"],
            to=data["move"],
            reason=data["closed_reason"],
            reason_words=data["closed_words"],
            scheduled_at=data.get("scheduled_at"),
            assigned_to=data["assigned_to"],
            follow_up_on=data["follow_up_on"],
            changed=self.planned,
            clinician_told=data["told"],
            not_urgent=data["not_urgent"],
        )


def _shown(consultation: ConsultationRequest) -> dict[str, Any]:
    return {
        "version": consultation.version,
        "shown_at": timezone.now().timestamp(),
        "shown_assignee": consultation.assigned_to_id,
        "shown_follow_up": consultation.follow_up_on,
        "assigned_to": consultation.assigned_to,
        "follow_up_on": consultation.follow_up_on,
    }


def quick_picks() -> list[tuple[str, str]]:
    """Return follow-up days on which the clinic is open, as choices: the next two, and one in a week."""
    today = timezone.localdate()
    first = next_open_day(today)
    second = next_open_day(first)
    week = snapshot.current().calendar.first_open_day(today + timedelta(days=7))
    names = {second: "In 2 days" if (second - today).days == 2 else "", week: "Next week"}
    names[first] = "Tomorrow" if (first - today).days == 1 else "Next open day"
    return [(day.isoformat(), _pick(day, names[day])) for day in sorted(names)]


def _within(spans: list[Span], at: time) -> bool:
    return any(span.opens <= at < span.closes for span in spans)


def _pick(day: date, name: str) -> str:
    words = date_format(day, "D, M j")
    return f"{name} ({words})" if name else words
