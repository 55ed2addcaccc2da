"""Tests of the layout that all staff pages share."""

import re
from collections import Counter
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone

from clinic.facts import cleaned
from clinic.models import Edition
from tests.helpers.desk_pages import desk_paths, header_of
from tests.helpers.factories import consultation
from tests.helpers.request_page import LIST, page_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "path",
    ["/staff/", LIST, "/staff/consultations/accesslogentry/", "/staff/auth/user/add/", "/staff/password_change/"],
)
def test_a_staff_page_loads_only_our_styles_and_no_script(manager, path):
    html = manager.get(path).content.decode()
    styles = re.findall(r'<link rel="stylesheet" href="([^"]+)"', html)
    assert "/static/css/staff.css" in styles
    assert [link for link in styles if not link.startswith("/static/css/")] == []
    assert not re.search(r"<script|<style|style=", html)


def test_the_breadcrumbs_of_a_page_link_to_its_parents(manager):
    asked = consultation()
    html = manager.get(f"{LIST}{asked.pk}/erase/").content.decode()
    trail = html.partition('class="breadcrumbs"')[2].partition("</ol>")[0]
    assert re.findall(r'href="([^"]+)"', trail) == ["/staff/", LIST, page_of(asked)]
    assert re.search(r'aria-current="page">([^<]+)<', trail)[1] == "Erase"


def test_every_page_that_the_desk_has_an_address_for_wears_our_header(manager):
    asked = consultation()
    expected = header_of(manager.get("/staff/").content.decode())
    assert "Sign out" in expected
    wrong, seen = [], 0
    for path in desk_paths(asked.pk, *User.objects.values_list("pk", flat=True)):
        answer = manager.get(path, follow=True)
        if not answer.headers["Content-Type"].startswith("text/html"):
            continue  # a picture or a download
        seen += 1
        if answer.status_code >= 500 or header_of(answer.content.decode()) != expected:
            wrong.append((path, answer.status_code))
    assert wrong == []
    assert seen > 40


@pytest.mark.stored_facts
def test_every_id_on_a_page_of_the_desk_is_its_own(manager):
    facts = {
        "people": [{"name": "Example Ann", "title": "MD", "responsible": True}, {"name": "Example Ben", "title": "RN"}]
    }
    facts |= {"prices": {"as_of": "2026-11-01", "rows": [{"what": "Example visit", "amount": "1"}]}}
    Edition.publish(cleaned(facts), "made up", after=0)
    asked = consultation(email="a@example.com")
    twice = {}
    for path in desk_paths(asked.pk, *User.objects.values_list("pk", flat=True)):
        answer = manager.get(path, follow=True)
        if answer.headers["Content-Type"].startswith("text/html"):
            ids = Counter(re.findall(r'\sid="([^"]+)"', answer.content.decode()))
            twice |= {path: [id_ for id_, count in ids.items() if count > 1]}
    assert {path: ids for path, ids in twice.items() if ids} == {}
    assert len(twice) > 40


def test_what_nobody_uses_of_djangos_admin_has_no_address(manager):
    for path in ("jsi18n/", "autocomplete/", "r/1/1/"):
        assert manager.get(f"/staff/{path}", follow=True).status_code == 404, path


def test_an_error_at_the_desk_is_shown_in_its_frame(desk):
    expected = header_of(desk.get("/staff/").content.decode())
    errors = {
        "/staff/nowhere/": 404,
        f"{LIST}export/": 403,
        f"{LIST}?password=x": 400,
        "/staff/auth/user/9/delete/": 403,
    }
    for path, status in errors.items():
        answer = desk.get(path)
        assert (answer.status_code, header_of(answer.content.decode())) == (status, expected), path


def test_an_error_shows_strangers_nothing_of_the_desk(client):
    for path in ("/staff/nowhere/", "/nowhere/"):
        assert "desk-header" not in client.get(path).content.decode()


def test_the_page_after_signing_out_is_ours(desk):
    page = desk.post("/staff/logout/").content.decode()
    assert "Signed out" in page
    assert '<header class="desk-header">' in page
    assert "Signed in as" not in page
    assert "quality time" not in page


def test_the_desks_stylesheet_stays_small():
    assert len((settings.BASE_DIR / "static/css/staff.css").read_text().splitlines()) <= 750


def test_the_skip_link_of_a_list_leads_to_its_first_request(desk):
    skip = '<a class="skip-link" href="#first-request">Skip to the first request</a>'
    assert skip not in desk.get(LIST).content.decode()
    first, _ = (consultation(due_at=timezone.now() + timedelta(hours=hours)) for hours in (1, 2))
    html = desk.get(LIST).content.decode()
    assert skip in html
    assert re.findall(r'href="([^"]+)" id="first-request"', html) == [f"{page_of(first)}?queue=open"]
