"""How a request is stored: exactly once, together with the mail about it, or not at all."""

import uuid
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from consultations import notifications, rate_limit, spam
from consultations.forms import CONSENT_VERSION, ConsultationForm
from consultations.models import ConsultationRequest, Correction
from consultations.statuses import Status
from consultations.turns import turn_to_write

MOST_CORRECTIONS = 5


class TooManyRequests(Exception):
    """More came from one address, or for one form, than any person sends."""


def receive(form: ConsultationForm, request: HttpRequest) -> ConsultationRequest:
    """Store what a valid form asks, or find that it is stored already.

    The same form with the same answers is the same request. With changed answers it is a correction,
    unless the request has ended meanwhile: then nobody would see it there, and it becomes a new one.
    So does whatever comes after a withdrawal: somebody has thought better of it.
    Raises TooManyRequests; a failure of the database leaves nothing half-done.
    """
    key = form.key
    while ConsultationRequest.objects.filter(submission_key=key).exists():
        if earlier := _sent_again(key, form):
            return earlier
        key = uuid.uuid5(key, "after the end")
    consultation = _new(key, form, request)
    crowded = rate_limit.is_crowded(consultation.created_at)
    try:
        # Nothing but the writing itself: whoever writes holds up all others. So what came at the very same moment
        # was not counted, and an address may send a few more than its limit.
        with turn_to_write(), transaction.atomic():
            consultation.save(force_insert=True)
            notifications.queue_new(consultation, crowded=crowded)
    except IntegrityError:
        taken = Q(submission_key=key) | Q(reference=consultation.reference)
        if not ConsultationRequest.objects.filter(taken).exists():
            raise
        return receive(form, request)  # its twin was quicker, or somebody has drawn the same reference
    return consultation


def _sent_again(key: uuid.UUID, form: ConsultationForm) -> ConsultationRequest | None:
    """The request with this key, corrected if the answers have changed; None if it takes none any more."""
    with turn_to_write(), transaction.atomic():
        earlier = ConsultationRequest.objects.select_for_update().get(submission_key=key)
        if earlier.withdrawn_at:
            return None
        changed = _changes(earlier, form.content)
        if not changed:
            return earlier
        if earlier.status in ConsultationRequest.ENDED:
            return None
        return _correct(earlier, changed, form.content)


def _new(key: uuid.UUID, form: ConsultationForm, request: HttpRequest) -> ConsultationRequest:
    """The request to be stored, with what screening found. Raises TooManyRequests."""
    now = timezone.now()
    hashes = rate_limit.address_hashes(request.client_address, now)
    requests_from_address = rate_limit.requests_from(hashes, now) + 1
    if requests_from_address > rate_limit.REFUSED_ABOVE:
        raise TooManyRequests
    reasons = spam.reasons_to_suspect(
        form.content,
        trap=form.cleaned_data["honeypot"],
        opened_at=form.cleaned_data["opened_at"],
        fetch_site=request.headers.get("Sec-Fetch-Site", ""),
        requests_from_address=requests_from_address,
    )
    return ConsultationRequest(
        **form.content,
        submission_key=key,
        created_at=now,
        consent_at=now,
        consent_version=CONSENT_VERSION,
        address_hash=next(iter(hashes), ""),
        status=Status.SUSPECTED if spam.is_suspected(reasons) else Status.NEW,
        spam_reasons="; ".join(reasons),
    )


def _changes(earlier: ConsultationRequest, content: dict[str, Any]) -> list[str]:
    return [name for name in content if getattr(earlier, name) != content[name]]


def _correct(earlier: ConsultationRequest, changed: list[str], content: dict[str, Any]) -> ConsultationRequest:
    """Keep the new answers, and what stood there before."""
    if earlier.corrections.count() >= MOST_CORRECTIONS:
        raise TooManyRequests
    before = [f"{_name(name)}: {_shown(earlier, name)}" for name in changed]
    correction = Correction.objects.create(consultation=earlier, before="\n".join(before))
    for name in changed:
        setattr(earlier, name, content[name])
    earlier.corrected_at = earlier.consent_at = correction.corrected_at
    earlier.consent_version = CONSENT_VERSION
    earlier.save(update_fields=[*changed, "corrected_at", "consent_at", "consent_version"])
    notifications.queue_corrected(correction, new_address="email" in changed)
    return earlier


def _name(field: str) -> str:
    return str(ConsultationRequest._meta.get_field(field).verbose_name).capitalize()


def _shown(consultation: ConsultationRequest, field: str) -> str:
    display = getattr(consultation, f"get_{field}_display", None)
    value = display() if display else getattr(consultation, field)
    return {True: "yes", False: "no", None: "not answered", "": "not answered"}.get(value, str(value))
