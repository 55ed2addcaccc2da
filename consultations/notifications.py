"""The outbox: emails are queued in the transaction that stores their request, and a worker sends them.

Emails contain a request's reference, and emails to staff also a link to it, its due time and the way of contact. No
email contains anything that a patient typed, or the topic.
Each email to staff is queued once for each recipient, so that each has its own outcome. `delivery` sends the emails,
and `reminders` queues those about overdue requests.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

from django.conf import settings
from django.utils import timezone

from clinic import snapshot
from consultations.email_errors import TOO_MANY_RECEIPTS, blames_address
from consultations.models import ConsultationRequest, Correction, Notification
from consultations.statuses import Status

Kind = Notification.Kind
MOST_RECEIPTS = 3  # to one address in RECEIPTS_WINDOW, so that nobody can flood a stranger's mailbox
RECEIPTS_WINDOW = timedelta(hours=1)


def staff(*others: str) -> list[str]:
    """Return the addresses of staff and any `others`, each once."""
    return list({address.lower(): address for address in (*others, *settings.STAFF_EMAILS) if address}.values())


# --- One function for each event


def queue_new(consultation: ConsultationRequest, *, crowded: bool = False) -> None:
    """Queue the email to staff about a new request, and the patient's receipt if they want one.

    Suspected spam gets no receipt, because its email address may belong to someone else. Staff get a digest about it
    within the hour, or at the next opening. If `crowded`, staff get one summary email for the hour instead of an
    email for each request.
    """
    if consultation.status == Status.SUSPECTED:
        _queue_grouped(Kind.DIGEST, _digest_time(consultation.created_at))
        return
    if crowded:
        _queue_grouped(Kind.SUMMARY, _next_hour(consultation.created_at))
    elif not _was_queued_by_the_previous_release(consultation):
        queue(Kind.NEW, f"new:{consultation.pk}", consultation)
    if consultation.receipt_wanted:
        _queue_receipt(consultation)


def queue_urgent(consultation: ConsultationRequest) -> None:
    """Queue the email that asks staff, and the clinic's address for urgent requests, to open the request now."""
    recipients = staff(snapshot.current().urgent_email)
    # A correction increments the version and is judged again.
    queue(Kind.URGENT, f"urgent:{consultation.pk}:{consultation.version}", consultation, recipients)


def queue_asked_again(consultation: ConsultationRequest) -> None:
    queue(Kind.ASKED_AGAIN, f"asked-again:{consultation.pk}:{timezone.localdate()}", consultation)


def queue_corrected(correction: Correction, *, new_address: bool) -> None:
    """Queue the emails about a correction. Suspected spam gets none, because the digest covers it."""
    consultation = correction.consultation
    if consultation.status == Status.SUSPECTED:
        return
    queue(Kind.CORRECTED, f"corrected:{correction.pk}", consultation)
    if new_address or not consultation.receipt_wanted:
        drop_unsent_receipts([consultation.pk])
    if consultation.receipt_wanted:
        _queue_receipt(consultation, f":{correction.pk}" if new_address else "")


def queue_withdrawn(consultation: ConsultationRequest) -> None:
    queue(Kind.WITHDRAWN, f"withdrawn:{consultation.pk}", consultation)


def receipt_outcome(consultation: ConsultationRequest) -> str:
    """Return what became of the receipt: "sent", "held", "failed" or "expected", or "" if none was wanted.

    A receipt is held if its address got too many. Suspected spam gets no receipt, but is "expected" to, like any
    request whose email was not sent yet, so that its sender learns nothing. The receipt page reports a refused address
    itself, so the outcome is then "".
    """
    if not consultation.receipt_wanted:
        return ""
    last = consultation.notifications.filter(kind=Kind.RECEIPT).order_by("created_at").last()
    if last is None or (last.sent_at is None and last.failed_at is None):
        return "expected"
    if last.sent_at:
        return "sent"
    if last.last_error == TOO_MANY_RECEIPTS:
        return "held"
    return "" if last.refused and blames_address(last.last_error) else "failed"


