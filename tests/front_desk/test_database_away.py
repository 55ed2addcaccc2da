"""Tests that what staff typed outlives a database that does not answer for a moment."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import OperationalError, connection
from django.http import HttpResponse

from clinic import snapshot
from consultations.models import Note
from tests.front_desk.test_people import fields
from tests.helpers.factories import consultation
from tests.helpers.request_page import page_of, typed

pytestmark = [pytest.mark.django_db, pytest.mark.stored_facts]
CLINIC = "/staff/clinic/"


@contextmanager
def database_away() -> Iterator[None]:
    """Fail every query, as if the database were restarting."""

    def refuse(*_: object) -> None:
        raise OperationalError("the connection is closed")

    with connection.execute_wrapper(refuse):
        yield


def page_text(answer: HttpResponse) -> str:
    return answer.content.decode()


def test_a_note_is_kept_while_the_database_is_away(desk):
    asked = consultation()
    page, form = page_of(asked), typed(desk, asked, note="Okapi called")
    with database_away():
        first = desk.post(page, form)
        again = desk.post(page, fields(page_text(first)))
    for answer in (first, again):
        assert answer.status_code == 503
        words = page_text(answer)
        assert "This page keeps what you entered" in words
        assert "Okapi" not in words
    assert not Note.objects.filter(kind="staff").exists()

    offered = desk.post(page, fields(page_text(again)))
    assert "What you entered is still here" in page_text(offered)
    desk.post(page, fields(page_text(offered)))
    assert Note.objects.get(kind="staff").text == "Okapi called"


def test_a_managers_facts_are_kept_while_the_database_is_away(manager):
    form = fields(page_text(manager.get(CLINIC))) | {"street": "1 Example Street"}
    with database_away():
        away = manager.post(CLINIC, form)
    assert away.status_code == 503
    offered = manager.post(CLINIC, fields(page_text(away)))
    manager.post(CLINIC, fields(page_text(offered)))
    snapshot.refresh()
    assert snapshot.current().facts["street"] == "1 Example Street"


def test_after_signing_out_the_kept_form_asks_for_the_sign_in(desk, client):
    asked = consultation()
    form = typed(desk, asked, note="Okapi called")
    with database_away():
        away = desk.post(page_of(asked), form)
    answer = client.post(page_of(asked), fields(page_text(away)))
    assert answer.status_code == 403
    assert 'name="kept"' in page_text(answer)
    assert "Okapi" not in page_text(answer)


def test_an_error_that_lost_no_form_is_an_ordinary_error(desk):
    desk.raise_request_exception = False
    with database_away():
        assert desk.get("/staff/").status_code == 500
        assert desk.post("/staff/password_change/", {"old_password": "x"}).status_code == 500
