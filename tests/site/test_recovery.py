"""Tests of the README's commands for a manager who cannot sign in."""

import re
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django_otp.plugins.otp_static.models import StaticToken

from tests.helpers.staff_members import PASSWORD, SIGN_IN, authenticator_code, make_member, recovery_code

pytestmark = pytest.mark.django_db


def sign_in_status(code: str, name: str = "dana", password: str = PASSWORD) -> int:
    return Client().post(SIGN_IN, {"username": name, "password": password, "code": code}).status_code


def test_enroll_totp_replaces_a_lost_authenticator_and_its_codes():
    dana = make_member(group="Manager")
    lost = recovery_code(dana)
    printed = StringIO()
    call_command("enroll_totp", "dana", stdout=printed)
    assert sign_in_status(lost) == 200
    assert sign_in_status(authenticator_code(dana)) == 302
    assert "otpauth://totp/" in printed.getvalue()


def test_make_staff_creates_a_second_manager_who_can_reset_the_first():
    dana = make_member(group="Manager")
    printed = StringIO()
    call_command("make_staff", "--name", "dana2", "--group", "Manager", stdout=printed)
    password = re.search(r"shown only once: (\S+)", printed.getvalue())[1]
    code = StaticToken.objects.filter(device__user__username="dana2").first().token
    browser = Client()
    assert browser.post(SIGN_IN, {"username": "dana2", "password": password, "code": code}).status_code == 302
    assert "Lost authenticator or password" in browser.get(f"/staff/auth/user/{dana.pk}/change/").content.decode()


def test_axes_reset_username_ends_a_lockout():
    dana = make_member(group="Manager")
    for _ in range(5):
        sign_in_status("000000")
    assert sign_in_status(authenticator_code(dana)) == 429
    call_command("axes_reset_username", "dana", stdout=StringIO())
    assert sign_in_status(recovery_code(dana)) == 302


def test_the_lockout_page_states_the_time_from_the_settings(settings):
    settings.AXES_COOLOFF_TIME = timedelta(minutes=20)
    make_member()
    page = [Client().post(SIGN_IN, {"username": "dana", "password": "x", "code": "1"}) for _ in range(5)][-1]
    assert page.status_code == 429
    assert "for the next 20 minutes" in page.content.decode()
