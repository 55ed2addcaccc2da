"""Runs axe-core on every page and state in four display modes."""

import pytest

from tests.browser.axe import doubtful_contrast, violations
from tests.browser.places import PLACES, open_place
from tests.browser.test_look import MEASURE

pytestmark = pytest.mark.looks

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "wcag2aaa", "best-practice"]
MODES = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "forced colors": {"color_scheme": "dark", "forced_colors": "active"},
    "320 px": {"color_scheme": "light", "forced_colors": "none"},
}


@pytest.fixture
def page(shared_page):
    return shared_page


@pytest.mark.parametrize("place", PLACES)
def test_axe_finds_no_violation_in_any_mode(page, place):
    open_place(page, place)
    faults = []
    for mode, media in MODES.items():
        page.emulate_media(**media, reduced_motion="reduce")
        page.set_viewport_size({"width": 320 if mode == "320 px" else 1280, "height": 900})
        faults += [
            f"{mode}: {violation['id']}: {node['html'][:200]}: {node['failureSummary'][:300]}"
            for violation in violations(page, runOnly={"type": "tag", "values": TAGS})
            for node in violation["nodes"]
        ]
    assert faults == []


@pytest.mark.parametrize("place", PLACES)
def test_axe_can_judge_all_contrast_and_finds_it_aaa(page, place):
    open_place(page, place)
    doubtful = {}
    for mode in ("light", "dark"):
        page.emulate_media(**MODES[mode], forced_colors="none", reduced_motion="reduce")
        doubtful[mode] = doubtful_contrast(page) + faint_svg_text(page)
    assert doubtful == {"light": [], "dark": []}


def faint_svg_text(page) -> list[str]:
    """Return the texts in SVGs with a contrast below 7:1. axe-core never judges them."""
    return page.evaluate(f"() => {MEASURE}.faint_svg_text()")


def test_the_contrast_check_notices_faint_text_on_a_gradient(page):
    open_place(page, "/")
    page.locator(".hero .lede").evaluate("lede => { lede.style.color = '#767676'; }")
    assert any("lede" in text for text in doubtful_contrast(page))
