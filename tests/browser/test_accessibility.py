"""Runs axe-core on every page and state in four display modes."""

import pytest

from tests.browser.axe import violations
from tests.browser.places import PLACES, open_place

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
