"""Tests that a request is stored exactly once, and that the form keeps its answers if storing fails."""

import itertools
import re
import uuid
from html import unescape
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from consultations import models, rate_limit, retention
from consultations.intake import MOST_CORRECTIONS
from consultations.models import ConsultationRequest, Correction, Notification
from tests.helpers.factories import consultation, sent_form

FORM = "/consultation/"
TYPED = {"full_name": "Zebra Quagga", "note": "Okapi & gnu", "email": "zebra@example.com"}


def kinds() -> list[str]:
    return list(Notification.objects.values_list("kind", flat=True))


# --- Exactly once


def test_a_form_sent_twice_stores_one_request_with_one_receipt(db, client):
    answers = sent_form()
    assert client.post(FORM, answers)["Location"] == client.post(FORM, answers)["Location"]
    assert ConsultationRequest.objects.count() == 1
    assert kinds() == ["new"]
    assert not Correction.objects.exists()


def test_two_forms_with_the_same_answers_store_two_requests(db, client):
    client.post(FORM, sent_form())
    client.post(FORM, sent_form())
    assert ConsultationRequest.objects.count() == 2


def test_a_changed_form_corrects_the_request_and_keeps_the_old_answers(db, client):
    answers = sent_form(phone="618 555 0100", note="ring twice")
    first = client.post(FORM, answers)
    second = client.post(FORM, answers | {"phone": "618 555 0199", "voicemail_ok": "no", "note": ""})
    assert first["Location"] == second["Location"]
    request = ConsultationRequest.objects.get()
    assert (request.phone, request.voicemail_ok, request.note) == ("618 555 0199", False, "")
    assert request.corrected_at
    assert ConsultationRequest.objects.with_contact("6185550199").get() == request
    before = "Phone: 618 555 0100\nVoicemail may name the clinic: yes\nNote: ring twice"
    assert Correction.objects.get().before == before
    assert kinds() == ["new", "corrected"]


def test_a_correction_is_noticed_as_a_change_by_the_patient(db, client):
    answers = sent_form(needs=["spanish"])
    client.post(FORM, answers)
    request = ConsultationRequest.objects.get()
    assert (request.version, request.patient_changed_at) == (0, None)
    client.post(FORM, answers | {"phone": "618 555 0199", "voicemail_ok": "no", "needs": ["spanish", "step-free"]})
    request.refresh_from_db()
    assert Correction.objects.get().changed == "phone,voicemail_ok,needs"
    assert "Needs to talk with us: Spanish, with an interpreter" in Correction.objects.get().before
    assert (request.version, request.priority) == (1, ConsultationRequest.Priority.PATIENT_ACTED)
    assert request.patient_changed_at == request.corrected_at


def test_the_names_of_all_answers_fit_in_a_corrections_column():
    assert len(",".join(ConsultationRequest.CONTENT)) <= Correction._meta.get_field("changed").max_length


def test_corrections_by_staff_do_not_use_up_the_patients(db, client, django_user_model):
    answers = sent_form()
    client.post(FORM, answers)
    dana = django_user_model.objects.create_user("dana")
    for _ in range(MOST_CORRECTIONS):
        Correction.objects.create(consultation=ConsultationRequest.objects.get(), author=dana, before="made up")
    assert client.post(FORM, answers | {"note": "ring twice"}).status_code == 302


def test_a_correction_sent_twice_is_stored_once(db, client):
    answers = sent_form()
    client.post(FORM, answers)
    client.post(FORM, answers | {"note": "ring twice"})
    client.post(FORM, answers | {"note": "ring twice"})
    assert Correction.objects.count() == 1


@pytest.mark.parametrize("status", ["closed", "spam"])
def test_a_change_to_an_ended_request_stores_one_new_request(db, client, status):
    answers = sent_form()
    client.post(FORM, answers)
    ConsultationRequest.objects.update(status=status)
    client.post(FORM, answers)
    assert ConsultationRequest.objects.count() == 1
    client.post(FORM, answers | {"note": "please ring after all"})
    client.post(FORM, answers | {"note": "please ring after all"})
    assert [request.status for request in ConsultationRequest.objects.order_by("pk")] == [status, "new"]
    assert kinds() == ["new", "new"]


def test_a_correction_over_the_limit_is_stored_as_one_new_request(db, client):
    answers = sent_form()
    client.post(FORM, answers)
    for number in range(MOST_CORRECTIONS):
        assert client.post(FORM, answers | {"note": f"correction {number}"}).status_code == 302
    for _ in range(2):
        answer = client.post(FORM, answers | {"note": "one too many"})
        assert answer["Location"] == ConsultationRequest.objects.latest("created_at").receipt_url
    assert [request.note for request in ConsultationRequest.objects.order_by("pk")] == ["correction 4", "one too many"]
    assert kinds().count("new") == 2


