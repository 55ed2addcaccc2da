"""Tests of signing in and out, sessions, and forms sent after the session has expired."""

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
from front_desk.unsaved_form import PRESERVED_PAGES
from tests.helpers.factories import ANSWERS, consultation
from tests.helpers.request_page import fields_of
from tests.helpers.staff_members import PASSWORD, SIGN_IN, authenticator_code, make_member, recovery_code, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def dana():
    return make_member()


def answers(client: Client, **fields: str) -> int:
    return client.post(SIGN_IN, fields).status_code


def test_username_password_and_code_sign_in_on_one_page(client, dana):
    assert answers(client, username="dana", password=PASSWORD, code=authenticator_code(dana)) == 302
    assert client.get("/staff/").status_code == 200


def test_a_password_without_a_code_does_not_sign_in(client, dana):
    assert answers(client, username="dana", password=PASSWORD, code="") == 200
    assert client.get("/staff/").status_code == 302


def test_a_session_without_a_second_factor_opens_no_staff_page(client, dana):
    client.force_login(dana, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/staff/").status_code == 302


def test_an_authenticator_code_works_once(dana):
    code = authenticator_code(dana)
    assert answers(Client(), username="dana", password=PASSWORD, code=code) == 302
    assert answers(Client(), username="dana", password=PASSWORD, code=code) == 200


def test_a_recovery_code_works_once_however_it_is_spaced(dana):
    code = recovery_code(dana)
    spaced = f" {code[:4].upper()}-{code[4:]} "
    assert answers(Client(), username="dana", password=PASSWORD, code=spaced) == 302
    assert answers(Client(), username="dana", password=PASSWORD, code=code) == 200


def test_a_code_works_only_for_its_own_account(dana):
    lee = make_member("lee")
    assert answers(Client(), username="dana", password=PASSWORD, code=authenticator_code(lee)) == 200


def test_a_wrong_password_and_a_wrong_code_get_the_same_message(dana):
    wrong_password = Client().post(SIGN_IN, {"username": "dana", "password": "wrong", "code": "123456"})
    wrong_code = Client().post(SIGN_IN, {"username": "dana", "password": PASSWORD, "code": "aaaa-aaaa"})
    notes = [
        re.findall(r"error-summary[^>]*>(.*?)<", answer.content.decode()) for answer in (wrong_password, wrong_code)
    ]
    assert notes[0] == notes[1] != []


@pytest.mark.parametrize("wrong", [{"password": "wrong"}, {"code": "aaaa-aaaa"}], ids=["password", "code"])
def test_five_wrong_tries_lock_out_even_the_right_credentials(client, dana, wrong):
    for _ in range(5):
        answers(client, **{"username": "dana", "password": PASSWORD, "code": recovery_code(dana)} | wrong)
    locked = client.post(SIGN_IN, {"username": "dana", "password": PASSWORD, "code": recovery_code(dana)})
    assert locked.status_code == 429
    assert "Too many tries" in locked.content.decode()
    assert client.get("/staff/").status_code == 302


def test_a_lockout_ends_after_15_minutes(client, dana):
    for _ in range(6):
        answers(client, username="dana", password="wrong", code="123456")
    assert answers(client, username="dana", password=PASSWORD, code=recovery_code(dana)) == 429
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
    assert answers(client, username="dana", password=PASSWORD, code=recovery_code(dana)) == 302


def test_a_failed_sign_in_stores_and_logs_no_password_or_code(client, dana, caplog):
    client.post(SIGN_IN, {"username": "dana", "password": "secret-typed-wrong", "code": "zzzz-zzzz"})
    kept = str(list(AccessAttempt.objects.values())) + caplog.text
    assert "secret-typed-wrong" not in kept
    assert "zzzz-zzzz" not in kept
    assert "127.0.0.1" not in caplog.text


def test_a_session_ends_after_15_idle_minutes(dana):
    client = sign_in(dana)
    Session.objects.update(expire_date=timezone.now() + timedelta(minutes=1))
    assert client.get("/staff/").status_code == 200  # each request restarts the 15 minutes
    assert Session.objects.get().expire_date > timezone.now() + timedelta(minutes=14)
    assert Session.objects.get().expire_date < timezone.now() + timedelta(minutes=16)
    Session.objects.update(expire_date=timezone.now())
    assert client.get("/staff/").status_code == 302


def test_a_session_ends_after_ten_hours_even_if_never_idle(dana, monkeypatch):
    client = sign_in(dana)
    now = time.time()
    monkeypatch.setattr("front_desk.site.time.time", lambda: now + 10 * 3600 - 60)
    assert client.get("/staff/").status_code == 200
    monkeypatch.setattr("front_desk.site.time.time", lambda: now + 10 * 3600 + 60)
    assert client.get("/staff/").status_code == 302


def test_signing_out_clears_the_browsers_site_data(dana):
    client = sign_in(dana)
    answer = client.post("/staff/logout/")
    assert (
        answer["Clear-Site-Data"] == '"cache", "storage"'
    )  # "cookies" would sign out of the domain's other sites, too
    for name in ("sessionid", "csrftoken", "desk", "messages"):
        assert (answer.cookies[name].value, answer.cookies[name]["max-age"]) == ("", 0)
    assert client.get("/staff/").status_code == 302


def test_a_public_page_sets_no_session_cookie(client):
    assert client.get("/").cookies == {}


def test_there_is_no_password_reset_by_email():
    for name in ("admin_password_reset", "password_reset"):
        with pytest.raises(NoReverseMatch):
            reverse(name)


def scanned(terminal: str) -> str:
    """Decode the QR code in a terminal's output, where each character is two stacked modules."""
    lines = [line[len("\033[97;40m") : -len("\033[0m")] for line in terminal.splitlines() if line.startswith("\033")]
    lit = {"█": (255, 255), "▀": (255, 0), "▄": (0, 255), " ": (0, 0), "\xa0": (0, 0)}
    image = Image.new("L", (len(lines[0]), 2 * len(lines)))
    for y, line in enumerate(lines):
        for x, character in enumerate(line):
            image.putpixel((x, 2 * y), lit[character][0])
            image.putpixel((x, 2 * y + 1), lit[character][1])
    return zxingcpp.read_barcode(image.resize((image.width * 4, image.height * 4), Image.Resampling.NEAREST)).text


def test_enrolling_replaces_the_authenticator_and_recovery_codes(dana):
    old_code, old_one_time = authenticator_code(dana), recovery_code(dana)
    printed = StringIO()
    call_command("enroll_totp", "dana", stdout=printed)
    assert "otpauth://totp/The%20Albany%20Clinic%3Adana?secret=" in printed.getvalue()
    assert scanned(printed.getvalue()).startswith("otpauth://totp/The%20Albany%20Clinic%3Adana?secret=")
    assert answers(Client(), username="dana", password=PASSWORD, code=old_code) == 200
    assert answers(Client(), username="dana", password=PASSWORD, code=old_one_time) == 200
    one_time = re.findall(r"[a-z2-7]{4}-[a-z2-7]{4}", printed.getvalue().rpartition("keep them safe")[2])
    assert len(one_time) == 8
    StaticDevice.objects.update(throttling_failure_timestamp=None)  # skip the one-second throttle after a wrong code
    assert answers(Client(), username="dana", password=PASSWORD, code=one_time[0]) == 302


def test_make_staff_creates_a_manager_first_and_never_prompts(monkeypatch):
    monkeypatch.setattr("builtins.input", lambda *_: pytest.fail("make_staff prompted"))
    printed = StringIO()
    call_command("make_staff", stdout=printed, name="robin")
    password = re.search(r"shown only once: (\S+)", printed.getvalue())[1]
    assert printed.getvalue().endswith("\nSign in at http://localhost:8000/staff/\n")
    robin = User.objects.get(username="robin")
    assert [group.name for group in robin.groups.all()] == ["Manager"]
    assert not robin.is_superuser
    code = f"{totp(robin.totpdevice_set.get().bin_key):06}"
    assert answers(Client(), username="robin", password=password, code=code) == 302
    call_command("make_staff", stdout=printed, name="second")
    assert [group.name for group in User.objects.get(username="second").groups.all()] == ["Front desk"]
    with pytest.raises(CommandError, match="already"):
        call_command("make_staff", stdout=printed, name="robin")


# --- A form whose session or token has expired


def note_page(asked) -> str:
    return reverse("admin:consultations_consultationrequest_change", args=[asked.pk])


def kept_field(answer) -> str:
    return re.search(r'name="kept" value="([^"]+)"', answer.content.decode())[1]


def offered_fields(answer) -> dict[str, str]:
    form = answer.content.decode().partition("still here")[2]
    return {
        html.unescape(name): html.unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form)
    }


