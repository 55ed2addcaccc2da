"""Tests that pages use only the test font, so that a machine's fonts don't change any measurement."""

import sys

import pytest

from tests.browser.face import NAME

pytestmark = pytest.mark.looks


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux finds its fonts through fontconfig")
def test_every_character_is_drawn_in_the_test_font(page):
    page.goto("/")
    page.evaluate("document.querySelector('main').append('ä – × ≥ → ☎ Ж א')")
    tools = page.context.new_cdp_session(page)
    tools.send("DOM.enable")
    tools.send("CSS.enable")
    root = tools.send("DOM.getDocument")["root"]["nodeId"]
    faces = set()
    for selector in ("main", "h1", "header a", "footer p"):
        node = tools.send("DOM.querySelector", {"nodeId": root, "selector": selector})["nodeId"]
        faces |= {font["familyName"] for font in tools.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]}
    assert faces == {NAME}