@pytest.mark.parametrize("key", ["", "no key", "\x00", "-" * 36])
def test_a_form_without_a_valid_submission_key_is_stored(db, client, key):
    assert client.post(FORM, sent_form(submission_key=key)).status_code == 302
    assert ConsultationRequest.objects.count() == 1


def test_an_unreadable_request_can_be_corrected(db, client, settings):
    answers = sent_form()
    client.post(FORM, answers)
    settings.FIELD_KEYS = {"other": b"o" * 32}
    assert client.post(FORM, answers).status_code == 302
    assert ConsultationRequest.objects.get().full_name == "Alex Example"
    assert "Full name: cannot be read with the present keys" in Correction.objects.get().before


def test_a_reference_already_in_use_is_generated_again(db, client, monkeypatch):
    earlier = consultation()
    drawn = itertools.chain(earlier.reference, itertools.cycle("ABCDEFG"))
    monkeypatch.setattr(models.request, "secrets", SimpleNamespace(choice=lambda _: next(drawn)))
    assert client.post(FORM, sent_form()).status_code == 302
    assert ConsultationRequest.objects.exclude(pk=earlier.pk).get().reference == "ABCDEFGA"
    assert kinds() == ["new"]


def test_a_new_request_takes_two_reads_and_a_transaction_of_two_inserts(transactional_db, client):
    answers = sent_form()
    with CaptureQueriesContext(connection) as captured:
        client.post(FORM, answers)
    statements = [query["sql"].split()[0] for query in captured]
    assert statements == ["SELECT", "SELECT", "BEGIN", "INSERT", "INSERT", "COMMIT"]


def test_a_form_sent_again_finds_its_request_when_its_address_is_refused(db, client, monkeypatch):
    answers = sent_form()
    first = client.post(FORM, answers)
    monkeypatch.setattr(rate_limit, "REFUSED_ABOVE", 0)
    assert client.post(FORM, sent_form()).status_code == 429
    assert client.post(FORM, answers)["Location"] == first["Location"]
    assert client.post(FORM, answers | {"note": "A change."})["Location"] == first["Location"]
    assert ConsultationRequest.objects.get().note == "A change."


# --- Keeping what was typed


def assert_typed_is_still_there(answer, answers: dict[str, str]) -> None:
    page = unescape(answer.content.decode())
    for value in TYPED.values():
        assert value in page
    assert re.search(r'value="call"[^>]* checked', page)
    assert re.search(r'name="consent"[^>]* checked', page)
    assert answers["submission_key"] in page
    assert page.split("<title>")[1].startswith("Error: ")


@pytest.fixture
def strict_client() -> Client:
    """Return a client that enforces CSRF checks."""
    return Client(enforce_csrf_checks=True)


def token_in(answer) -> str:
    return re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', answer.content.decode())[1]


@pytest.mark.parametrize("token", [None, "", "stale", "x" * 64])
def test_a_stale_csrf_token_returns_the_filled_form_with_a_fresh_token(db, strict_client, token):
    answers = sent_form(**TYPED)
    stale = answers if token is None else answers | {"csrfmiddlewaretoken": token}
    answer = strict_client.post(FORM, stale)
    assert answer.status_code == 403
    assert_typed_is_still_there(answer, answers)
    again = strict_client.post(FORM, answers | {"csrfmiddlewaretoken": token_in(answer)})
    assert again.status_code == 302
    assert ConsultationRequest.objects.get().full_name == TYPED["full_name"]


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://elsewhere.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_a_post_from_another_site_is_refused_and_not_echoed(db, strict_client, headers):
    answer = strict_client.post(FORM, sent_form(**TYPED), headers=headers)
    assert answer.status_code == 403
    for value in TYPED.values():
        assert value not in unescape(answer.content.decode())


def test_a_stale_csrf_token_on_another_page_echoes_nothing(db, strict_client):
    answer = strict_client.post(consultation().withdraw_url, TYPED)
    assert answer.status_code == 403
    assert "Zebra" not in answer.content.decode()


@pytest.mark.parametrize("sent", ["same-origin", "none"])
@pytest.mark.parametrize("origin", [{}, {"Origin": "null"}, {"Origin": ""}, {"Referer": ""}])
def test_a_browser_that_hides_the_origin_can_send_our_own_form(db, strict_client, settings, origin, sent):
    answers = sent_form(**TYPED, csrfmiddlewaretoken=token_in(strict_client.get(FORM, secure=True)))
    headers = origin | {"Sec-Fetch-Site": sent}
    assert strict_client.post(FORM, answers, secure=True, headers=headers).status_code == 302


HIDDEN = [
    {},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "null", "Referer": "https://testserver/consultation/"},
    {"Referer": ""},
    {"Referer": "about:blank"},
    {"Referer": "http://testserver/consultation/"},
    {"Referer": "https://search.example/"},
]


