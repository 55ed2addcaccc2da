"""Tests of what a request's page shows."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from consultations.models import AccessLogEntry, ConsultationRequest, Correction, Notification
from front_desk import actions, queues
from tests.helpers.factories import consultation
from tests.helpers.request_page import LIST, fields_of, page_of, press, system_notes
from tests.helpers.staff_members import make_member, sign_in

pytestmark = pytest.mark.django_db
Status = ConsultationRequest.Status


def page(desk, asked: ConsultationRequest) -> str:
    return desk.get(page_of(asked)).content.decode()


def main_button(html: str) -> str:
    """Return the address that the green contact button opens."""
    return re.search(r'class="button" href="([^"]+)"', html)[1]


def test_the_name_is_the_heading_and_the_title_contains_only_the_reference(desk):
    asked = consultation(full_name="Zebedee Example")
    html = page(desk, asked)
    assert "<h1><bdi>Zebedee Example</bdi></h1>" in html
    assert f"<code>{asked.reference}</code>" in html
    title = re.search(r"<title>\s*(.*?)\s*</title>", html, re.DOTALL)[1]
    assert title.startswith(asked.reference)
    assert "Zebedee" not in title


# --- How to reach the patient


def test_the_page_says_whether_a_voicemail_may_name_the_clinic(desk):
    may, may_not = page(desk, consultation(phone="618 555 0111")), page(desk, consultation(voicemail_ok=False))
    assert "Voicemail may name the clinic." in may
    assert "Do not name the clinic on a voicemail." not in may
    assert "Do not name the clinic on a voicemail." in may_not


def test_the_stricter_voicemail_answer_of_the_same_phone_wins_and_is_named(desk):
    strict = consultation(voicemail_ok=False)
    asked = consultation(voicemail_ok=True, phone="+1 618 555 0100")
    html = page(desk, asked)
    assert "Do not name the clinic on a voicemail." in html
    assert f"{strict.reference}</a> with the same phone or email does not" in html
    assert "Voicemail may name the clinic." not in html


def test_phone_and_email_are_links(desk):
    asked = consultation(phone="(618) 555-0177 ext 3", email="mailto:zeb@example.com")
    html = page(desk, asked)
    assert 'href="tel:+16185550177;ext=3"' in html
    assert "Call (618) 555-0177 ext 3" in html
    assert 'href="mailto:zeb@example.com?' in html


def test_of_two_numbers_in_one_answer_both_are_shown_and_the_first_is_dialed(desk):
    html = page(desk, consultation(phone="618 555 0111 or 618 555 0122"))
    assert "Call 618 555 0111 or 618 555 0122" in html
    assert main_button(html) == "tel:+16185550111"


@pytest.mark.parametrize(
    "fields",
    [
        {"phone": "118-555-0123"},
        {"phone": "618-911-0123"},
        {"phone": "0000000000", "contact_by": "text"},
        {"phone": "555-0136"},
        {"asking_for": "patient", "phone": "618 555 0111", "direct_line": "5550123 618"},
    ],
)
def test_a_number_that_may_be_mistyped_has_a_warning_beside_it(desk, fields):
    mistyped = fields.get("direct_line") or fields["phone"]
    html = page(desk, consultation(urgent=True, **fields))
    links = re.findall(r"<bdi>(?:Call direct line|Call|Text) ([^<]+)</bdi></a>( <span [^>]+>[^<]+)?", html)
    assert len(links) >= 2
    for number, warning in links:
        assert ("This number may be mistyped" in warning) is (number == mistyped)


def test_an_example_number_and_an_email_address_have_no_warning(desk):
    html = page(desk, consultation(phone="618 555 0111 x5", email="a@example.com", contact_by="text"))
    assert "may be mistyped" not in html


@pytest.mark.parametrize(
    ("way", "main"), [("call", "tel:+16185550100"), ("text", "sms:+16185550100"), ("email", "mailto:a@example.com")]
)
def test_the_preferred_way_of_contact_is_the_main_button(desk, way, main):
    html = page(desk, consultation(contact_by=way, email="a@example.com"))
    assert main_button(html).partition("?")[0] == main
    assert len(re.findall(r'class="button" href="(?:tel|sms|mailto)', html)) == 1


@pytest.mark.parametrize("urgent", [False, True])
def test_after_a_wrong_number_another_way_leads(desk, urgent):
    asked = consultation(email="a@example.com", urgent=urgent)
    press(desk, asked, attempt="wrong-number")
    press(desk, asked, attempt="email")
    html = page(desk, asked)
    assert set(re.findall(r'class="button" href="([^"?]+)', html)) == {"mailto:a@example.com"}
    assert re.search(r'button--quiet" href="tel:[^>]+><bdi>Call[^<]+</bdi></a> <span[^>]+>Wrong number<', html)
    assert "Call now" not in html


def test_without_another_way_a_wrong_number_leads_to_correcting_it(desk):
    asked = consultation()
    press(desk, asked, attempt="wrong-number")
    html = page(desk, asked)
    assert main_button(html) == f"{LIST}{asked.pk}/contact/"
    fields = fields_of(desk.get(main_button(html)).content.decode(), "contact-form")
    assert desk.post(main_button(html), fields | {"phone": "(618) 555-0177"}).status_code == 302
    html = page(desk, asked)
    assert main_button(html) == "tel:+16185550177"
    assert "wrong number</strong>" not in html
    assert ">Wrong number</span>" not in html


def test_wrong_number_is_offered_only_with_a_phone_number(desk):
    by_email = consultation(contact_by="email", email="a@example.com", phone="")
    assert 'name="attempt" value="wrong-number"' not in page(desk, by_email)
    assert 'name="attempt" value="spoke"' in page(desk, by_email)
    assert 'name="attempt" value="wrong-number"' in page(desk, consultation())


@pytest.mark.parametrize(
    ("fields", "offered"),
    [
        ({"contact_by": "call"}, False),
        ({"contact_by": "email", "email": "a@example.com"}, False),
        ({"contact_by": "text"}, True),
        ({"contact_by": "call", "needs": "spanish,text-only"}, True),
    ],
)
def test_a_text_is_offered_only_to_those_who_agreed_to_texts(desk, fields, offered):
    html = page(desk, consultation(**fields))
    assert ('href="sms:' in html) is offered
    assert ('name="attempt" value="text"' in html) is offered


def test_a_refused_address_is_marked_until_staff_correct_it(desk):
    asked = consultation(contact_by="email", email="alex@example.com")
    refused = {"kind": "receipt", "refused": True, "failed_at": timezone.now()}
    mail = Notification.objects.create(
        consultation=asked, slot="made up", last_error="SMTPRecipientsRefused 550 5.1.1", **refused
    )
    contact = page(desk, asked).partition('id="contact"')[2].partition("</section>")[0]
    assert contact.index("alex@example.com") < contact.index("Email to this address was refused")
    Notification.objects.update(last_error="SMTPDataError 554 5.3.4")
    assert "Email to this address was refused" not in page(desk, asked)
    Notification.objects.update(last_error=mail.last_error)
    new = {"full_name": "Alex Example", "contact_by": "email", "email": "alex2@example.com", "phone": asked.phone}
    answers = new | {"voicemail_ok": "yes", "best_time": "any", "version": "0"}
    url = reverse("admin:consultations_consultationrequest_contact", args=[asked.pk])
    assert desk.post(url, answers).status_code == 302
    assert "Email to this address was refused" not in page(desk, asked)


def test_someone_who_needs_texts_only_is_not_called(desk):
    html = page(desk, consultation(contact_by="call", needs="text-only"))
    assert 'href="tel:' not in html
    assert main_button(html).startswith("sms:")


def test_texts_only_shows_no_other_preference_and_no_voicemail_rule(desk):
    asked = consultation(needs="text-only", contact_by="call", best_time="morning")
    html = page(desk, asked)
    assert "Best time: morning" in html
    for words in ("Prefers:", "oicemail", "Call (618)"):
        assert words not in html.partition('id="contact"')[2].partition("</section>")[0]
    assert "Text message, morning" in desk.get(LIST + "?queue=all").content.decode()


def test_needs_are_shown_beside_the_phone_number(desk):
    html = page(desk, consultation(needs="spanish,step-free"))
    contact = html.partition('id="contact"')[2].partition("</section>")[0]
    assert "<strong>Needs:</strong> Spanish, with an interpreter, Step-free access" in contact


def test_a_referral_shows_the_clinician_first_and_asks_nothing_about_the_patient(desk):
    asked = consultation(
        asking_for="patient",
        full_name="Robin Example",
        practice="Example Family Practice",
        direct_line="618 555 0155",
        patient_agreed=True,
        best_time="morning",
    )
    html = page(desk, asked)
    assert main_button(html) == "tel:+16185550155"
    assert html.index("Call direct line 618 555 0155") < html.index("Call (618) 555-0100")
    assert "Robin Example</bdi>, <bdi>Example Family Practice" in html
    assert "Best time: morning" in html
    assert "Don't record anything about the patient" in html
    assert re.search(r"Patient agreed to the referral</dt><dd[^>]*><bdi>yes", html)
    assert "Patient agreed" not in page(desk, consultation(phone=""))


# --- What needs attention


def test_an_urgent_page_opens_with_what_to_do(desk):
    html = page(desk, consultation(urgent=True))
    main = html.partition('id="main"')[2]
    block = main.partition('id="urgent"')[2].partition("</section>")[0]
    for words in ("Call now", 'href="tel:+16185550100"', "988", "911", "Tell a clinician right away"):
        assert words in block
    assert main.index('id="urgent"') < main.index('id="contact"')
    assert 'badge--overdue">Urgent' in html
    assert 'id="urgent"' not in page(desk, consultation())


def test_an_urgent_page_shows_the_words_that_were_taken_back(desk):
    asked = consultation(urgent=True, note="Hello again")
    for words in ("Hello", "I do not want to live any more", "Hello there"):
        Correction.objects.create(consultation=asked, before=f"Note: {words}")
    block = page(desk, asked).partition('id="urgent"')[2].partition("</section>")[0]
    assert "They wrote this, then changed it" in block
    assert "Note: I do not want to live any more" in block
    assert "Hello" not in block
    still = consultation(urgent=True, note="I do not want to live any more")
    assert "They wrote this" not in page(desk, still)


def test_a_withdrawn_urgent_request_needs_a_clinician_before_it_is_closed(desk):
    html = page(desk, consultation(urgent=True, withdrawn_at=timezone.now()))
    assert "let a clinician decide whether to call" in html
    assert "Close the request once a clinician has been told" in html
    assert "Do not contact them about it again" not in html
    assert "Do not contact them about it again" in page(desk, consultation(withdrawn_at=timezone.now()))


def urgent_panel(html: str) -> str:
    return html.partition('id="main"')[2].partition('id="urgent"')[2].partition("</section>")[0]


@pytest.mark.parametrize(
    "fields", [{"contact_by": "email", "email": "a@example.com"}, {"withdrawn_at": timezone.now()}, {}]
)
def test_an_urgent_page_without_a_phone_number_says_to_tell_a_clinician(desk, fields):
    panel = urgent_panel(page(desk, consultation(urgent=True, phone="", **fields)))
    assert "No phone number. Tell a clinician now." in panel
    assert "Call now" not in panel


def test_the_urgent_panel_says_whether_a_voicemail_may_name_the_clinic(desk):
    rule = "Do not name the clinic on a voicemail."
    strict = page(desk, consultation(urgent=True, voicemail_ok=False, phone="618 555 0111"))
    assert rule in urgent_panel(strict)
    assert rule not in urgent_panel(page(desk, consultation(urgent=True)))


@pytest.mark.parametrize("outcome", ["no-answer", "voicemail", "spoke"])
def test_a_crisis_stays_due_until_a_clinician_was_told(desk, dana, outcome):
    asked, other = consultation(urgent=True), consultation(due_at=timezone.now() - timedelta(hours=1))
    html = desk.get(press(desk, asked, attempt=outcome).headers["Location"]).content.decode()
    assert "Tell a clinician now." in html.partition('role="status"')[2].partition("</p>")[0]
    asked.refresh_from_db()
    assert asked.next_action_at <= timezone.now()
    assert asked.follow_up_on == timezone.localdate()
    assert list(queues.in_queue("open", dana)) == [asked, other]
    assert asked in queues.in_queue("follow-up", dana)


def test_a_later_follow_up_that_staff_choose_hides_no_crisis(desk, dana):
    asked = consultation(urgent=True)
    later = timezone.localdate() + timedelta(days=4)
    press(desk, asked, attempt="no-answer", follow_up_on=later.isoformat())
    assert asked in queues.in_queue("follow-up", dana)


def test_told_a_clinician_is_stored_with_who_and_when_and_stays_on_the_page(desk):
    asked = consultation(urgent=True)
    answer = press(desk, asked, told="1", note="Told the clinician on call.", then="next")
    html = desk.get(answer.headers["Location"]).content.decode()
    asked.refresh_from_db()
    assert asked.clinician_told_at is not None
    assert re.search(r"dana told a clinician on \w{3}, \w{3} \d+ at [\d:]+ [ap]\.m\.", html)
    assert 'name="told"' not in html
    assert asked.notes.get(kind="staff").text == "Told the clinician on call."


def test_after_a_clinician_was_told_an_urgent_request_counts_as_normal(desk, dana):
    urgent, other = consultation(urgent=True), consultation(due_at=timezone.now() - timedelta(hours=1))
    assert list(queues.in_queue("open", dana)) == [urgent, other]
    press(desk, urgent, told="1")
    assert list(queues.in_queue("open", dana)) == [other, urgent]
    assert not queues.in_queue("urgent", dana)
    html = page(desk, urgent)
    assert "notice--error" not in html.partition('id="urgent"')[0].rpartition("<section")[2]
    assert "Call now" not in urgent_panel(html)
    for shown in (html, desk.get(LIST).content.decode()):
        assert 'badge--waiting">Urgent' in shown
        assert 'badge--overdue">Urgent' not in shown


@pytest.mark.parametrize("told_at", [None, timezone.now()])
def test_a_false_alarm_is_marked_as_not_urgent_and_can_be_undone(desk, told_at):
    asked = consultation(urgent=True, clinician_told_at=told_at)
    assert 'name="not_urgent" value="1">Not urgent' in page(desk, asked)
    answer = press(desk, asked, not_urgent="1", note="A song lyric.", then="next")
    html = desk.get(answer.headers["Location"]).content.decode()
    assert "Saved. Marked as not urgent." in html
    assert 'id="urgent"' not in html
    assert ">Urgent</span>" not in html
    assert system_notes(asked) == ["Marked as not urgent."]
    press(desk, asked, undo="1")
    asked.refresh_from_db()
    assert (asked.urgent, asked.clinician_told_at) == (True, told_at)
    assert 'id="urgent"' in page(desk, asked)


NOT_TOLD = "No clinician has been told of this urgent request. Tell one first, or press the button again."


@pytest.mark.parametrize(
    ("button", "status"),
    [
        ({"move": "closed", "closed_reason": "changed-mind"}, Status.CLOSED),
        ({"close_as": "wrong-number"}, Status.CLOSED),
        ({"move": "spam"}, Status.SPAM),
    ],
)
def test_an_urgent_request_ends_without_a_clinician_only_if_pressed_again(desk, button, status):
    asked = consultation(urgent=True)
    refused = press(desk, asked, note="Kept.", **button)
    html = refused.content.decode()
    assert refused.status_code == 422
    assert NOT_TOLD in html
    asked.refresh_from_db()
    assert (asked.status, asked.version) == (Status.NEW, 0)
    assert desk.post(page_of(asked), fields_of(html) | button).status_code == 302
    asked.refresh_from_db()
    assert asked.status == status
    assert asked.notes.get(kind="staff").text == "Kept."


def test_undoing_a_reopening_is_held_for_an_urgent_request(desk):
    asked = consultation(urgent=True, status=Status.CLOSED, closed_reason="duplicate")
    press(desk, asked, reopen="1")
    html = press(desk, asked, undo="1").content.decode()
    assert NOT_TOLD in html
    assert desk.post(page_of(asked), fields_of(html) | {"undo": "1"}).status_code == 302
    asked.refresh_from_db()
    assert asked.status == Status.CLOSED


def test_the_warning_about_a_clinician_is_given_again_after_the_request_has_changed(desk):
    asked = consultation(urgent=True)
    close = {"move": "spam"}
    warned = fields_of(press(desk, asked, **close).content.decode())
    ConsultationRequest.objects.filter(pk=asked.pk).update(version=1)
    conflict = desk.post(page_of(asked), warned | close)
    assert conflict.status_code == 409
    assert NOT_TOLD in desk.post(page_of(asked), fields_of(conflict.content.decode()) | close).content.decode()


@pytest.mark.parametrize(
    "fields", [{"urgent": True, "clinician_told_at": timezone.now()}, {"urgent": False}, {"urgent": True, "told": "1"}]
)
def test_no_step_is_held_once_a_clinician_was_told_or_is_told_with_it(desk, fields):
    told = {"told": fields.pop("told")} if "told" in fields else {}
    assert press(desk, consultation(**fields), move="closed", closed_reason="duplicate", **told).status_code == 302


def test_a_visit_is_not_held_because_the_request_stays_urgent(desk, dana):
    asked = consultation(urgent=True)
    fields = {"scheduled_day": actions.next_open_day().isoformat(), "scheduled_time": "10:00"}
    assert press(desk, asked, move="booked", **fields).status_code == 302
    assert asked in queues.in_queue("urgent", dana)


@pytest.mark.parametrize(("status", "way_back"), [(Status.CLOSED, "press Reopen"), (Status.SPAM, "press Not spam")])
def test_an_ended_urgent_request_says_that_no_clinician_was_told_and_not_to_call_now(desk, status, way_back):
    asked = consultation(urgent=True, status=status, closed_reason="duplicate")
    panel = urgent_panel(page(desk, asked))
    assert "no clinician was told" in panel
    assert way_back in panel
    assert "Call now" not in panel
    assert "notice--error" not in page(desk, asked).partition('id="urgent"')[0].rpartition("<section")[2]
    press(desk, asked, told="1")
    assert "a clinician was told" in urgent_panel(page(desk, asked))


def test_erasing_an_urgent_request_warns_that_no_clinician_was_told(manager):
    words = "No clinician has been told of this urgent request."
    urls = [f"{LIST}{consultation(urgent=urgent).pk}/erase/" for urgent in (True, False)]
    assert [words in manager.get(url).content.decode() for url in urls] == [True, False]


def test_a_missed_follow_up_and_an_overdue_request_are_marked(desk):
    yesterday = timezone.localdate() - timedelta(days=1)
    assert 'badge--overdue">Follow-up missed' in page(desk, consultation(status="tried", follow_up_on=yesterday))
    assert 'badge--overdue">Overdue' in page(desk, consultation(due_at=timezone.now() - timedelta(hours=1)))
    assert "badge--overdue" not in page(desk, consultation(status="tried", follow_up_on=timezone.localdate()))


def test_a_patient_who_asked_again_is_marked_until_someone_acts(desk):
    asked = consultation(asked_again_at=timezone.now())
    assert "The patient asked again" in page(desk, asked)
    press(desk, asked, attempt="no-answer")
    assert "badge--changed" not in page(desk, asked)


def test_the_head_says_what_to_do_next_and_when(desk):
    day = timezone.localdate() + timedelta(days=3)
    visit = timezone.localtime() + timedelta(days=3)
    assert "<strong>Call by " in page(desk, consultation())
    assert f"<strong>Follow up {day:%a, %b} {day.day}<" in page(desk, consultation(status="tried", follow_up_on=day))
    assert f"<strong>Visit {visit:%a} " in page(desk, consultation(status="booked", scheduled_at=visit))


@pytest.mark.parametrize(("status", "days"), [(Status.CLOSED, 180), (Status.SPAM, 30)])
def test_a_closed_request_shows_its_erase_date(desk, status, days):
    asked = consultation(status=status)
    erased = timezone.localdate(asked.closed_at + timedelta(days=days))
    assert f"<dt>Erase date</dt><dd>{erased:%a, %b} {erased.day}, {erased.year}</dd>" in page(desk, asked)
    assert "Erase date" not in page(desk, consultation())


def test_requests_with_the_same_phone_or_email_say_who_and_when(desk):
    now = timezone.now()
    asked = consultation(phone="618 555 0123", email="a@example.com")
    by_phone = consultation(
        phone="(618) 555-0123", full_name="Robin Example", status=Status.CLOSED, created_at=now - timedelta(days=2)
    )
    by_email = consultation(phone="", email="A@example.com", created_at=now + timedelta(minutes=1))
    consultation(phone="", email="")
    html = page(desk, asked).partition("Other requests with")[2].partition("</ul>")[0]
    assert re.findall(r">(\w{8})</a> <bdi>([\w ]+)</bdi>, ([\w ]+), (\w+):", html) == [
        (by_phone.reference, "Robin Example", "closed", "earlier"),
        (by_email.reference, "Alex Example", "new", "later"),
    ]


# --- Who has looked at it


def test_every_look_is_logged_after_a_failed_save_and_a_conflict_too(desk, dana):
    asked = consultation()
    views = AccessLogEntry.objects.filter(action="view", consultation=asked, user=dana)
    assert desk.get(page_of(asked)).status_code == 200
    assert views.count() == 1
    assert desk.post(page_of(asked), {"version": "0", "note": ""}).status_code == 422
    assert views.count() == 2
    assert desk.post(page_of(asked), {"version": "7", "attempt": "spoke"}).status_code == 409
    assert views.count() == 3
    assert desk.post(page_of(asked), {"version": "0", "move": "new"}).status_code == 422
    assert views.count() == 4
    assert desk.get(f"{LIST}{asked.pk}/contact/").status_code == 200
    assert views.count() == 5
    assert "Opened 6 times" in page(desk, asked)


def test_the_page_says_who_else_opened_it_in_the_last_ten_minutes(desk, dana):
    asked = consultation()
    lee, ben = make_member("lee"), make_member("ben")
    for user, minutes in ((lee, 3), (lee, 8), (ben, 11), (dana, 2)):
        at = timezone.now() - timedelta(minutes=minutes, seconds=5)
        AccessLogEntry.objects.create(user=user, action="view", consultation=asked, at=at)
    html = page(desk, asked)
    assert "lee opened this 3 minutes ago." in html
    assert "ben opened this" not in html
    assert "dana opened this" not in html


def test_no_page_says_zero_minutes(desk):
    asked = consultation()
    page(sign_in(make_member("lee")), asked)
    assert "lee opened this just now." in page(desk, asked)


def test_an_undecryptable_request_is_shown_and_left_unchanged(desk):
    asked = consultation()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE consultations_consultationrequest SET full_name = 'v1.gone.AAAA', phone = 'v1.gone.BBBB'"
        )
    html = page(desk, asked)
    assert "cannot be read with the present keys" in html
    assert press(desk, asked, note="Odd.", move="spam").status_code == 302
    with connection.cursor() as cursor:
        cursor.execute("SELECT full_name, phone FROM consultations_consultationrequest")
        assert cursor.fetchone() == ("v1.gone.AAAA", "v1.gone.BBBB")


def test_the_number_of_queries_does_not_grow_with_the_requests_or_the_history(desk):
    now = timezone.now()
    asked = [consultation(due_at=now + timedelta(hours=hours), phone=f"618 555 01{hours:02}") for hours in range(3)]

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            page(desk, asked[1])
        return len(captured)

    page(desk, asked[1])
    few = queries()
    for hours in range(12):
        consultation(due_at=now + timedelta(hours=hours), phone="618 555 0101", email="a@example.com")
        press(desk, asked[1], note="Called.", attempt="no-answer")
        press(desk, asked[1], undo="1")
    assert queries() <= few