def test_a_note_survives_an_expired_session(dana):
    asked, words = consultation(), 'She said: "ring <twice>"\r\nand after six.'
    client = sign_in(dana)
    Session.objects.update(expire_date=timezone.now())
    refused = client.post(note_page(asked), {"version": "0", "note": words, "attempt": "no-answer"})
    assert "What you entered is still here, but not saved yet." in refused.content.decode()
    assert not re.search(r"\bring\b", refused.content.decode())  # a token may contain the letters by chance
    kept = kept_field(refused)
    # The note also survives a wrong code.
    fields = {"username": "dana", "password": PASSWORD, "kept": kept}
    assert kept_field(client.post(SIGN_IN, fields | {"code": "zzzz-zzzz"})) == kept
    StaticDevice.objects.update(throttling_failure_timestamp=None)
    offered = client.post(SIGN_IN, fields | {"code": recovery_code(dana)})
    assert offered.status_code == 200
    shown = offered.content.decode()
    assert "What you entered is still here, but not saved yet." in shown
    assert "<dt>Note</dt>" in shown
    assert "<dt>And the outcome</dt><dd>No answer</dd>" in shown
    assert client.post(note_page(asked), offered_fields(offered)).status_code == 302
    assert asked.notes.get(kind="staff").text == words.replace("\r\n", "\n")
    asked.refresh_from_db()
    assert asked.status == "tried"


