"""The desk page "What we answer", where managers answer the questions that only the clinic can answer."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods

from clinic.answers import ANSWER_LENGTH, NIGHT_NUMBER, QUESTIONS, Question
from clinic.facts import FACTS
from clinic.snapshot import Clinic
from front_desk.clinic_admin import (
    SavedByAnother,
    in_force,
    may_change,
    meanwhile,
    merged,
    opened_facts,
    publish,
    refuse_if_outdated,
    say_what_changed,
)
from front_desk.clinic_forms import EditionForm
from front_desk.phrase_warnings import shown, unconfirmed, warnings
from pages.templatetags.answers import rendered_answer


class AnswersForm(EditionForm):
    """Form for the answers."""

    def __init__(self, *args: Any, stored: dict[str, Any], edition: int, **kwargs: Any) -> None:
        self.stored = stored
        answers = {question.fact: stored.get(question.fact, "") for question in QUESTIONS.values()}
        super().__init__(*args, initial={"edition": edition} | answers, **kwargs)
        for question in QUESTIONS.values():
            self.fields[question.fact] = forms.CharField(
                label=question.text, required=False, help_text=f"{question.appears}.", widget=_widget(question)
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        self.facts = {key: value for key, value in self.stored.items() if key not in _FACTS}
        for key in _FACTS:
            try:
                if answer := FACTS[key].clean(data.get(key, "")):
                    self.facts[key] = answer
            except ValueError as error:
                self.add_error(key, str(error))
        return data

    @property
    def rows(self) -> list[tuple[forms.BoundField, SafeString]]:
        """Return each question's field, and the answer as public pages would show it, empty if there is none."""
        facts = self.facts if self.is_bound else self.stored
        clinic = Clinic.from_facts({key: value for key, value in facts.items() if key in _FACTS})
        return [
            (self[each.fact], rendered_answer(each, clinic) if each.key in clinic.answers else SafeString())
            for each in QUESTIONS.values()
        ]


_FACTS = [question.fact for question in QUESTIONS.values()]


def _widget(question: Question) -> forms.Widget:
    if question.key == NIGHT_NUMBER:
        return forms.TextInput(attrs={"type": "tel"})
    return forms.Textarea(attrs={"rows": 2})


@may_change
@require_http_methods(["GET", "HEAD", "POST"])
def answers(request: HttpRequest) -> HttpResponse:
    """Show the form with the clinic's answers, preview what was typed, or save it as a new edition."""
    stored, number = in_force()
    if request.method != "POST":
        return _show(request, AnswersForm(stored=stored, edition=number))
    based_on = opened_facts(request)
    form = AnswersForm(request.POST, stored=based_on, edition=number)
    if not form.is_valid():
        return _show(request, form, status=422)
    try:
        refuse_if_outdated(request, number)
        if "preview" in request.POST:
            return _show(request, form, **shown(warnings(based_on, form.facts)))
        if warned := unconfirmed(request, based_on, form.facts):
            return _show(request, form, **warned)
        lines = publish(request, stored, form.facts, number)
    except SavedByAnother:
        return _conflict(request, based_on, form.facts)
    say_what_changed(request, lines)
    return redirect("admin:clinic_answers")


def _conflict(request: HttpRequest, based_on: dict[str, Any], typed: dict[str, Any]) -> HttpResponse:
    """Show what another manager saved, and the form with those facts and this manager's own changes."""
    facts, number = in_force()
    form = AnswersForm(stored=merged(based_on, typed, facts), edition=number)
    return _show(request, form, status=409, **meanwhile(request))


def _show(request: HttpRequest, form: AnswersForm, status: int = 200, **context: Any) -> HttpResponse:
    context |= {"form": form, "length": ANSWER_LENGTH}
    return admin.site.page(request, "admin/clinic_answers.html", "What we answer", status=status, **context)


def urls(guarded: Any) -> list[URLPattern]:
    """Return the URL pattern. `guarded` wraps a view so that it requires a signed-in staff member."""
    return [path("clinic/answers/", guarded(answers), name="clinic_answers")]