@pytest.mark.parametrize("token", ["its own", "stale"])
@pytest.mark.parametrize("headers", HIDDEN, ids=str)
def test_a_form_that_names_no_origin_at_all_is_shown_again(db, strict_client, headers, token):
    fresh = token_in(strict_client.get(FORM, secure=True))
    answers = sent_form(**TYPED, csrfmiddlewaretoken=fresh if token == "its own" else "x" * 64)
    answer = strict_client.post(FORM, answers, secure=True, headers=headers)
    assert answer.status_code == 403
    assert_typed_is_still_there(answer, answers)
    assert "Your browser hides where this form comes from" in answer.content.decode()


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "http://testserver", "https://www.testserver"])
def test_a_form_that_names_another_origin_is_not_echoed(db, strict_client, origin):
    answers = sent_form(**TYPED, csrfmiddlewaretoken=token_in(strict_client.get(FORM, secure=True)))
    answer = strict_client.post(FORM, answers, secure=True, headers={"Origin": origin})
    assert answer.status_code == 403
    assert TYPED["full_name"] not in unescape(answer.content.decode())


def test_a_second_try_without_cookies_says_that_they_are_blocked(db, set_facts):
    set_facts(phone="618-555-0142")
    first = Client(enforce_csrf_checks=True).post(FORM, sent_form(**TYPED)).content.decode()
    assert "Please send it once more" in first
    assert 'name="resent" value="1"' in first
    again = Client(enforce_csrf_checks=True).post(FORM, sent_form(**TYPED, resent="1")).content.decode()
    assert "Your browser blocks cookies" in again
    assert "618-555-0142" in again
    assert TYPED["full_name"] in unescape(again)


def test_a_page_with_typed_words_can_be_gone_back_to(db, client, strict_client):
    for answer in (client.post(FORM, sent_form(full_name="")), strict_client.post(FORM, sent_form())):
        assert answer["Cache-Control"] == "private, no-cache"
        assert "Vary" not in answer


def test_a_second_person_on_a_form_that_was_sent_is_a_new_request(db, client):
    answers = sent_form()
    client.post(FORM, answers)
    client.post(FORM, answers | {"full_name": "Robin Example", "phone": "(618) 555-0199"})
    client.post(FORM, answers | {"full_name": "Robin Example", "phone": "(618) 555-0198"})
    stored = ConsultationRequest.objects.order_by("pk").values_list("full_name", "phone")
    assert list(stored) == [(answers["full_name"], answers["phone"]), ("Robin Example", "(618) 555-0198")]


@pytest.mark.parametrize(
    "changed",
    [{"full_name": "Alexandra Example"}, {"phone": "(618) 555-0199"}, {"full_name": "x", "email": "x@example.com"}],
)
def test_a_new_name_or_a_new_number_alone_is_a_correction(db, client, changed):
    answers = sent_form()
    client.post(FORM, answers)
    client.post(FORM, answers | changed)
    assert ConsultationRequest.objects.count() == 1


def fill_database() -> None:
    """Limit SQLite to its current number of pages, to simulate a full disk."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM" if not connection.in_atomic_block else "SELECT 1")
        cursor.execute("PRAGMA page_count")
        cursor.execute(f"PRAGMA max_page_count = {cursor.fetchone()[0]}")


@pytest.fixture
def full_database(transactional_db):
    if connection.vendor != "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE consultations_notification ADD CONSTRAINT full_disk CHECK (false) NOT VALID")
        yield
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE consultations_notification DROP CONSTRAINT full_disk")
        return
    fill_database()
    yield
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count = 1073741823")


def test_a_full_database_returns_the_filled_form_and_stores_nothing(full_database, client, set_facts):
    set_facts(phone="618-555-0142")
    note = "x" * 900
    for _ in range(40):
        answers = sent_form(**TYPED | {"note": note, "full_name": TYPED["full_name"]})
        answer = Client(REMOTE_ADDR=f"2001:db8:{uuid.uuid4().hex[:4]}::1").post(FORM, answers)
        if answer.status_code != 302:
            break
    assert answer.status_code == 503
    assert answer["Retry-After"]
    page = unescape(answer.content.decode())
    for value in (TYPED["full_name"], TYPED["email"], note, "We could not store your request", "618-555-0142"):
        assert value in page
    assert not ConsultationRequest.objects.filter(submission_key=answers["submission_key"]).exists()
    assert ConsultationRequest.objects.count() == Notification.objects.exclude(kind="summary").count()


@pytest.mark.parametrize("answers", [{}, {"note": "Ring twice"}, {"full_name": "Sam Example", "phone": "618-555-0144"}])
def test_a_form_sent_again_after_an_erasure_is_a_new_request(client, db, answers):
    form = sent_form()
    client.post("/consultation/", form)
    retention.erase(ConsultationRequest.objects.get())
    assert client.post("/consultation/", form | answers).status_code == 302
    assert ConsultationRequest.objects.count() == 2
