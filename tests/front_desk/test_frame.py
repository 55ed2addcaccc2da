"""Tests of the layout that all staff pages share."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

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


def test_the_desks_stylesheet_stays_small():
    assert len((settings.BASE_DIR / "static/css/staff.css").read_text().splitlines()) <= 750


def test_the_skip_link_of_a_list_leads_to_its_first_request(desk):
    skip = '<a class="skip-link" href="#first-request">Skip to the first request</a>'
    assert skip not in desk.get(LIST).content.decode()
    first, _ = (consultation(due_at=timezone.now() + timedelta(hours=hours)) for hours in (1, 2))
    html = desk.get(LIST).content.decode()
    assert skip in html
    assert re.findall(r'href="([^"]+)" id="first-request"', html) == [f"{page_of(first)}?queue=open"]
