"""Desk pages where managers edit the clinic's people, and record who reviewed an article."""

from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods, require_safe

from clinic.people import merged
from clinic.pictures import PEOPLE, kept_by
from clinic.snapshot import Clinic
from front_desk.clinic_admin import (
    SavedByAnother,
    in_force,
    may_change,
    meanwhile,
    opened_edition,
    opened_facts,
    publish,
    refuse_if_outdated,
    say_what_changed,
)
from front_desk.people_forms import BasePeopleFormSet, ReviewForm, people_forms
from front_desk.phrase_warnings import unconfirmed
from pages.articles import ARTICLES, Article

form_methods = require_http_methods(["GET", "HEAD", "POST"])


def _publish_if_opened_last(request: HttpRequest, changes: dict[str, Any], renamed: dict[str, str]) -> None:
    """Store changed facts as a new edition. Raise SavedByAnother if the form was opened with an older one."""
    stored, number = in_force()
    refuse_if_outdated(request, number)
    after = stored | changes
    say_what_changed(request, publish(request, stored, after, number))
    for article in _no_longer_reviewed(stored, after):
        messages.warning(request, f"“{article.title}” no longer shows a reviewer.")
    for name in _pictured(stored) - _pictured(after):
        messages.warning(request, _about_the_picture(name, renamed.get(name)))


def _pictured(facts: dict[str, Any]) -> set[str]:
    return {person.name for person in Clinic.from_facts(facts).people if person.picture}


def _about_the_picture(name: str, new_name: str | None) -> str:
    if new_name:
        return f"The picture of {name} is now shown as {new_name}. If that's someone else, remove it on Pictures."
    return f"The picture of {name} is no longer shown. If you only changed the name, add it again on Pictures."


def _no_longer_reviewed(before: dict[str, Any], after: dict[str, Any]) -> list[Article]:
    was, now = Clinic.from_facts(before), Clinic.from_facts(after)
    return [
        article
        for article in ARTICLES.values()
        if was.review_of(article.slug, article.reviewed) and not now.review_of(article.slug, article.reviewed)
    ]


# --- People


@may_change
@form_methods
def people(request: HttpRequest) -> HttpResponse:
    """Show the form with the clinic's people, or save it as a new edition."""
    if request.method != "POST":
        stored, number = in_force()
        return _show_people(request, people_forms(stored.get("people", [])), number)
    base = opened_facts(request).get("people", [])
    forms = people_forms(base, request.POST)
    if not forms.is_valid():
        return _show_people(request, forms, opened_edition(request), status=422)
    stored, number = in_force()
    changes = {"people": list(forms.people), PEOPLE: kept_by(forms.people, stored, forms.renamed)}
    if opened_edition(request) == number and (warned := unconfirmed(request, stored, stored | changes)):
        return _show_people(request, forms, number, **warned)
    try:
        _publish_if_opened_last(request, changes, forms.renamed)
    except SavedByAnother:
        saved, number = in_force()
        both = merged(base, saved.get("people", []), list(forms.people))
        return _show_people(request, people_forms(both), number, status=409, **meanwhile(request))
    return redirect("admin:clinic_people")


def _show_people(request: HttpRequest, forms: BasePeopleFormSet, number: int, **context: Any) -> HttpResponse:
    return admin.site.page(request, "admin/clinic_people.html", "People", people=forms, edition=number, **context)


# --- Reviews of articles


@may_change
@require_safe
def reviews(request: HttpRequest) -> HttpResponse:
    """List the articles, with who reviewed each."""
    stored, _ = in_force()
    clinic, records = Clinic.from_facts(stored), stored.get("article_reviews", {})
    rows = [
        {
            "article": article,
            "record": records.get(slug),
            "shown": clinic.review_of(slug, article.reviewed),
            "changed_since": slug in records and records[slug]["day"] < article.reviewed.isoformat(),
        }
        for slug, article in ARTICLES.items()
    ]
    return admin.site.page(request, "admin/clinic_reviews.html", "Reviews of articles", rows=rows, people=clinic.people)


@may_change
@form_methods
def review(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the form for one article's review, or save it as a new edition."""
    article = ARTICLES.get(slug)
    if not article:
        raise Http404(f"there is no article {slug!r}")
    if request.method != "POST":
        return _show_review(request, _review_form(article))
    form = _review_form(article, request.POST)
    if opened_edition(request) != in_force()[1]:
        return _review_conflict(request, article)
    if not form.is_valid():
        return _show_review(request, form, status=422)
    records = {**in_force()[0].get("article_reviews", {}), slug: form.record}
    try:
        changes = {"article_reviews": {key: value for key, value in records.items() if value}}
        _publish_if_opened_last(request, changes, renamed={})
    except SavedByAnother:
        return _review_conflict(request, article)
    return redirect("admin:clinic_reviews")


def _review_form(article: Article, data: Any = None) -> ReviewForm:
    stored, number = in_force()
    record = stored.get("article_reviews", {}).get(article.slug, {})
    return ReviewForm(data, article=article, team=stored.get("people", []), stored=record, edition=number)


def _review_conflict(request: HttpRequest, article: Article) -> HttpResponse:
    """Show what another manager saved, and this manager's form, based on the newest edition."""
    typed = request.POST.copy()
    typed["edition"] = str(in_force()[1])
    return _show_review(request, _review_form(article, typed), status=409, **meanwhile(request))


def _show_review(request: HttpRequest, form: ReviewForm, **context: Any) -> HttpResponse:
    return admin.site.page(
        request, "admin/clinic_review.html", f"Review of “{form.article.title}”", form=form, **context
    )


def urls(guarded: Any) -> list[URLPattern]:
    """Return the URL patterns. `guarded` wraps a view so that it requires a signed-in staff member."""
    return [
        path("clinic/people/", guarded(people), name="clinic_people"),
        path("clinic/reviews/", guarded(reviews), name="clinic_reviews"),
        path("clinic/reviews/<slug:slug>/", guarded(review), name="clinic_review"),
    ]
