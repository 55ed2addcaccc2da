"""The wording, badges and links that the front desk uses for a request."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone
from django.utils.text import capfirst

from clinic import snapshot, typed
from consultations.encryption import Unreadable
from consultations.models import ConsultationRequest, ContactAttempt, Notification
from consultations.statuses import SPAM, Outcome, Status

ContactBy, Need = ConsultationRequest.ContactBy, ConsultationRequest.Need

# Staff's wording of choices that the public form words from the patient's point of view.
STAFF_WORDS = {
    "asking_for": {
        ConsultationRequest.AskingFor.MYSELF: "Self",
        ConsultationRequest.AskingFor.PATIENT: "Provider referral",
    },
    "topic": {ConsultationRequest.Topic.LATER: "Would rather say when we speak"},
}
# Labels for the request page's list of answers, where they differ from the field's verbose_name.
FACT_LABELS = {
    "asking_for": "For",
    "topic": "Reasons for contact",
    "note": "Contact notes",
    "receipt_wanted": "Wants a confirmation by email",
    "patient_agreed": "Patient agreed to the referral",
}
# How a sentence about changes names an answer, where that differs from the field's verbose_name.
CHANGE_NAMES = {
    "full_name": "name",
    "asking_for": "who it is for",
    "patient_agreed": "the patient's agreement",
    "contact_by": "preferred contact",
    "voicemail_ok": "voicemail",
    "best_time": "best time",
    "needs": "needs",
    "language": "language",
    "topic": "reasons for contact",
    "note": "contact notes",
    "receipt_wanted": "email confirmation",
}
# Answers that the request page shows above its list of answers.
SHOWN_ABOVE_FACTS = (
    "full_name",
    "contact_by",
    "phone",
    "email",
    "voicemail_ok",
    "best_time",
    "direct_line",
    "needs",
    "language",
)
# Answers that only a referring clinician is asked for.
ONLY_REFERRALS = ("practice", "direct_line", "patient_agreed")


class Fact(NamedTuple):
    label: str
    words: str
    changed: bool  # the patient changed it, and staff have not acted since


class Badge(NamedTuple):
    kind: str  # the suffix of its CSS class
    words: str


MISTYPED = "This number may be mistyped"
REFUSED = "Email to this address was refused"


class ContactLink(NamedTuple):
    """A link to call, text or email the patient."""

    way: str  # one of ContactBy
    words: str
    uri: str
    changed: bool = False
    warning: str = ""
    wrong: bool = False  # known not to reach the patient


def words_of(consultation: ConsultationRequest, name: str) -> str:
    """Return an answer in staff's wording, or an empty string if there is none."""
    return ", ".join(each_in_words(consultation, name))


def each_in_words(consultation: ConsultationRequest, name: str) -> list[str]:
    """Return each choice of an answer in staff's wording. An answer that cannot be decrypted is one choice."""
    value, staffs = getattr(consultation, name), STAFF_WORDS.get(name, {})
    if name in consultation.SEVERAL and not isinstance(value, Unreadable):
        named = staffs | ({Need.LANGUAGE: _interpreter(consultation)} if name == "needs" else {})
        return [named.get(choice, choice.label) for choice in consultation.chosen(name)]
    _, words = consultation.shown(name)
    return [staffs.get(value, words)] if words else []


def _interpreter(consultation: ConsultationRequest) -> str:
    """Return the need for an interpreter with the language that was named, such as "Polish, with an interpreter"."""
    return f"{consultation.language}, with an interpreter" if consultation.language else Need.LANGUAGE.label


def full_name(consultation: ConsultationRequest) -> str:
    if consultation.erased_at:
        return "Name erased"
    return typed.name(str(consultation.full_name or "")) or "No name that can be shown"


def is_referral(consultation: ConsultationRequest) -> bool:
    return consultation.asking_for == ConsultationRequest.AskingFor.PATIENT


def facts(consultation: ConsultationRequest, changed: set[str] = frozenset()) -> list[Fact]:
    """Return the label and wording of each answer in the request page's list of answers."""
    left_out = SHOWN_ABOVE_FACTS + (() if is_referral(consultation) else ONLY_REFERRALS)
    return [
        Fact(
            FACT_LABELS.get(name) or capfirst(consultation.shown(name)[0]),
            words_of(consultation, name),
            name in changed,
        )
        for name in ConsultationRequest.CONTENT
        if name not in left_out
    ]


