"""Scores how much a request looks like spam.

A request is never refused because of its score. Suspected spam is stored, its sender sees the same receipt page as
everyone else, and staff are notified of it in a digest instead of immediately. The script in which someone writes is
no sign of spam, because patients have names in every script.
"""

import re
import time
from collections.abc import Mapping
from typing import Any

from django.core import signing

from consultations.models import ConsultationRequest
from consultations.origins import OUR_FETCH_SITES
from consultations.rate_limit import REFERRALS_SUSPECTED_ABOVE, SUSPECTED_ABOVE

OPENED_SALT = "consultations.opened"
SUSPECTED_FROM = 3
# The weight of each sign of spam. The signs found are stored with the request and shown to staff.
WEIGHTS = {
    "filled in what no person sees": 3,
    "one of many from one address": 3,
    "no record of when the form was opened": 2,
    "sent within three seconds": 2,
    "two links or more": 2,
    "the note repeats the name or the address": 2,
    "a link in the name": 2,
    "sent from another site": 1,
}

_LINK = re.compile(r"https?:/*(?:www\.)?|www\.", re.IGNORECASE)  # the beginning of one address


def opened_now(seconds_ago: int = 0) -> str:
    """Return a signed timestamp for the form's hidden field that records when the form was opened."""
    return signing.dumps(int(time.time()) - seconds_ago, salt=OPENED_SALT)


def reasons_to_suspect(
    content: Mapping[str, Any], *, trap: str, opened_at: str, fetch_site: str, requests_from_address: int
) -> list[str]:
    """Return the keys of WEIGHTS that apply to a request.

    `requests_from_address` includes this request. It counts only referrals, or only other requests.
    """
    name, note = content["full_name"], content["note"]
    is_referral = content["asking_for"] == ConsultationRequest.AskingFor.PATIENT
    holds = {
        "filled in what no person sees": bool(trap),
        "one of many from one address": requests_from_address
        > (REFERRALS_SUSPECTED_ABOVE if is_referral else SUSPECTED_ABOVE),
        "two links or more": len(_LINK.findall(note)) >= 2,
        "the note repeats the name or the address": note != "" and note in (name, content["email"]),
        "a link in the name": bool(_LINK.search(name)),
        "sent from another site": fetch_site not in ("", *OUR_FETCH_SITES),
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
