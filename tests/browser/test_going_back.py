"""Tests that what someone typed survives going back, as browsers do it: with and without the back/forward cache."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.places import unfold


@pytest.fixture(params=["kept in memory", "loaded again"])
def visitor(request, browser_type_launch_args, site, playwright):
    """Yield a page of a browser with or without the back/forward cache, which Playwright turns off by default."""
    on = {"ignore_default_args": ["--disable-back-forward-cache"]} if request.param == "kept in memory" else {}
    browser = playwright.chromium.launch(**browser_type_launch_args, **on)
    yield browser.new_page(base_url=site.url)
    browser.close()


def type_and_send(page: Page, *, lose_cookie: bool = False) -> None:
    page.goto("/consultation/")
    page.get_by_label("Your full name").fill("Zebra Quagga")
    unfold(page)
    page.get_by_label("Anything else we should know to reach you").fill("Okapi by relay")
    if lose_cookie:
        page.context.clear_cookies()
    page.get_by_role("button", name="Send request").click()
    expect(page.locator(".error-summary")).to_be_visible()


@pytest.mark.parametrize("lose_cookie", [False, True], ids=["after an error", "after a lost cookie"])
def test_back_from_a_link_on_a_refused_form_shows_what_was_typed(visitor, lose_cookie):
    type_and_send(visitor, lose_cookie=lose_cookie)
    visitor.get_by_label("Anything else we should know to reach you").fill("Typed after the error")
    visitor.get_by_role("contentinfo").get_by_role("link", name="Privacy").first.click()
    visitor.wait_for_url("**/privacy/")
    visitor.go_back(wait_until="commit")
    expect(visitor.get_by_label("Your full name")).to_have_value("Zebra Quagga")
    expect(visitor.get_by_label("Anything else we should know to reach you")).to_have_value("Typed after the error")


def test_back_from_a_link_on_the_empty_form_shows_the_note(visitor):
    visitor.goto("/consultation/")
    unfold(visitor)
    visitor.get_by_label("Anything else we should know to reach you").fill("Okapi by relay")
    visitor.get_by_role("contentinfo").get_by_role("link", name="Privacy").first.click()
    visitor.wait_for_url("**/privacy/")
    visitor.go_back(wait_until="commit")
    expect(visitor.get_by_label("Anything else we should know to reach you")).to_have_value("Okapi by relay")
