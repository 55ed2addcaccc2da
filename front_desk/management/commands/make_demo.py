import random
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group, User
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from clinic import snapshot
from clinic.answers import QUESTIONS
from clinic.facts import cleaned
from clinic.migrated import require_migrated
from clinic.models import Edition
from clinic.notices import NOTICES, NoticeKind
from clinic.opening_hours import LONGEST_LOOK_AHEAD, upcoming_holidays
from consultations.models import (
    ConsultationRequest,
    ContactAttempt,
    Correction,
    Heartbeat,
    Note,
    Notification,
    start_of_day,
)
from consultations.spam import WEIGHTS
from consultations.statuses import ENDED, MainQueue, Outcome, Status, statuses_in
from front_desk.accounts import FRONT_DESK, MANAGER, make_account
from front_desk.example_pictures import example_pictures
from front_desk.second_factor import enroll, replace_recovery_codes

Kind, Need = Notification.Kind, ConsultationRequest.Need
REQUESTS = 200
DAYS = 8 * 7
# Minimum age in days, and the statuses to choose from at that age. The first match applies.
PATHS = [
    (21, [Status.SCHEDULED, *[Status.CLOSED] * 6, Status.SPAM]),
    (
        7,
        [
            Status.SCHEDULED,
            Status.SCHEDULED,
            Status.CLOSED,
            Status.CLOSED,
            Status.IN_TOUCH,
            Status.CONTACTING,
            Status.SPAM,
        ],
    ),
    (2, [*[Status.NEW] * 3, Status.SUSPECTED, Status.CONTACTING, Status.CONTACTING, Status.IN_TOUCH, Status.SCHEDULED]),
    (0, [*[Status.NEW] * 3, Status.SUSPECTED, Status.CONTACTING]),
]
WORDS = ["Please let it ring.", "I work nights; late mornings are best.", "I use a relay service.", "", "", "", ""]
NOTES = {
    Status.CONTACTING: "Called, let it ring.",
    Status.IN_TOUCH: "Wants to think about it over the weekend.",
    Status.SCHEDULED: "Sent the directions.",
    Status.CLOSED: "Thanked us; knows how to reach us.",
}
UNSUCCESSFUL = [Outcome.NO_ANSWER, Outcome.VOICEMAIL, Outcome.TEXT, Outcome.EMAIL]
REFERRAL = {
    "asking_for": "patient",
    "practice": "Example Family Practice",
    "direct_line": "(618) 555-0155",
    "patient_agreed": True,
    "topic": "",
}
# Answers and fields of the first requests, so that the demo has one of everything the desk can show. A visit is given
# as days from today.
EXAMPLES: list[dict[str, Any]] = [
    {"status": Status.NEW, "note": "Example: this note reads like a crisis.", "urgent": True},
    {"status": Status.NEW, "changed": "phone,voicemail_ok", "contact_by": "call"},
    {"status": Status.NEW, "asked_again": True},
    {"status": Status.NEW, "failed_email": True},
    {"status": Status.NEW, "refused_receipt": True, "contact_by": "email", "receipt_wanted": True},
    {"status": Status.NEW, "needs": Need.SPANISH, "contact_by": "call"},
    {"status": Status.NEW, "needs": f"{Need.TEXT_ONLY},{Need.LARGE_PRINT}", "contact_by": "text"},
    {"status": Status.NEW, **REFERRAL, "contact_by": "call"},
    {"status": Status.CONTACTING, **REFERRAL, "contact_by": "call"},
    {"status": Status.CONTACTING, "withdrawn": True},
    {"status": Status.CONTACTING, "follow_up": -2},
    {"status": Status.CONTACTING, "follow_up": 0},
    {"status": Status.IN_TOUCH, "follow_up": 3},
    {"status": Status.SCHEDULED, "visit": -1},
    {"status": Status.SCHEDULED, "visit": 0},
    {"status": Status.SCHEDULED, "visit": 1},
    {"status": Status.SCHEDULED, "visit": 6},
    {"status": Status.SCHEDULED, "visit": None},
    {"status": Status.CLOSED, "closed_reason": "other", "closed_words": "Moved to another state."},
]


