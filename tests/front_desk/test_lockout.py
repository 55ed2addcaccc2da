"""Tests of what counts toward a lockout, and how it ends."""

import re
from datetime import timedelta

import pytest
from axes.models import AccessAttempt, AccessLog
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from consultations.models import AccessLogEntry
from tests.helpers.factories import consultation
from tests.helpers.request_page import page_of
from tests.helpers.staff_members import PASSWORD, SIGN_IN, authenticator_code, make_member, recovery_code, sign_in

pytestmark = pytest.mark.django_db
ACCOUNTS = "/staff/auth/user/"


def try_in_vain(times: int, client: Client | None = None, name: str = "dana") -> int:
    """Return the status of the last of some sign-ins with a wrong password."""
    fields = {"username": name, "password": "wrong", "code": "123456"}
    return [(client or Client()).post(SIGN_IN, fields).status_code for _ in range(times)][-1]


def sign_in_status(user: User, **headers: str) -> int:
    fields = {"username": user.get_username(), "password": PASSWORD, "code": recovery_code(user)}
    return Client(headers=headers).post(SIGN_IN, fields).status_code


@pytest.mark.parametrize(
    ("path", "field"), [("/staff/second-factor/", "password"), ("/staff/password_change/", "old_password")]
)
def test_guesses_at_the_own_password_lock_out(desk, path, field):
    new = dict.fromkeys(("new_password1", "new_password2"), "another-quiet-river-lantern")
    for _ in range(4):
        assert desk.post(path, new | {field: "wrong"}).status_code == 200
    assert desk.post(path, new | {field: "wrong"}).status_code == 429
    locked = desk.post(path, new | {field: PASSWORD})
    assert locked.status_code == 429
    assert "Too many tries" in locked.content.decode()
    assert User.objects.get(username="dana").check_password(PASSWORD)


def test_guesses_at_the_reset_of_a_colleague_lock_out(manager, dana):
    path = f"{ACCOUNTS}{dana.pk}/begin-again/"
    for _ in range(4):
        assert "neither your password" in manager.post(path, {"code": "", "own_secret": "wrong"}).content.decode()
    assert manager.post(path, {"code": "", "own_secret": "wrong"}).status_code == 429
    assert manager.post(path, {"code": "", "own_secret": PASSWORD}).status_code == 429
    assert sign_in_status(dana) == 302


def test_guesses_at_adding_an_account_lock_out(manager):
    new = {"username": "nell", "groups": [Group.objects.get(name="Front desk").pk]}
    for _ in range(4):
        assert (
            "neither your password" in manager.post(f"{ACCOUNTS}add/", new | {"own_secret": "wrong"}).content.decode()
        )
    assert manager.post(f"{ACCOUNTS}add/", new | {"own_secret": "wrong"}).status_code == 429
    assert manager.post(f"{ACCOUNTS}add/", new | {"own_secret": PASSWORD}).status_code == 429
    assert not User.objects.filter(username="nell").exists()


@pytest.mark.parametrize("given", ["nothing", "the password", "a code"])
def test_a_reset_asks_for_the_managers_password_or_code(dana, given):
    mora = make_member("mora", "Manager")
    manager, before = sign_in(mora), dana.password
    secret = {"nothing": "", "the password": f"{PASSWORD} ", "a code": authenticator_code(mora)}[given]
    manager.post(f"{ACCOUNTS}{dana.pk}/begin-again/", {"password": "", "own_secret": secret})
    dana.refresh_from_db()
    assert (dana.password == before) == (given == "nothing")


def test_a_lockout_is_not_prolonged_by_more_tries(dana):
    assert try_in_vain(5) == 429
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=14))
    assert try_in_vain(3) == 429
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
    assert sign_in_status(dana) == 302


def test_a_manager_unlocks_an_account_and_it_is_logged(manager, dana):
    try_in_vain(5)
    assert sign_in_status(dana) == 429
    page = manager.get(f"{ACCOUNTS}{dana.pk}/change/").content.decode()
    assert re.search(r"Locked until [^.]+( [ap]\.m\.)?, after too many tries\.", page)
    assert manager.post(f"{ACCOUNTS}{dana.pk}/unlock/").status_code == 302
    assert "Locked until" not in manager.get(f"{ACCOUNTS}{dana.pk}/change/").content.decode()
    assert sign_in_status(dana) == 302
    assert AccessLogEntry.objects.get(action="account").detail == "dana: unlocked"


