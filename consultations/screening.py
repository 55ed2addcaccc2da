"""How much a request looks like spam, and how many come from one address.

Nothing is refused for what it says: a suspected request is stored like any other, its sender sees the
same receipt, and staff hear of it once a day instead of at once.
"""

import ipaddress
import re
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core import signing
from django.utils import timezone

from consultations.encryption import keyed_hashes
from consultations.models import ConsultationRequest

OPENED_SALT = "consultations.opened"
SUSPECTED_FROM = 3
# What counts against a request, in the words that staff read, and how much.
WEIGHTS = {
    "filled in what no person sees": 3,
    "one of many from one address": 3,
    "no record of when the form was opened": 2,
    "sent within three seconds": 2,
    "two links or more": 2,
    "the note repeats the name or the address": 2,
    "a link or Cyrillic letters in the name": 2,
    "sent from another site": 1,
}

WINDOW = timedelta(hours=1)
SUSPECTED_ABOVE = 5  # requests from one address in the window
REFUSED_ABOVE = 30
CROWDED_ABOVE = 60  # requests from everybody

_LINK = re.compile(r"https?:|www\.", re.IGNORECASE)
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")


def opened_now(seconds_ago: int = 0) -> str:
    """When the form was opened, signed: it comes back with the form."""
    return signing.dumps(int(time.time()) - seconds_ago, salt=OPENED_SALT)


def reasons_to_suspect(
    content: Mapping[str, Any], *, trap: str, opened_at: str, fetch_site: str, from_address: int
) -> list[str]:
    """Those of WEIGHTS that hold. `from_address` counts this request and the earlier ones of the window."""
    name, note = content["full_name"], content["note"]
    holds = {
        "filled in what no person sees": bool(trap),
        "one of many from one address": from_address > SUSPECTED_ABOVE,
        "two links or more": len(_LINK.findall(note)) >= 2,
        "the note repeats the name or the address": note != "" and note in (name, content["email"]),
        "a link or Cyrillic letters in the name": bool(_LINK.search(name) or _CYRILLIC.search(name)),
        "sent from another site": fetch_site not in ("", "same-origin"),
        **_age_of_form(opened_at),
    }
    return [reason for reason in WEIGHTS if holds.get(reason)]


def is_suspected(reasons: list[str]) -> bool:
    return sum(WEIGHTS[reason] for reason in reasons) >= SUSPECTED_FROM


def _age_of_form(opened_at: str) -> dict[str, bool]:
    try:
        opened = int(signing.loads(opened_at or "", salt=OPENED_SALT))
    except (signing.BadSignature, ValueError, TypeError):
        return {"no record of when the form was opened": True}
    return {"sent within three seconds": time.time() - opened < 3}


# --- How many come from where


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