def made_up_facts() -> dict[str, Any]:
    """Return the facts of a made-up clinic, with a closure next week."""
    next_week = timezone.localdate() + timedelta(days=7)
    return {
        "phone": "(618) 555-0100",
        "street": "1 Example Street",
        "postal_code": "62901",
        "landmark": "Example: across from the example fountain.",
        "entrance": "Example: the green door on the left side. Ring the bell.",
        "parking": "Example: free spaces behind the building.",
        "step_free_route": "Example: a ramp leads from the parking lot to the green door.",
        "transit": "Example: the example bus stops at the corner.",
        "hours": ["9 am - 5 pm"] * 5 + ["", ""],
        "closures": [{"first": next_week.isoformat(), "reason": "Example closure"}],
        "review_url": "https://g.page/r/example/review",
        "urgent_email": "urgent@example.com",
        "reply_email": "desk@example.com",
        "manager_email": "manager@example.com",
        **{kind.url_fact: f"https://example.com/{slug}" for slug, kind in NOTICES.items()},
        **{kind.fact: example_notice(kind) for kind in NOTICES.values()},
        "holidays": {upcoming_holidays(timezone.localdate())[0][0].isoformat(): "closed"},
        "announcement": {"text": "Example announcement: this clinic is made up.", "until": f"{next_week}T17:00"},
        "closed_today": (timezone.localdate() - timedelta(days=1)).isoformat(),  # over, so not announced
        **{each.fact: f"Example answer to “{each.text}”" for each in QUESTIONS.values()},
        "answer_night_number": "(618) 555-0101",
        "prices": {
            "as_of": timezone.localdate().isoformat(),
            "rows": [
                {"what": "Example first visit", "amount": "111"},
                {"what": "Example infusion", "amount": "222", "note": "A made-up price"},
            ],
        },
        "people": [
            {
                "name": "Example Person",
                "title": "MD",
                "role": "Example role: sees you before each infusion",
                "training": "Example School of Medicine",
                "text": "This is an example. Here a person says in a few words what a patient would want to know.",
                "license_url": "https://idfpr.illinois.gov/licenselookup/",
                "responsible": True,
            },
            {"name": "Example Nurse", "title": "Registered nurse", "role": "Example role: stays with you"},
        ],
        "article_reviews": {"safety": {"name": "Example Person", "day": timezone.localdate().isoformat()}},
    }


def example_notice(kind: NoticeKind) -> dict[str, Any]:
    text = f"This is an example, not a real notice.\n\n## An example heading\n\n- **{kind.title}:** an example point\n"
    texts = [{"language": "en", "text": text}, {"language": "es", "text": "Este es un ejemplo, no un aviso real."}]
    return {"effective": timezone.localdate().isoformat(), "texts": texts}


def open_day(away: int) -> date:
    """Return the open day that is closest to so many days from today, on the same side of today."""
    day, step = timezone.localdate() + timedelta(days=away), timedelta(days=-1 if away < 0 else 1)
    calendar = snapshot.current().calendar
    return next(day + step * more for more in range(LONGEST_LOOK_AHEAD) if calendar.spans_on(day + step * more))


