"""The forms for the clinic's people and for the review of an article. clinic/people.py validates both."""

from datetime import date
from typing import Any

from django import forms

from clinic import people
from clinic.people import LABELS, LONGEST, PersonError, Row
from front_desk.clinic_forms import EditionForm, day_field
from pages.articles import Article

HINTS = {
    "name": "As on the license. If you change it, record again which articles this person reviewed.",
    "title": "As licensed, such as MD or registered nurse. Home and the footer show the responsible licensee's.",
    "role": "What this person does here, such as “Gives the infusions”.",
    "training": "Such as a school, a residency or a certificate.",
    "text": f"Up to {LONGEST['text']} characters: what a patient would want to know.",
    "license_url": f"A link to the state's license lookup, on {' or '.join(people.LICENSE_LOOKUPS)}.",
}
WIDGETS = {
    "text": forms.Textarea(attrs={"rows": 5}),
    # Not URLInput: a browser would check the link before the form explains which links are possible.
    "license_url": forms.TextInput(attrs={"inputmode": "url"}),
}


class PersonForm(forms.Form):
    """Form for one person. If all fields are empty, it adds nobody."""

    use_required_attribute = False

    responsible = forms.BooleanField(
        label="Responsible licensee: Home and the footer of every page name this person", required=False
    )
    position = forms.IntegerField(
        label="Place in the list",
        required=False,
        min_value=1,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={"invalid": "Enter a number like 2.", "min_value": "Enter 1 or more."},
    )
    remove = forms.BooleanField(label="Remove this person", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        for part in LONGEST:
            self.fields[part] = forms.CharField(
                label=LABELS[part], required=False, help_text=HINTS[part], widget=WIDGETS.get(part)
            )
        self.order_fields([*LONGEST, "responsible", "position", "remove"])
        self.place = int(self.prefix.rpartition("-")[2]) + 1
        self.row: Row | None = None
        # Not `title`: in a template, that would be the field of this name.
        self.heading = self.initial.get("name") or (self["name"].value() if self.is_bound else "") or "Someone new"
        self.is_new = self.heading == "Someone new"

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        row = {part: data.get(part, "") for part in LONGEST} | {"responsible": data.get("responsible", False)}
        if data.get("remove") or not any(row.values()):
            return data
        for part in LONGEST:
            try:
                people.clean_part(part, row[part])
            except ValueError as error:
                self.add_error(part, str(error))
        self.row = row
        return data

    @property
    def moved_to(self) -> int | None:
        """Return the typed place in the list if it differs from where the form is."""
        position = self.cleaned_data.get("position")
        return position if position != self.place else None


class BasePeopleFormSet(forms.BaseFormSet):
    """The clinic's people. If it is valid, `people` are the rows to store, and `renamed` maps old names to new ones.

    A new person typed over an old one is not a new name: their names have no word in common.
    """

    people: tuple[Row, ...] = ()
    renamed: dict[str, str] = {}

    def clean(self) -> None:
        if any(form.errors for form in self.forms):
            return
        kept = _in_order([form for form in self.forms if form.row])
        try:
            self.people = people.people([form.row for form in kept])
        except PersonError as error:
            kept[error.row].add_error(error.part, str(error))
        before, after = {form.initial.get("name") for form in self.forms}, {row["name"] for row in self.people}
        names = [(form.initial.get("name", ""), row["name"]) for form, row in zip(kept, self.people, strict=False)]
        self.renamed = {
            old: new
            for old, new in names
            if old not in after and new not in before and people.may_be_one_person(old, new)
        }


def _in_order(kept: list[PersonForm]) -> list[PersonForm]:
    """Return the forms in order. A form whose place was changed gets exactly that place."""
    order = [form for form in kept if not form.moved_to]
    for form in sorted((form for form in kept if form.moved_to), key=lambda form: form.moved_to):
        order.insert(min(form.moved_to, len(order) + 1) - 1, form)
    return order


_FormSet = forms.formset_factory(
    PersonForm,
    formset=BasePeopleFormSet,
    extra=1,
    max_num=people.MOST_PEOPLE,
    absolute_max=people.MOST_PEOPLE + 1,
    validate_max=True,
)


def people_forms(stored: list[Row], data: Any = None) -> BasePeopleFormSet:
    initial = [row | {"position": place} for place, row in enumerate(stored, 1)]
    return _FormSet(data, prefix="people", initial=initial)


class ReviewForm(EditionForm):
    """Form for the review of one article. If both fields are empty, the article has no review."""

    name = forms.ChoiceField(
        label="Reviewed by",
        required=False,
        error_messages={"invalid_choice": "This person is no longer one of the clinic's people. Choose another."},
    )
    day = day_field("On")

    def __init__(self, *args: Any, article: Article, team: list[Row], stored: Row, edition: int, **kwargs: Any) -> None:
        self.article = article
        super().__init__(*args, initial={**stored, "edition": edition}, **kwargs)
        self.fields["name"].choices = [("", "Nobody yet"), *((row["name"], row["name"]) for row in team)]
        self.record: Row = {}

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        name, day = data.get("name"), data.get("day")
        if self.errors or not (name or day):
            return data
        if not name:
            self.add_error("name", "Choose who reviewed it, or empty the day.")
        elif not day:
            self.add_error("day", "Enter the day of the review.")
        elif day < self.article.reviewed:
            self.add_error(
                "day", f"The article was changed or checked on {_words(self.article.reviewed)}, after this day."
            )
        else:
            self._take(name, day)
        return data

    def _take(self, name: str, day: date) -> None:
        try:
            self.record = people.review({"name": name, "day": day})
        except ValueError as error:
            self.add_error("day", str(error))


def _words(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"
