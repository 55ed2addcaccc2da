"""Tests of two people editing one request at the same time."""

import re

import pytest

from consultations.models import ConsultationRequest, Note
from tests.helpers.factories import consultation
from tests.helpers.request_page import page_of, press, typed
from tests.helpers.staff_members import make_member, sign_in

pytestmark = pytest.mark.django_db
Status = ConsultationRequest.Status


def test_the_second_edit_is_refused_names_the_first_and_keeps_the_note(desk, dana):
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
    # The page now has the current version, so clicking the button again works.
    lee.post(page_of(asked), stale | {"version": str(asked.version)})
    asked.refresh_from_db()
    assert asked.status == Status.CLOSED


def test_a_note_alone_is_stored_despite_a_concurrent_edit(desk):
    asked = consultation()
    lee = sign_in(make_member("lee"))
    stale = typed(lee, asked, note="Only a note.")
    press(desk, asked, assigned_to="", follow_up_on="2026-12-01", move="tried")
    assert lee.post(page_of(asked), stale).status_code == 302
    asked.refresh_from_db()
    assert (asked.status, str(asked.follow_up_on)) == (Status.TRIED, "2026-12-01")
    assert asked.notes.filter(kind=Note.Kind.STAFF).get().text == "Only a note."
