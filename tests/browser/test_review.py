"""Tests of the review page and its QR code in a browser."""

import pytest
from playwright.sync_api import Page, expect

from tests.helpers.live_site import FACTS, RunningSite
from tests.helpers.qr_reader import read_qr

REVIEW_URL = FACTS["review_url"]


@pytest.fixture
def page(shared_page: Page) -> Page:
    return shared_page


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_the_qr_code_can_be_read_from_the_screen(page: Page, width, color_scheme):
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=color_scheme)
    page.goto("/review/")
    code = page.get_by_role("img", name="QR code")
    expect(code).to_be_visible()
    assert read_qr(code.screenshot()) == [REVIEW_URL]
    assert read_qr(page.screenshot(full_page=True)) == [REVIEW_URL]


def test_the_svg_code_can_be_read_at_any_size(page: Page):
    for size in (150, 333, 900):
        page.set_viewport_size({"width": size, "height": size})
        page.goto("/review/qr.svg")
        assert read_qr(page.screenshot()) == [REVIEW_URL]


def test_the_home_pages_footer_leads_to_the_review_page_and_to_google(page: Page):
    page.goto("/")
    page.get_by_role("contentinfo").get_by_role("link", name="Review").click()
    expect(page).to_have_url("/review/")
    expect(page.get_by_role("link", name="Write a review on Google")).to_have_attribute("href", REVIEW_URL)


@pytest.fixture(scope="module")
def site_without_link(tmp_path_factory):
    with RunningSite(tmp_path_factory.mktemp("no-link"), facts={}) as running:
        yield running


def test_without_a_review_link_there_is_no_review_page_or_link(page: Page, site_without_link):
    page.goto(site_without_link.url + "/")
    expect(page.get_by_role("contentinfo").get_by_role("link", name="Privacy")).to_be_visible()
    expect(page.get_by_role("link", name="Review")).to_have_count(0)
    statuses = [
        page.goto(f"{site_without_link.url}/review/{name}").status for name in ("", "qr.svg", "qr.png", "card.pdf")
    ]
    assert statuses == [404, 404, 404, 404]
