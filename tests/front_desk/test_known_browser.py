"""Tests of returning to the desk with a code alone, on the browser where the password was typed."""

import time

import pytest
from django.contrib.sessions.models import Session
from django.core import signing
from django.test import Client
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from front_desk.second_factor import reset_second_factor
from tests.helpers.factories import consultation
from tests.helpers.request_page import page_of
from tests.helpers.staff_members import PASSWORD, SIGN_IN, authenticator_code, make_member, recovery_code, sign_in

pytestmark = pytest.mark.django_db
CODE_IS_ENOUGH = "Your code is enough"


def idle(client: Client) -> None:
    """End every session, as 15 idle minutes do."""
    Session.objects.update(expire_date=timezone.now())
    assert client.get("/staff/").status_code == 302


@pytest.fixture
def pause(desk):
    """Return Dana's client after 15 idle minutes."""
    idle(desk)
    return desk


def is_enough(client: Client) -> bool:
    return CODE_IS_ENOUGH in client.get(SIGN_IN).content.decode()


def test_after_a_pause_the_code_alone_signs_in(pause, dana):
    page = pause.get(SIGN_IN).content.decode()
    assert CODE_IS_ENOUGH in page
    assert "<strong>dana</strong>" in page
    assert 'name="password"' not in page
    assert pause.post(SIGN_IN, {"code": authenticator_code(dana), "next": "/staff/"}).headers["Location"] == "/staff/"
    assert "Signed in as <strong>dana</strong>" in pause.get("/staff/").content.decode()


def test_on_another_browser_a_code_alone_does_not_sign_in(pause, dana):
    stranger = Client()
    assert not is_enough(stranger)
    assert stranger.post(SIGN_IN, {"code": authenticator_code(dana)}).status_code == 200
    assert stranger.get("/staff/").status_code == 302


def test_after_a_pause_five_wrong_codes_lock_the_name_out(pause, dana):
    for _ in range(4):
        assert pause.post(SIGN_IN, {"code": "zzzz-zzzz"}).status_code == 200
    assert pause.post(SIGN_IN, {"code": "zzzz-zzzz"}).status_code == 429
    assert pause.post(SIGN_IN, {"code": authenticator_code(dana)}).status_code == 429
    whole = {"username": "dana", "password": PASSWORD, "code": recovery_code(dana)}
    assert pause.post(SIGN_IN, whole).status_code == 429


def test_a_wrong_code_after_a_pause_mentions_the_phones_clock(pause):
    assert "sets its clock automatically" in pause.post(SIGN_IN, {"code": "000000"}).content.decode()


def test_the_code_alone_is_enough_for_ten_hours(pause, monkeypatch):
    now = time.time()
    monkeypatch.setattr("django.core.signing.time.time", lambda: now + 10 * 3600 - 60)
    assert is_enough(pause)
    monkeypatch.setattr("django.core.signing.time.time", lambda: now + 10 * 3600 + 60)
    assert not is_enough(pause)


def test_a_return_does_not_lengthen_the_ten_hours(pause, dana, monkeypatch):
    now = time.time()
    pause.post(SIGN_IN, {"code": authenticator_code(dana)})
    monkeypatch.setattr("front_desk.site.time.time", lambda: now + 10 * 3600 + 60)
    assert pause.get("/staff/").status_code == 302


def test_signing_out_ends_it_even_for_a_copied_cookie(desk):
    copied = desk.cookies["desk"].value
    desk.post("/staff/logout/")
    desk.cookies["desk"] = copied
    assert not is_enough(desk)


def test_a_second_factor_reset_ends_it(pause, dana):
    reset_second_factor(dana)
    assert not is_enough(pause)


def test_a_new_authenticator_ends_it(pause, dana):
    TOTPDevice.objects.filter(user=dana).delete()
    TOTPDevice.objects.create(user=dana)
    assert not is_enough(pause)


def test_a_password_change_ends_it(desk, dana):
    new = "another-quiet-river-lantern"
    fields = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    copied = desk.cookies["desk"].value
    assert desk.post("/staff/password_change/", fields).status_code == 302
    idle(desk)
    assert not is_enough(desk)
    desk.cookies["desk"] = copied
    assert not is_enough(desk)


@pytest.mark.parametrize("lost", ["is_active", "is_staff"])
def test_a_deactivated_account_cannot_return(pause, dana, lost):
    setattr(dana, lost, False)
    dana.save()
    assert not is_enough(pause)
    assert pause.post(SIGN_IN, {"code": authenticator_code(dana)}).status_code == 200


def test_a_forged_cookie_is_ignored(client, dana):
    client.cookies["desk"] = signing.dumps([dana.pk, 1, time.time(), "x"], salt="something else")
    assert not is_enough(client)
    client.cookies["desk"] = signing.dumps("nonsense", salt="front_desk.known_browser")
    assert not is_enough(client)


def test_a_colleague_signs_in_with_everything(pause):
    lee = make_member("lee")
    assert 'value="1" formnovalidate>Not dana?' in pause.get(SIGN_IN).content.decode()  # it needs no code
    page = pause.post(SIGN_IN, {"another": "1", "next": "/staff/"})
    assert 'name="username"' in page.content.decode()
    assert not is_enough(pause)
    fields = {"username": "lee", "password": PASSWORD, "code": recovery_code(lee)}
    assert pause.post(SIGN_IN, fields).status_code == 302
    assert "Signed in as <strong>lee</strong>" in pause.get("/staff/").content.decode()


def test_what_was_typed_is_kept_over_a_return_with_a_code(pause, dana):
    refused = pause.post(page_of(consultation()), {"version": "0", "note": "Rings <twice>."})
    page = refused.content.decode()
    assert CODE_IS_ENOUGH in page
    kept = page.partition('name="kept" value="')[2].partition('"')[0]
    offered = pause.post(SIGN_IN, {"code": authenticator_code(dana), "kept": kept}).content.decode()
    assert "Rings &lt;twice&gt;." in offered


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(dana, settings):
    cookie = sign_in(dana).cookies["desk"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["max-age"]) == (True, "Lax", "/", 36000)
    settings.SESSION_COOKIE_SECURE, settings.KNOWN_BROWSER_COOKIE_NAME = True, "__Host-desk"
    assert sign_in(dana).cookies["__Host-desk"]["secure"]