@pytest.mark.parametrize(
    ("button", "outcome"),
    [
        ({"move": "booked"}, "Schedule"),
        ({"close_as": "no-show"}, "Close: no-show"),
        ({"told": "1"}, "Told a clinician"),
        ({"undo": "1"}, "Undo"),
    ],
)
def test_the_page_with_an_unsaved_form_names_the_pressed_button(dana, button, outcome):
    client = sign_in(dana)
    Session.objects.update(expire_date=timezone.now())
    kept = kept_field(client.post(note_page(consultation()), {"version": "0", **button}))
    fields = {"username": "dana", "password": PASSWORD, "code": recovery_code(dana), "kept": kept}
    assert f"<dt>The outcome</dt><dd>{outcome}</dd>" in client.post(SIGN_IN, fields).content.decode()


def test_an_unsaved_form_is_in_no_session_log_or_table(dana, caplog):
    asked = consultation()
    client = sign_in(dana)
    Session.objects.update(expire_date=timezone.now())
    refused = client.post(note_page(asked), {"version": "0", "note": "marker-words"})
    client.post(SIGN_IN, {"username": "dana", "password": "wrong", "code": "zzzz", "kept": kept_field(refused)})
    stored = [session.get_decoded() for session in Session.objects.all()] + list(AccessAttempt.objects.values())
    assert "marker-words" not in str(stored) + caplog.text
    assert kept_field(refused) not in str(stored) + caplog.text


def test_a_forged_unsaved_form_is_ignored(dana):
    answer = Client().post(
        SIGN_IN,
        {"username": "dana", "password": PASSWORD, "code": recovery_code(dana), "kept": "v1.test.Zm9yZ2Vk"},
    )
    assert answer.status_code == 302


