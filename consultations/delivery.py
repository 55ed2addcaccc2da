"""Sends the emails in the outbox, outside any transaction. Any number of workers may do so at once.

Delivery is at least once. If the worker dies or the mail server's response is lost before the result is stored, the
email is sent again with the same Message-ID.
"""

import hashlib
import logging
import threading
import uuid
from datetime import timedelta
from email.utils import formataddr, parseaddr
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db.models import F, Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from clinic import snapshot, typed
from consultations import email_errors
from consultations.encryption import Unreadable
from consultations.models import ConsultationRequest, Heartbeat, Notification, overdue
from consultations.reminders import queue_reminders
from consultations.statuses import ENDED, Status

logger = logging.getLogger(__name__)

Kind = Notification.Kind
ContactBy = ConsultationRequest.ContactBy
# How the email to staff names the way of contact: what the patient asked for, and what to do.
WAYS = {
    ContactBy.CALL: {"asked_for": "a phone call", "do": "call"},
    ContactBy.TEXT: {"asked_for": "a text message", "do": "text"},
    ContactBy.EMAIL: {"asked_for": "an email", "do": "email"},
}
LINKED_QUEUES = {Kind.DIGEST: "suspected", Kind.REMINDERS: "overdue"}


class NotAccepted(Exception):
    """Raised if the email backend reports that no mail server took the email."""


def deliver_due(stop: threading.Event) -> int:
    """Queue the reminders, and send emails until none is due or `stop` is set. Return how many were handled.

    Record a heartbeat before each email, because sending one may take a minute.
    """
    queue_reminders()
    Heartbeat.beat()
    handled = 0
    while not stop.is_set() and deliver_one(stop):
        handled += 1
        Heartbeat.beat()
    return handled


def deliver_one(stop: threading.Event | None = None) -> bool:
    """Claim a due email, send it and store the result. Return False if no email is due.

    Once `stop` is set, an email in progress has a few seconds left, and is sent again later if they are not enough.
    """
    notification = claim()
    if notification is None:
        return False
    if notification.attempts > len(settings.MAIL_RETRY_SECONDS) + 1:
        _give_up(notification, email_errors.WORKER_DIED)
        return True
    try:
        if not is_needed(notification):
            _claimed(notification).delete()
            return True
        send(notification, stop)
    except Exception as error:  # noqa: BLE001 whatever fails, the email stays in the outbox
        _fail(notification, error)
    else:
        _succeed(notification)
    return True


def claim() -> Notification | None:
    """Lease a due email to this worker and return it, or return None if no email is due.

    The UPDATE repeats the condition, so if several workers try to claim the same email, only one succeeds.
    """
    now = timezone.now()
    due = Notification.objects.unsent().filter(next_attempt_at__lte=now)
    free = due.filter(Q(lease_until=None) | Q(lease_until__lt=now))
    lease = {"lease": uuid.uuid4(), "lease_until": now + timedelta(seconds=settings.MAIL_LEASE_SECONDS)}
    # Of emails due at once, the clinic's goes first: a delay costs the patient more there than on the receipt.
    for pk in free.order_by("next_attempt_at", "created_at", "-recipient").values_list("pk", flat=True)[:10]:
        if free.filter(pk=pk).update(**lease, attempts=F("attempts") + 1):
            return Notification.objects.select_related("consultation").filter(pk=pk).first()
    return None


# --- Outcomes


def _claimed(notification: Notification) -> QuerySet:
    """Return the email's row, unless it was deleted or claimed by another worker since."""
    return Notification.objects.filter(pk=notification.pk, lease=notification.lease)


def _settle(notification: Notification, **outcome: object) -> None:
    """Store the result and end the lease."""
    _claimed(notification).update(**outcome, lease=None, lease_until=None)


def _succeed(notification: Notification) -> None:
    now = timezone.now()
    _settle(notification, sent_at=now, last_error="")
    if notification.recipient:  # the address accepts email again, so its earlier refusals are no longer an alarm
        refused = Notification.objects.failed().filter(recipient=notification.recipient, refused=True)
        refused.update(dismissed_at=now)
    logger.info("email %s sent at attempt %d", notification.pk, notification.attempts)


def _fail(notification: Notification, error: Exception) -> None:
    summary, delays = email_errors.summary(error), settings.MAIL_RETRY_SECONDS
    if email_errors.is_final(error):
        _settle(notification, failed_at=timezone.now(), refused=True, last_error=summary)
        level = logging.WARNING if notification.kind == Kind.RECEIPT else logging.ERROR
        logger.log(level, "the mail server refused email %s for good: %s", notification.pk, summary)
    elif notification.attempts > len(delays):
        _give_up(notification, summary)
    else:
        again = timezone.now() + timedelta(seconds=delays[notification.attempts - 1])
        _settle(notification, next_attempt_at=again, last_error=summary)
        logger.warning(
            "email %s not sent at attempt %d; it will be retried: %s", notification.pk, notification.attempts, summary
        )