class Command(BaseCommand):
    help = f"Fill an empty database with {REQUESTS} obviously made-up requests, and create an account to view them."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        require_migrated()
        if ConsultationRequest.objects.exists() or User.objects.exists():
            raise CommandError(
                "This database is not empty. Use an empty one, so that made-up people are never mixed with real ones."
            )
        self.dice = random.Random(1971)  # noqa: S311  a fixed seed makes the same demo each time
        demo, password = make_account("demo", Group.objects.get(name=MANAGER))
        lee, _ = make_account("lee", Group.objects.get(name=FRONT_DESK))
        self.staff = [demo, lee]
        newest = Edition.newest()
        known = newest.number if newest else 0
        facts = made_up_facts() | example_pictures("Example Person")
        Edition.publish(cleaned(facts), "Made-up facts for the demo.", after=known, by=demo)
        for number, example in enumerate(EXAMPLES, 1):
            self.make_request(number, timezone.now() - timedelta(hours=self.dice.randint(20, 60)), example)
        for number in range(len(EXAMPLES) + 1, REQUESTS + 1):
            self.make_request(number, timezone.now() - timedelta(minutes=self.dice.randint(20, DAYS * 24 * 60)), {})
        Heartbeat.beat()
        device, _ = enroll(demo)
        codes = replace_recovery_codes(demo, count=10)
        self.stdout.write(f"Made {REQUESTS} requests from made-up people.\n")
        self.stdout.write(
            f"  Sign in as    demo\n  Password      {password}\n  Code          {codes[0]}  (works once; more:)"
        )
        self.stdout.write(f"                {'  '.join(codes[1:])}")
        self.stdout.write(f"  Authenticator {device.config_url}")

    def make_request(self, number: int, received: datetime, example: dict[str, Any]) -> None:
        days = (timezone.now() - received).days
        status = example.get("status") or self.dice.choice(next(statuses for age, statuses in PATHS if days >= age))
        consultation = ConsultationRequest(
            created_at=received,
            source="web" if example or status == Status.SUSPECTED else self.dice.choice(["web"] * 7 + ["phone"]),
            consent_version="made up",
            urgent=example.get("urgent", False),
            **self.answers(number, example),
        )
        if status == Status.SUSPECTED:
            consultation.status, consultation.spam_reasons = status, "; ".join(self.dice.sample(list(WEIGHTS), 2))
        consultation.save()
        self.notify(consultation, example)
        if status not in (Status.NEW, Status.SUSPECTED):
            self.work_on(consultation, status, example)
        self.patient_acts(consultation, example)
        consultation.save()

    def answers(self, number: int, example: dict[str, Any]) -> dict[str, Any]:
        """Return made-up answers to every question of the form. Those in `example` are not chosen by chance."""
        dice = self.dice
        way = example.get("contact_by") or dice.choice(["call", "call", "call", "text", "email"])
        email = f"person{number % 170}@example.com" if way == "email" or dice.random() < 0.4 else ""
        chance = ["myself", "myself", "myself", "someone-else", "patient"] if not example else ["myself"]
        asking_for = example.get("asking_for") or dice.choice(chance)
        answers = {
            "full_name": f"Example Person {number}",
            "asking_for": asking_for,
            "practice": "",
            "direct_line": "",
            "contact_by": way,
            # Some phone numbers and email addresses repeat, as if a person had sent two requests.
            "phone": f"(618) 555-01{number % 90:02}" if way != "email" else "",
            "email": email,
            "voicemail_ok": dice.choice([True, False]) if way == "call" else None,
            "needs": dice.choice([Need.SPANISH, Need.LANGUAGE, Need.RELAY, Need.STEP_FREE, *[""] * 20]),
            "topic": ",".join(dice.sample(ConsultationRequest.Topic.offered(), dice.choice([0, 1, 1, 1, 2]))),
            "note": dice.choice(WORDS),
            "receipt_wanted": email != "" and dice.random() < 0.5,
        }
        answers["language"] = "Polish" if answers["needs"] == Need.LANGUAGE else ""
        for name in ConsultationRequest.CONTENT:
            if name not in answers:
                answers[name] = self.choose(name)
        referral = REFERRAL if asking_for == "patient" else {}
        return answers | referral | {name: value for name, value in example.items() if name in answers}

    def choose(self, name: str) -> object:
        """Return a random choice for a field with choices, or the default of any other field."""
        field = ConsultationRequest._meta.get_field(name)
        if field.choices:
            offered = [value for value, _ in field.choices]
            return self.dice.choice([*offered, ""] if field.blank else offered)
        return field.get_default()

    def notify(self, consultation: ConsultationRequest, example: dict[str, Any]) -> None:
        """Store the emails about the request. Staff get no separate email about phone requests and suspected spam."""
        sent = consultation.created_at + timedelta(seconds=self.dice.randint(2, 40))
        if consultation.source == ConsultationRequest.Source.WEB and consultation.status != Status.SUSPECTED:
            failed = example.get("failed_email", False)
            kind = Kind.URGENT if consultation.urgent else Kind.NEW
            given_up = {"failed_at": sent + timedelta(hours=16), "attempts": 8, "last_error": "SMTPServerDisconnected"}
            self.store_email(consultation, kind, given_up if failed else {"sent_at": sent, "attempts": 1})
        if example.get("refused_receipt"):
            refused = {"failed_at": sent, "attempts": 1, "refused": True, "last_error": "SMTPRecipientsRefused"}
            self.store_email(consultation, Kind.RECEIPT, refused)

    def store_email(self, consultation: ConsultationRequest, kind: str, fields: dict[str, Any]) -> None:
        slot = f"{kind}:{consultation.pk}"
        received = consultation.created_at
        Notification.objects.create(kind=kind, consultation=consultation, slot=slot, created_at=received, **fields)

    def work_on(self, consultation: ConsultationRequest, status: Status, example: dict[str, Any]) -> None:
        """Store what staff would have done to bring the request to this status."""
        author = self.dice.choice(self.staff)
        consultation.assigned_to, consultation.status, consultation.version = author, status, 1
        if status != Status.SPAM:
            self.contact(consultation, author)
        if status == Status.SCHEDULED:
            self.schedule(consultation, example.get("visit", self.dice.randint(-2, 9)))
        if status == Status.CLOSED:
            reasons = [reason for reason in ConsultationRequest.ClosedReason.values if reason != "other"]
            consultation.closed_reason = example.get("closed_reason") or self.dice.choice(reasons)
            consultation.closed_words = example.get("closed_words", "")
        if status in ENDED:
            last = consultation.first_contact_at or consultation.created_at
            consultation.closed_at = min(last + timedelta(days=self.dice.randint(1, 9)), timezone.now())
        elif status in statuses_in(MainQueue.OPEN):
            away = example.get("follow_up", self.dice.randint(-1, 5))
            consultation.follow_up_on = open_day(away)
        if status.rule.sentence:
            said = status.rule.said(self.detail(consultation))
            self.write(consultation, author, Note.Kind.SYSTEM, consultation.closed_at or timezone.now(), said)
        if status in NOTES:
            self.write(consultation, author, Note.Kind.STAFF, consultation.first_contact_at, NOTES[status])

    def contact(self, consultation: ConsultationRequest, author: User) -> None:
        """Store one to three contact attempts. Those of a request that staff are still contacting were unsuccessful."""
        outcomes = self.dice.choices(UNSUCCESSFUL, k=self.dice.randint(1, 3))
        if consultation.status != Status.CONTACTING:
            outcomes[-1] = Outcome.SPOKE
        at = consultation.created_at
        for outcome in outcomes:
            at = min(at + timedelta(hours=self.dice.randint(1, 30)), timezone.now())
            consultation.first_contact_at = consultation.first_contact_at or at
            ContactAttempt.objects.create(consultation=consultation, author=author, at=at, outcome=outcome)
            self.write(consultation, author, Note.Kind.SYSTEM, at, f"{outcome.label}.")

    def schedule(self, consultation: ConsultationRequest, days: int | None) -> None:
        """Schedule a visit so many days from today, or on no day, like requests older than this field."""
        if days is not None:
            midnight = start_of_day(open_day(days))
            consultation.scheduled_at = midnight + timedelta(minutes=30 * self.dice.randint(18, 33))

    def detail(self, consultation: ConsultationRequest) -> str:
        if consultation.status == Status.CLOSED:
            return consultation.get_closed_reason_display().lower()
        visit = consultation.scheduled_at
        # The sentence ends with a period of its own.
        when = date_format(timezone.localtime(visit), "D, M j, g:i a").removesuffix(".") if visit else ""
        return when or "a day that was not recorded"

    def patient_acts(self, consultation: ConsultationRequest, example: dict[str, Any]) -> None:
        """Let the patient correct or withdraw the request, or say that no one has reached them."""
        moment = consultation.created_at + timedelta(minutes=4)
        if changed := example.get("changed"):
            consultation.corrected_at = consultation.patient_changed_at = moment
            before = "Phone number: (618) 555-0199"
            Correction.objects.create(consultation=consultation, corrected_at=moment, before=before, changed=changed)
        if example.get("withdrawn"):
            consultation.withdrawn_at = consultation.patient_changed_at = timezone.now()
        if example.get("asked_again"):
            consultation.asked_again_at = timezone.now()

    def write(self, consultation: ConsultationRequest, author: User, kind: str, at: datetime, text: str) -> None:
        Note.objects.create(consultation=consultation, author=author, kind=kind, written_at=at, text=text)
