import random
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group, User
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from clinic.facts import cleaned
from clinic.models import Edition
from consultations.models import ConsultationRequest, Correction, Heartbeat, Note, Notification
from consultations.spam import WEIGHTS
from consultations.statuses import CONTACTED, ENDED, MainQueue, Status, statuses_in
from front_desk.accounts import FRONT_DESK, MANAGER, make_account
from front_desk.second_factor import enroll, replace_recovery_codes

Kind = Notification.Kind
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
WORDS = ["Please ring twice.", "I work nights; late mornings are best.", "I use a relay service.", "", "", "", ""]
NOTES = {
    Status.CONTACTING: "Rang, no answer. Left no message.",
    Status.IN_TOUCH: "Spoke. Wants to think about it over the weekend.",
    Status.SCHEDULED: "First visit is booked; sent the directions.",
    Status.CLOSED: "Said goodbye kindly; they know where we are.",
}


def made_up_facts() -> dict[str, Any]:
    """Return the facts of a made-up clinic, with a closure next week."""
    next_week = timezone.localdate() + timedelta(days=7)
    return {
        "phone": "(618) 555-0100",
        "street": "1 Example Street",
        "postal_code": "62901",
        "hours": ["9 am - 5 pm"] * 5 + ["", ""],
        "closures": [{"first": next_week.isoformat(), "reason": "Example closure"}],
        "review_url": "https://g.page/r/example/review",
        "manager_email": "manager@example.com",
    }


class Command(BaseCommand):
    help = f"Fill an empty database with {REQUESTS} obviously made-up requests, and create an account to view them."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        if ConsultationRequest.objects.exists() or User.objects.exists():
            raise CommandError(
                "This database is not empty. Use an empty one, so that made-up people are never mixed with real ones."
            )
        self.dice = random.Random(1971)  # noqa: S311  a fixed seed makes the same demo each time
        demo, password = make_account("demo", Group.objects.get(name=MANAGER))
        lee, _ = make_account("lee", Group.objects.get(name=FRONT_DESK))
        self.staff = [demo, lee]
        Edition.publish(cleaned(made_up_facts()), "Made-up facts for the demo.", after=0, by=demo)
        for number in range(1, REQUESTS + 1):
            self.make_request(number, timezone.now() - timedelta(minutes=self.dice.randint(20, DAYS * 24 * 60)))
        Heartbeat.beat()
        device, _ = enroll(demo)
        codes = replace_recovery_codes(demo, count=10)
        self.stdout.write(f"Made {REQUESTS} requests from made-up people.\n")
        self.stdout.write(
            f"  Sign in as    demo\n  Password      {password}\n  Code          {codes[0]}  (works once; more:)"
        )
        self.stdout.write(f"                {'  '.join(codes[1:])}")
        self.stdout.write(f"  Authenticator {device.config_url}")

    def make_request(self, number: int, received: datetime) -> None:
        dice = self.dice
        days = (timezone.now() - received).days
        status = dice.choice(next(statuses for age, statuses in PATHS if days >= age))
        way = dice.choice(["call", "call", "call", "text", "email"])
        source = dice.choice(["web"] * 7 + ["phone"]) if status != Status.SUSPECTED else "web"
        email = f"person{number % 170}@example.com" if way == "email" or dice.random() < 0.4 else ""
        answers = {
            "full_name": f"Example Person {number}",
            "asking_for": dice.choice(["myself", "myself", "myself", "someone-else", "patient"]),
            "contact_by": way,
            # Some phone numbers and email addresses repeat, as if a person had sent two requests.
            "phone": f"(618) 555-01{number % 90:02}" if way != "email" else "",
            "email": email,
            "voicemail_ok": dice.choice([True, False]) if way == "call" else None,
            "note": dice.choice(WORDS),
            "receipt_wanted": email != "" and dice.random() < 0.5,
        }
        for name in ConsultationRequest.CONTENT:
            if name not in answers:
                answers[name] = self.choose(name)
        consultation = ConsultationRequest(created_at=received, source=source, consent_version="made up", **answers)
        if status == Status.SUSPECTED:
            consultation.status, consultation.spam_reasons = status, "; ".join(dice.sample(list(WEIGHTS), 2))
        consultation.save()
        self.notify(consultation)
        self.work_on(consultation, status)

    def choose(self, name: str) -> object:
        """Return a random choice for a field with choices, or the default of any other field."""
        field = ConsultationRequest._meta.get_field(name)
        if field.choices:
            offered = [value for value, _ in field.choices]
            return self.dice.choice([*offered, ""] if field.blank else offered)
        return field.get_default()

    def notify(self, consultation: ConsultationRequest) -> None:
        if consultation.source == ConsultationRequest.Source.PHONE or consultation.status == Status.SUSPECTED:
            return  # staff get no separate email about these
        sent = consultation.created_at + timedelta(seconds=self.dice.randint(2, 40))
        failed = consultation.pk % 90 == 0
        Notification.objects.create(
            kind=Kind.NEW,
            consultation=consultation,
            slot=f"new:{consultation.pk}",
            created_at=consultation.created_at,
            attempts=8 if failed else 1,
            sent_at=None if failed else sent,
            failed_at=sent + timedelta(hours=16) if failed else None,
            last_error="SMTPServerDisconnected" if failed else "",
        )

    def work_on(self, consultation: ConsultationRequest, status: Status) -> None:
        """Store the changes and notes that staff would have made to bring the request to this status."""
        dice = self.dice
        author = dice.choice(self.staff)
        if status == Status.NEW and dice.random() < 0.1:
            before = "Phone number: (618) 555-0199"
            consultation.corrected_at = consultation.created_at + timedelta(minutes=4)
            Correction.objects.create(consultation=consultation, corrected_at=consultation.corrected_at, before=before)
        if status not in (Status.NEW, Status.SUSPECTED):
            tried = min(consultation.created_at + timedelta(hours=dice.randint(1, 30)), timezone.now())
            consultation.first_contact_at = None if status == Status.SPAM else tried
            consultation.assigned_to = author
            consultation.status = status
            consultation.version = 1
            if status == Status.CLOSED:
                consultation.closed_reason = dice.choice(ConsultationRequest.ClosedReason.values)
            if status in ENDED:
                consultation.closed_at = min(tried + timedelta(days=dice.randint(1, 9)), timezone.now())
            reason = consultation.get_closed_reason_display().lower()
            self.write(consultation, author, Note.Kind.SYSTEM, tried, status.rule.sentence.format(reason=reason))
            if status in NOTES:
                self.write(consultation, author, Note.Kind.STAFF, tried, NOTES[status])
        if status in CONTACTED and status in statuses_in(MainQueue.OPEN):
            consultation.follow_up_on = timezone.localdate() + timedelta(days=dice.randint(-1, 5))
        consultation.save()

    def write(self, consultation: ConsultationRequest, author: User, kind: str, at: datetime, text: str) -> None:
        Note.objects.create(consultation=consultation, author=author, kind=kind, written_at=at, text=text)
