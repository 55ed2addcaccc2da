"""The page of one request: what staff read on it, and what happens when they save it."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html

from clinic import snapshot
from consultations.models import AccessLogEntry, ConsultationRequest, ContactAttempt, Correction, Note
from consultations.statuses import MainQueue, Status
from front_desk import access_log, actions, labels, list_rows, neutral_wording, queues
from front_desk.earlier_words import words_taken_back
from front_desk.history import Event, changes_since, history
from front_desk.work_form import WorkForm

Action = AccessLogEntry.Action
OPENED_RECENTLY = timedelta(minutes=10)
# The outcomes of an appointment that close a request with one click. A visit on another day is scheduled again.
VISIT_RESULTS = {"completed": "Completed", "canceled": "Canceled", "no-show": "No-show"}


def show(request: HttpRequest, consultation: ConsultationRequest) -> HttpResponse:
    initial = {"queue": chosen_queue(request), "keep_going": "keep_going" in request.GET}
    return _page(request, consultation, WorkForm(consultation=consultation, initial=initial))


def save(request: HttpRequest, consultation: ConsultationRequest) -> HttpResponse:
    """Save the work form. If that fails, show the page again with everything that was typed."""
    form = WorkForm(request.POST, consultation=consultation)
    valid = form.is_valid()
    if consultation.erased_at:
        return _conflict(request, consultation, form)
    if not valid:
        return _page(request, consultation, form, status=422)
    queue = chosen_queue(request)
    place = queues.position(queue, consultation)
    try:
        said = _apply(request, consultation, form)
    except actions.MoveNotAllowed as error:
        form.add_error(None, str(error))
        return _page(request, consultation, form, status=422)
    except actions.EditConflict:
        consultation.refresh_from_db()
        return _conflict(request, consultation, form)
    return _after_saving(request, consultation, form, said, place)


def page_url(consultation: ConsultationRequest, queue: str = "open", keep_going: bool = False) -> str:
    """Return the address of a request's page. It names the queue that the page was opened from."""
    query = {"queue": queue} if queue != "open" else {}
    if keep_going:
        query["keep_going"] = "on"
    url = reverse("admin:consultations_consultationrequest_change", args=[consultation.pk])
    return f"{url}?{urlencode(query)}" if query else url


def chosen_queue(request: HttpRequest) -> str:
    """Return the queue that the page was opened from, or Open if the page doesn't name a known one."""
    name = request.POST.get("queue") or request.GET.get("queue") or "open"
    return name if name in queues.QUEUES else "open"


# --- Saving


@transaction.atomic
def _apply(request: HttpRequest, consultation: ConsultationRequest, form: WorkForm) -> str:
    """Do what the pressed button says, and return the message for the next page. It contains nothing that was typed."""
    data, work = form.cleaned_data, form.work()
    seen = data["version"]
    if data["undo"] or data["reopen"]:
        step = actions.undo if data["undo"] else actions.reopen
        fresh = step(consultation, request.user, seen)
        if work.note:
            fresh = actions.work_on(fresh, request.user, fresh.version, actions.Work(note=work.note))
        done = _undone(fresh, consultation) if data["undo"] else "Reopened."
        said = f"{done} Status: {fresh.get_status_display().lower()}."
    elif work.note or work.changes_the_request:
        fresh = actions.work_on(consultation, request.user, seen, work)
        said = _said(work, fresh)
    else:
        return ""  # "Save and next" on a page where nothing was entered
    access_log.record(request, Action.CHANGE, consultation)
    return said


def _undone(fresh: ConsultationRequest, before: ConsultationRequest) -> str:
    """Return what the history says was undone, without the words that were typed as the reason to close."""
    undone, typed = str(fresh.notes.filter(kind=Note.Kind.SYSTEM).last().text), before.closed_words
    return undone.replace(f": {typed.removesuffix('.')}", "") if typed and isinstance(typed, str) else undone


def _said(work: actions.Work, fresh: ConsultationRequest) -> str:
    sentences = [] if work.to in (Status.SPAM, Status.NEW) else ["Saved."]
    if work.clinician_told:
        sentences.append("You told a clinician.")
    if work.not_urgent:
        sentences.append("Marked as not urgent.")
    if work.attempt:
        sentences.append(f"{work.attempt.label}.")
    if work.to == Status.SCHEDULED:
        visit = timezone.localtime(fresh.scheduled_at)
        sentences.append(f"Visit {date_format(visit, 'D, M j, g:i a')}")
    elif work.to == Status.CLOSED:
        sentences.append(f"Closed: {fresh.get_closed_reason_display().lower()}.")
    elif work.to:
        sentences.append("Marked as spam." if work.to == Status.SPAM else f"Moved to {fresh.get_status_display()}.")
    if "assigned_to" in work.changed:
        sentences.append(f"Assigned to {work.assigned_to}." if work.assigned_to else "Unassigned.")
    follows_up = fresh.main_queue == MainQueue.OPEN and fresh.follow_up_on
    if work.attempt and fresh.urgent and not fresh.clinician_told_at:
        sentences.append("Tell a clinician now.")
    elif follows_up and (work.attempt or "follow_up_on" in work.changed):
        sentences.append(f"Follow up {date_format(fresh.follow_up_on, 'D, M j')}.")
        if not snapshot.current().calendar.spans_on(fresh.follow_up_on):
            sentences.append("The clinic is closed that day.")
    return " ".join(sentences) if work.changes_the_request else "Note saved."


