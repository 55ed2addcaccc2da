"""Desk pages where managers edit the clinic's facts, see earlier editions, and close the clinic for today."""

from datetime import timedelta
from itertools import zip_longest
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.answers import QUESTIONS
from clinic.facts import FACTS, differences, in_words, missing
from clinic.models import Edition
from clinic.notices import NOTICES
from clinic.opening_hours import WEEKDAY_NAMES
from clinic.people import RETIRED_FACTS
from clinic.pictures import DOOR, ROOM
from clinic.snapshot import Clinic
from consultations.due_times import follow_the_calendar
from consultations.models import AccessLogEntry, ConsultationRequest
from consultations.statuses import MainQueue
from front_desk.access_log import record
from front_desk.clinic_forms import ON_THIS_FORM, ClinicForm, CloseTodayForm, ClosureFormSet
from front_desk.phrase_warnings import unconfirmed

may_change = permission_required("clinic.change_clinic", raise_exception=True)
EDITIONS_SHOWN = 50


class SavedByAnother(Exception):
    """Raised if another manager saved an edition first."""


@may_change
@require_http_methods(["GET", "HEAD", "POST"])
def clinic(request: HttpRequest) -> HttpResponse:
    """Show the form with the clinic's facts, or save it as a new edition."""
    stored, number = in_force()
    if request.method != "POST":
        return _show(request, *_forms(stored, number))
    based_on = opened_facts(request)
    form = ClinicForm(request.POST, stored=based_on, edition=number)
    closures = ClosureFormSet(request.POST, prefix="closures", initial=based_on.get("closures", []))
    if not (form.is_valid() & closures.is_valid()):
        return _show(request, form, closures, status=422)
    typed = _typed(form, closures)
    try:
        refuse_if_outdated(request, number)
        if warned := unconfirmed(request, based_on, typed):
            return _show(request, form, closures, **warned)
        lines = publish(request, stored, typed, number)
    except SavedByAnother:
        return _conflict(request, based_on, typed)
    say_what_changed(request, lines)
    warn_of_visits(request, stored, typed)
    return redirect("admin:clinic")


def in_force() -> tuple[dict[str, Any], int]:
    """Return the newest edition's facts and number, or ({}, 0) if no edition has been saved."""
    newest = Edition.newest()
    return (newest.facts, newest.number) if newest else ({}, 0)


def opened_facts(request: HttpRequest) -> dict[str, Any]:
    """Return the facts of the edition that a posted form was opened with."""
    opened = Edition.objects.filter(number=opened_edition(request)).first()
    return opened.facts if opened else {}


def opened_edition(request: HttpRequest) -> int:
    """Return the number of the edition that the posted form was opened with, or -1."""
    typed = request.POST.get("edition", "")
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 9 else -1


def refuse_if_outdated(request: HttpRequest, number: int) -> None:
    """Raise SavedByAnother unless the posted form was opened with the edition `number`."""
    if opened_edition(request) != number:
        raise SavedByAnother


def meanwhile(request: HttpRequest) -> dict[str, Any]:
    """Return the context that tells a manager what another one saved since the form was opened."""
    newest, opened = Edition.newest(), opened_edition(request)
    if not newest:
        return {"is_conflict": True}
    # A number that no form was opened with says nothing about what changed since.
    is_known = opened == 0 or Edition.objects.filter(number=opened).exists()
    changed = differences(opened_facts(request), newest.facts) if is_known else []
    return {"is_conflict": True, "saved_by": newest.saved_by, "saved_meanwhile": changed}


def _forms(stored: dict[str, Any], number: int) -> tuple[ClinicForm, Any]:
    closures = ClosureFormSet(prefix="closures", initial=stored.get("closures", []))
    return ClinicForm(stored=stored, edition=number), closures


def _typed(form: ClinicForm, closures: Any) -> dict[str, Any]:
    today = timezone.localdate().isoformat()
    kept = [each.row for each in closures if each.row and each.row["last"] >= today]
    others = {key: value for key, value in form.stored.items() if key not in ON_THIS_FORM}
    return others | form.facts | ({"closures": FACTS["closures"].clean(kept)} if kept else {})


def merged(based_on: dict[str, Any], typed: dict[str, Any], newest: dict[str, Any]) -> dict[str, Any]:
    """Return the newest facts with the changes that `typed` makes to the facts it is `based_on`."""
    changed_here = {key for key in FACTS if typed.get(key) != based_on.get(key)}
    both = {key: (typed if key in changed_here else newest).get(key) for key in FACTS}
    return {key: value for key, value in both.items() if value}