def change_names(names: str) -> str:
    """Return a Correction's comma-separated answers as staff call them, such as "phone, voicemail"."""
    known = [name for name in names.split(",") if name in ConsultationRequest.CONTENT]
    fields = {name: str(ConsultationRequest._meta.get_field(name).verbose_name) for name in known}
    return ", ".join(CHANGE_NAMES.get(name, label) for name, label in fields.items())


# --- How to reach the patient


def texts_agreed(consultation: ConsultationRequest) -> bool:
    return consultation.contact_by == ContactBy.TEXT or consultation.texts_only


def contact_links(
    consultation: ConsultationRequest, changed: set[str] = frozenset(), *, wrong_number: bool = False
) -> list[ContactLink]:
    """Return the ways to contact the patient that they agreed to, the preferred one first.

    A referring clinician's direct line comes before their other number. If a field has two numbers, the first is
    dialed, and both are shown. A number that nobody can have gets a warning, because the form accepts it. Numbers that
    the last call found wrong, and a refused email address, come last.
    """
    links = []
    for name, number in numbers_to_call(consultation).items():
        words = f"Call direct line {number}" if name == "direct_line" else f"Call {number}"
        links.append(ContactLink(ContactBy.CALL, words, phone_uri(number), name in changed, number_warning(number)))
    if (number := _readable(consultation, "phone")) and texts_agreed(consultation):
        uri = phone_uri(number, "sms")
        links.append(ContactLink(ContactBy.TEXT, f"Text {number}", uri, "phone" in changed, number_warning(number)))
    if address := _readable(consultation, "email"):
        refused = consultation.notifications.refused_by_address().exists()
        warning = REFUSED if refused else ""
        uri = typed.email_uri(address)
        links.append(ContactLink(ContactBy.EMAIL, address, uri, "email" in changed, warning, wrong=refused))
    if wrong_number:
        links = [link if link.way == ContactBy.EMAIL else _as_wrong(link, consultation) for link in links]
    preferred = ContactBy.TEXT if consultation.texts_only else consultation.contact_by
    return sorted(links, key=lambda link: (link.wrong, link.way != preferred))


def numbers_to_call(consultation: ConsultationRequest) -> dict[str, str]:
    """Return the numbers that may be called, keyed by the name of their answer, in the order to try them."""
    if consultation.texts_only:
        return {}
    names = ("direct_line", "phone") if is_referral(consultation) else ("phone",)
    return {name: number for name in names if (number := _readable(consultation, name))}


def _as_wrong(link: ContactLink, consultation: ConsultationRequest) -> ContactLink:
    """Mark a number as wrong. It is not known which of a clinician's two numbers the last call reached."""
    two = bool(_readable(consultation, "direct_line") and _readable(consultation, "phone"))
    return link._replace(warning="One is a wrong number" if two else "Wrong number", wrong=True)


def outcomes(consultation: ConsultationRequest) -> list[Outcome]:
    """Return the outcomes of a contact attempt that are possible for this request."""
    ways = {link.way for link in contact_links(consultation)}
    needed = {
        Outcome.NO_ANSWER: {ContactBy.CALL},
        Outcome.VOICEMAIL: {ContactBy.CALL},
        Outcome.TEXT: {ContactBy.TEXT},
        Outcome.EMAIL: {ContactBy.EMAIL},
        Outcome.WRONG_NUMBER: {ContactBy.CALL, ContactBy.TEXT},
    }
    return [outcome for outcome in Outcome if outcome not in needed or needed[outcome] & ways]


def reached_wrong_number(consultation: ConsultationRequest, attempts: list[ContactAttempt]) -> bool:
    """Return whether the last call reached a wrong number that nobody has corrected since."""
    calls = [attempt for attempt in attempts if attempt.outcome not in (Outcome.EMAIL, Outcome.TEXT)]
    if not calls or calls[-1].outcome != Outcome.WRONG_NUMBER:
        return False
    since = consultation.corrections.filter(corrected_at__gt=calls[-1].at).values_list("changed", flat=True)
    corrected = {name for changed in since for name in changed.split(",")}
    return not corrected & {"phone", "direct_line"}