def _after_saving(
    request: HttpRequest, consultation: ConsultationRequest, form: WorkForm, said: str, place: tuple
) -> HttpResponse:
    """Show the request again, or the next one of the queue if staff asked for that."""
    data, queue = form.cleaned_data, chosen_queue(request)
    here = page_url(consultation, queue, data["keep_going"])
    stays = data["undo"] or data["reopen"] or data["told"] or data["not_urgent"]
    if stays or not (data["then"] or data["keep_going"]):
        messages.success(request, said)
        return redirect(here)
    if said:
        # The link leads back, because an undo is only on the request's own page.
        messages.success(request, format_html('<a href="{}">{}</a>: {}', here, consultation.reference, said))
    # `place` is where the request was before staff acted on it, since acting moves it or takes it out of the queue.
    claims = queue == "open" and data["keep_going"]
    following = _claim_next(request, consultation, place) if claims else _next(request, consultation, place)
    if following is None:
        last = (
            "the last open request that no colleague has"
            if claims
            else f"the end of the queue “{queues.QUEUES[queue]}”"
        )
        messages.info(request, f"That was {last}. All caught up for now.")
        return redirect(f"{reverse('admin:consultations_consultationrequest_changelist')}?queue={queue}")
    return redirect(page_url(following, queue, data["keep_going"]))


def _next(request: HttpRequest, consultation: ConsultationRequest, place: tuple) -> ConsultationRequest | None:
    """Return the request listed next after `place` in the queue, other than the one that was just saved."""
    queue = chosen_queue(request)
    following = queues.neighbor(queue, request.user, place)
    if following == consultation:  # it moved down the queue
        following = queues.neighbor(queue, request.user, queues.position(queue, following))
    return following


def _claim_next(request: HttpRequest, consultation: ConsultationRequest, place: tuple) -> ConsultationRequest | None:
    """Assign the next open request that no colleague works on to the user, as "Start with next" does, and return it."""
    following = queues.next_to_start(request.user, place)
    while following and (following == consultation or not claimed(request, following)):
        following = queues.next_to_start(request.user, queues.position("open", following))
    return following


def claimed(request: HttpRequest, consultation: ConsultationRequest) -> bool:
    """Assign the request to the user, unless a colleague works on it. Return whether the user has it now."""
    if not queues.is_free(consultation):
        return consultation.assigned_to == request.user
    if actions.claim(consultation, request.user).assigned_to != request.user:
        return False
    access_log.record(request, Action.CHANGE, consultation)
    return True


def _conflict(request: HttpRequest, consultation: ConsultationRequest, form: WorkForm) -> HttpResponse:
    """Show what changed since the page was shown, with everything that was typed."""
    return _page(
        request,
        consultation,
        WorkForm.after_conflict(form, consultation),
        status=409,
        conflict=True,
        shown_since=form.shown_since,
    )


# --- Reading


def _page(
    request: HttpRequest, consultation: ConsultationRequest, form: WorkForm, status: int = 200, **context: Any
) -> HttpResponse:
    """Return the page, and record in the access log that it was seen."""
    access_log.record(request, Action.VIEW, consultation)
    queue, user = chosen_queue(request), request.user
    events = history(consultation)
    views = list(consultation.access_log_entries.filter(action=Action.VIEW).select_related("user"))
    step = actions.undoable_step(consultation)
    attempts = list(consultation.contact_attempts.filter(undone_at=None).select_related("author"))
    if context.get("conflict"):
        context["changes"] = changes_since(events, context.pop("shown_since"), user)
    context |= {
        "consultation": consultation,
        "form": form,
        "events": events,
        "views": views,
        "opened_recently": _opened_recently(views, user),
        "undoable": _event_at(events, step.at) if step else None,
        "told": _told(events, consultation),
        "unsent": [
            (mail, labels.mail_problem(mail))
            for mail in consultation.notifications.all()
            if not mail.sent_at and not mail.dismissed_at
        ],
        "may_change": user.has_perm("consultations.change_consultationrequest"),
        "queue": queue,
        "queue_name": queues.QUEUES[queue],
        **_neighbors(request, consultation, queue, form),
        **_words(consultation, attempts, user),
        **_choices(consultation, attempts),
    }
    return admin.site.page(request, "admin/consultations/request.html", consultation.reference, status, **context)