def _conflict(request: HttpRequest, based_on: dict[str, Any], typed: dict[str, Any]) -> HttpResponse:
    """Show what another manager saved, and the form with those facts and this manager's own changes."""
    facts, number = in_force()
    forms = _forms(merged(based_on, typed, facts), number)
    return _show(request, *forms, status=409, **meanwhile(request))


def publish(request: HttpRequest, before: dict[str, Any], after: dict[str, Any], number: int) -> list[str]:
    """Store the next edition, and move due times at which the clinic is now closed. Return one line per changed fact.

    If nothing changed, store nothing. Raise SavedByAnother if there already is an edition newer than `number`.
    """
    after = {key: after[key] for key in FACTS if after.get(key)}
    if not (lines := differences(before, after)):
        return []
    try:
        with transaction.atomic():
            edition = Edition.publish(after, "\n".join(lines), after=number, by=request.user)
            follow_the_calendar(after)
            changed = ", ".join(FACTS[key].label for key in FACTS if before.get(key) != after.get(key))
            record(request, AccessLogEntry.Action.CLINIC, detail=f"{edition}: {changed}"[:200])
    except IntegrityError:
        raise SavedByAnother from None
    return lines


def say_what_changed(request: HttpRequest, lines: list[str], done: str = "Saved.") -> None:
    if lines:
        messages.success(request, f"{done} The public pages show it in about 10 seconds.")
    else:
        messages.info(request, "Nothing was changed.")


def warn_of_visits(request: HttpRequest, before: dict[str, Any], after: dict[str, Any]) -> None:
    """Say how many coming visits are booked for times at which the clinic is closed now, but was open before."""
    was, now = Clinic.from_facts(before).calendar, Clinic.from_facts(after).calendar
    coming = ConsultationRequest.objects.filter(main_queue=MainQueue.SCHEDULED, scheduled_at__gte=timezone.now())
    visits = coming.values_list("scheduled_at", flat=True) if was != now else []
    if count := sum(now.rules_out(visit) and not was.rules_out(visit) for visit in visits):
        said = "1 visit is booked for a time" if count == 1 else f"{count} visits are booked for times"
        listed = f"{reverse('admin:consultations_consultationrequest_changelist')}?queue={MainQueue.SCHEDULED}"
        words = '{} when the clinic is now closed. <a href="{}">Go to {}</a> to move {}.'
        label, them = MainQueue.SCHEDULED.label, "it" if count == 1 else "them"
        messages.warning(request, format_html(words, said, listed, label, them))


def _show(request: HttpRequest, form: ClinicForm, closures: Any, status: int = 200, **context: Any) -> HttpResponse:
    context = {
        "form": form,
        "closures": closures,
        "close_today": CloseTodayForm(),
        "no_open_day": not Clinic.from_facts(in_force()[0]).can_promise,
    } | context
    return admin.site.page(request, "admin/clinic.html", "The clinic", status=status, **context)


@may_change
@require_safe
def google_profile(request: HttpRequest) -> HttpResponse:
    """Show the saved facts that Google's business profile asks for, spelled as the public pages spell them.

    And what to print to ask for reviews there, if the review link is set.
    """
    newest = Edition.newest()
    saved = Clinic.from_facts(newest.facts) if newest else Clinic()
    facts = {
        "Name": [saved.name],
        "Address": [saved.street, saved.locality] if saved.street else [],
        "Phone": [saved.phone] if saved.phone else [],
        "Hours": in_words("hours", saved.facts["hours"]).split("; ") if saved.hours else [],
        "Website": [f"{settings.SITE_URL}/"],
    }
    return admin.site.page(
        request,
        "admin/google_profile.html",
        "For your Google profile",
        facts=facts,
        has_review_page=bool(saved.review_url),
    )


@may_change
@require_safe
def history(request: HttpRequest) -> HttpResponse:
    """List the editions, newest first, with what each changed."""
    editions = list(Edition.objects.select_related("saved_by")[: EDITIONS_SHOWN + 1])
    for edition, before in zip_longest(editions, editions[1:]):
        edition.names_a_retired_reviewer = any(map(edition.facts.get, RETIRED_FACTS))
        now, was = ({} if each is None else each.facts for each in (edition, before))
        edition.notices = [
            kind for kind in NOTICES.values() if now.get(kind.fact, was.get(kind.fact)) != was.get(kind.fact)
        ]
    editions = editions[:EDITIONS_SHOWN]
    return admin.site.page(request, "admin/clinic_history.html", "Earlier facts", editions=editions)


