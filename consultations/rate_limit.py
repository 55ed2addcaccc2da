"""Counts the requests of the last hour, from one address and in total."""

import ipaddress
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection
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

# In SQL, because Django takes several times as long to write these queries as the database to answer them, and each
# form waits for both.
_FROM_ADDRESS = """
    SELECT asking_for FROM consultations_consultationrequest WHERE created_at > %s AND address_hash IN ({})
"""
_CROWD = "SELECT 1 FROM consultations_consultationrequest WHERE created_at > %s LIMIT 1 OFFSET %s"


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
    rows = _rows(_FROM_ADDRESS.format(", ".join(["%s"] * len(hashes))), moment - WINDOW, *hashes)
    asked = [asking_for == AskingFor.PATIENT for (asking_for,) in rows]
    return Recent(len(asked), asked.count(referrals))


def is_crowded(moment: datetime) -> bool:
    """Return whether the last hour already had so many requests that staff should get a summary email."""
    return bool(_rows(_CROWD, moment - WINDOW, CROWDED_ABOVE - 1))


def _rows(sql: str, since: datetime, *values: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [connection.ops.adapt_datetimefield_value(since), *values])
        return cursor.fetchall()
