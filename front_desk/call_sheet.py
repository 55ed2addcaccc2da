"""The call sheet: a queue's calls on paper, for a desk that can't have the screen in view during a call.

It has what a call needs, and neither the reason for contact nor anything else that the patient wrote.
"""

from dataclasses import dataclass

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from consultations.models import AccessLogEntry, ConsultationRequest
from front_desk import access_log, labels, list_rows, queues
from front_desk.request_list import chosen_queue

MOST_PRINTED = 60
DECRYPTED = ("full_name", "needs", "language", "phone", "direct_line")
ContactBy, Need = ConsultationRequest.ContactBy, ConsultationRequest.Need
# Said beside the number of those who would rather not be called.
PREFERS = {ContactBy.TEXT: "Prefers text", ContactBy.EMAIL: "Prefers email"}
# The needs that matter before someone dials.
NEEDED_FOR_A_CALL = (Need.SPANISH, Need.LANGUAGE, Need.RELAY)


@dataclass(frozen=True)
class Call:
    """One row of the sheet."""

    consultation: ConsultationRequest
    name: str
    next: list_rows.Next
    numbers: list[tuple[str, str]]  # each with a warning, or ""
    prefers: str  # empty if the person asked for a call
    may_name_clinic: bool
    best_time: str
    needs: list[str]
    tries: str
    first: bool  # before all others, because the person may be in danger


@permission_required("consultations.view_consultationrequest", raise_exception=True)
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show the calls of a queue in the order to make them, and log one view of all of their requests."""
    queue = chosen_queue(request)
    waiting = queues.in_queue(queue, request.user).filter(queues.NOT_ENDED, withdrawn_at=None, erased_at=None)
    in_order = waiting.order_by(*queues.BY_NEXT_ACTION)
    listed = list(list_rows.with_what_rows_show(in_order, DECRYPTED)[: MOST_PRINTED + 1])
    calls = calls_of(listed[:MOST_PRINTED])
    access_log.record(
        request,
        AccessLogEntry.Action.VIEW,
        references=[call.consultation.reference for call in calls],
        detail="Call sheet",
    )
    context = {
        "calls": calls,
        "others": len(listed[:MOST_PRINTED]) - len(calls),
        "is_capped": len(listed) > MOST_PRINTED,
        "most": MOST_PRINTED,
        "queue": queue,
        "queue_name": queues.QUEUES[queue],
    }
    return admin.site.page(request, "admin/consultations/call_sheet.html", "Call sheet", **context)


def calls_of(requests: list[ConsultationRequest]) -> list[Call]:
    """Return a row for each request that may be called, in the order of `requests`."""
    refused = _contacts_that_refuse(requests)
    return [_call(one, refused) for one in requests if labels.numbers_to_call(one)]


def _call(one: ConsultationRequest, refused: set[str]) -> Call:
    wrong = labels.reached_wrong_number(one, one.tries)
    numbers = labels.numbers_to_call(one).values()
    return Call(
        consultation=one,
        name=labels.full_name(one),
        next=list_rows.next_action(one, one.tries),
        numbers=[(number, "wrong number?" if wrong else labels.number_warning(number)) for number in numbers],
        prefers=PREFERS.get(one.contact_by, ""),
        may_name_clinic=bool(one.voicemail_ok) and not {one.phone_hash, one.email_hash} & refused,
        best_time=one.get_best_time_display(),
        needs=_needs_for_a_call(one),
        tries=list_rows.tries_in_words(one.tries),
        first=one.needs_help_now,
    )


def _needs_for_a_call(one: ConsultationRequest) -> list[str]:
    needs = zip(one.chosen("needs"), labels.each_in_words(one, "needs"), strict=False)  # unreadable needs are none
    return [words for need, words in needs if need in NEEDED_FOR_A_CALL]


def _contacts_that_refuse(requests: list[ConsultationRequest]) -> set[str]:
    """Return the hashes of phones and emails that another request says may not get a voicemail naming the clinic."""
    hashes = {value for one in requests for value in (one.phone_hash, one.email_hash) if value}
    same = Q(phone_hash__in=hashes) | Q(email_hash__in=hashes)
    stricter = ConsultationRequest.objects.filter(same, voicemail_ok=False, erased_at=None)
    return {value for pair in stricter.values_list("phone_hash", "email_hash") for value in pair if value}
