"""Empties the outbox in tests."""

from consultations.delivery import deliver_one
from consultations.models import Notification


def deliver_all() -> None:
    for _ in range(200):
        if not deliver_one():
            return
    raise AssertionError("emails are still due after 200 deliveries")


def queued() -> list[tuple[str, str]]:
    """Return the kind and recipient of each email, in order."""
    return sorted(Notification.objects.values_list("kind", "recipient"))
