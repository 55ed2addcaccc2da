"""Finds rows with an impossible date, which a wrong clock or a mistyped year has written.

Such a row may hide its request at the end of a list, delay an email or an erasure for years, or refuse somebody's
codes. The pages work in spite of it, so /healthz must say that it is there.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import reduce
from operator import or_

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db.models import DateTimeField, Model, Q, QuerySet
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from clinic.models import Edition, Picture
from consultations.models import (
    AccessLogEntry,
    ConsultationRequest,
    ContactAttempt,
    Correction,
    Heartbeat,
    Note,
    Notification,
    Step,
)
from consultations.statuses import MainQueue

EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)  # before the site existed
# What may be dated ahead, because it is planned.
PLANS = {"due_at", "scheduled_at", "next_action_at", "next_attempt_at", "lease_until"}
# Every other moment of these rows is when something happened.
HAPPENED: dict[type[Model], str] = {
    ConsultationRequest: "requests were received, answered, changed or closed",
    Note: "notes were written",
    ContactAttempt: "contact attempts were made",
    Step: "steps were taken",
    Correction: "corrections were made",
    Notification: "emails were queued or handled",
    AccessLogEntry: "access log entries were made",
    Edition: "editions of the clinic's facts were saved",
    Picture: "pictures were added",
    User: "accounts were made or used",
}
FARTHEST = timedelta(days=2 * 366)  # staff can plan a year ahead


def impossible_dates() -> list[str]:
    """Return a phrase for each kind of row with an impossible date."""
    now = timezone.now()
    return [f"{count} {words}" for words, rows in _impossible(now) if (count := rows.count())]


def _impossible(now: datetime) -> Iterator[tuple[str, QuerySet]]:
    ahead = now + Heartbeat.AHEAD_AFTER
    for model, words in HAPPENED.items():
        rows = model.objects.order_by()
        yield f"{words} in the future", rows.filter(_any_moment(model, gt=ahead))
        yield f"{words} before {EARLIEST.year}", rows.filter(_any_moment(model, lt=EARLIEST))
    requests = ConsultationRequest.objects.order_by()
    first, last = EARLIEST, now + FARTHEST
    planned = Q(due_at__lt=first) | Q(due_at__gt=last) | Q(scheduled_at__lt=first) | Q(scheduled_at__gt=last)
    planned |= Q(follow_up_on__lt=date(2020, 1, 1)) | Q(follow_up_on__gt=last.date())
    open_ones = requests.filter(main_queue__in=[queue for queue in MainQueue if queue != MainQueue.ENDED])
    yield "open requests are planned for an impossible year", open_ones.filter(planned)
    longest_wait = timedelta(seconds=max(settings.MAIL_RETRY_SECONDS) + settings.MAIL_LEASE_SECONDS)
    waiting = Notification.objects.unsent().order_by()
    yield (
        "emails wait for a time too far in the future",
        waiting.filter(Q(next_attempt_at__gt=ahead + longest_wait) | Q(lease_until__gt=ahead + longest_wait)),
    )
    yield (
        "failed sign-ins are from the future, so they lock too long",
        AccessAttempt.objects.order_by().filter(attempt_time__gt=ahead),
    )
    step = ahead.timestamp() // 30 + 1  # a code may be one step early
    yield (
        "authenticators were used in the future, so their codes are refused until then; reset those sign-ins",
        TOTPDevice.objects.filter(Q(last_t__gt=step) | Q(throttling_failure_timestamp__gt=ahead)),
    )
    yield (
        "sets of recovery codes were tried in the future, so they are refused until then",
        StaticDevice.objects.filter(throttling_failure_timestamp__gt=ahead),
    )
    yield (
        "sessions last too long, because a clock was ahead when they began",
        Session.objects.order_by().filter(expire_date__gt=ahead + timedelta(seconds=settings.SESSION_COOKIE_AGE)),
    )


def _any_moment(model: type[Model], **lookup: datetime) -> Q:
    """Return the condition that one of the model's moments, except for plans, is as `lookup` says."""
    moments = (field.name for field in model._meta.concrete_fields if isinstance(field, DateTimeField))
    conditions = (
        Q(**{f"{name}__{how}": limit}) for name in moments if name not in PLANS for how, limit in lookup.items()
    )
    return reduce(or_, conditions)
