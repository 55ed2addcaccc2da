"""What staff may do with a request, and what is written down of it."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from consultations import retention
from consultations.models import AccessLogEntry, ConsultationRequest, Correction, Heartbeat, Note, Notification
from tests.made_up import ANSWERS as CALL
from tests.made_up import consultation
from tests.staff_members import make_member, sign_in

pytestmark = pytest.mark.django_db
LIST = "/staff/consultations/consultationrequest/"
Status = ConsultationRequest.Status


@pytest.fixture
def dana():
    return make_member("dana")


@pytest.fixture
def desk(dana):
    return sign_in(dana)


@pytest.fixture
def manager():
    return sign_in(make_member("mora", "Manager"))


def page_of(asked: ConsultationRequest) -> str:
    return f"{LIST}{asked.pk}/change/"


def typed(desk, asked: ConsultationRequest, **fields) -> dict:
    """The fields of the page as a browser would send them, some of them filled in."""
    html = desk.get(page_of(asked)).content.decode()
    form = html.partition('id="work-form"')[2].partition("</form>")[0]
    values = {}
    for tag in re.findall(r"<input[^>]*>", form):
        attributes = dict(re.findall(r'(\S+?)="([^"]*)"', tag))
        values[attributes["name"]] = attributes.get("value", "")
    return values | {"note": "", "assigned_to": "", "closed_reason": ""} | fields


def press(desk, asked: ConsultationRequest, **fields):
    return desk.post(page_of(asked), typed(desk, asked, **fields))


def system_notes(asked: ConsultationRequest) -> list[str]:
    return [note.text for note in asked.notes.filter(kind=Note.Kind.SYSTEM)]


# --- Moves


def test_a_call_without_an_answer_is_a_note_and_a_move_in_one_go(desk, dana):
    asked = consultation()
    assert press(desk, asked, note="Rang at ten.", move="tried").status_code == 302
    asked.refresh_from_db()
    assert asked.status == Status.TRIED
    assert asked.first_contact_at is not None
    notes = [(note.kind, note.author, note.text) for note in asked.notes.all()]
    assert notes == [("staff", dana, "Rang at ten."), ("system", dana, "Tried, no answer.")]


@pytest.mark.parametrize("status", Status)
def test_the_page_offers_the_moves_of_the_table_and_no_other_is_done(desk, status):
    asked = consultation(status=status)
    offered = set(re.findall(r'name="move" value="(\w+)"', desk.get(page_of(asked)).content.decode()))
    assert offered == set(ConsultationRequest.MOVES[status])
    for move in set(Status) - offered:
        assert press(desk, asked, move=move, closed_reason="completed").status_code in (409, 422)
    asked.refresh_from_db()
    assert asked.status == status
    assert system_notes(asked) == []


def test_closing_needs_a_reason_and_keeps_the_note_until_it_has_one(desk):
    asked = consultation()
    refused = press(desk, asked, note="Moved away.", move="closed")
    assert refused.status_code == 422
    assert "Moved away." in refused.content.decode()
    assert not asked.notes.exists()
    press(desk, asked, note="Moved away.", move="closed", closed_reason="changed-mind")
    asked.refresh_from_db()
    assert (asked.status, asked.closed_reason) == (Status.CLOSED, "changed-mind")
    assert asked.closed_at is not None
    assert system_notes(asked) == ["Closed: changed their mind."]


def test_a_closed_request_is_opened_again_without_its_reason(desk):
    asked = consultation(status=Status.CLOSED, closed_reason="no-reply")
    press(desk, asked, move="reached")
    asked.refresh_from_db()
    assert (asked.status, asked.closed_reason, asked.closed_at) == (Status.REACHED, "", None)


def test_one_click_puts_a_suspected_request_right(desk):
    asked = consultation(suspected_spam=True, spam_reasons="two links")
    press(desk, asked, move="new")
    asked.refresh_from_db()
    assert (asked.status, asked.suspected_spam) == (Status.NEW, False)
    assert system_notes(asked) == ["Not spam."]


def test_a_spam_mark_is_undone(desk):
    asked = consultation()
    press(desk, asked, move="spam")
    press(desk, asked, move="new")
    asked.refresh_from_db()
    assert (asked.status, asked.closed_at) == (Status.NEW, None)
    assert system_notes(asked) == ["Marked as spam.", "Not spam."]


def test_who_looks_after_it_and_when_is_written_down(desk, dana):
    asked = consultation()
    press(desk, asked, assigned_to=str(dana.pk), follow_up_on="2026-12-01")
    asked.refresh_from_db()
    assert (asked.assigned_to, str(asked.follow_up_on)) == (dana, "2026-12-01")
    assert system_notes(asked) == ["Assigned to dana. Follow up on Dec 1."]


def test_pressing_save_with_nothing_to_save_says_so(desk):
    answer = press(desk, consultation())
    assert answer.status_code == 422
    assert "Write a note, or press what happened" in answer.content.decode()


def test_what_the_patient_wrote_cannot_be_changed_from_the_page(desk):
    asked = consultation(note="Ring twice.")
    press(desk, asked, move="tried", full_name="Somebody Else", phone="1", email="x@example.com", topic="pain")
    fresh = ConsultationRequest.objects.get(pk=asked.pk)
    for name in ConsultationRequest.CONTENT:
        assert getattr(fresh, name) == getattr(asked, name)


# --- Two at once


def test_the_second_of_two_is_told_who_did_what_and_keeps_the_note(desk, dana):
    asked = consultation()
    lee = sign_in(make_member("lee"))
    stale = typed(lee, asked, note="I rang as well.", move="closed", closed_reason="no-reply")
    press(desk, asked, move="reached")
    answer = lee.post(page_of(asked), stale)
    html = answer.content.decode()
    assert answer.status_code == 409
    assert re.search(r"dana, 0\xa0minutes ago: Reached\.", html)
    assert "I rang as well.</textarea>" in html
    asked.refresh_from_db()
    assert asked.status == Status.REACHED
    # What the page now holds is fresh: pressing again counts.
    lee.post(page_of(asked), stale | {"version": str(asked.version)})
    asked.refresh_from_db()
    assert asked.status == Status.CLOSED


def test_a_note_alone_is_never_refused_for_what_somebody_else_did(desk):
    asked = consultation()
    lee = sign_in(make_member("lee"))
    stale = typed(lee, asked, note="Only a note.")
    press(desk, asked, assigned_to="", follow_up_on="2026-12-01", move="tried")
    assert lee.post(page_of(asked), stale).status_code == 302
    asked.refresh_from_db()
    assert (asked.status, str(asked.follow_up_on)) == (Status.TRIED, "2026-12-01")
    assert asked.notes.filter(kind=Note.Kind.STAFF).get().text == "Only a note."


# --- The list


def fill(count: int, **fields) -> None:
    now = timezone.now()
    asked = [
        ConsultationRequest(
            created_at=now - timedelta(minutes=number),
            due_at=now,
            full_name="Example Person",
            asking_for="myself",
            contact_by="call",
            consent_version="made up",
            **fields,
        )
        for number in range(count)
    ]
    made = ConsultationRequest.objects.bulk_create(asked)
    Notification.objects.bulk_create(
        Notification(kind="new", request=one, slot=f"new:{one.pk}", sent_at=now) for one in made[:100]
    )


def test_the_list_takes_the_same_queries_however_many_requests_there_are(desk, dana):
    counts = []
    for more in (100, 900):
        fill(more, assigned_to=dana)
        with CaptureQueriesContext(connection) as queries:
            assert desk.get(LIST).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 24


def test_the_list_shows_no_name_no_topic_and_no_contact(desk):
    consultation(
        full_name="Zebedee Example", phone="(618) 555-0177", email="zeb@example.com", topic="pain", note="Side door."
    )
    html = desk.get(LIST + "?queue=all").content.decode()
    assert "Phone call" in html
    rows = html.partition('id="result_list"')[2]
    for words in ("Zebedee", "zeb@", "Side door"):
        assert words not in rows
    # Times and references hold short runs of digits and letters by chance, so look for the whole number and word.
    assert "6185550177" not in re.sub(r"\D", "", rows)
    assert not re.search(r"\bpain\b", rows, re.IGNORECASE)


def test_people_who_wait_stand_first_and_the_longest_waiting_at_the_top(desk):
    now = timezone.now()
    late = consultation(due_at=now - timedelta(days=1))
    later = consultation(due_at=now - timedelta(hours=1))
    tried = consultation(due_at=now - timedelta(days=3), status=Status.TRIED)
    consultation(suspected_spam=True)
    consultation(status=Status.CLOSED)
    html = desk.get(LIST).content.decode()
    assert re.findall(r'change/">(\w{8})', html) == [late.reference, later.reference, tried.reference]
    assert html.count("badge--overdue") == 2


@pytest.mark.parametrize(
    "queue", ["overdue", "today", "mine", "unassigned", "booked", "suspected", "mail", "old", "ended"]
)
def test_each_queue_shows_its_own_and_says_how_many(desk, dana, queue):
    now = timezone.now()
    theirs = {"assigned_to": make_member("lee"), "status": Status.TRIED}
    in_queue = {
        "overdue": {"due_at": now - timedelta(hours=1), "assigned_to": theirs["assigned_to"]},
        "today": theirs | {"follow_up_on": timezone.localdate()},
        "mine": theirs | {"assigned_to": dana},
        "unassigned": theirs | {"assigned_to": None},
        "booked": theirs | {"status": Status.BOOKED},
        "suspected": {"suspected_spam": True},
        "mail": theirs,
        "old": theirs | {"created_at": now - timedelta(days=91)},
        "ended": theirs | {"status": Status.CLOSED},
    }
    asked = {name: consultation(**fields) for name, fields in in_queue.items()}
    Notification.objects.create(kind="new", request=asked["mail"], slot="x", failed_at=now)
    html = desk.get(f"{LIST}?queue={queue}").content.decode()
    assert re.findall(r'change/[^"]*">(\w{8})', html) == [asked[queue].reference]
    assert re.search(r'aria-current="page">[\w ]+ \(1\)', html)


def test_a_made_up_queue_shows_the_open_ones(desk):
    assert desk.get(LIST + "?queue=nonsense").status_code == 200


# --- Finding


def find(desk, words: str):
    return desk.post(LIST + "find/", {"find": words})


@pytest.mark.parametrize("typed_in", ["618-555-0123", "+1 618 555 0123 ext. 4", "SOME.ONE@EXAMPLE.COM ", "reference"])
def test_a_reference_phone_or_email_leads_straight_to_the_one_request(desk, typed_in):
    asked = consultation(phone="(618) 555-0123", email="some.one@example.com")
    answer = find(desk, asked.reference.lower() if typed_in == "reference" else typed_in)
    assert answer.headers["Location"] == page_of(asked)


def test_several_requests_of_one_phone_are_listed_by_reference_alone(desk):
    two = [consultation(phone="618 555 0123", status=status) for status in (Status.NEW, Status.CLOSED)]
    consultation(phone="618 555 0199")
    answer = find(desk, "6185550123")
    assert re.fullmatch(rf"{LIST}\?reference__in=[A-Z0-9]{{8}},[A-Z0-9]{{8}}", answer.headers["Location"])
    html = desk.get(answer.headers["Location"]).content.decode()
    assert set(re.findall(r'change/[^"]*">(\w{8})', html)) == {asked.reference for asked in two}


def test_nothing_typed_into_the_search_reaches_an_address_log_message_or_the_trail(desk, caplog):
    for words in ("Zebedee Example", "zeb@example.com", "618 555 0177"):
        answer = find(desk, words)
        shown = desk.get(answer.headers["Location"]).content.decode()
        kept = answer.headers["Location"] + shown + caplog.text + str(list(AccessLogEntry.objects.values()))
        assert words not in kept
        assert "Nobody was found" in shown


def test_an_empty_search_finds_nobody(desk):
    consultation(phone="", email="", contact_by="call")
    assert find(desk, "  ").headers["Location"] == LIST


def test_a_search_is_posted_or_nothing(desk):
    assert desk.get(LIST + "find/?find=618+555+0123").status_code == 403


# --- One request


def test_the_page_says_whether_a_voicemail_may_name_the_clinic(desk):
    may = desk.get(page_of(consultation(voicemail_ok=True))).content.decode()
    may_not = desk.get(page_of(consultation(voicemail_ok=False))).content.decode()
    assert "Voicemail may name the clinic." in may
    assert "Do not name the clinic on a voicemail." not in may
    assert "Do not name the clinic on a voicemail." in may_not


def test_phone_and_email_are_links_and_the_title_holds_no_name(desk):
    asked = consultation(full_name="Zebedee Example", phone="(618) 555-0177 ext 3", email="zeb@example.com")
    html = desk.get(page_of(asked)).content.decode()
    assert 'href="tel:6185550177"' in html
    assert 'href="sms:6185550177"' in html
    assert 'href="mailto:zeb@example.com"' in html
    assert re.search(r"<title>\s*(.*?)\s*</title>", html, re.DOTALL)[1].startswith(asked.reference)


def test_who_asked_before_with_the_same_phone_or_email_is_shown_by_reference(desk):
    asked = consultation(phone="618 555 0123", email="a@example.com")
    by_phone = consultation(phone="(618) 555-0123", status=Status.CLOSED)
    by_email = consultation(phone="", email="A@example.com")
    other = consultation(phone="", email="")
    html = desk.get(page_of(asked)).content.decode().partition("asked before")[2].partition("</ul>")[0]
    assert set(re.findall(r">(\w{8})</a>", html)) == {by_phone.reference, by_email.reference} - {other.reference}


def test_previous_and_next_walk_the_open_requests_by_when_they_are_due(desk):
    now = timezone.now()
    first, second, third = (consultation(due_at=now + timedelta(hours=hours)) for hours in (1, 2, 3))
    consultation(due_at=now + timedelta(minutes=90), status=Status.CLOSED)
    consultation(due_at=now + timedelta(minutes=150), suspected_spam=True)
    html = desk.get(page_of(second)).content.decode()
    assert f"Previous open: {first.reference}" in html
    assert f"Next open: {third.reference}" in html
    assert "Previous open" not in desk.get(page_of(first)).content.decode()


def test_a_request_that_the_keys_do_not_open_is_shown_and_worked_on_unharmed(desk):
    asked = consultation()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE consultations_consultationrequest SET full_name = 'v1.gone.AAAA', phone = 'v1.gone.BBBB'"
        )
    html = desk.get(page_of(asked)).content.decode()
    assert "cannot be read with the present keys" in html
    press(desk, asked, note="Odd.", move="tried")
    with connection.cursor() as cursor:
        cursor.execute("SELECT full_name, phone FROM consultations_consultationrequest")
        assert cursor.fetchone() == ("v1.gone.AAAA", "v1.gone.BBBB")


# --- Phoned in


def test_a_call_is_written_down_with_its_source_and_its_trail(desk, dana):
    answer = desk.post(LIST + "add/", CALL)
    asked = ConsultationRequest.objects.get()
    assert answer.headers["Location"] == page_of(asked)
    assert (asked.source, asked.status, asked.full_name) == ("phone", Status.NEW, "Alex Example")
    assert asked.due_at is not None
    assert system_notes(asked) == ["Wrote down the call."]
    assert AccessLogEntry.objects.get().action == "add"
    assert "Asked by phone" in desk.get(page_of(asked)).content.decode()
    assert list(desk.post(LIST + "find/", {"find": CALL["phone"]}).headers["Location"]) == list(page_of(asked))


def test_a_call_that_lacks_an_answer_keeps_the_others(desk):
    answer = desk.post(LIST + "add/", CALL | {"consent": "", "phone": ""})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Ask whether we may contact them" in html
    assert 'value="Alex Example"' in html
    assert not ConsultationRequest.objects.exists()


def test_a_call_for_somebody_under_18_stores_nothing(desk):
    assert "nothing is stored" in desk.post(LIST + "add/", CALL | {"age_ok": "no"}).content.decode()
    assert not ConsultationRequest.objects.exists()


def test_a_call_pressed_twice_is_one_request(desk):
    page = desk.get(LIST + "add/").content.decode()
    key = re.search(r'name="submission_key" value="([^"]+)"', page)[1]
    assert [desk.post(LIST + "add/", CALL | {"submission_key": key}).status_code for _ in range(2)] == [302, 302]
    assert ConsultationRequest.objects.count() == 1


# --- Erased and withdrawn


def test_a_manager_erases_at_once_what_somebody_wants_gone(manager):
    asked = consultation(full_name="Zebedee Example", note="Side door.")
    press(manager, asked, note="Nice voice.", move="tried")
    assert "cannot be undone" in manager.get(f"{LIST}{asked.pk}/erase/").content.decode()
    assert ConsultationRequest.objects.get().full_name == "Zebedee Example"
    assert manager.post(f"{LIST}{asked.pk}/erase/").headers["Location"] == page_of(asked)
    html = manager.get(page_of(asked)).content.decode()
    assert "What was here is erased" in html
    assert "Erased by hand." in html
    for words in ("Zebedee", "Side door", "Nice voice", 'id="work-form"'):
        assert words not in html
    assert AccessLogEntry.objects.filter(action="erase", request=asked).exists()


def test_the_front_desk_does_not_erase(desk):
    asked = consultation()
    assert desk.get(f"{LIST}{asked.pk}/erase/").status_code == 403
    assert desk.post(f"{LIST}{asked.pk}/erase/").status_code == 403
    asked.refresh_from_db()
    assert asked.erased_at is None


def test_nothing_is_written_about_a_request_that_was_erased_meanwhile(desk):
    asked = consultation()
    stale = typed(desk, asked, note="Nice voice.")
    retention.erase(asked)
    answer = desk.post(page_of(asked), stale)
    assert answer.status_code == 409
    assert "erased meanwhile" in answer.content.decode()
    assert not asked.notes.exists()


def test_staff_see_that_a_patient_withdrew(desk):
    begun, fresh = consultation(status=Status.REACHED), consultation()
    for asked in (begun, fresh):
        retention.withdraw(asked)
    assert "Withdrawn by the patient" in desk.get(page_of(begun)).content.decode()
    assert "The patient withdrew this request" in desk.get(page_of(fresh)).content.decode()
    listed = desk.get(LIST + "?queue=all").content.decode()
    assert "Withdrawn, erased" in listed
    assert re.search(rf"{begun.reference} <span class=\"badge badge--closed\">Withdrawn</span>", listed)


# --- Corrections and mails


def test_what_was_corrected_is_shown_with_what_it_was_before(desk):
    asked = consultation()
    Correction.objects.create(request=asked, before="Phone: 618 555 0142")
    html = desk.get(page_of(asked)).content.decode()
    assert "Corrected by the patient" in html
    assert "618 555 0142" in html


def test_a_mail_that_was_given_up_is_said_on_every_page(desk):
    assert "could not be sent" not in desk.get(LIST).content.decode()
    Notification.objects.create(kind="digest", slot="x", failed_at=timezone.now())
    for path in ("/staff/", LIST, page_of(consultation()), LIST + "add/", "/staff/second-factor/"):
        assert "1 mail could not be sent" in desk.get(path).content.decode()


# --- Today


def test_today_counts_what_waits_and_says_when_the_worker_was_seen(desk, dana):
    now = timezone.now()
    oldest = consultation(due_at=now - timedelta(hours=3))
    consultation(assigned_to=dana)
    consultation(status=Status.CLOSED)
    html = desk.get("/staff/").content.decode()
    figures = {label.strip(): int(count) for count, label in re.findall(r"<strong>(\d+)</strong>([\w ]+)", html)}
    assert figures == {
        "open": 2,
        "overdue": 1,
        "to follow up": 0,
        "unassigned": 1,
        "mine": 1,
        "booked": 0,
        "suspected spam": 0,
    }
    assert f'href="{page_of(oldest)}">Take the oldest' in html
    assert "never seen" in html
    Heartbeat.beat()
    assert "last seen 0\xa0minutes ago" in desk.get("/staff/").content.decode()


def test_the_weeks_show_their_requests_and_the_median_wait(desk):
    monday = timezone.localtime().replace(hour=9) - timedelta(days=timezone.localdate().weekday() + 7)
    for hours in (2, 10, 4):
        consultation(created_at=monday, first_contact_at=monday + timedelta(hours=hours))
    consultation(created_at=monday, status=Status.SPAM)
    consultation(created_at=monday - timedelta(weeks=30))
    html = desk.get("/staff/").content.decode()
    rows = re.findall(r"<tr><th scope=\"row\">([^<]+)</th><td>([^<]+)</td><td>([^<]+)</td></tr>", html)
    assert len(rows) == 8
    assert rows[-2][1:] == ("3", "4 h")
    assert sum(int(row[1]) for row in rows) == 3
    assert "<script" not in html


# --- Walls


def test_a_front_desk_account_is_refused_what_is_the_managers(desk):
    mail = Notification.objects.create(kind="new", slot="x", failed_at=timezone.now())
    for path in (LIST + "export/", "/staff/consultations/accesslogentry/", f"{LIST}send-again/{mail.pk}/"):
        assert desk.get(path).status_code == 403
        assert desk.post(path).status_code == 403
    mail.refresh_from_db()
    assert mail.failed_at is not None


def test_nobody_deletes_a_request_or_a_log_entry(manager):
    asked = consultation()
    manager.get(page_of(asked))
    entry = AccessLogEntry.objects.get(action="view")
    for path in (f"{LIST}{asked.pk}/delete/", f"/staff/consultations/accesslogentry/{entry.pk}/delete/"):
        assert manager.post(path, {"post": "yes"}).status_code == 403
    for path in (LIST, "/staff/consultations/accesslogentry/"):
        manager.post(path, {"action": "delete_selected", "_selected_action": ["1"], "post": "yes"})
    assert ConsultationRequest.objects.count() == 1
    assert AccessLogEntry.objects.filter(pk=entry.pk).exists()


def test_an_account_without_a_group_sees_no_request():
    nobody = make_member("nobody")
    nobody.groups.clear()
    client = sign_in(nobody)
    asked = consultation()
    for path in (LIST, page_of(asked)):
        assert client.get(path).status_code == 403
    assert client.post(LIST + "find/", {"find": asked.reference}).status_code == 403
    assert "open requests" not in client.get("/staff/").content.decode()


def test_a_manager_has_a_failed_mail_sent_again(manager):
    asked = consultation()
    mail = Notification.objects.create(kind="new", request=asked, slot="x", failed_at=timezone.now(), attempts=8)
    assert manager.post(f"{LIST}send-again/{mail.pk}/").status_code == 302
    mail.refresh_from_db()
    assert (mail.failed_at, mail.attempts) == (None, 0)
    assert system_notes(asked) == ["Sent again: new request."]
    assert AccessLogEntry.objects.filter(action="send-again", request=asked).exists()


# --- The trail


def test_every_look_is_logged_with_its_references_and_no_words(manager):
    asked = consultation(full_name="Zebedee Example", phone="618 555 0177", note="Side door.")
    manager.get(LIST)
    manager.get(page_of(asked))
    find(manager, "618 555 0177")
    manager.post(LIST + "export/", {"with_contact": "on"})
    press(manager, asked, note="Nice voice.", move="tried")
    entries = list(AccessLogEntry.objects.order_by("pk"))
    actions = [entry.action for entry in entries]
    assert actions == ["list", "view", "search", "export", "view", "change"]
    assert {entry.references for entry in entries} == {asked.reference}
    assert {entry.user.username for entry in entries} == {"mora"}
    assert {entry.address for entry in entries} == {"127.0.0.1"}
    log = manager.get("/staff/consultations/accesslogentry/").content.decode()
    assert log.count(asked.reference) >= 6
    for words in ("Zebedee", "555 0177", "Side door", "Nice voice"):
        assert words not in log + str([entry.__dict__ for entry in entries])


def test_a_list_is_one_entry_that_names_what_its_page_showed(desk):
    fill(60)
    desk.get(LIST)
    first = set(AccessLogEntry.objects.get().references.split())
    assert len(first) == 50
    desk.get(LIST + "?p=2")
    second = set(AccessLogEntry.objects.first().references.split())
    assert len(second) == 10
    assert first.isdisjoint(second)


def test_a_refused_look_is_no_look(desk):
    assert desk.get(f"{LIST}424242/change/").status_code == 404
    assert not AccessLogEntry.objects.filter(action="view").exists()


# --- Export


def export(manager, **fields) -> list[str]:
    answer = manager.post(LIST + "export/", fields)
    assert answer.headers["Content-Type"].startswith("text/csv")
    return answer.content.decode().splitlines()


def test_an_export_holds_no_free_text_and_no_contact_unless_asked(manager):
    asked = consultation(full_name="Zebedee Example", phone="618 555 0177", note="Side door.", topic="pain")
    Note.objects.create(request=asked, text="Nice voice.")
    without, contact, everything = (
        "\n".join(export(manager, **fields))
        for fields in ({}, {"with_contact": "on"}, {"with_contact": "on", "with_free_text": "on"})
    )
    assert asked.reference in without
    assert "Zebedee" not in without
    assert "Zebedee" in contact
    # Without separators: the number in any spelling, and too long to be part of a time by chance.
    assert "6185550177" not in re.sub(r"\D", "", without)
    assert "6185550177" in re.sub(r"\D", "", contact)
    for words in ("Side door.", "Chronic pain", "Nice voice."):
        assert words not in without + contact
        assert words in everything


@pytest.mark.parametrize("formula", ["=1+1", "+1 618 555 0100", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"])
def test_no_cell_of_an_export_is_a_formula(manager, formula):
    consultation(full_name=formula, note=formula)
    content = manager.post(LIST + "export/", {"with_contact": "on", "with_free_text": "on"}).content.decode()
    assert f'"\'{formula}"' in content
    assert f'"{formula}"' not in content


def test_an_export_is_asked_first_and_logged_with_what_it_held(manager):
    inside, outside = consultation(), consultation(created_at=timezone.now() - timedelta(days=30))
    assert "Take the file" in manager.get(LIST + "export/").content.decode()
    assert not AccessLogEntry.objects.filter(action="export").exists()
    rows = export(manager, received_from=str(timezone.localdate() - timedelta(days=2)), with_free_text="on")
    assert len(rows) == 2
    assert outside.reference not in "".join(rows)
    entry = AccessLogEntry.objects.get(action="export")
    assert (entry.references, entry.detail) == (inside.reference, "with free text")
