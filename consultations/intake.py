"""How a request is stored: exactly once, together with the mail about it, or not at all."""

import uuid
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone

from consultations import notifications, screening
from consultations.forms import CONSENT_VERSION, ConsultationForm
from consultations.models import ConsultationRequest, Correction, new_reference

MOST_CORRECTIONS = 5


class TooManyRequests(Exception):
    """More came from one address, or for one form, than any person sends."""


@transaction.atomic
def receive(form: ConsultationForm, request: HttpRequest) -> ConsultationRequest:
    """Store what a valid form asks, or find that it is stored already.

    The same form with the same answers is the same request. With changed answers it is a correction,
    unless the request has ended meanwhile: then nobody would see it there, and it becomes a new one.
    So does whatever comes after a withdrawal: somebody has thought better of it.
    Raises TooManyRequests; a failure of the database leaves nothing half-done.
    """
    key = form.key
    while earlier := ConsultationRequest.objects.select_for_update().filter(submission_key=key).first():
        changed = _changes(earlier, form.content)
        if not changed and not earlier.withdrawn_at:
            return earlier
        if earlier.status not in ConsultationRequest.ENDED and not earlier.withdrawn_at:
            return _correct(earlier, changed, form.content)
        key = uuid.uuid5(key, "after the end")
    try:
        with transaction.atomic():
            return _store(key, form, request)
    except IntegrityError:
        if not ConsultationRequest.objects.filter(submission_key=key).exists():
            raise
        return receive(form, request)  # its twin was quicker


def _store(key: uuid.UUID, form: ConsultationForm, request: HttpRequest) -> ConsultationRequest:
    now = timezone.now()
    hashes = screening.address_hashes(request.client_address, now)
    from_address = screening.requests_from(hashes, now) + 1
    if from_address > screening.REFUSED_ABOVE:
        raise TooManyRequests
    reasons = screening.reasons_to_suspect(
        form.content,
        trap=form.cleaned_data["kettle"],
        opened_at=form.cleaned_data["opened_at"],
        fetch_site=request.headers.get("Sec-Fetch-Site", ""),
        from_address=from_address,
    )
    consultation = ConsultationRequest.objects.create(
        **form.content,
        submission_key=key,
        reference=_free_reference(),
        created_at=now,
        consent_at=now,
        consent_version=CONSENT_VERSION,
        address_hash=next(iter(hashes), ""),
        suspected_spam=screening.is_suspected(reasons),
        spam_reasons="; ".join(reasons),
    )
    notifications.queue_new(consultation, crowded=screening.is_crowded(now))
    return consultation


def _free_reference() -> str:
    while ConsultationRequest.objects.filter(reference=(reference := new_reference())).exists():
        pass
    return reference


def _changes(earlier: ConsultationRequest, content: dict[str, Any]) -> list[str]:
    return [name for name in content if getattr(earlier, name) != content[name]]


def _correct(earlier: ConsultationRequest, changed: list[str], content: dict[str, Any]) -> ConsultationRequest:
    """Keep the new answers, and what stood there before."""
    if earlier.corrections.count() >= MOST_CORRECTIONS:
        raise TooManyRequests
    before = [f"{_name(name)}: {_shown(earlier, name)}" for name in changed]
    correction = Correction.objects.create(request=earlier, before="\n".join(before))
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
