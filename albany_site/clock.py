"""Finds rows with an impossible date, which a wrong clock or a mistyped year has written.

Such a row may hide its request at the end of a list, delay an email or an erasure for years, or refuse somebody's
codes. The pages work in spite of it, so /healthz must say that it is there.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from clinic.models import Edition
from consultations.models import AccessLogEntry, ConsultationRequest, Heartbeat, Note, Notification
from consultations.statuses import MainQueue

EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)  # before the site existed
FARTHEST = timedelta(days=2 * 366)  # staff can plan a year ahead


def impossible_dates() -> list[str]:
    """Return a phrase for each kind of row with an impossible date."""
    now = timezone.now()
    return [f"{count} {words}" for words, rows in _impossible(now) if (count := rows.count())]


def _impossible(now: datetime) -> Iterator[tuple[str, QuerySet]]:
    ahead = now + Heartbeat.AHEAD_AFTER
    requests = ConsultationRequest.objects.order_by()
    yield (
        "requests were received or closed in the future",
        requests.filter(Q(created_at__gt=ahead) | Q(closed_at__gt=ahead)),
    )
    yield (
        "requests were received or closed before 2020",
        requests.filter(Q(created_at__lt=EARLIEST) | Q(closed_at__lt=EARLIEST)),
    )
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
    yield "notes were written in the future", Note.objects.order_by().filter(written_at__gt=ahead)
    yield "access log entries are from the future", AccessLogEntry.objects.order_by().filter(at__gt=ahead)
    yield (
        "editions of the clinic's facts were saved in the future",
        Edition.objects.order_by().filter(saved_at__gt=ahead),
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
