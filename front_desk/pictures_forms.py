"""The forms for an uploaded photograph, and for a stored picture with its alt text. clinic/pictures.py validates both."""

from typing import Any

from django import forms

from clinic.facts import FACTS
from clinic.models import Picture
from clinic.picture_files import FileError, store
from clinic.pictures import ALT_LENGTH, DOOR, PEOPLE, ROOM, ShownPicture, alt_text

Facts = dict[str, Any]

PERSON = "person:"  # starts a person's slot, before the name
NO_FILE = "Choose a photograph."


def slots(facts: Facts) -> list[tuple[str, str]]:
    """Return each slot, which is where a picture can be shown, with its label."""
    people = [(PERSON + person["name"], person["name"]) for person in facts.get("people", ())]
    return [(DOOR, "The door"), (ROOM, "A room"), *people]


def kind_of(slot: str) -> str:
    return {DOOR: Picture.Kind.DOOR, ROOM: Picture.Kind.ROOM}.get(slot, Picture.Kind.PERSON)


def row_in(facts: Facts, slot: str) -> dict[str, str]:
    rows = facts.get(PEOPLE, {}) if slot.startswith(PERSON) else facts
    return rows.get(slot.removeprefix(PERSON), {})


def with_row(facts: Facts, slot: str, row: dict[str, str]) -> Facts:
    """Return the facts with another picture in the slot, or with none. Leave out pictures of former people."""
    if not slot.startswith(PERSON):
        return facts | {slot: row}
    people = facts.get(PEOPLE, {}) | {slot.removeprefix(PERSON): row}
    names = {person["name"] for person in facts.get("people", ())}
    return facts | {PEOPLE: {name: kept for name, kept in people.items() if kept and name in names}}


class UploadForm(forms.Form):
    """Form for a photograph. If it is valid, `picture` is stored, but no edition names it."""

    use_required_attribute = False

    edition = forms.IntegerField(widget=forms.HiddenInput)
    slot = forms.ChoiceField(
        label="What it shows",
        error_messages={
            "required": "Choose what the picture shows.",
            "invalid_choice": "This person is no longer one of the clinic's people. Choose another.",
        },
    )
    file = forms.FileField(
        label="Photograph",
        help_text="JPEG, PNG or WebP, up to 12 MB. The next step shows how it is cropped.",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
        error_messages=dict.fromkeys(("required", "invalid", "missing"), NO_FILE)
        | {"empty": "This file is empty. Choose another one."},
    )
    alt = forms.CharField(
        label="Alt text",
        required=False,
        help_text=f"What the picture shows, for people who can't see it, in up to {ALT_LENGTH} characters.",
    )

    def __init__(self, *args: Any, facts: Facts, edition: int, typed: Facts | None = None) -> None:
        initial = (typed or {}) | {"edition": edition}
        super().__init__(*args, initial=initial, label_suffix="", auto_id="upload_%s")
        self.fields["slot"].choices = [("", "Choose"), *slots(facts)]
        self.picture: Picture | None = None

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not self.errors:
            try:
                self.picture = store(data["file"], kind_of(data["slot"]))
            except FileError as error:
                self.add_error("file", str(error))
        return data


class SaveForm(forms.Form):
    """Form for a stored picture and its alt text. If it is valid, `row` is what an edition stores."""

    use_required_attribute = False

    edition = forms.IntegerField(widget=forms.HiddenInput)
    slot = forms.CharField(widget=forms.HiddenInput)
    picture = forms.CharField(widget=forms.HiddenInput)
    alt = forms.CharField(
        label="Alt text", required=False, help_text="What the picture shows, for people who can't see it."
    )

    def __init__(self, *args: Any, facts: Facts, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        self.slots = dict(slots(facts))
        self.slot, key = self["slot"].value() or "", self["picture"].value() or ""
        self.key = key if key.isascii() and key.isalnum() else ""
        self.title = self.slots.get(self.slot, self.slot.removeprefix(PERSON))
        self.shown = ShownPicture(self.key, "", kind_of(self.slot))
        self.row: dict[str, str] = {}

    def clean_alt(self) -> str:
        try:
            return alt_text(self.cleaned_data["alt"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if self.errors:
            return data
        row = {"picture": data["picture"], "alt": data["alt"]}
        try:
            if data["slot"] not in self.slots:
                raise ValueError(f"{self.title} is no longer one of the clinic's people, so nothing was saved.")
            fact = PEOPLE if data["slot"].startswith(PERSON) else data["slot"]
            FACTS[fact].clean({self.title: row} if fact == PEOPLE else row)
            self.row = row
        except ValueError as error:
            self.add_error("alt", str(error))
        return data
