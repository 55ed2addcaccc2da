"""Counts the requests of the last hour, from one address and in total."""

import ipaddress
from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils import timezone

from consultations.encryption import keyed_hashes
from consultations.models import ConsultationRequest

AskingFor = ConsultationRequest.AskingFor
WINDOW = timedelta(hours=1)
SUSPECTED_ABOVE = 5  # requests from one address in the window, without referrals
# Referrals are counted apart, because an office may refer many patients in a row. A person who fills in the form takes
# about three minutes, so one person cannot send more than twenty in an hour.
REFERRALS_SUSPECTED_ABOVE = 20
REFUSED_ABOVE = 30  # requests from one address, referrals included
URGENT_REFUSED_ABOVE = 40  # an urgent request is stored when others from the same address no longer are
CROWDED_ABOVE = 60  # requests from all addresses together


def address_hashes(address: str, moment: datetime) -> list[str]:
    """Return keyed hashes of an IP address, or [] for an unknown address. Store the first; look up with all.

    The hash changes every day, so that it cannot be used to track a person. In the hour after midnight, the result
    also includes the previous day's hashes. The IPv6 addresses of a /64 share a hash, because one household can use
    all of them.
    """
    if not address:
        return []
    network = network_of(address)
    days = dict.fromkeys(timezone.localdate(when) for when in (moment, moment - WINDOW))
    return [hashed for day in days for hashed in keyed_hashes(f"{day} {network}", "address")]


def network_of(address: str) -> str:
    """Return what counts as one address: an IPv4 address, or the /64 that contains an IPv6 address."""
    parsed = ipaddress.ip_address(address)
    if parsed.version == 4:
        return str(parsed)
    return str(parsed.ipv4_mapped or ipaddress.ip_network((parsed, 64), strict=False))


class Recent(NamedTuple):
    """How many requests came from one address in the window."""

    total: int = 0
    alike: int = 0  # only the referrals, or only the others


def requests_from(hashes: list[str], moment: datetime, *, referrals: bool) -> Recent:
    """Count the requests of the last hour from the address with these hashes. `referrals` says which are alike."""
    if not hashes:
        return Recent()
    lately = ConsultationRequest.objects.order_by().filter(created_at__gt=moment - WINDOW, address_hash__in=hashes)
    asked = [asking_for == AskingFor.PATIENT for asking_for in lately.values_list("asking_for", flat=True)]
    return Recent(len(asked), asked.count(referrals))


def is_crowded(moment: datetime) -> bool:
    """Return whether the last hour already had so many requests that staff should get a summary email."""
    newest = ConsultationRequest.objects.order_by("-created_at").values_list("created_at", flat=True)
    return any(received > moment - WINDOW for received in newest[CROWDED_ABOVE - 1 : CROWDED_ABOVE])
