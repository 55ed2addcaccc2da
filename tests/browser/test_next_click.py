"""The page after this one: fetched when a pointer comes near, and kept for the way back."""

import pytest

pytestmark = pytest.mark.looks

QUESTIONS = "/ketamine-infusion-therapy/questions/"


@pytest.fixture
def quick_page(playwright, browser_type_launch_args, base_url):
    """A page of a browser that keeps pages for the way back, as people's do; Playwright turns that off."""
    browser = playwright.chromium.launch(
        **browser_type_launch_args, ignore_default_args=["--disable-back-forward-cache"]
    )
    yield browser.new_page(base_url=base_url)
    browser.close()


def way_of_arrival(page):
    return page.evaluate("performance.getEntriesByType('navigation')[0].deliveryType")


def test_a_page_is_there_before_its_link_is_clicked(page):
    page.goto("/ketamine-infusion-therapy/safety/")
    link = page.locator(f"main a[href='{QUESTIONS}']").first
    with page.expect_request(lambda request: request.headers.get("sec-purpose") == "prefetch") as fetched:
        link.hover()
    assert fetched.value.url.endswith(QUESTIONS)
    fetched.value.response()
    link.click()
    page.wait_for_url(f"**{QUESTIONS}")
    assert way_of_arrival(page) == "navigational-prefetch"


def test_the_form_is_fetched_only_when_its_link_is_clicked(page):
    """Its clock and its token begin with the first look at it."""
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/")
    with page.expect_request(lambda request: request.headers.get("sec-purpose") == "prefetch"):
        page.locator("a[href='/consultation/']:visible").first.hover()
        page.wait_for_timeout(500)  # as long again as a browser waits before it fetches
        page.locator("main a[href^='/ketamine-infusion-therapy/']:visible").first.hover()
    assert [url for url in asked if "/consultation/" in url] == []
    page.locator("a[href='/consultation/']:visible").first.click()
    page.wait_for_url("**/consultation/")
    assert way_of_arrival(page) == ""


def test_going_back_shows_the_page_that_was_left_without_loading_it(quick_page):
    quick_page.goto("/")
    quick_page.evaluate("window.leftHere = true")
    quick_page.goto("/about/")
    quick_page.go_back(wait_until="commit")
    assert quick_page.evaluate("window.leftHere") is True
