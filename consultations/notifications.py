"""The outbox: emails are queued in the transaction that stores their request, and a worker sends them.

Emails contain a request's reference, and emails to staff also a link to it, but never anything that a patient typed.
Delivery is at least once. If the worker dies or the mail server's response is lost before the result is stored, the
email is sent again with the same Message-ID.
"""

import logging
import threading
import uuid
from datetime import datetime, time, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F, Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from clinic import snapshot, typed
from consultations.encryption import Unreadable
from consultations.models import ConsultationRequest, Correction, Heartbeat, Notification, overdue
from consultations.statuses import Status

logger = logging.getLogger(__name__)

Kind = Notification.Kind
DIGEST_AT = time(8)


# --- Queueing, in the transaction that stores the change the email reports


def queue_new(consultation: ConsultationRequest, *, crowded: bool = False) -> None:
    """Queue the email to staff about a new request, and the patient's receipt if they want one.

    Suspected spam gets no receipt, because its email address may belong to someone else. Staff get one daily digest
    about it instead. If `crowded`, staff get one summary email for the hour instead of an email for each request.
    """
    if consultation.status == Status.SUSPECTED:
        digest = _next_digest(consultation.created_at)
        _queue(Kind.DIGEST, f"digest:{timezone.localdate(digest)}", at=digest)
        return
    if crowded:
        hour = consultation.created_at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        _queue(Kind.SUMMARY, f"summary:{hour:%Y-%m-%dT%H}Z", at=hour)
    else:
        _queue(Kind.NEW, f"new:{consultation.pk}", consultation)
    if consultation.receipt_wanted:
        _queue(Kind.RECEIPT, f"receipt:{consultation.pk}", consultation)


def queue_corrected(correction: Correction, *, new_address: bool) -> None:
    """Queue the emails about a correction. Suspected spam gets none, because the digest covers it."""
    consultation = correction.consultation
    if consultation.status == Status.SUSPECTED:
        return
    _queue(Kind.CORRECTED, f"corrected:{correction.pk}", consultation)
    if consultation.receipt_wanted:
        suffix = f":{correction.pk}" if new_address else ""
        _queue(Kind.RECEIPT, f"receipt:{consultation.pk}{suffix}", consultation)


def queue_urgent(consultation: ConsultationRequest) -> None:
    _queue(Kind.URGENT, f"urgent:{consultation.pk}:{consultation.version}", consultation)


def queue_asked_again(consultation: ConsultationRequest) -> None:
    _queue(Kind.ASKED_AGAIN, f"asked-again:{consultation.pk}:{consultation.version}", consultation)


def queue_withdrawn(consultation: ConsultationRequest) -> None:
    _queue(Kind.WITHDRAWN, f"withdrawn:{consultation.pk}", consultation)


def queue_reminders() -> None:
    """Queue one reminder for each overdue request that has no reminder yet."""
    reminded = Notification.objects.filter(kind=Kind.REMINDER).values("consultation")
    for consultation in ConsultationRequest.objects.filter(overdue()).exclude(pk__in=reminded):
        _queue(Kind.REMINDER, f"reminder:{consultation.pk}", consultation)


def _queue(kind: Kind, slot: str, consultation: ConsultationRequest | None = None, at: datetime | None = None) -> None:
    """Queue the email, unless an email with the same deduplication key `slot` has been queued before."""
    mail = Notification(kind=kind, slot=slot, consultation=consultation, next_attempt_at=at or timezone.now())
    # Not `ignore_conflicts`, because on SQLite it would also hide violations of other constraints.
    Notification.objects.bulk_create([mail], update_conflicts=True, unique_fields=["slot"], update_fields=["slot"])


def _next_digest(moment: datetime) -> datetime:
    local = timezone.localtime(moment)
    day = snapshot.current().calendar.first_open_day(local.date() + timedelta(days=local.time() >= DIGEST_AT))
    return timezone.make_aware(datetime.combine(day, DIGEST_AT))


# --- Delivery, outside any transaction, by any number of workers


def deliver_due(stop: threading.Event) -> int:
    """Queue the reminders, and send emails until none is due or `stop` is set. Return how many were handled.

    Record a heartbeat before each email, because sending one may take a minute.
    """
    queue_reminders()
    Heartbeat.beat()
    handled = 0
    while not stop.is_set() and deliver_one():
        handled += 1
        Heartbeat.beat()
    return handled


