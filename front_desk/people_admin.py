"""Desk pages where managers edit the clinic's people, and record who reviewed an article."""

from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods, require_safe

from clinic.people import merged
from clinic.snapshot import Clinic
from front_desk.clinic_admin import (
    SavedByAnother,
    in_force,
    may_change,
    meanwhile,
    opened_edition,
    opened_facts,
    publish,
    say_what_changed,
)
from front_desk.people_forms import BasePeopleFormSet, ReviewForm, people_forms
from pages.articles import ARTICLES, Article

form_methods = require_http_methods(["GET", "HEAD", "POST"])


def _publish_if_opened_last(request: HttpRequest, key: str, value: Any) -> None:
    """Store one changed fact as a new edition. Raise SavedByAnother if the form was opened with an older one."""
    stored, number = in_force()
    if opened_edition(request) != number:
        raise SavedByAnother
    lines = publish(request, stored, stored | {key: value}, number)
    say_what_changed(request, lines)
    for article in _no_longer_reviewed(stored, stored | {key: value}):
        messages.warning(request, f"“{article.title}” no longer shows a reviewer.")


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
    try:
        _publish_if_opened_last(request, "people", list(forms.people))
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
        _publish_if_opened_last(request, "article_reviews", {key: value for key, value in records.items() if value})
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