def _give_up(notification: Notification, summary: str) -> None:
    _settle(notification, failed_at=timezone.now(), last_error=summary)
    logger.error(
        "email %s failed after %d attempts and will not be retried; staff can send it again: %s",
        notification.pk,
        notification.attempts,
        summary,
    )


# --- The emails


def is_needed(notification: Notification) -> bool:
    """Return whether there is still something to say. If not, the email is deleted instead of sent."""
    consultation = notification.consultation
    match notification.kind:
        case Kind.DIGEST:
            return _suspected().exists()
        case Kind.REMINDER:
            return consultation.status == Status.NEW
        case Kind.REMINDERS:
            return _overdue().exists()
        case Kind.URGENT | Kind.ASKED_AGAIN:
            return consultation.status not in ENDED
        case Kind.RECEIPT:
            return not consultation.erased_at and not consultation.withdrawn_at
    return True


def send(notification: Notification, stop: threading.Event | None = None) -> None:
    """Render and send the email. Errors of the mail server propagate."""
    message = message_for(notification)
    # Unlike `message.send()`, this closes the connection if the sign-in fails.
    with get_connection(stop=stop) as connection:
        if not connection.send_messages([message]):
            raise NotAccepted


def message_for(notification: Notification) -> EmailMessage:
    consultation, clinic = notification.consultation, snapshot.current()
    context = {
        "consultation": consultation,
        "way": consultation and _way(consultation),
        "clinic": clinic,
        "link": settings.SITE_URL + _staff_path(notification),
        "suspected": _suspected().count(),
        "overdue": _overdue().count(),
        "waiting": ConsultationRequest.objects.filter(status=Status.NEW).count(),
    }
    text = render_to_string(f"consultations/emails/{notification.kind}.txt", context)
    subject, _, body = text.partition("\n\n")
    replies = [clinic.reply_email] if notification.kind == Kind.RECEIPT and clinic.reply_email else []
    return EmailMessage(
        subject.strip(),
        body,
        from_email=_sender(),
        to=_recipients(notification),
        reply_to=replies,
        headers=headers_for(notification),
    )


def _way(consultation: ConsultationRequest) -> dict[str, str]:
    """Return the way to contact the patient, who may have asked for no calls."""
    by_text = consultation.contact_by == ContactBy.CALL and consultation.texts_only
    return WAYS[ContactBy.TEXT if by_text else ContactBy(consultation.contact_by)]


def _sender() -> str:
    """Return DEFAULT_FROM_EMAIL with a display name, which is ours unless the setting has one."""
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return settings.DEFAULT_FROM_EMAIL if name else formataddr((f"{snapshot.current().name}'s website", address))


def _recipients(notification: Notification) -> list[str]:
    if notification.recipient:
        return [notification.recipient]
    if notification.kind != Kind.RECEIPT:  # queued by the previous release, once for all staff
        return settings.STAFF_EMAILS
    address = notification.consultation.email
    if isinstance(address, Unreadable) or not address:
        raise ValueError("no address to send the receipt to")
    return [typed.mailbox(address)]


def headers_for(notification: Notification) -> dict[str, str]:
    """Return headers with a stable Message-ID, so that mail programs can discard a duplicate.

    All emails to one staff member about one request refer to one Message-ID, which no email has. With their common
    subject, that makes mail programs show them as one conversation. An urgent email is not part of it, so that no one
    misses it who muted the conversation.
    """
    headers = {"Message-ID": _message_id(f"{notification.pk}"), "Auto-Submitted": "auto-generated"}
    if notification.consultation and notification.kind not in (Kind.RECEIPT, Kind.URGENT):
        recipient = hashlib.sha256(notification.recipient.lower().encode()).hexdigest()[:16]
        thread = _message_id(f"{notification.consultation.reference}.{recipient}")
        headers |= {"In-Reply-To": thread, "References": thread}
    return headers


def _message_id(name: str) -> str:
    return f"<{name}@{urlsplit(settings.SITE_URL).hostname}>"


def _staff_path(notification: Notification) -> str:
    if notification.consultation is not None:
        return reverse("admin:consultations_consultationrequest_change", args=[notification.consultation.pk])
    path = reverse("admin:consultations_consultationrequest_changelist")
    queue = LINKED_QUEUES.get(notification.kind)
    return f"{path}?queue={queue}" if queue else path


def _suspected() -> QuerySet:
    return ConsultationRequest.objects.filter(status=Status.SUSPECTED)


def _overdue() -> QuerySet:
    return ConsultationRequest.objects.filter(overdue())