def csrf_token(answer) -> str:
    return re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', answer.content.decode())[1]


def test_a_note_survives_a_sign_in_in_another_tab(dana):
    """Signing in changes the CSRF token, so a page that was already open sends a stale token."""
    asked = consultation()
    client = Client(enforce_csrf_checks=True)
    client.cookies = sign_in(dana).cookies
    page = client.get(note_page(asked)).content.decode()
    fresh = client.post(note_page(asked), {"version": "0", "note": "Both tabs.", "csrfmiddlewaretoken": "x" * 64})
    assert "What you entered is still here" in fresh.content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', fresh.content.decode().partition("still here")[2])[1]
    assert page != ""
    assert client.post(note_page(asked), offered_fields(fresh) | {"csrfmiddlewaretoken": token}).status_code == 302
    assert asked.notes.get(kind="staff").text == "Both tabs."


HIDES = "Your browser hides where this page comes from"


@pytest.mark.parametrize(
    "headers", [{"Origin": "null"}, {"Origin": ""}, {"Referer": "https://search.example/"}], ids=str
)
def test_a_browser_that_hides_the_origin_loses_no_note(dana, headers):
    asked = consultation()
    client = Client(enforce_csrf_checks=True)
    client.cookies = sign_in(dana).cookies
    token = csrf_token(client.get(note_page(asked), secure=True))
    note = {"version": "0", "note": "Okapi by relay", "csrfmiddlewaretoken": token}
    answer = client.post(note_page(asked), note, secure=True, headers=headers).content.decode()
    assert "Okapi by relay" in answer
    assert HIDES in answer
    Session.objects.update(expire_date=timezone.now())
    answer = client.post(note_page(asked), note, secure=True, headers=headers).content.decode()
    assert 'name="kept"' in answer
    assert HIDES in answer


