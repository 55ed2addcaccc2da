"""Tests of changing a request in the browser that sent it."""

import time
from html import unescape

import pytest
from django.test import Client

from consultations.encryption import Unreadable
from consultations.models import ConsultationRequest
from tests.helpers.factories import ANSWERS, EVERY_ANSWER, sent_form

FORM = "/consultation/"
HALF_AN_HOUR = 30 * 60

pytestmark = pytest.mark.django_db


def send(client: Client, **answers) -> ConsultationRequest:
    client.post(FORM, sent_form(**answers))
    return ConsultationRequest.objects.latest("pk")


def as_sent(form) -> dict[str, object]:
    """Return what a browser sends for a form that is shown and not touched."""
    shown = {form.add_prefix(name): form[name].value() for name in form.fields}
    shown["needs"] = [*form["interpreter"].value(), *form["needs"].value()]  # two questions with one name
    return {name: "on" if value is True else value for name, value in shown.items() if value not in (None, False)}


@pytest.mark.parametrize("answers", [ANSWERS, EVERY_ANSWER, ANSWERS | {"voicemail_ok": "no", "needs": []}])
def test_the_browser_that_sent_a_request_changes_one_answer_and_keeps_the_others(client, answers):
    before = send(client, **answers)
    page = client.get(before.change_url)
    assert "Change your request</h1>" in page.content.decode()
    changed = as_sent(page.context["form"]) | {"full_name": "Alex B. Example"}
    assert client.post(FORM, changed)["Location"] == before.receipt_url
    [after] = ConsultationRequest.objects.all()
    assert after.corrections.get().changed == "full_name"
    assert {name: getattr(after, name) for name in ConsultationRequest.CONTENT} == {
        name: getattr(before, name) for name in ConsultationRequest.CONTENT
    } | {"full_name": "Alex B. Example"}


def test_sending_the_answers_unchanged_corrects_nothing(client):
    request = send(client, **EVERY_ANSWER)
    client.post(FORM, as_sent(client.get(request.change_url).context["form"]))
    assert not ConsultationRequest.objects.get().corrections.exists()


def test_no_other_browser_is_shown_the_answers(client):
    request, other = send(client), Client()
    offer = f'href="{request.change_url}"'
    assert offer in client.get(request.receipt_url).content.decode()
    assert offer not in other.get(request.receipt_url).content.decode()
    assert other.get(request.change_url)["Location"] == request.receipt_url
    send(other, full_name="Bo Example", phone="(618) 555-0122")
    assert other.get(request.change_url)["Location"] == request.receipt_url


def test_the_answers_are_shown_for_half_an_hour(client, monkeypatch):
    request, sent_at = send(client), time.time()
    cookie = client.cookies["sent"]
    assert (cookie["max-age"], cookie["path"], cookie["httponly"], cookie["samesite"]) == (1800, FORM, True, "Strict")
    monkeypatch.setattr("django.core.signing.time.time", lambda: sent_at + HALF_AN_HOUR - 60)
    assert client.get(request.change_url).status_code == 200
    monkeypatch.setattr("django.core.signing.time.time", lambda: sent_at + HALF_AN_HOUR + 60)
    assert client.get(request.change_url)["Location"] == request.receipt_url


@pytest.mark.parametrize(
    "fields",
    [
        {"status": ConsultationRequest.Status.CONTACTING},
        {"status": ConsultationRequest.Status.CLOSED},
        {"phone": Unreadable("v1.unreadable")},
    ],
)
def test_a_request_that_staff_have_begun_or_that_is_unreadable_is_not_shown(client, fields):
    request = send(client)
    ConsultationRequest.objects.update(**fields)
    assert client.get(request.change_url)["Location"] == request.receipt_url
    assert "change your request" not in unescape(client.get(request.receipt_url).content.decode())


def test_a_withdrawn_request_is_not_shown(client):
    request = send(client)
    client.post(request.withdraw_url)
    assert client.get(request.change_url)["Location"] == request.receipt_url


def test_a_forged_token_or_cookie_opens_nothing(client):
    request = send(client)
    assert client.get(request.change_url.replace(":", ":x")).status_code == 404
    client.cookies["sent"] = client.cookies["sent"].value[:-1] + "-"
    assert client.get(request.change_url)["Location"] == request.receipt_url
