import html
import re
import time
from datetime import timedelta
from io import StringIO

import pytest
import zxingcpp
from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticDevice
from PIL import Image

from consultations.models import ConsultationRequest
from tests.made_up import ANSWERS, consultation
from tests.staff_members import PASSWORD, SIGN_IN, authenticator_code, make_member, one_time_code, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def dana():
    return make_member()


def answers(client: Client, **fields: str) -> int:
    return client.post(SIGN_IN, fields).status_code


def test_password_and_code_open_the_staff_pages_in_one_step(client, dana):
    assert answers(client, username="dana", password=PASSWORD, code=authenticator_code(dana)) == 302
    assert client.get("/staff/").status_code == 200


def test_a_password_alone_opens_nothing(client, dana):
    assert answers(client, username="dana", password=PASSWORD, code="") == 200
    assert client.get("/staff/").status_code == 302


def test_a_password_session_without_a_second_factor_opens_nothing(client, dana):
    client.force_login(dana, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/staff/").status_code == 302


def test_an_authenticator_code_works_once(dana):
    code = authenticator_code(dana)
    assert answers(Client(), username="dana", password=PASSWORD, code=code) == 302
    assert answers(Client(), username="dana", password=PASSWORD, code=code) == 200


def test_a_one_time_code_works_once_however_it_is_spaced(dana):
    code = one_time_code(dana)
    spaced = f" {code[:4].upper()}-{code[4:]} "
    assert answers(Client(), username="dana", password=PASSWORD, code=spaced) == 302
    assert answers(Client(), username="dana", password=PASSWORD, code=code) == 200


def test_a_code_opens_only_its_own_account(dana):
    lee = make_member("lee")
    assert answers(Client(), username="dana", password=PASSWORD, code=authenticator_code(lee)) == 200


def test_a_wrong_password_and_a_wrong_code_are_answered_alike(dana):
    wrong_password = Client().post(SIGN_IN, {"username": "dana", "password": "wrong", "code": "123456"})
    wrong_code = Client().post(SIGN_IN, {"username": "dana", "password": PASSWORD, "code": "aaaa-aaaa"})
    notes = [re.findall(r"errornote[^>]*>(.*?)<", answer.content.decode()) for answer in (wrong_password, wrong_code)]
    assert notes[0] == notes[1] != []


@pytest.mark.parametrize("wrong", [{"password": "wrong"}, {"code": "aaaa-aaaa"}], ids=["password", "code"])
def test_five_wrong_tries_lock_the_name_out_of_that_address_even_with_the_right_ones(client, dana, wrong):
    for _ in range(5):
        answers(client, **{"username": "dana", "password": PASSWORD, "code": one_time_code(dana)} | wrong)
    locked = client.post(SIGN_IN, {"username": "dana", "password": PASSWORD, "code": one_time_code(dana)})
    assert locked.status_code == 429
    assert "Too many tries" in locked.content.decode()
    assert client.get("/staff/").status_code == 302


def test_a_lockout_ends_after_15_minutes(client, dana):
    for _ in range(6):
        answers(client, username="dana", password="wrong", code="123456")
    assert answers(client, username="dana", password=PASSWORD, code=one_time_code(dana)) == 429
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
    assert answers(client, username="dana", password=PASSWORD, code=one_time_code(dana)) == 302


def test_a_failed_sign_in_keeps_no_password_and_no_code(client, dana, caplog):
    client.post(SIGN_IN, {"username": "dana", "password": "secret-typed-wrong", "code": "zzzz-zzzz"})
    kept = str(list(AccessAttempt.objects.values())) + caplog.text
    assert "secret-typed-wrong" not in kept
    assert "zzzz-zzzz" not in kept
    assert "127.0.0.1" not in caplog.text


def test_fifteen_quiet_minutes_end_the_sign_in(dana):
    client = sign_in(dana)
    Session.objects.update(expire_date=timezone.now() + timedelta(minutes=1))
    assert client.get("/staff/").status_code == 200  # a click, and the 15 minutes count anew
    assert Session.objects.get().expire_date > timezone.now() + timedelta(minutes=14)
    assert Session.objects.get().expire_date < timezone.now() + timedelta(minutes=16)
    Session.objects.update(expire_date=timezone.now())
    assert client.get("/staff/").status_code == 302


def test_ten_hours_end_the_sign_in_however_busy_it_was(dana, monkeypatch):
    client = sign_in(dana)
    now = time.time()
    monkeypatch.setattr("albany_site.staff.time.time", lambda: now + 10 * 3600 - 60)
    assert client.get("/staff/").status_code == 200
    monkeypatch.setattr("albany_site.staff.time.time", lambda: now + 10 * 3600 + 60)
    assert client.get("/staff/").status_code == 302


def test_signing_out_clears_the_browser(dana):
    client = sign_in(dana)
    answer = client.post("/staff/logout/")
    assert answer["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert client.get("/staff/").status_code == 302


def test_a_visitor_of_public_pages_gets_no_session_cookie(client):
    assert client.get("/").cookies == {}


def test_no_mail_resets_a_password_past_the_second_factor():
    for name in ("admin_password_reset", "password_reset"):
        with pytest.raises(NoReverseMatch):
            reverse(name)


def scanned(terminal: str) -> str:
    """What a phone reads off the terminal: each character is two modules, the lit one on top of the other."""
    lines = [line[len("\033[97;40m") : -len("\033[0m")] for line in terminal.splitlines() if line.startswith("\033")]
    lit = {"█": (255, 255), "▀": (255, 0), "▄": (0, 255), " ": (0, 0), "\xa0": (0, 0)}
    image = Image.new("L", (len(lines[0]), 2 * len(lines)))
    for y, line in enumerate(lines):
        for x, character in enumerate(line):
            image.putpixel((x, 2 * y), lit[character][0])
            image.putpixel((x, 2 * y + 1), lit[character][1])
    return zxingcpp.read_barcode(image.resize((image.width * 4, image.height * 4), Image.Resampling.NEAREST)).text


def test_enrolling_makes_the_old_authenticator_and_codes_void(dana):
    old_code, old_one_time = authenticator_code(dana), one_time_code(dana)
    printed = StringIO()
    call_command("enroll_totp", "dana", stdout=printed)
    assert "otpauth://totp/The%20Albany%20Clinic%3Adana?secret=" in printed.getvalue()
    assert scanned(printed.getvalue()).startswith("otpauth://totp/The%20Albany%20Clinic%3Adana?secret=")
    assert answers(Client(), username="dana", password=PASSWORD, code=old_code) == 200
    assert answers(Client(), username="dana", password=PASSWORD, code=old_one_time) == 200
    one_time = re.findall(r"[a-z2-7]{4}-[a-z2-7]{4}", printed.getvalue().rpartition("keep them safe")[2])
    assert len(one_time) == 8
    StaticDevice.objects.update(throttling_failure_timestamp=None)  # a wrong code costs a second's wait
    assert answers(Client(), username="dana", password=PASSWORD, code=one_time[0]) == 302


def test_make_staff_makes_a_manager_first_and_asks_nothing(monkeypatch):
    monkeypatch.setattr("builtins.input", lambda *_: pytest.fail("it asked"))
    printed = StringIO()
    call_command("make_staff", stdout=printed, name="robin")
    password = printed.getvalue().strip().rpartition(" ")[2]
    robin = User.objects.get(username="robin")
    assert [group.name for group in robin.groups.all()] == ["Manager"]
    assert not robin.is_superuser
    code = f"{totp(robin.totpdevice_set.get().bin_key):06}"
    assert answers(Client(), username="robin", password=password, code=code) == 302
    call_command("make_staff", stdout=printed, name="second")
    assert [group.name for group in User.objects.get(username="second").groups.all()] == ["Front desk"]
    with pytest.raises(CommandError, match="already"):
        call_command("make_staff", stdout=printed, name="robin")


# --- What was typed while the sign-in ran out


def note_page(asked) -> str:
    return reverse("admin:consultations_consultationrequest_change", args=[asked.pk])


def kept_field(answer) -> str:
    return re.search(r'name="kept" value="([^"]+)"', answer.content.decode())[1]


def offered_fields(answer) -> dict[str, str]:
    form = answer.content.decode().partition("still here")[2]
    return {
        html.unescape(name): html.unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form)
    }


def test_a_note_typed_while_the_sign_in_ran_out_survives_signing_in_again(dana):
    asked, words = consultation(), 'She said: "ring <twice>"\r\nand after six.'
    client = sign_in(dana)
    Session.objects.update(expire_date=timezone.now())
    refused = client.post(note_page(asked), {"version": "0", "note": words, "move": "tried"})
    assert "What you typed is kept" in refused.content.decode()
    assert not re.search(r"\bring\b", refused.content.decode())  # tokens hold any four letters by chance
    kept = kept_field(refused)
    # A wrong code first: it is kept through that as well.
    fields = {"username": "dana", "password": PASSWORD, "kept": kept}
    assert kept_field(client.post(SIGN_IN, fields | {"code": "zzzz-zzzz"})) == kept
    StaticDevice.objects.update(throttling_failure_timestamp=None)
    offered = client.post(SIGN_IN, fields | {"code": one_time_code(dana)})
    assert offered.status_code == 200
    assert "what you had typed is still here" in offered.content.decode()
    assert client.post(note_page(asked), offered_fields(offered)).status_code == 302
    assert asked.notes.get(kind="staff").text == words.replace("\r\n", "\n")
    asked.refresh_from_db()
    assert asked.status == "tried"


def test_what_is_kept_stands_in_no_session_log_or_table(dana, caplog):
    asked = consultation()
    client = sign_in(dana)
    Session.objects.update(expire_date=timezone.now())
    refused = client.post(note_page(asked), {"version": "0", "note": "marker-words"})
    client.post(SIGN_IN, {"username": "dana", "password": "wrong", "code": "zzzz", "kept": kept_field(refused)})
    stored = [session.get_decoded() for session in Session.objects.all()] + list(AccessAttempt.objects.values())
    assert "marker-words" not in str(stored) + caplog.text
    assert kept_field(refused) not in str(stored) + caplog.text


def test_a_forged_kept_field_is_ignored(dana):
    answer = Client().post(
        SIGN_IN,
        {"username": "dana", "password": PASSWORD, "code": one_time_code(dana), "kept": "v1.test.Zm9yZ2Vk"},
    )
    assert answer.status_code == 302


def test_a_note_survives_a_sign_in_in_another_tab(dana):
    """Signing in changes the token, and every page that was open before holds the old one."""
    asked = consultation()
    client = Client(enforce_csrf_checks=True)
    client.cookies = sign_in(dana).cookies
    page = client.get(note_page(asked)).content.decode()
    fresh = client.post(note_page(asked), {"version": "0", "note": "Both tabs.", "csrfmiddlewaretoken": "x" * 64})
    assert "what you had typed is still here" in fresh.content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', fresh.content.decode().partition("still here")[2])[1]
    assert page != ""
    assert client.post(note_page(asked), offered_fields(fresh) | {"csrfmiddlewaretoken": token}).status_code == 302
    assert asked.notes.get(kind="staff").text == "Both tabs."


def test_what_another_site_posts_is_not_echoed(dana):
    asked = consultation()
    client = Client(enforce_csrf_checks=True, headers={"Sec-Fetch-Site": "cross-site"})
    client.cookies = sign_in(dana).cookies
    answer = client.post(note_page(asked), {"version": "0", "note": "planted"})
    assert answer.status_code == 403
    assert "planted" not in answer.content.decode()


def test_a_lockout_counts_by_the_address_that_our_own_proxy_saw(dana, settings):
    settings.TRUSTED_PROXY_HOPS = 1
    guesser, at_the_desk = ({"X-Forwarded-For": address} for address in ("192.0.2.66", "192.0.2.1"))
    for _ in range(6):
        # What the guesser claims before the proxy's own entry is not believed.
        forged = {"X-Forwarded-For": f"192.0.2.1, {guesser['X-Forwarded-For']}"}
        Client(headers=forged).post(SIGN_IN, {"username": "dana", "password": "wrong", "code": "123456"})
    right = {"username": "dana", "password": PASSWORD}
    assert answers(Client(headers=guesser), **right, code=one_time_code(dana)) == 429
    assert answers(Client(headers=at_the_desk), **right, code=one_time_code(dana)) == 302


def test_a_sign_in_page_that_is_too_old_is_shown_afresh_and_not_refused(dana):
    browser = Client(enforce_csrf_checks=True)
    fields = {"username": "dana", "password": PASSWORD, "code": one_time_code(dana)}
    stale = browser.post(SIGN_IN, fields)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', stale.content.decode())[1]
    signed_in = browser.post(SIGN_IN, fields | {"csrfmiddlewaretoken": token, "next": "/staff/"})
    assert signed_in.headers["Location"] == "/staff/"


def test_a_button_pressed_on_a_page_that_is_too_old_does_nothing_and_says_so(dana):
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = sign_in(dana).cookies
    answer = browser.post("/staff/logout/", follow=True)
    assert "nothing was done" in answer.content.decode()
    assert "front desk" in answer.content.decode()


def test_a_call_written_down_while_the_sign_in_ran_out_survives_as_well(dana):
    client, page = sign_in(dana), reverse("admin:consultations_consultationrequest_add")
    Session.objects.update(expire_date=timezone.now())
    kept = kept_field(client.post(page, ANSWERS))
    fields = {"username": "dana", "password": PASSWORD, "code": one_time_code(dana), "kept": kept}
    assert client.post(page, offered_fields(client.post(SIGN_IN, fields))).status_code == 302
    assert ConsultationRequest.objects.get().full_name == ANSWERS["full_name"]