def _neighbors(request: HttpRequest, consultation: ConsultationRequest, queue: str, form: WorkForm) -> dict[str, str]:
    """Return the addresses of the previous and the next request in the queue."""
    place = queues.position(queue, consultation)
    if None in place:  # an erased or ended request, opened from a queue that it is no longer in
        return {}
    going = bool(form["keep_going"].value())
    before = queues.neighbor(queue, request.user, place, before=True)
    after = queues.neighbor(queue, request.user, place)
    return {
        "before": before and page_url(before, queue, going),
        "after": after and page_url(after, queue, going),
    }


def _words(consultation: ConsultationRequest, attempts: list[ContactAttempt], user: User) -> dict[str, Any]:
    """Return the wording of the answers, with those marked that the patient changed."""
    changed = _changed_answers(consultation)
    others = list(queues.same_contact(consultation).order_by("created_at"))
    wrong = labels.reached_wrong_number(consultation, attempts)
    links = [] if consultation.withdrawn_at else labels.contact_links(consultation, changed, wrong_number=wrong)
    stricter = next((other for other in others if other.voicemail_ok is False and not other.erased_at), None)
    refused = consultation.voicemail_ok is False or stricter is not None
    name = user.first_name.strip()
    in_links = neutral_wording.wording(consultation, name, refused=refused)
    links = [neutral_wording.prefilled(link, in_links) for link in links]
    return {
        "full_name": labels.full_name(consultation),
        "badge": labels.badge(consultation),
        "alerts": labels.alerts(consultation),
        "next_action": list_rows.next_action(consultation, attempts),
        "is_referral": labels.is_referral(consultation),
        "changed": changed,
        "needs": labels.words_of(consultation, "needs"),
        "facts": labels.facts(consultation, changed),
        "links": links,
        "wording": neutral_wording.wording(consultation, name or neutral_wording.NAME_PLACE, refused=refused),
        "ways": {link.way for link in links},
        "urgent_links": sorted(links, key=lambda link: (link.wrong, link.way != ConsultationRequest.ContactBy.CALL)),
        "wrong_number": wrong,
        "others": [(other, labels.full_name(other)) for other in others],
        "stricter": stricter if consultation.voicemail_ok else None,
        "erased_after": labels.erased_after(consultation),
        "words_taken_back": words_taken_back(consultation) if consultation.urgent else "",
    }


def _choices(consultation: ConsultationRequest, attempts: list[ContactAttempt]) -> dict[str, Any]:
    """Return the contact attempts, and the buttons that the request allows."""
    moves, status = consultation.moves, Status(consultation.status)
    tries = status.rule.tries and not consultation.withdrawn_at and not consultation.erased_at
    return {
        "attempts": attempts,
        "outcomes": labels.outcomes(consultation) if tries else [],
        "may_schedule": Status.SCHEDULED in moves,
        "may_close": Status.CLOSED in moves,
        "is_scheduled": status == Status.SCHEDULED,
        "scheduled": Status.SCHEDULED,
        "closed": Status.CLOSED,
        "other_moves": [move for move in moves if move not in (Status.SCHEDULED, Status.CLOSED)],
        "may_reopen": status == Status.CLOSED and not consultation.withdrawn_at,
        "visit_results": VISIT_RESULTS if consultation.asks_for_result else {},
    }


def _changed_answers(consultation: ConsultationRequest) -> set[str]:
    """Return the names of the answers that the patient changed since staff last did more than assign the request."""
    if not consultation.patient_changed_at:
        return set()
    corrections = Correction.objects.filter(consultation=consultation, author=None)
    if last := actions.last_act(consultation):
        corrections = corrections.filter(corrected_at__gt=last.at)
    return {name for changed in corrections.values_list("changed", flat=True) for name in changed.split(",") if name}


def _opened_recently(views: list[AccessLogEntry], user: Any) -> list[str]:
    """Return who else opened the page in the last minutes, such as "dana opened this 3 minutes ago"."""
    since = timezone.now() - OPENED_RECENTLY
    latest = {view.user: view.at for view in reversed(views) if view.at > since and view.user != user}
    return [f"{name} opened this {labels.ago_in_words(at)}" for name, at in latest.items()]


def _event_at(events: list[Event], moment: Any) -> Event | None:
    """Return the entry that staff's step at `moment` added to the history."""
    return next((event for event in reversed(events) if event.kind == "done" and event.at >= moment), None)


def _told(events: list[Event], consultation: ConsultationRequest) -> Event | None:
    """Return the entry of the history that says who told a clinician."""
    if not consultation.clinician_told_at:
        return None
    return _event_at(events, consultation.clinician_told_at)
