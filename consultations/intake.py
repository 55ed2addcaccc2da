"""Stores each submitted form exactly once, in one transaction with the emails about it."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import capfirst

from clinic import typed
from consultations import notifications, rate_limit, spam
from consultations.encryption import Unreadable
from consultations.forms import CONSENT_VERSION, ConsultationForm
from consultations.models import ConsultationRequest, Correction
from consultations.statuses import Status
from consultations.turns import turn_to_write

MOST_CORRECTIONS = 5
# The columns that a correction saves besides the changed answers.
SAVED_BY_CORRECTIONS = (
    *("corrected_at", "patient_changed_at", "consent_at", "consent_version", "version"),
    *("urgent", "clinician_told_at", "status"),
)


class TooManyRequests(Exception):
    """Raised if an address has sent too many requests."""


def receive(form: ConsultationForm, request: HttpRequest) -> ConsultationRequest:
    """Store a valid form and return its request.

    The submission key makes this function idempotent. If a request with the form's key exists, the same answers
    return that request, and different answers correct it. If the existing request has ended, different answers are
    stored as a new request, because staff no longer look at the old one, and also if it was corrected too often. If
    the existing request was withdrawn or erased, any answers are stored as a new request. The answers of someone else,
    who went back to a form that was already sent, are a new request too. Raises TooManyRequests. If a database error
    is raised, nothing was stored.
    """
    key = form.key
    while True:
        made = None
        try:
            made = _new(key, form, request)
            return _stored(made)
        except (TooManyRequests, IntegrityError):
            # Only now, because nearly every key is new, and asking first would cost each of them a query.
            if ConsultationRequest.objects.filter(submission_key=key).exists():
                if earlier := _sent_again(key, form):
                    return earlier
                key = uuid.uuid5(key, "after the end")
            elif made is None or not ConsultationRequest.objects.filter(reference=made.reference).exists():
                raise


def _stored(consultation: ConsultationRequest) -> ConsultationRequest:
    """Store a new request and its emails. Raises IntegrityError if its submission key or reference is taken."""
    crowded = rate_limit.is_crowded(consultation.created_at)
    # The transaction contains only the INSERTs, because writers block each other. The rate limit is checked before the
    # transaction, so concurrent requests can slightly exceed the limit.
    with turn_to_write(), transaction.atomic():
        consultation.save(force_insert=True)
        notifications.queue_new(consultation, crowded=crowded)
        if consultation.urgent:
            notifications.queue_urgent(consultation)
    return consultation


def _sent_again(key: uuid.UUID, form: ConsultationForm) -> ConsultationRequest | None:
    """Return the request with this key, corrected if the answers differ, or None if the form needs a new request."""
    with turn_to_write(), transaction.atomic():
        earlier = ConsultationRequest.objects.select_for_update().get(submission_key=key)
        if earlier.withdrawn_at or earlier.erased_at:
            return None
        changed = changes(earlier, form.content)
        if not changed:
            return earlier
        if is_someone_else(earlier, form.content):
            return None
        if earlier.status in ConsultationRequest.ENDED or _corrections_of(earlier) >= MOST_CORRECTIONS:
            return None
        return _correct(earlier, changed, form)


def _new(key: uuid.UUID, form: ConsultationForm, request: HttpRequest) -> ConsultationRequest:
    """Apply the rate limit and the spam check, and return an unsaved request. Raises TooManyRequests."""
    now = timezone.now()
    hashes = rate_limit.address_hashes(request.client_address, now)
    is_referral = form.content["asking_for"] == ConsultationRequest.AskingFor.PATIENT
    recent = rate_limit.requests_from(hashes, now, referrals=is_referral)
    if recent.total >= (rate_limit.URGENT_REFUSED_ABOVE if form.is_urgent else rate_limit.REFUSED_ABOVE):
        raise TooManyRequests
    reasons = spam.reasons_to_suspect(
        form.content,
        trap=form.cleaned_data["honeypot"],
        opened_at=form.cleaned_data["opened_at"],
        fetch_site=request.headers.get("Sec-Fetch-Site", ""),
        requests_from_address=recent.alike + 1,
    )
    return ConsultationRequest(
        **form.content,
        submission_key=key,
        created_at=now,
        consent_at=now,
        consent_version=CONSENT_VERSION,
        address_hash=next(iter(hashes), ""),
        urgent=form.is_urgent,
        status=Status.SUSPECTED if spam.is_suspected(reasons) and not form.is_urgent else Status.NEW,
        spam_reasons="; ".join(reasons),
    )


def changes(earlier: ConsultationRequest, content: dict[str, Any]) -> list[str]:
    """Return the names of the answers that differ from those stored."""
    return [name for name in content if getattr(earlier, name) != content[name]]


def is_someone_else(earlier: ConsultationRequest, content: dict[str, Any]) -> bool:
    """Return whether both the name and the contact differ from those stored, so these are another person's answers.

    Another spelling of the name or number is the same, and so is a number or address that was added. Answers that
    cannot be decrypted say nothing about who it was.
    """
    if any(isinstance(getattr(earlier, name), Unreadable) for name in ("full_name", "phone", "email")):
        return False
    if typed.searchable(earlier.full_name) == typed.searchable(content["full_name"]):
        return False
    before = {"phone": typed.phone_key(earlier.phone), "email": typed.email_key(earlier.email)}
    now = {"phone": typed.phone_key(content["phone"]), "email": typed.email_key(content["email"])}
    shared = any(now[name] and now[name] == before[name] for name in before)
    replaced = any(now[name] and before[name] and now[name] != before[name] for name in before)
    return replaced or not shared


def _corrections_of(earlier: ConsultationRequest) -> int:
    return earlier.corrections.filter(author=None).count()


def _correct(earlier: ConsultationRequest, changed: list[str], form: ConsultationForm) -> ConsultationRequest:
    """Store the new answers in the request, and the old answers in a Correction. Judge again whether it is urgent.

    Each change of a text to one that reads like a crisis is announced and asks staff again to tell a clinician. An
    urgent request stays urgent until they have, because someone in danger may take their words back.
    """
    correction = Correction.objects.create(
        consultation=earlier, before=in_words(earlier, changed), changed=",".join(changed)
    )
    for name in changed:
        setattr(earlier, name, form.content[name])
    earlier.corrected_at = earlier.consent_at = earlier.patient_changed_at = correction.corrected_at
    earlier.consent_version = CONSENT_VERSION
    earlier.version += 1
    was_suspected = earlier.status == Status.SUSPECTED
    alarming = form.is_urgent_in(changed) or (form.is_urgent and not earlier.urgent)
    earlier.urgent = form.is_urgent or earlier.needs_help_now
    if alarming:
        earlier.clinician_told_at = None
        earlier.status = Status.NEW if was_suspected else earlier.status
    earlier.save(update_fields=[*changed, *SAVED_BY_CORRECTIONS])
    if alarming:
        notifications.queue_urgent(earlier)
    if alarming and was_suspected:
        notifications.queue_new(earlier)
    else:
        notifications.queue_corrected(correction, new_address="email" in changed)
    return earlier


def in_words(consultation: ConsultationRequest, names: Iterable[str]) -> str:
    """Return one line for each of these answers."""
    shown = [consultation.shown(name) for name in names]
    return "\n".join(f"{capfirst(label)}: {words or 'not answered'}" for label, words in shown)
