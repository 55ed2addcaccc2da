"""Tests of prefetching a page while the pointer is over its link, and of the back/forward cache."""

import pytest

from pages.articles import ARTICLES

pytestmark = pytest.mark.looks


@pytest.fixture
def quick_page(playwright, browser_type_launch_args, base_url):
    """Yield a page in a browser with the back/forward cache, which Playwright turns off by default."""
    browser = playwright.chromium.launch(
        **browser_type_launch_args, ignore_default_args=["--disable-back-forward-cache"]
    )
    yield browser.new_page(base_url=base_url)
    browser.close()


def delivery_type(page):
    return page.evaluate("performance.getEntriesByType('navigation')[0].deliveryType")


def test_hovering_over_the_next_article_prefetches_it(page):
    first = next(iter(ARTICLES.values()))
    target = first.next.get_absolute_url()
    page.goto(first.get_absolute_url())
    link = page.locator(f".next a[href='{target}']")
    with page.expect_request(lambda request: request.headers.get("sec-purpose") == "prefetch") as fetched:
        link.hover()
    assert fetched.value.url.endswith(target)
    fetched.value.response()
    link.click()
    page.wait_for_url(f"**{target}")
    assert delivery_type(page) == "navigational-prefetch"


def test_the_form_is_never_prefetched(page):
    """Prefetching the form would start the timer of the spam check and set a CSRF cookie."""
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/")
    with page.expect_request(lambda request: request.headers.get("sec-purpose") == "prefetch"):
        page.locator("a[href='/consultation/']:visible").first.hover()
        page.wait_for_timeout(500)  # longer than the browser waits before it prefetches
        page.locator("main a[href^='/ketamine-infusion-therapy/']:visible").first.hover()
    assert [url for url in asked if "/consultation/" in url] == []
    page.locator("a[href='/consultation/']:visible").first.click()
    page.wait_for_url("**/consultation/")
    assert delivery_type(page) == ""


def test_going_back_shows_the_last_page_without_loading_it(quick_page):
    quick_page.goto("/")
    quick_page.evaluate("window.leftHere = true")
    quick_page.goto("/about/")
    quick_page.go_back(wait_until="commit")
    assert quick_page.evaluate("window.leftHere") is True
