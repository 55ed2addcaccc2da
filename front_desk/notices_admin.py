"""Desk pages where managers edit the notices that this site hosts, and read earlier versions."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods, require_safe

from clinic import notices as notice_facts
from clinic.models import Edition
from clinic.notices import LANGUAGES, NOTICES, TEXT_LENGTH, Notice, NoticeKind
from clinic.snapshot import Clinic
from front_desk.clinic_admin import (
    SavedByAnother,
    in_force,
    may_change,
    meanwhile,
    opened_facts,
    publish,
    refuse_if_outdated,
    say_what_changed,
)
from front_desk.clinic_forms import EditionForm, RowForm, day_field
from front_desk.phrase_warnings import shown, unconfirmed, warnings

CHOICES = [("", "Choose a language"), *((each.code, f"{each.name} ({each.own_name})") for each in LANGUAGES.values())]


class TextForm(RowForm):
    """Form for a notice's text in one language. If the text is empty, it adds none."""

    noun = "Text"
    remove_label = "Remove this text"

    language = forms.ChoiceField(label="Language", required=False, choices=CHOICES)
    text = forms.CharField(
        label="Text in Markdown", required=False, widget=forms.Textarea(attrs={"rows": 16, "dir": "auto"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if language := LANGUAGES.get(self.initial.get("language", "")):
            self.heading = f"Text in {language.name}"

    def clean_row(self, data: dict[str, Any]) -> dict[str, str]:
        return notice_facts.clean_text(data)

    def field_to_blame(self, data: dict[str, Any]) -> str:
        return "text" if data.get("language") else "language"


TextFormSet = forms.formset_factory(TextForm, extra=1, max_num=len(LANGUAGES), absolute_max=len(LANGUAGES) + 1)


class NoticeForm(EditionForm):
    """Form for a notice's effective date."""

    effective = day_field("Effective date", help_text="The day on which this notice takes effect. The page shows it.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.notice: dict[str, Any] = {}

    def take(self, rows: list[dict[str, str]]) -> None:
        """Validate the date together with the texts, and keep both. An error is shown next to the date."""
        try:
            self.notice = notice_facts.clean({"effective": self.cleaned_data.get("effective"), "texts": rows})
        except ValueError as error:
            self.add_error("effective", str(error))


@may_change
@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """List the notices, and where each one is."""
    clinic = Clinic.from_facts(in_force()[0])
    rows = [
        {"kind": kind, "hosted": clinic.hosted_notices.get(slug), "url": getattr(clinic, kind.url_fact)}
        for slug, kind in NOTICES.items()
    ]
    return admin.site.page(request, "admin/clinic_notices.html", "Notices", rows=rows)


@may_change
@require_http_methods(["GET", "HEAD", "POST"])
def notice(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the form with one notice, preview what was typed, or save it as a new edition."""
    kind = _kind(slug)
    stored, number = in_force()
    if request.method != "POST":
        return _show(request, kind, *_forms(stored.get(kind.fact), number))
    based_on = opened_facts(request).get(kind.fact, {})
    form, texts = _bound(request, based_on)
    if not _is_valid(form, texts):
        return _show(request, kind, form, texts, status=422)
    after = {**stored, kind.fact: form.notice}
    try:
        refuse_if_outdated(request, number)
        if "preview" in request.POST:
            return _preview(request, kind, form, texts, shown(warnings(stored, after)))
        if warned := unconfirmed(request, stored, after):
            return _show(request, kind, form, texts, **warned)
        lines = publish(request, stored, after, number)
    except SavedByAnother:
        return _conflict(request, kind, based_on, form.notice)
    say_what_changed(request, lines)
    return redirect("admin:clinic_notice", slug)


def _kind(slug: str) -> NoticeKind:
    if slug not in NOTICES:
        raise Http404(f"there is no notice {slug!r}")
    return NOTICES[slug]


def _forms(stored: dict[str, Any] | None, number: int) -> tuple[NoticeForm, Any]:
    stored = stored or {}
    form = NoticeForm(initial={"edition": number, "effective": stored.get("effective")})
    return form, TextFormSet(prefix="texts", initial=stored.get("texts", []))


def _bound(request: HttpRequest, stored: dict[str, Any]) -> tuple[NoticeForm, Any]:
    texts = TextFormSet(request.POST, prefix="texts", initial=stored.get("texts", []))
    return NoticeForm(request.POST), texts


def _is_valid(form: NoticeForm, texts: Any) -> bool:
    if not form.is_valid() & texts.is_valid():
        return False
    form.take([each.row for each in texts if each.row])
    return not form.errors


def _preview(request: HttpRequest, kind: NoticeKind, form: NoticeForm, texts: Any, warned: dict) -> HttpResponse:
    """Show the form, and above it the notice as its page would show it."""
    preview = Notice.from_fact(kind, form.notice) if form.notice else None
    return _show(request, kind, form, texts, is_preview=True, notice=preview, **warned)


def _conflict(request: HttpRequest, kind: NoticeKind, based_on: dict[str, Any], typed: dict[str, Any]) -> HttpResponse:
    """Show what another manager saved, and the form with what this manager typed."""
    facts, number = in_force()
    forms = _forms(facts.get(kind.fact) if typed == based_on else typed, number)
    return _show(request, kind, *forms, status=409, **meanwhile(request))


def _show(
    request: HttpRequest, kind: NoticeKind, form: NoticeForm, texts: Any, status: int = 200, **context: Any
) -> HttpResponse:
    context |= {"kind": kind, "form": form, "texts": texts, "length": f"{TEXT_LENGTH:,}", "versions": _versions(kind)}
    return admin.site.page(request, "admin/clinic_notice.html", kind.title, status=status, **context)


# --- Earlier versions


@dataclass(frozen=True)
class Version:
    """A version of a notice: the edition that began it, when, and by whom. `value` is empty if it was taken down."""

    number: int
    saved_at: datetime
    saved_by: str | None
    value: dict[str, Any] | None


def _versions(kind: NoticeKind) -> list[Version]:
    """Return the versions of a notice, newest first."""
    found: list[Version] = []
    columns = ("number", "saved_at", "saved_by__username", f"facts__{kind.fact}")
    for row in Edition.objects.order_by("number").values_list(*columns):
        version = Version(*row)
        if version.value != (found[-1].value if found else None):
            found.append(version)
    return found[::-1]


@may_change
@require_safe
def version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show a notice as it was in an edition."""
    kind = _kind(slug)
    shown = next((each for each in _versions(kind) if each.number == number and each.value), None)
    if not shown:
        raise Http404(f"edition {number} did not change the notice {slug!r}")
    context = {"kind": kind, "version": shown, "notice": Notice.from_fact(kind, shown.value)}
    return admin.site.page(request, "admin/clinic_notice_version.html", f"{kind.title}, edition {number}", **context)


def urls(guarded: Any) -> list[URLPattern]:
    """Return the URL patterns. `guarded` wraps a view so that it requires a signed-in staff member."""
    return [
        path("clinic/notices/", guarded(notices), name="clinic_notices"),
        path("clinic/notices/<slug:slug>/", guarded(notice), name="clinic_notice"),
        path("clinic/notices/<slug:slug>/<int:number>/", guarded(version), name="clinic_notice_version"),
    ]
