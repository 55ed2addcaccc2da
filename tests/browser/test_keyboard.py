"""Tests of keyboard navigation: Tab reaches every control, and focus is always visible."""

import pytest

from tests.browser.places import PLACES, open_place
from tests.browser.test_look import MEASURE

pytestmark = pytest.mark.looks

LEAST_RING = 3  # minimum contrast of the focus ring, from WCAG 1.4.11


@pytest.fixture
def page(shared_page):
    return shared_page


@pytest.mark.parametrize("place", PLACES)
def test_tab_reaches_every_control_with_a_visible_uncovered_focus_ring(page, place):
    page.emulate_media(reduced_motion="reduce")
    open_place(page, place)
    page.evaluate(f"window.measure = {MEASURE}")
    page.evaluate("document.activeElement.blur()")
    page.evaluate("window.getSelection().empty(), document.body.tabIndex = -1, document.body.focus()")
    controls = page.evaluate("measure.controls()")
    page.evaluate("window.walked = [], document.addEventListener('focusin', event => walked.push(event.target))")
    for _ in controls:
        page.keyboard.press("Tab")
    steps = page.evaluate("[...walked].map(at => (at.focus({ focusVisible: true }), measure.focus()))")
    assert [step["name"] for step in steps] == controls
    assert [step["name"] for step in steps if step["ring"] < LEAST_RING] == []
    assert [step["name"] for step in steps if step["covered"]] == []


def test_the_skip_link_appears_on_focus_and_skips_the_navigation(page):
    page.goto("/ketamine-infusion-therapy/safety/")
    page.keyboard.press("Tab")
    link = page.locator(".skip-link")
    assert link.evaluate("link => link === document.activeElement && link.getBoundingClientRect().top >= 0")
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_the_menu_opens_and_closes_by_key_on_a_narrow_screen(page):
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto("/")
    link = page.get_by_role("navigation", name="Main").get_by_role("link", name="Safety")
    assert not link.is_visible()
    page.get_by_text("Menu", exact=True).focus()
    page.keyboard.press("Enter")
    assert link.is_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Treatment"
    page.get_by_text("Menu", exact=True).focus()
    page.keyboard.press("Space")
    assert not link.is_visible()
