"""The rows of a list of requests: who it is, what is next and when, the tries so far, and how to reach the patient."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from consultations.encryption import encrypted_fields
from consultations.models import ConsultationRequest, ContactAttempt
from consultations.statuses import ENDED, Outcome, Status
from front_desk import labels
from front_desk.queues import failed_mails

ContactBy = ConsultationRequest.ContactBy
# The only encrypted answers that a list shows. The others are neither read nor decrypted.
DECRYPTED = ("full_name", "needs", "language")
LAST_TRIES = {
    Outcome.NO_ANSWER: "no answer",
    Outcome.VOICEMAIL: "left voicemail",
    Outcome.TEXT: "sent text",
    Outcome.EMAIL: "sent email",
    Outcome.SPOKE: "spoke",
    Outcome.WRONG_NUMBER: "wrong number",
}


@dataclass(frozen=True)
class Next:
    """What staff must do next. `missed` means that it should have been done before now."""

    words: str
    detail: str = ""
    missed: bool = False


@dataclass(frozen=True)
class Row:
    consultation: ConsultationRequest
    url: str
    name: str
    badges: list[labels.Badge]
    received: str
    next: Next
    tries: str
    reach: str
    needs: str
    assignee: str
    group: str  # the heading that the list shows above the first row of the group


def with_what_rows_show(requests: QuerySet, decrypted: tuple[str, ...] = DECRYPTED) -> QuerySet:
    """Read what rows show, in three queries for any number of requests."""
    unread = [field.name for field in encrypted_fields(ConsultationRequest) if field.name not in decrypted]
    attempts = ContactAttempt.objects.filter(undone_at=None)
    return (
        requests.defer(*unread)
        .select_related("assigned_to")
        .prefetch_related(
            Prefetch("contact_attempts", queryset=attempts, to_attr="tries"),
            Prefetch("notifications", queryset=failed_mails(), to_attr="failed_emails"),
        )
    )


def rows(requests: Iterable[ConsultationRequest], queue: str = "") -> list[Row]:
    """Return the rows for requests read by `with_what_rows_show`. Their links name the queue, if there is one."""
    query = f"?{urlencode({'queue': queue})}" if queue else ""
    listed = [
        Row(
            consultation=one,
            url=reverse("admin:consultations_consultationrequest_change", args=[one.pk]) + query,
            name=labels.full_name(one),
            badges=badges(one),
            received=f"{labels.ago(one.created_at)} ago",
            next=next_action(one, one.tries),
            tries=tries_in_words(one.tries),
            reach=_reach(one),
            needs=labels.words_of(one, "needs"),
            assignee=_assignee(one),
            group=_group(one) if queue == "scheduled" else "",
        )
        for one in requests
    ]
    # The database sorts requests without a day among those with one. Each heading is shown once.
    headings = list(dict.fromkeys(row.group for row in listed))
    return sorted(listed, key=lambda row: headings.index(row.group))


def badges(one: ConsultationRequest) -> list[labels.Badge]:
    """Return the badges of a row: what needs attention, then the status."""
    others = {
        labels.Badge("referral", "Referral"): labels.is_referral(one),
        labels.Badge("failed", "Email failed"): one.failed_emails,
    }
    return [*labels.alerts(one), labels.badge(one), *(badge for badge, applies in others.items() if applies)]


def next_action(one: ConsultationRequest, tries: list[ContactAttempt]) -> Next:
    if one.status in ENDED:
        ended = labels.day(timezone.localdate(one.closed_at)) if one.closed_at else ""
        return Next(one.get_closed_reason_display() or one.get_status_display(), ended)
    if one.needs_help_now:
        return _help(one, tries)
    if one.withdrawn_at:
        return Next("Close it: the patient withdrew", missed=True)
    if one.status == Status.SUSPECTED:
        return Next("Check whether it is spam")
    if one.status == Status.SCHEDULED:
        return _visit(one)
    if one.status == Status.NEW:
        verb = _verb(one)
        if one.due_at is None:
            return Next(f"{verb} as soon as the clinic opens")
        return Next(f"{verb} by {moment(one.due_at)}", missed=one.is_overdue)
    if one.follow_up_on is None:
        return Next("Follow up", "no day was set", missed=True)
    return Next(f"Follow up {_named_day(one.follow_up_on)}", missed=one.missed_follow_up)


def _help(one: ConsultationRequest, tries: list[ContactAttempt]) -> Next:
    """Return what to do for someone who may be in crisis, until a clinician has been told."""
    if one.withdrawn_at:
        return Next("Tell a clinician now", "the patient withdrew", missed=True)
    spoken = one.status == Status.IN_TOUCH and not one.patient_changed_at
    if spoken or labels.reached_wrong_number(one, tries):
        return Next("Tell a clinician now", missed=True)
    if one.can_be_called:
        return Next("Call now", missed=True)
    return Next("Text now" if one.texts_only else "Email now", missed=True)


def _verb(one: ConsultationRequest) -> str:
    if one.texts_only:
        return "Text"
    return {ContactBy.TEXT: "Text", ContactBy.EMAIL: "Email"}.get(one.contact_by, "Call")


def _visit(one: ConsultationRequest) -> Next:
    if one.scheduled_at is None:
        return Next("Set the day of the visit", "none is recorded", missed=True)
    local = timezone.localtime(one.scheduled_at)
    when = f"{_short_day(local.date())} {_clock(local)}"
    if one.asks_for_result:
        return Next("Ask how the visit went", f"it was {when}", missed=True)
    return Next(f"Visit {when}")


def _group(one: ConsultationRequest) -> str:
    """Return the heading of the list of coming visits under which a request belongs."""
    Priority = ConsultationRequest.Priority
    if one.priority != Priority.NORMAL:
        return "Urgent" if one.priority == Priority.URGENT else "Changed by patient"
    if one.scheduled_at is None:
        return "No day recorded"
    if one.asks_for_result:
        return "Ask how the visit went"
    day = timezone.localdate(one.scheduled_at)
    words = date_format(day, "l, F j" if day.year == timezone.localdate().year else "l, F j, Y")
    return {0: f"Today, {words}", 1: f"Tomorrow, {words}"}.get((day - timezone.localdate()).days, words)


def tries_in_words(tries: list[ContactAttempt]) -> str:
    """Return the number of contact attempts and the last one, such as "2 tries, last: left voicemail Tue"."""
    if not tries:
        return ""
    last = tries[-1]
    count = f"{len(tries)} tries, last" if len(tries) > 1 else "1 try"
    return f"{count}: {LAST_TRIES[last.outcome]} {_short_day(timezone.localdate(last.at))}"


def _reach(one: ConsultationRequest) -> str:
    best = "any time" if one.best_time == ConsultationRequest.BestTime.ANY else one.get_best_time_display().lower()
    way = ContactBy.TEXT.label if one.texts_only else one.get_contact_by_display()
    return f"{way}, {best}"


def _assignee(one: ConsultationRequest) -> str:
    if one.assigned_to is None:
        return "Unassigned"
    return str(one.assigned_to) if one.assigned_to.is_active else f"{one.assigned_to} (account is off)"


# --- Days and times


def moment(when: datetime) -> str:
    """Return a time and its day, such as "2 p.m. today" or "10 a.m. Fri, Nov 27"."""
    local = timezone.localtime(when)
    return f"{_clock(local)} {_named_day(local.date())}"


def _clock(local: datetime) -> str:
    return date_format(local, "g a" if local.minute == 0 else "g:i a")


def _named_day(day: date) -> str:
    away = (day - timezone.localdate()).days
    year = "" if day.year == timezone.localdate().year else ", Y"
    return {-1: "yesterday", 0: "today", 1: "tomorrow"}.get(away) or date_format(day, f"D, M j{year}")


def _short_day(day: date) -> str:
    """Return a day near today by name, such as "today" or "Mon", and any other with its date."""
    near = abs(day - timezone.localdate()) < timedelta(days=7)
    named = _named_day(day)
    return named.partition(",")[0] if near else named