def test_the_front_desk_cannot_unlock_an_account(desk):
    lee = make_member("lee")
    try_in_vain(5, name="lee")
    assert desk.post(f"{ACCOUNTS}{lee.pk}/unlock/").status_code == 403
    assert sign_in_status(lee) == 429


def test_a_reset_ends_a_lockout(manager, dana):
    try_in_vain(5)
    answer = manager.post(f"{ACCOUNTS}{dana.pk}/begin-again/", {"password": "", "own_secret": PASSWORD})
    handed = re.findall(r"<dd><code>(.+?)</code>", answer.content.decode())
    fields = dict(zip(("username", "password", "code"), handed, strict=True))
    assert Client().post(SIGN_IN, fields).status_code == 302


def test_the_addresses_of_one_ipv6_network_count_as_one(dana, settings):
    settings.TRUSTED_PROXY_HOPS = 1
    for number in range(5):
        try_in_vain(1, Client(headers={"X-Forwarded-For": f"2001:db8:1:2::{number:x}"}))
    assert sign_in_status(dana, **{"X-Forwarded-For": "2001:db8:1:2:ffff::1"}) == 429
    assert sign_in_status(dana, **{"X-Forwarded-For": "2001:db8:1:3::1"}) == 302


def test_tries_from_an_unknown_address_count(dana):
    for _ in range(5):
        try_in_vain(1, Client(REMOTE_ADDR=""))
    fields = {"username": "dana", "password": PASSWORD, "code": recovery_code(dana)}
    assert Client(REMOTE_ADDR="").post(SIGN_IN, fields).status_code == 429


@pytest.mark.parametrize("name", ["a" * 151, "a" * 256, "a" * 5000, "da\0na", "é" * 300, "🙂" * 256])
def test_a_strange_username_is_just_wrong(name):
    assert try_in_vain(1, name=name) == 200


@pytest.mark.parametrize("field", ["password", "code", "next", "kept"])
@pytest.mark.parametrize("value", ["\0", "x" * 5000])
def test_a_strange_value_in_a_sign_in_is_just_wrong(dana, field, value):
    fields = {"username": "dana", "password": "wrong", "code": "123456"} | {field: value}
    assert Client(headers={"User-Agent": "x" * 3000}).post(SIGN_IN, fields).status_code == 200


def test_the_lockout_page_carries_the_unsaved_form(desk, dana):
    asked = consultation()
    page = page_of(asked)
    AccessLog.objects.all().delete()  # this browser is unknown
    desk.cookies.pop("sessionid")
    refused = desk.post(page, {"version": "0", "note": "Rings <twice>."}).content.decode()
    kept = refused.partition('name="kept" value="')[2].partition('"')[0]
    fields = {"username": "dana", "password": "wrong", "code": "123456", "kept": kept}
    locked = [desk.post(SIGN_IN, fields) for _ in range(5)][-1]
    assert locked.status_code == 429
    assert "still here, but not saved yet" in locked.content.decode()
    assert f'name="kept" value="{kept}"' in locked.content.decode()
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
    offered = desk.post(SIGN_IN, fields | {"password": PASSWORD, "code": recovery_code(dana)})
    assert "Rings &lt;twice&gt;." in offered.content.decode()


def test_a_password_change_and_a_new_authenticator_are_logged(desk):
    new = "another-quiet-river-lantern"
    desk.post("/staff/password_change/", {"old_password": PASSWORD, "new_password1": new, "new_password2": new})
    desk.post("/staff/second-factor/", {"password": new})
    device = TOTPDevice.objects.get(confirmed=False)
    desk.post("/staff/second-factor/", {"code": f"{totp(device.bin_key):06}"})
    entries = AccessLogEntry.objects.filter(action="account").order_by("pk")
    assert [entry.detail for entry in entries] == ["dana: changed their own password", "dana: set up an authenticator"]


def test_old_records_of_sign_ins_are_deleted_nightly(dana):
    try_in_vain(1)
    sign_in(dana)
    try_in_vain(1)
    for model in (AccessAttempt, AccessLog):
        model.objects.update(attempt_time=timezone.now() - timedelta(days=31))
    AccessLog.objects.create(username="lee")
    AccessAttempt.objects.create(username="lee", failures_since_start=1)
    call_command("erase_old_requests")
    for model in (AccessAttempt, AccessLog):
        assert [row.username for row in model.objects.all()] == ["lee"]
