"""Tests of the site in a browser from 2018. To simulate one, the @layer rules that it would ignore are removed."""

import re

import pytest

from tests.browser.places import open_place
from tests.browser.test_look import measure
from tests.pages.test_look import without_layers

pytestmark = pytest.mark.looks

PAGES = (
    "/",
    "/ketamine-infusion-therapy/safety/",
    "/ketamine-infusion-therapy/conditions/depression/",
    "/consultation/",
)


@pytest.fixture(scope="module", params=[360, 1024])
def old_phone(browser, site, request):
    """Yield a browser page that removes @layer rules. It bypasses the CSP, which allows only the original styles."""
    context = browser.new_context(
        base_url=site.url, viewport={"width": request.param, "height": 640}, color_scheme="dark", bypass_csp=True
    )
    page = context.new_page()

    def answer(route):
        response = route.fetch()
        html = re.sub(
            r"(?<=<style>).*?(?=</style>)", lambda css: without_layers(css[0]), response.text(), flags=re.DOTALL
        )
        route.fulfill(response=response, body=html)

    page.route(re.compile(r"/$"), answer)
    yield page
    context.close()


@pytest.mark.parametrize("place", PAGES)
def test_a_page_without_layers_is_readable(old_phone, place):
    open_place(old_phone, place)
    assert "@layer" not in old_phone.content()
    found = measure(old_phone, "wider", "at_the_edge", "long_lines", "text_colors")
    assert found["wider"] == {"scrolls": False, "out": []}
    assert found["at_the_edge"] == []
    assert found["long_lines"] == []
    assert found["text_colors"] == []
    paragraph = old_phone.locator("main p").first
    assert float(paragraph.evaluate("p => parseFloat(getComputedStyle(p).fontSize)")) >= 17
    assert not old_phone.get_by_text("Menu", exact=True).is_visible()
    assert old_phone.get_by_role("navigation", name="Main").get_by_role("link", name="Safety").is_visible()


def test_the_honeypot_stays_hidden_without_layers(old_phone):
    open_place(old_phone, "/consultation/")
    assert old_phone.locator(".off-screen").bounding_box()["width"] <= 1
