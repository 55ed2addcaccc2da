"""The health check at /healthz. Its responses never contain patient data.

The status is public. The reasons are shown only to requests from this machine or with HEALTH_TOKEN.
"""

import shutil
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import Error as DatabaseFailure
from django.db import connection, transaction
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from albany_site.clock import impossible_dates
from albany_site.front_door import is_loopback
from consultations.encryption import Unreadable, encrypted_fields
from consultations.models import ConsultationRequest, Heartbeat, Notification
from pages.build import current_build, seconds_behind

MIN_FREE_BYTES = 200_000_000
EMAIL_LATE_AFTER = timedelta(hours=1)
PAGES_LATE_AFTER = 60  # seconds
_ENCRYPTED = [field.name for field in encrypted_fields(ConsultationRequest)]


def database_problem() -> str:
    """Write a row and roll it back. Return the problem, or "" if the write succeeded."""
    try:
        with transaction.atomic():
            Session.objects.create(session_key=uuid.uuid4().hex, session_data="", expire_date=timezone.now())
            transaction.set_rollback(True)
    except DatabaseFailure as error:
        return f"the database cannot be written to ({type(error).__name__})"
    return ""


def outbox_problem() -> str:
    if failed := Notification.objects.alarming().count():
        return f"{failed} emails failed to send; the front desk lists them"
    # A visitor's mail server can delay receipts for hours. If ours has a problem, it delays staff's emails too.
    to_staff = Notification.objects.unsent().exclude(kind=Notification.Kind.RECEIPT)
    late = to_staff.filter(created_at__lt=timezone.now() - EMAIL_LATE_AFTER)
    if waiting := late.filter(attempts__gt=0).count():
        return f"{waiting} emails have been retried for over an hour"
    return ""


def worker_problem() -> str:
    seen = Heartbeat.last_seen()
    if seen is None:
        return "the worker has never run"
    if Heartbeat.is_ahead(seen):
        return f"the worker was last seen in the future, {seen:%Y-%m-%d %H:%M} UTC: check the clocks, and restart it"
    if Heartbeat.is_late(seen):
        return f"the worker was last seen {seen:%Y-%m-%d %H:%M} UTC"
    return ""


def build_problem() -> str:
    if not current_build():
        return "the pages are not built: run manage.py prerender"
    if (seconds := seconds_behind()) > PAGES_LATE_AFTER:
        return f"the pages have been out of date for {seconds:.0f} seconds; check that the worker is running"
    return ""


def disk_problem() -> str:
    folders = {settings.BUILD_DIR}
    if connection.vendor == "sqlite":
        folders.add(Path(settings.DATABASES["default"]["NAME"]).parent)
    for folder in folders:
        if folder.exists() and shutil.disk_usage(folder).free < MIN_FREE_BYTES:
            return f"less than {MIN_FREE_BYTES // 1_000_000} MB of disk space is free"
    return ""


def keys_problem() -> str:
    """Decrypt the oldest and the newest request. Return the problem, or "" if both can be read."""
    kept = ConsultationRequest.objects.filter(erased_at=None).order_by("pk")
    for request in (kept.first(), kept.last()):
        if request and any(isinstance(getattr(request, name), Unreadable) for name in _ENCRYPTED):
            return (
                f"request {request} cannot be decrypted: FIELD_KEYS lacks the key it was stored with; "
                "add that key from the copy you kept"
            )
    return ""


def clock_problem() -> str:
    found = impossible_dates()
    return f"a clock was wrong, or a year mistyped: {'; '.join(found)}" if found else ""


# These checks query the database, so they are skipped if the database check fails.
DATABASE_CHECKS: dict[str, Callable[[], str]] = {
    "outbox": outbox_problem,
    "worker": worker_problem,
    "keys": keys_problem,
    "clock": clock_problem,
}


def problems() -> dict[str, str]:
    """Run the checks. Return the problems found, keyed by the name of the check."""
    found = {"database": database_problem(), "build": build_problem(), "disk": disk_problem()}
    if not found["database"]:
        found |= {name: check() for name, check in DATABASE_CHECKS.items()}
    return {name: reason for name, reason in found.items() if reason}


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    found = problems()
    answer = {"healthy": not found}
    if _may_know_why(request):
        answer["problems"] = found
    return JsonResponse(answer, status=503 if found else 200)


def _may_know_why(request: HttpRequest) -> bool:
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if settings.HEALTH_TOKEN and constant_time_compare(token, settings.HEALTH_TOKEN):
        return True
    return is_loopback(request.client_address)
