"""How many requests came from one address, and from everybody, in the last hour."""

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
    """What an address is remembered by: the first to store, all of them to count by. An unknown one has none.

    The hash changes each day, so nobody can be followed by it; an IPv6 address counts with its neighbours of
    the same /64, for one household has as many as it likes. For an hour after midnight both days count.
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
    """How many requests of the last hour came from the address with these hashes."""
    lately = ConsultationRequest.objects.filter(created_at__gt=moment - WINDOW)
    return lately.filter(address_hash__in=hashes).count() if hashes else 0


def is_crowded(moment: datetime) -> bool:
    """Whether, with one more, so many come from everybody that one mail for each would bury the staff."""
    return ConsultationRequest.objects.filter(created_at__gt=moment - WINDOW)[CROWDED_ABOVE - 1 :].exists()