def deliver_one() -> bool:
    """Claim a due email, send it and store the result. Return False if no email is due."""
    notification = claim()
    if notification is None:
        return False
    if notification.attempts > len(settings.MAIL_RETRY_SECONDS) + 1:
        _fail(notification, "the worker died over it each time")
        return True
    try:
        send(notification)
    except Exception as error:  # noqa: BLE001 whatever fails, the email stays in the outbox for a retry
        _fail(notification, type(error).__name__)
    else:
        _settle(notification, sent_at=timezone.now(), last_error="")
        logger.info("email %s sent at attempt %d", notification.pk, notification.attempts)
    return True


def claim() -> Notification | None:
    """Lease a due email to this worker and return it, or return None if no email is due.

    The UPDATE repeats the condition, so if several workers try to claim the same email, only one succeeds.
    """
    now = timezone.now()
    due = Notification.objects.unsent().filter(next_attempt_at__lte=now)
    free = due.filter(Q(lease_until=None) | Q(lease_until__lt=now))
    lease = {"lease": uuid.uuid4(), "lease_until": now + timedelta(seconds=settings.MAIL_LEASE_SECONDS)}
    for pk in free.order_by("next_attempt_at").values_list("pk", flat=True)[:10]:
        if free.filter(pk=pk).update(**lease, attempts=F("attempts") + 1):
            return Notification.objects.select_related("consultation").get(pk=pk)
    return None


def _settle(notification: Notification, **outcome: object) -> None:
    """Store the result and end the lease, unless another worker has claimed the email since."""
    mine = Notification.objects.filter(pk=notification.pk, lease=notification.lease)
    mine.update(**outcome, lease=None, lease_until=None)


def _fail(notification: Notification, error: str) -> None:
    now, delays = timezone.now(), settings.MAIL_RETRY_SECONDS
    if notification.attempts > len(delays):
        _settle(notification, failed_at=now, last_error=error)
        logger.error(
            "email %s failed after %d attempts and will not be retried; staff can send it again: %s",
            notification.pk,
            notification.attempts,
            error,
        )
    else:
        again = now + timedelta(seconds=delays[notification.attempts - 1])
        _settle(notification, next_attempt_at=again, last_error=error)
        logger.warning(
            "email %s not sent at attempt %d; it will be retried: %s", notification.pk, notification.attempts, error
        )


# --- The emails


def send(notification: Notification) -> None:
    """Render and send the email, unless it is no longer needed. Mail server errors propagate."""
    if notification.kind == Kind.DIGEST and not _suspected().exists():
        return  # staff have reviewed every suspected request
    if notification.kind == Kind.REMINDER and notification.consultation.status != Status.NEW:
        return  # staff acted on the request after the reminder was queued
    message_for(notification).send()


def message_for(notification: Notification) -> EmailMessage:
    consultation = notification.consultation
    context = {
        "consultation": consultation,
        "clinic": snapshot.current(),
        "link": settings.SITE_URL + _staff_path(consultation),
        "suspected": _suspected().count(),
        "waiting": ConsultationRequest.objects.filter(status=Status.NEW).count(),
    }
    text = render_to_string(f"consultations/emails/{notification.kind}.txt", context)
    subject, _, body = text.partition("\n\n")
    return EmailMessage(subject.strip(), body, to=_recipients(notification), headers=headers_for(f"{notification.pk}"))


def _recipients(notification: Notification) -> list[str]:
    if notification.kind != Kind.RECEIPT:
        return settings.STAFF_EMAILS
    address = notification.consultation.email
    if isinstance(address, Unreadable) or not address:
        raise ValueError("no address to send the receipt to")
    return [typed.mailbox(address)]


def headers_for(name: str) -> dict[str, str]:
    """Return headers with a stable Message-ID, so that mail programs can discard a duplicate."""
    return {"Message-ID": f"<{name}@{urlsplit(settings.SITE_URL).hostname}>", "Auto-Submitted": "auto-generated"}


def _staff_path(consultation: ConsultationRequest | None) -> str:
    if consultation is None:
        return reverse("admin:consultations_consultationrequest_changelist")
    return reverse("admin:consultations_consultationrequest_change", args=[consultation.pk])


def _suspected() -> QuerySet:
    return ConsultationRequest.objects.filter(status=Status.SUSPECTED)
