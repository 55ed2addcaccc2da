"""Queues reminders about overdue requests until staff act on them.

Staff are reminded at the due time and after four more opening hours. Then a manager is reminded at 8 a.m. on every
open day. Many reminders become one email that says how many requests are overdue.
"""

from datetime import datetime, time, timedelta

from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from clinic import snapshot
from consultations.models import ConsultationRequest, Notification, overdue
from consultations.notifications import queue, staff

Kind = Notification.Kind
LATE_AFTER = 4  # opening hours after the due time
DAILY_AT = time(8)
GROUPED_FROM = 10  # reminders of one stage within an hour
# A reminder that becomes due just before closing is still sent. Any later, it waits for the next opening.
GRACE = timedelta(minutes=10)

DUE, LATE = "due", "late"


def queue_reminders() -> None:
    """Queue the reminders that are due now. The worker calls this every few seconds."""
    now, clinic = timezone.now(), snapshot.current()
    if not ConsultationRequest.objects.filter(overdue(now)).exists():
        return
    is_open = any(clinic.calendar.is_open(moment) for moment in (now, now - GRACE))
    if is_open:
        late = _overdue_since(_before(now))
        _remind(DUE, ConsultationRequest.objects.filter(overdue(now)).exclude(pk__in=late.values("pk")), staff())
        _remind(LATE, late, staff())
    day = timezone.localdate(now)
    daily = timezone.make_aware(datetime.combine(day, DAILY_AT))
    if clinic.calendar.spans_on(day) and (daily <= now < daily + GRACE or (is_open and daily <= now)):
        manager = [clinic.manager_email] if clinic.manager_email else staff()
        _remind(day.isoformat(), _overdue_since(_before(daily)), manager)


def _before(moment: datetime) -> datetime | None:
    return snapshot.current().calendar.open_hours_before(moment, LATE_AFTER)


def _overdue_since(moment: datetime | None) -> QuerySet:
    """Return the overdue requests that were due by `moment`."""
    rows = ConsultationRequest.objects.filter(overdue())
    return rows.filter(due_at__lte=moment) if moment else rows.none()


def _remind(stage: str, consultations: QuerySet, recipients: list[str]) -> None:
    """Queue a reminder for each request that has none of this stage, or one email if there are many.

    A stage gets at most one email about many requests an hour. Requests that become due in that hour wait for the
    next one.
    """
    now = timezone.now()
    single = Q(slot__startswith=f"reminder:{stage}:")
    if stage == DUE:
        single |= Q(recipient="")  # queued by the previous release
    reminded = Notification.objects.filter(single, kind=Kind.REMINDER)
    waiting = consultations.exclude(Exists(reminded.filter(consultation=OuterRef("pk"))))
    grouped = Notification.objects.filter(kind=Kind.REMINDERS, slot__startswith=f"reminders:{stage}:")
    if last := grouped.aggregate(last=Max("created_at"))["last"]:
        waiting = _since(stage, last, waiting)
    found = list(waiting.only("pk"))  # without decrypting what patients wrote
    if not found:
        return
    hour = f"reminders:{stage}:{now:%Y-%m-%dT%HZ}"
    recent = reminded.filter(created_at__gt=now - timedelta(hours=1)).values("consultation").distinct().count()
    if len(found) + recent >= GROUPED_FROM or grouped.filter(slot__startswith=hour).exists():
        queue(Kind.REMINDERS, hour, recipients=recipients)
        return
    for consultation in found:
        queue(Kind.REMINDER, f"reminder:{stage}:{consultation.pk}", consultation, recipients)


def _since(stage: str, last: datetime, waiting: QuerySet) -> QuerySet:
    """Leave out the requests that the last email about many requests of this stage, queued at `last`, counted."""
    if stage == DUE:
        return waiting.filter(due_at__gt=last)
    if stage == LATE:
        counted = _before(last)
        return waiting.filter(due_at__gt=counted) if counted else waiting
    return waiting.none()  # every request of a day's reminder is known at 8 a.m.
