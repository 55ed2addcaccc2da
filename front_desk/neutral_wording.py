"""Wording for a voicemail, a text and an email that tells others who hear or read it nothing about the request.

It never names the treatment, the topic or the patient, and names the clinic only where the patient allows it. If the
request reads like a crisis, it says where to get help, because a person in danger may read it before anyone calls.
"""

from typing import NamedTuple
from urllib.parse import quote

from clinic import snapshot
from consultations.models import ConsultationRequest
from front_desk.labels import ContactBy, ContactLink

NAME_PLACE = "{your first name}"
SUBJECT = "Your message to us"
HELP = (
    "If you feel unsafe, you can call or text 988 at any time, day or night. If you are in immediate danger, call 911."
)


class Wording(NamedTuple):
    voicemail: str
    text: str
    email: str


def wording(consultation: ConsultationRequest, name: str, *, refused: bool) -> Wording:
    """Return the wording for a request. `name` is the staff member's first name, or "" to leave it out.

    `refused` is whether this request, or another with the same phone or email, says not to name the clinic. The
    answer about voicemails also holds for texts, because others may see them. An email names the clinic even if
    nobody was asked, because its sender does too.
    """
    on_phone = _opening(consultation, name, names_clinic=bool(consultation.voicemail_ok) and not refused)
    in_email = _opening(consultation, name, names_clinic=not refused)
    help_now = [HELP] if consultation.urgent else []
    phone = snapshot.current().phone
    call = f"Please call me at {phone}" if phone else "Please call me"
    reference = f"Your reference is {consultation.reference}."
    signed = [name] if name else []
    return Wording(
        voicemail=" ".join([on_phone, f"{call}.", *help_now, "Thank you."]),
        text=" ".join([on_phone, f"{call}.", *help_now]),
        email="\r\n\r\n".join([f"{in_email} {call}, or answer this email.", *help_now, reference, *signed]),
    )


def _opening(consultation: ConsultationRequest, name: str, *, names_clinic: bool) -> str:
    clinic = snapshot.Clinic.name if names_clinic else ""
    who = " from ".join(filter(None, [name, clinic]))
    hello = f"Hello, this is {who}." if who else "Hello."
    return f"{hello} {'I would like to talk with you soon' if consultation.urgent else 'I am getting back to you'}."


def prefilled(link: ContactLink, words: Wording) -> ContactLink:
    """Return a link that opens a text or an email with the wording in it. A link to call stays as it is."""
    if link.way == ContactBy.TEXT:
        return link._replace(uri=f"{link.uri}?body={quote(words.text, safe='')}")
    if link.way == ContactBy.EMAIL:
        return link._replace(uri=f"{link.uri}?subject={quote(SUBJECT, safe='')}&body={quote(words.email, safe='')}")
    return link
