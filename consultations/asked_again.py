"""What a patient can do if no one has reached them by the due time: ask again, once a business day."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from clinic import snapshot
from consultations import notifications
from consultations.models import ConsultationRequest, Notification, start_of_day
from consultations.statuses import MainQueue, Status


def is_waiting(consultation: ConsultationRequest) -> bool:
    """Return whether staff still have to contact the patient. Suspected spam counts, so its sender learns nothing."""
    queue = Status(consultation.status).rule.queue
    return queue in (MainQueue.OPEN, MainQueue.SUSPECTED) and not consultation.withdrawn_at


def last_asked(consultation: ConsultationRequest) -> datetime | None:
    """Return when the patient last asked again. `asked_again_at` does not say so once staff have acted."""
    mails = consultation.notifications.filter(kind=Notification.Kind.ASKED_AGAIN)
    return mails.order_by("-created_at").values_list("created_at", flat=True).first()


def may_ask_from(consultation: ConsultationRequest) -> datetime | None:
    """Return when the patient may ask again: at the due time, and later on each next business day."""
    asked = last_asked(consultation)
    if asked is None:
        return consultation.due_at
    calendar = snapshot.current().calendar
    # If the patient asks while the clinic is closed, staff see it at the next opening.
    seen = calendar.next_open_moment(asked) or asked
    return start_of_day(calendar.first_open_day(timezone.localdate(seen) + timedelta(days=1)))


def may_ask(consultation: ConsultationRequest) -> bool:
    opens = may_ask_from(consultation)
    return is_waiting(consultation) and opens is not None and opens <= timezone.now()


@transaction.atomic
def ask_again(consultation: ConsultationRequest) -> None:
    """Move the request to the top of the desk's list and tell staff, if the patient may ask again."""
    locked = ConsultationRequest.objects.select_for_update().get(pk=consultation.pk)
    if not may_ask(locked):
        return
    locked.asked_again_at = timezone.now()
    locked.version += 1
    locked.save(update_fields=["asked_again_at", "version"])
    notifications.queue_asked_again(locked)
