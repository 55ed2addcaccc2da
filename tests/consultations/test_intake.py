"""A request is stored exactly once, and nothing that somebody typed is lost on the way."""

import itertools
import re
import uuid
from dataclasses import replace
from html import unescape
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from consultations import models
from consultations.intake import MOST_CORRECTIONS
from consultations.models import ConsultationRequest, Correction, Notification
from tests.helpers.factories import consultation, sent_form

FORM = "/consultation/"
TYPED = {"full_name": "Zebra Quagga", "note": "Okapi & gnu", "email": "zebra@example.com"}


def kinds() -> list[str]:
    return list(Notification.objects.values_list("kind", flat=True))


# --- Exactly once


def test_a_form_sent_twice_is_one_request_with_one_receipt(db, client):
    answers = sent_form()
    assert client.post(FORM, answers)["Location"] == client.post(FORM, answers)["Location"]
    assert ConsultationRequest.objects.count() == 1
    assert kinds() == ["new"]
    assert not Correction.objects.exists()


def test_two_people_with_the_same_answers_are_two_requests(db, client):
    client.post(FORM, sent_form())
    client.post(FORM, sent_form())
    assert ConsultationRequest.objects.count() == 2


def test_a_form_sent_again_with_a_change_corrects_the_request_and_keeps_what_was_there(db, client):
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


def test_a_correction_sent_twice_is_one_correction(db, client):
    answers = sent_form()
    client.post(FORM, answers)
    client.post(FORM, answers | {"note": "ring twice"})
    client.post(FORM, answers | {"note": "ring twice"})
    assert Correction.objects.count() == 1


@pytest.mark.parametrize("status", ["closed", "spam"])
def test_a_change_to_a_request_that_has_ended_becomes_a_new_request_and_only_one(db, client, status):
    answers = sent_form()
    client.post(FORM, answers)
    ConsultationRequest.objects.update(status=status)
    client.post(FORM, answers)
    assert ConsultationRequest.objects.count() == 1
    client.post(FORM, answers | {"note": "please ring after all"})
    client.post(FORM, answers | {"note": "please ring after all"})
    assert [request.status for request in ConsultationRequest.objects.order_by("pk")] == [status, "new"]
    assert kinds() == ["new", "new"]


def test_nobody_corrects_without_end_and_what_was_refused_is_still_in_the_form(db, client):
    answers = sent_form()
    client.post(FORM, answers)
    for number in range(MOST_CORRECTIONS):
        assert client.post(FORM, answers | {"note": f"correction {number}"}).status_code == 302
    answer = client.post(FORM, answers | {"note": "one too many"})
    assert answer.status_code == 429
    assert "one too many" in answer.content.decode()


@pytest.mark.parametrize("key", ["", "no key", "\x00", "-" * 36])
def test_a_form_whose_key_was_taken_out_is_taken_all_the_same(db, client, key):
    assert client.post(FORM, sent_form(submission_key=key)).status_code == 302
    assert ConsultationRequest.objects.count() == 1


def test_a_correction_of_what_cannot_be_read_any_more_is_kept(db, client, settings):
    answers = sent_form()
    client.post(FORM, answers)
    settings.FIELD_KEYS = {"other": b"o" * 32}
    assert client.post(FORM, answers).status_code == 302
    assert ConsultationRequest.objects.get().full_name == "Alex Example"
    assert "Full name: cannot be read with the present keys" in Correction.objects.get().before


def test_a_reference_that_somebody_has_already_is_drawn_anew(db, client, monkeypatch):
    earlier = consultation()
    drawn = itertools.chain(earlier.reference, itertools.cycle("ABCDEFG"))
    monkeypatch.setattr(models, "secrets", SimpleNamespace(choice=lambda _: next(drawn)))
    assert client.post(FORM, sent_form()).status_code == 302
    assert ConsultationRequest.objects.exclude(pk=earlier.pk).get().reference == "ABCDEFGA"
    assert kinds() == ["new"]


def test_whoever_writes_holds_up_the_others_for_nothing_but_the_writing(transactional_db, client):
    answers = sent_form()
    with CaptureQueriesContext(connection) as captured:
        client.post(FORM, answers)
    statements = [query["sql"].split()[0] for query in captured]
    assert statements[statements.index("BEGIN") :] == ["BEGIN", "INSERT", "INSERT", "COMMIT"]


# --- Nothing typed is lost


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
    """A browser whose tokens are looked at."""
    return Client(enforce_csrf_checks=True)


def token_in(answer) -> str:
    return re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', answer.content.decode())[1]


@pytest.mark.parametrize("token", [None, "", "stale", "x" * 64])
def test_a_stale_token_gives_the_form_back_whole_and_its_fresh_token_works(db, strict_client, token):
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
def test_what_another_site_sends_is_refused_and_not_echoed(db, strict_client, headers):
    answer = strict_client.post(FORM, sent_form(**TYPED), headers=headers)
    assert answer.status_code == 403
    for value in TYPED.values():
        assert value not in unescape(answer.content.decode())


def test_a_stale_token_on_another_page_echoes_nothing(db, strict_client):
    answer = strict_client.post(consultation().withdraw_url, TYPED)
    assert answer.status_code == 403
    assert "Zebra" not in answer.content.decode()


def fill_database() -> None:
    """From now on SQLite has no room for another page, as on a disk that is full."""
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


def test_a_database_that_is_full_gives_the_form_back_whole_and_stores_no_half(full_database, client, settings):
    settings.CLINIC = replace(settings.CLINIC, phone="618-555-0142")
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
