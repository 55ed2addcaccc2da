"""Counts the requests of the last hour, from one address and in total."""

import ipaddress
from datetime import datetime, timedelta

from django.utils import timezone

from consultations.encryption import keyed_hashes
from consultations.models import ConsultationRequest

WINDOW = timedelta(hours=1)
SUSPECTED_ABOVE = 5  # requests from one address in the window
REFUSED_ABOVE = 30
CROWDED_ABOVE = 60  # requests from all addresses together


def address_hashes(address: str, moment: datetime) -> list[str]:
    """Return keyed hashes of an IP address, or [] for an unknown address. Store the first; look up with all.

    The hash changes every day, so that it cannot be used to track a person. In the hour after midnight, the result
    also includes the previous day's hashes. The IPv6 addresses of a /64 share a hash, because one household can use
    all of them.
    """
    if not address:
        return []
    network = _network(address)
    days = dict.fromkeys(timezone.localdate(when) for when in (moment, moment - WINDOW))
    return [hashed for day in days for hashed in keyed_hashes(f"{day} {network}", "address")]


def _network(address: str) -> str:
    parsed = ipaddress.ip_address(address)
    if parsed.version == 4:
        return str(parsed)
    return str(parsed.ipv4_mapped or ipaddress.ip_network((parsed, 64), strict=False))


def requests_from(hashes: list[str], moment: datetime) -> int:
    """Return how many requests of the last hour came from the address with these hashes."""
    lately = ConsultationRequest.objects.filter(created_at__gt=moment - WINDOW)
    return lately.filter(address_hash__in=hashes).count() if hashes else 0


def is_crowded(moment: datetime) -> bool:
    """Return whether the last hour already had so many requests that staff should get a summary email."""
    return ConsultationRequest.objects.filter(created_at__gt=moment - WINDOW)[CROWDED_ABOVE - 1 :].exists()