def test_the_sign_in_says_why_it_does_not_open(dana):
    client = Client(enforce_csrf_checks=True)
    right = {"username": "dana", "password": PASSWORD, "code": recovery_code(dana)}
    assert "your browser blocks cookies" in client.post(SIGN_IN, right).content.decode()
    right |= {"csrfmiddlewaretoken": csrf_token(client.get(SIGN_IN, secure=True))}
    assert HIDES in client.post(SIGN_IN, right, secure=True, headers={"Origin": "null"}).content.decode()
    assert client.get("/staff/", secure=True).status_code == 302
    answer = client.post(SIGN_IN, right, secure=True, headers={"Origin": "null", "Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 302


def test_a_form_posted_from_another_site_is_not_echoed_at_the_desk(dana):
    asked = consultation()
    client = Client(enforce_csrf_checks=True, headers={"Sec-Fetch-Site": "cross-site"})
    client.cookies = sign_in(dana).cookies
    answer = client.post(note_page(asked), {"version": "0", "note": "planted"})
    assert answer.status_code == 403
    assert "planted" not in answer.content.decode()


def test_lockouts_are_counted_by_the_address_our_proxy_saw(dana, settings):
    settings.TRUSTED_PROXY_HOPS = 1
    guesser, at_the_desk = ({"X-Forwarded-For": address} for address in ("192.0.2.66", "192.0.2.1"))
    for _ in range(6):
        # Only the last entry, which our proxy added, is trusted.
        forged = {"X-Forwarded-For": f"192.0.2.1, {guesser['X-Forwarded-For']}"}
        Client(headers=forged).post(SIGN_IN, {"username": "dana", "password": "wrong", "code": "123456"})
    right = {"username": "dana", "password": PASSWORD}
    assert answers(Client(headers=guesser), **right, code=recovery_code(dana)) == 429
    assert answers(Client(headers=at_the_desk), **right, code=recovery_code(dana)) == 302


def test_a_stale_sign_in_page_is_shown_again_and_works(dana):
    browser = Client(enforce_csrf_checks=True)
    fields = {"username": "dana", "password": PASSWORD, "code": recovery_code(dana)}
    stale = browser.post(SIGN_IN, fields)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', stale.content.decode())[1]
    signed_in = browser.post(SIGN_IN, fields | {"csrfmiddlewaretoken": token, "next": "/staff/"})
    assert signed_in.headers["Location"] == "/staff/"


def test_a_button_on_a_stale_page_does_nothing_and_says_so(dana):
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = sign_in(dana).cookies
    answer = browser.post("/staff/logout/", follow=True)
    assert "nothing was done" in answer.content.decode()
    assert "front desk" in answer.content.decode()


def test_a_phone_request_survives_an_expired_session(dana):
    client, page = sign_in(dana), reverse("admin:consultations_consultationrequest_add")
    Session.objects.update(expire_date=timezone.now())
    kept = kept_field(client.post(page, ANSWERS))
    fields = {"username": "dana", "password": PASSWORD, "code": recovery_code(dana), "kept": kept}
    assert client.post(page, offered_fields(client.post(SIGN_IN, fields))).status_code == 302
    assert ConsultationRequest.objects.get().full_name == ANSWERS["full_name"]


# --- Whose unsaved form it is


def refused_note(user: User, asked: ConsultationRequest, note: str = "Rings twice.") -> tuple[Client, str]:
    """Send a note from a page whose session has ended. Return the client, and the encrypted form."""
    client = sign_in(user)
    fields = fields_of(client.get(note_page(asked)).content.decode()) | {"note": note}
    client.post("/staff/logout/")
    return client, kept_field(client.post(note_page(asked), fields))


def test_an_unsaved_form_is_offered_to_its_author_alone(dana):
    asked, lee = consultation(), make_member("lee")
    browser, kept = refused_note(lee, asked)
    fields = {"username": "dana", "password": PASSWORD, "code": recovery_code(dana), "kept": kept}
    shown = browser.post(SIGN_IN, fields).content.decode()
    assert "Only lee can open it" in shown
    assert "Rings twice." not in shown
    assert note_page(asked) not in shown
    # Lee takes over the browser.
    again = browser.post("/staff/logout/", {"kept": kept})
    assert kept_field(again) == kept
    fields |= {"username": "lee", "code": recovery_code(lee)}
    assert "Rings twice." in browser.post(SIGN_IN, fields).content.decode()


def test_a_page_opened_by_a_colleague_is_not_saved_as_ones_own(dana):
    asked, lee = consultation(), make_member("lee")
    page = fields_of(sign_in(lee).get(note_page(asked)).content.decode())
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = sign_in(dana).cookies
    shown = browser.post(note_page(asked), page | {"note": "Rings twice.", "csrfmiddlewaretoken": "x" * 64})
    assert "Only lee can open it" in shown.content.decode()
    assert "Rings twice." not in shown.content.decode()
    assert not asked.notes.filter(kind="staff").exists()


@pytest.mark.parametrize(("hours", "is_offered"), [(0, True), (48, False)])
def test_an_unsaved_form_is_offered_on_its_own_day(dana, monkeypatch, hours, is_offered):
    asked = consultation()
    now = timezone.now()
    monkeypatch.setattr("front_desk.unsaved_form.timezone.now", lambda: now - timedelta(hours=hours))
    browser, kept = refused_note(dana, asked)
    monkeypatch.undo()
    fields = {"username": "dana", "password": PASSWORD, "code": recovery_code(dana), "kept": kept, "next": "/staff/"}
    answer = browser.post(SIGN_IN, fields, follow=True)
    assert ("Rings twice." in answer.content.decode()) == is_offered
    assert ("not saved, and is no longer kept" in answer.content.decode()) == (not is_offered)


def test_a_form_of_an_unknown_author_is_offered_to_no_one(dana):
    asked = consultation()
    kept = kept_field(Client().post(note_page(asked), {"version": "0", "note": "Rings twice."}))
    fields = {"username": "dana", "password": PASSWORD, "code": recovery_code(dana), "kept": kept}
    assert "Rings twice." not in Client().post(SIGN_IN, fields).content.decode()


def test_every_preserved_page_says_who_opened_it():
    asked, manager = consultation(), sign_in(make_member("mora", "Manager"))
    for name in PRESERVED_PAGES:
        arguments = {
            "change": [asked.pk],
            "contact": [asked.pk],
            "review": ["safety"],
            "notice": ["privacy-practices"],
        }.get(name.rpartition("_")[2], [])
        page = manager.get(reverse(name, args=arguments), follow=True).content.decode()
        assert page.count('name="typed_by"') == 1, name


# --- What people paste and type


@pytest.mark.parametrize("copied", [f"{PASSWORD} ", f"\t{PASSWORD}\r\n", f"\u00a0{PASSWORD}", f"{PASSWORD}\u200b"])
def test_a_password_pasted_with_a_space_works(dana, copied):
    assert answers(Client(), username=" dana ", password=copied, code=recovery_code(dana)) == 302
    assert not AccessAttempt.objects.exists()


def test_a_password_pasted_from_a_word_processor_works(dana):
    dashes = PASSWORD.replace("-", "\u2013", 2).replace("-", "\u2011")
    assert answers(Client(), username="dana\u200b", password=dashes, code=recovery_code(dana)) == 302


def test_a_password_that_ends_with_a_space_works(dana):
    dana.set_password("a quiet river lantern ")
    dana.save()
    fields = {"username": "dana", "password": "a quiet river lantern "}
    assert answers(Client(), **fields, code=recovery_code(dana)) == 302
    assert answers(Client(), **fields | {"password": "a quiet river lantern"}, code=recovery_code(dana)) == 200


@pytest.mark.parametrize("between", ["\u2013", "\u2014", "\u2011", "\u2212", " - ", "\u00a0", ".", "\u200b"])
def test_a_recovery_code_works_with_any_dash_or_space(dana, between):
    code = recovery_code(dana)
    assert answers(Client(), username="dana", password=PASSWORD, code=f"{code[:4]}{between}{code[4:]}") == 302


@pytest.mark.parametrize("written", ["{0} {1}", "{0}-{1}", "{0}\u2013{1} ", "\u00a0{0}\u202f{1}"])
def test_an_authenticator_code_works_with_spaces_and_dashes(dana, written):
    code = authenticator_code(dana)
    written = written.format(code[:3], code[3:])
    assert answers(Client(), username="dana", password=PASSWORD, code=written) == 302


def test_a_recovery_code_of_digits_alone_works(dana):
    device, _ = StaticDevice.objects.get_or_create(user=dana, name="one-time codes")
    device.token_set.create(token="23456723")
    assert answers(Client(), username="dana", password=PASSWORD, code="2345-6723") == 302


def test_a_failed_sign_in_mentions_the_phones_clock(dana):
    answer = Client().post(SIGN_IN, {"username": "dana", "password": PASSWORD, "code": "000000"})
    assert "check that your phone sets its clock automatically" in answer.content.decode()


def test_a_refused_code_leaves_its_field_empty(dana):
    page = Client().post(SIGN_IN, {"username": "dana", "password": PASSWORD, "code": "zzzz-zzzz"}).content.decode()
    assert 'value="dana"' in page
    assert "zzzz-zzzz" not in page


# --- A new SECRET_KEY


def test_sessions_and_receipts_outlive_a_change_of_the_secret_key(dana, settings):
    asked = consultation()
    urls = [asked.receipt_url, asked.withdraw_url]
    desk = sign_in(dana)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = (
        "a new key of fifty characters or more " * 2,
        [settings.SECRET_KEY],
    )
    assert desk.get("/staff/").status_code == 200
    assert [Client().get(url).status_code for url in urls] == [200, 200]
    Session.objects.update(expire_date=timezone.now())
    assert "Your code is enough" in desk.get(SIGN_IN).content.decode()
    settings.SECRET_KEY_FALLBACKS = []
    assert [Client().get(url).status_code for url in urls] == [404, 404]
    assert "Your code is enough" not in desk.get(SIGN_IN).content.decode()
