"""Sends every input of the public and staff pages through one list of hostile values.

TEST_DATABASE_URL chooses the database, and both must answer alike: with a page or a redirect, never with 500.
"""

import re
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import count
from urllib.parse import quote

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from clinic.models import Edition
from consultations.models import ConsultationRequest
from tests.conftest import FACTS_OF_THE_TESTS
from tests.helpers.desk_pages import DESK, desk_paths
from tests.helpers.factories import ANSWERS, REFERRAL, consultation, sent_form
from tests.helpers.request_page import LIST, page_of

pytestmark = pytest.mark.django_db
HOSTILE = {
    "nothing": "",
    "NUL": "\0",
    "NUL between letters": "x\0y",
    "SQL": "'; DROP TABLE auth_user; --",
    "wildcards": "%_\\",
    "markup": "<script>alert(1)</script>",
    "a long text": "x" * 5000,
    "a long number": "9" * 400,
    "above 32 bits": "2147483648",
    "above 64 bits": "9223372036854775808",
    "infinity": "1e999",
    "a superscript": "²",
    "the last day": "9999-12-31",
    "the first day": "0001-01-01",
    "the last minute": "9999-12-31T23:59",
    "right to left": "\u202eשלום\u2066",
    "beyond the basic plane": "\U0001f469\u200d\u2695\ufe0f",
    "another's email": "pat@\0.example",
    "an unknown key": "00000000-0000-0000-0000-000000000000",
}
ALWAYS = ("NUL", "a long text", "above 64 bits", "the last day")
OTHERS = [name for name in HOSTILE if name not in ALWAYS]
ANSWERED = {200, 301, 302, 400, 403, 404, 405, 409, 413, 422, 429}