@may_change
@require_POST
def put_back(request: HttpRequest, number: int) -> HttpResponse:
    """Publish an earlier edition's facts as a new edition."""
    earlier, newest = get_object_or_404(Edition, number=number), Edition.newest()
    try:
        say_what_changed(request, publish(request, newest.facts, earlier.facts, newest.number))
        warn_of_visits(request, newest.facts, earlier.facts)
    except SavedByAnother:
        messages.warning(request, "Another manager saved at the same moment, so nothing was put back. Look again.")
    return redirect("admin:clinic_history")


@may_change
@require_POST
def close_today(request: HttpRequest) -> HttpResponse:
    """Mark the clinic closed for all of today, and announce it until midnight beside any other announcement."""
    form = CloseTodayForm(request.POST)
    stored, number = in_force()
    if not form.is_valid():
        messages.error(request, "The reason must have 80 characters or fewer, so nothing was changed.")
        return redirect("admin:clinic")
    reason, today = form.cleaned_data["reason"], timezone.localdate()
    closure = {"first": today, "reason": reason}
    others = [row for row in stored.get("closures", []) if (row["first"], row["last"]) != (f"{today}", f"{today}")]
    after = stored | {"closures": FACTS["closures"].clean([*others, closure]), "closed_today": today.isoformat()}
    if warned := unconfirmed(request, stored, after):
        return _show(request, *_forms(stored, number), close_today=form, button="Close today", **warned)
    try:
        lines = publish(request, stored, after, number)
        say_what_changed(request, lines, "Closed for the rest of today. Nothing else was saved.")
        warn_of_visits(request, stored, after)
    except SavedByAnother:
        messages.warning(request, "Another manager saved at the same moment, so nothing was changed. Try again.")
    return redirect("admin:clinic")


# The pages where facts that are not on the page The clinic are entered.
PAGES = {
    "people": "admin:clinic_people",
    "prices": "admin:clinic_prices",
    **dict.fromkeys((DOOR, ROOM), "admin:clinic_pictures"),
    **{kind.url_fact: "admin:clinic_notices" for kind in NOTICES.values()},
}


def to_do() -> dict[str, str]:
    """Return what a manager still has to enter, with the address where: holidays of the next 30 days, missing facts."""
    newest = Edition.newest()
    stored = newest.facts if newest else {}
    today = timezone.localdate()
    soon = (today + timedelta(days=30)).isoformat()
    decided = stored.get("holidays", {})
    form = reverse("admin:clinic")
    holidays = {
        f"Open on {name}, {day:%B} {day.day}?": f"{form}#id_holiday_{day.isoformat()}"
        for day, name in Clinic.from_facts(stored).calendar.coming_holidays(today)
        if day.isoformat() <= soon and day.isoformat() not in decided
    }
    open_questions = sum(question.fact not in stored for question in QUESTIONS.values())
    unanswered = f"{open_questions} of the {len(QUESTIONS)} questions under “What we answer”"
    answers = {unanswered: reverse("admin:clinic_answers")} if open_questions else {}
    return holidays | answers | {label: _page_of(key) for key, label in missing(stored).items()}


def _page_of(key: str) -> str:
    """Return the address of the page, or of the field on the page The clinic, where a fact is entered."""
    if key in PAGES:
        return reverse(PAGES[key])
    return f"{reverse('admin:clinic')}#id_{WEEKDAY_NAMES[0] if key == 'hours' else key}"


def urls(guarded: Any) -> list[URLPattern]:
    """Return the URL patterns. `guarded` wraps a view so that it requires a signed-in staff member."""
    return [
        path("clinic/", guarded(clinic), name="clinic"),
        path("clinic/google-profile/", guarded(google_profile), name="clinic_google_profile"),
        path("clinic/history/", guarded(history), name="clinic_history"),
        path("clinic/put-back/<int:number>/", guarded(put_back), name="clinic_put_back"),
        path("clinic/close-today/", guarded(close_today), name="clinic_close_today"),
    ]