def drop_unsent_receipts(keys: Sequence[int]) -> None:
    """Delete these requests' receipts that were not sent or were refused, because the address changed or is erased."""
    Notification.objects.filter(consultation__in=keys, kind=Kind.RECEIPT, sent_at=None).delete()


# --- Rows of the outbox


def queue(
    kind: Kind,
    event: str,
    consultation: ConsultationRequest | None = None,
    recipients: Iterable[str] = (),
    at: datetime | None = None,
) -> None:
    """Queue the email for each recipient, by default staff, unless it was queued for the same event before."""
    _insert([_row(kind, event, address, at, consultation=consultation) for address in recipients or staff()])


def _was_queued_by_the_previous_release(consultation: ConsultationRequest) -> bool:
    """Return whether the email about a new request is in the outbox as one row for all staff."""
    # Without a query for version 0, so that storing a new request takes only the INSERTs.
    return bool(consultation.version) and Notification.objects.filter(slot=f"new:{consultation.pk}").exists()


def _queue_grouped(kind: Kind, at: datetime) -> None:
    """Queue an email about everything until `at`, unless it is queued. If it is already going out, queue another."""
    event = f"{kind}:{at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"
    for address in staff():
        for number in count():
            numbered = f"{event}:{number}" if number else event
            slot = _slot(numbered, address)
            if _will_cover(slot):
                break
            _insert([_row(kind, numbered, address, at)])
            if _will_cover(slot):  # not if a worker is already sending the email that has this slot
                break


def _will_cover(slot: str) -> bool:
    """Lock the email with this slot, and return whether it will go out after this transaction and so cover it.

    While the row is locked no worker claims it, and a worker that claims it later sees what this transaction stores.
    """
    # One condition in SQL, because Django takes longer to write each further one than to read the row.
    row = Notification.objects.select_for_update().order_by().filter(slot=slot)
    return (None, None, None) in row.values_list("sent_at", "failed_at", "lease")


def _queue_receipt(consultation: ConsultationRequest, suffix: str = "") -> None:
    """Queue the receipt, unless its address has one. If the address got too many lately, store a failed email instead."""
    slot, address = f"receipt:{consultation.pk}{suffix}", consultation.email_hash
    # Without a query for version 0, because a new request has no receipt yet.
    earlier = consultation.notifications.filter(kind=Kind.RECEIPT, recipient_hash=address)
    if consultation.version and address and earlier.exists():
        return
    now = timezone.now()
    made = Notification(
        kind=Kind.RECEIPT,
        slot=slot,
        consultation=consultation,
        recipient_hash=address,
        created_at=now,
        next_attempt_at=now,
    )
    window = now - RECEIPTS_WINDOW
    recent = Notification.objects.filter(kind=Kind.RECEIPT, recipient_hash=address, created_at__gt=window)
    if address and recent.exclude(slot=slot).exclude(last_error=TOO_MANY_RECEIPTS).count() >= MOST_RECEIPTS:
        made.failed_at, made.last_error = now, TOO_MANY_RECEIPTS
    _insert([made])


def _row(
    kind: Kind, event: str, address: str, at: datetime | None, consultation: ConsultationRequest | None = None
) -> Notification:
    now = timezone.now()
    return Notification(
        kind=kind,
        slot=_slot(event, address),
        recipient=address,
        consultation=consultation,
        created_at=now,
        next_attempt_at=at or now,
    )


def _slot(event: str, address: str) -> str:
    return f"{event}:{address}"


def _insert(rows: list[Notification]) -> None:
    """Store the rows, except those whose deduplication key `slot` is taken."""
    # Not `ignore_conflicts`, because on SQLite it would also hide violations of other constraints.
    Notification.objects.bulk_create(rows, update_conflicts=True, unique_fields=["slot"], update_fields=["slot"])


def _next_hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def _digest_time(moment: datetime) -> datetime:
    """Return the next full hour, or the next opening if the clinic is closed."""
    opening = snapshot.current().calendar.next_open_moment(moment)
    return opening if opening and opening > moment else _next_hour(moment)