def phone_uri(phone: str, scheme: str = "tel") -> str:
    """Return a tel: link, or an sms: link without the extension. If two numbers were typed, it is for the first."""
    number = typed.dialed(phone)
    extension = f";ext={number.extension}" if number.extension and scheme == "tel" else ""
    return f"{scheme}:{number.e164}{extension}"


def number_warning(number: str) -> str:
    return MISTYPED if typed.may_be_mistyped(number) else ""


def _readable(consultation: ConsultationRequest, name: str) -> str:
    value = getattr(consultation, name)
    return "" if value is None or isinstance(value, Unreadable) else value


# --- Badges and times


def badge(consultation: ConsultationRequest) -> Badge:
    if consultation.erased_at:
        return Badge("erased", "Withdrawn, erased" if consultation.withdrawn_at else "Erased")
    if consultation.withdrawn_at:
        return Badge("closed", "Withdrawn")
    return Badge(consultation.status, consultation.get_status_display())


def alerts(consultation: ConsultationRequest) -> list[Badge]:
    """Return the badges for what needs attention in a request that has not ended, the most urgent first."""
    if consultation.erased_at or consultation.status in ConsultationRequest.ENDED:
        return []
    found = {
        Badge("overdue", "Urgent"): consultation.urgent and not consultation.clinician_told_at,
        Badge("overdue", "Overdue"): consultation.is_overdue and not consultation.withdrawn_at,
        Badge("overdue", "Follow-up missed"): consultation.missed_follow_up and not consultation.withdrawn_at,
        Badge("overdue", "Clinic closed"): _visit_is_ruled_out(consultation),
        Badge("waiting", "Urgent"): consultation.urgent and consultation.clinician_told_at,
        Badge("changed", "Changed by patient"): consultation.patient_changed_at,
        Badge("changed", "Asked again"): consultation.asked_again_at,
    }
    return [badge for badge, applies in found.items() if applies]


def _visit_is_ruled_out(consultation: ConsultationRequest) -> bool:
    """Return whether a visit that is still to come is booked for a time when the clinic is closed."""
    visit = consultation.scheduled_at
    is_coming = consultation.status == Status.SCHEDULED and visit and visit >= timezone.now()
    return bool(is_coming and snapshot.current().calendar.rules_out(visit))


def mail_problem(mail: Notification) -> str:
    """Return in words why an email has not been sent."""
    tries = f"{mail.attempts} attempt{'' if mail.attempts == 1 else 's'}"
    if mail.failed_at and (mail.refused or not mail.attempts):
        return mail.reason
    if mail.failed_at:
        return f"{mail.reason} Given up after {tries}.".strip()
    return f"{mail.reason} {tries} so far, and we keep trying.".strip() if mail.attempts else "About to be sent."


def ago(moment: datetime) -> str:
    """Return the time since `moment` in one unit, such as "5 min", "2 h" or "3 days"."""
    minutes = int((timezone.now() - moment).total_seconds() // 60)
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h"
    return f"{minutes // (24 * 60)} days"


def ago_in_words(moment: datetime) -> str:
    """Return the time since `moment` for a sentence, such as "just now", "3 minutes ago" or "2 days ago"."""
    minutes = int((timezone.now() - moment).total_seconds() // 60)
    for size, unit in ((24 * 60, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            count = minutes // size
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    return "just now"


def day(when: date) -> str:
    """Return "today", or a date such as "Nov 24"."""
    return "today" if when == timezone.localdate() else f"{when:%b} {when.day}"


def erased_after(consultation: ConsultationRequest) -> date | None:
    """Return the day when a request that has ended is erased, or None for any other request."""
    if consultation.status not in ConsultationRequest.ENDED or consultation.erased_at or not consultation.closed_at:
        return None
    days = settings.SPAM_RETENTION_DAYS if consultation.status in SPAM else settings.RETENTION_DAYS
    return timezone.localdate(consultation.closed_at + timedelta(days=days))