@dataclass
class Form:
    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    """Parses a page's forms, with the values that a browser would send and one value of each named button."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get")))
        name = given.get("name", "")
        if not self.forms or not name:
            return
        if tag == "button":
            self.forms[-1].buttons[name] = given.get("value", "")
        elif tag in ("input", "textarea", "select"):
            self.forms[-1].fields.setdefault(name, given.get("value", ""))


def check(answer: HttpResponse, what: str) -> None:
    assert answer.status_code in ANSWERED, what
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert b"<script>alert(1)" not in body or answer["Content-Type"] == "text/csv", what


def sample(place: int, fields: int) -> dict[str, str]:
    """Return the values for the field at this place in a form of so many fields, the same in each run.

    Every field gets the values in ALWAYS. Each other value goes to at least two fields of a form, or to the only one.
    """
    names = OTHERS[place % max(1, fields // 2) :: max(1, fields // 2)]
    return {name: HOSTILE[name] for name in (*ALWAYS, *names)}


# Fields that say which version a form was opened with. Only a value in one of them may make a form outdated.
OPENED_WITH = {"edition", "version", "submission_key", "seen", "review"}


def send_each(
    client: Client, path: str, form: Form, values: Callable[[int, int], dict[str, str]] | None = None
) -> None:
    """Send the form once for each field and value, as the first one after it was opened.

    Each time, the client comes from another address.
    """
    addresses = count(1)
    names = list({**form.fields, **form.buttons})
    for place, name in enumerate(names):
        for what, value in (values(place, len(names)) if values else HOSTILE).items():
            client.defaults["REMOTE_ADDR"] = f"2001:db8:{next(addresses):x}::1"
            status = send_and_undo(client, path, form, {name: value}, f"{path} {form.action} {name}: {what}")
            assert status != 409 or name in OPENED_WITH, f"{path} {form.action} {name}: {what} was not judged"


def send_and_undo(client: Client, path: str, form: Form, changed: dict[str, str], what: str) -> int:
    """Send the form and check the answer. Undo what it changed, so that the next value does not meet a newer version."""
    target = path if form.action.startswith(("", "?")) and not form.action.startswith("/") else form.action
    send = client.post if form.method.lower() == "post" else client.get
    cookies = deepcopy(client.cookies)
    with transaction.atomic():
        answer = send(target.partition("#")[0], form.fields | changed)
        check(answer, what)
        transaction.set_rollback(True)
    client.cookies = cookies
    return answer.status_code


def editions() -> None:
    Edition.publish(FACTS_OF_THE_TESTS.facts, "made up", after=0)


SIGNS_OUT = re.compile("logout|login")


def pages_with_forms(client: Client) -> dict[str, list[Form]]:
    """Return the forms of every desk page. Forms that several pages show, such as the search, are returned once."""
    asked = ConsultationRequest.objects.get()
    found: dict[str, list[Form]] = {}
    seen = set()
    for path in desk_paths(asked.pk):
        answer = client.get(path)
        if answer.status_code == 302 and answer["Location"].startswith(f"{path}?"):  # with the form's key
            answer = client.get(answer["Location"])
        if answer.status_code != 200 or answer.streaming or "html" not in answer["Content-Type"]:
            continue
        for form in _Forms(answer.content.decode()).forms:
            kind = (re.sub(r"/[^/]*\d[^/]*/", "/N/", form.action or path), tuple(form.fields))
            if kind not in seen and not SIGNS_OUT.search(form.action):
                seen.add(kind)
                found.setdefault(path, []).append(form)
    return found


def test_no_value_in_any_form_of_the_desk_breaks_it(manager):
    consultation(full_name="Alex Example")
    editions()
    pages = pages_with_forms(manager)
    assert page_of(ConsultationRequest.objects.get()) in pages
    assert {LIST + "add/", LIST + "export/", DESK + "clinic/", DESK + "auth/user/add/"} <= set(pages)
    for path, forms in pages.items():
        for form in forms:
            send_each(manager, path, form, sample)


@pytest.mark.parametrize("whose", ["a patient", "a clinician"])
def test_no_value_in_the_public_form_breaks_it(client, whose):
    answers = sent_form(**(REFERRAL if whose == "a clinician" else {}))
    answers |= {"needs": "relay", "csrfmiddlewaretoken": "x", "resent": "1"}
    send_each(client, "/consultation/", Form("", "post", answers))
    assert set(ANSWERS) <= set(answers)


def test_no_value_in_the_phone_form_breaks_it(desk):
    answers = sent_form(spoke="on", staff_note="made up", warned_of="")
    send_each(desk, LIST + "add/", Form("", "post", answers))


SIGN_IN = {"username": "dana", "password": "x", "code": "1", "next": "/staff/", "kept": "x", "another": "1"}


def test_no_value_at_the_sign_in_breaks_it(client, dana):
    send_each(client, "/staff/login/", Form("", "post", SIGN_IN))


IN_PATHS = [
    "/{}",
    "/{}/",
    "/consultation/received/{}/",
    "/consultation/change/{}/",
    "/consultation/withdraw/{}/",
    "/pictures/{}",
    "/notices/{}/",
    "/ketamine-infusion-therapy/{}/",
    "/?{}",
    "/consultation/?{}={}",
    "/review/card.pdf?{}",
]
IN_STAFF_PATHS = [
    "/staff/{}/",
    LIST + "{}/change/",
    LIST + "{}/contact/",
    LIST + "{}/erase/",
    LIST + "send-again/{}/",
    LIST + "?queue={}",
    LIST + "?queue=all&from={}",
    LIST + "?queue=ended&to={}",
    LIST + "?p={}",
    LIST + "?q={}",
    LIST + "?{}=1",
    LIST + "month/?month={}",
    LIST + "call-sheet/?queue={}",
    "/staff/?refresh={}",
    "/staff/consultations/accesslogentry/?at__gte={}",
    "/staff/consultations/accesslogentry/?user__id__exact={}",
    "/staff/auth/user/?is_active__exact={}",
    "/staff/auth/user/{}/change/",
    "/staff/clinic/notices/{}/",
    "/staff/clinic/notices/privacy/{}/",
    "/staff/clinic/put-back/{}/",
    "/staff/clinic/reviews/{}/",
    "/staff/clinic/pictures/{}/",
]


@pytest.mark.parametrize("path", IN_PATHS)
def test_no_value_in_a_public_address_breaks_it(client, path):
    for what, value in HOSTILE.items():
        check(client.get(path.replace("{}", quote(value))), what)


@pytest.mark.parametrize("path", IN_STAFF_PATHS)
def test_no_value_in_an_address_of_the_desk_breaks_it(manager, path):
    consultation()
    editions()
    for what, value in HOSTILE.items():
        check(manager.get(path.replace("{}", quote(value))), what)


@pytest.mark.parametrize("path", ["/consultation/", "/staff/", "/staff/login/", "/nowhere/"])
@pytest.mark.parametrize("value", ["x" * 12 + "\0", "x" * 12 + "\x1b", "x" * 12 + "é", "\0"])
def test_an_unreadable_cookie_is_like_none(client, settings, path, value):
    expected = client.get(path).status_code
    for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.KNOWN_BROWSER_COOKIE_NAME):
        client.cookies.clear()
        client.cookies[name] = value
        answer = client.get(path)
        assert (answer.status_code, answer.wsgi_request.COOKIES) == (expected, {})
