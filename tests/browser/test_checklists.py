"""Tests of the boxes to check: they need no script, and nothing that a reader checks is stored or sent."""

import re
from io import BytesIO

import pypdfium2
import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Locator, Page, expect

from tests.browser.places import PATHS

pytestmark = pytest.mark.looks

TREATMENT = "/ketamine-infusion-therapy/"
SAFETY = f"{TREATMENT}safety/"
DEPRESSION = f"{TREATMENT}conditions/depression/"
BOXES = ".boxes input, .write-in input"


def item_about(page: Page, words: str) -> Locator:
    return page.locator(".boxes li", has_text=words).first


def test_every_item_of_every_list_with_boxes_has_one_box_in_a_label(page):
    lists = 0
    for path in PATHS:
        page.goto(path, wait_until="commit")
        page.wait_for_load_state("domcontentloaded")
        parts = page.locator(
            ".boxes > li, .write-in:not(.write-in--line) > li, .boxes tbody tr > :first-child"
        ).evaluate_all("all => all.map(one => one.querySelectorAll(':scope > label > input[type=checkbox]').length)")
        assert set(parts) <= {1}, path
        lists += bool(parts)
        in_lists = page.locator(".boxes, .write-in").evaluate_all(
            "all => all.map(l => l.querySelectorAll('input').length)"
        )
        assert sum(in_lists) == len(parts), path
    assert lists > 10


def test_a_click_on_the_words_or_the_space_bar_checks_a_box(page):
    page.goto(SAFETY)
    item = item_about(page, "You are under 18")
    box = item.get_by_role("checkbox")
    expect(box).not_to_be_checked()
    item.get_by_text("You are under 18").click()
    expect(box).to_be_checked()
    box.click()
    expect(box).not_to_be_checked()
    item_about(page, "You have pre-eclampsia").get_by_role("checkbox").focus()
    page.keyboard.press("Tab")  # to the source of that item
    page.keyboard.press("Tab")
    expect(box).to_be_focused()
    assert box.evaluate("box => getComputedStyle(box).outlineStyle") == "solid"
    page.keyboard.press("Space")
    expect(box).to_be_checked()


def test_a_source_in_an_item_opens_without_checking_the_box(page):
    page.goto(SAFETY)
    item = item_about(page, "You are allergic to ketamine")
    link = item.get_by_role("link")
    target = link.get_attribute("href")
    link.scroll_into_view_if_needed()
    number = link.bounding_box()
    # At its middle: Playwright's own click aims at the hidden word "source" in the link.
    page.mouse.click(number["x"] + number["width"] / 2, number["y"] + number["height"] / 2)
    expect(page).to_have_url(re.compile(f"{target}$"))
    expect(page.locator(target)).to_be_in_viewport()
    expect(item.get_by_role("checkbox")).not_to_be_checked()


def test_nothing_that_is_checked_is_stored_or_sent(page):
    sent = []
    page.goto(SAFETY)
    page.wait_for_load_state("networkidle")
    icons = page.locator("link[rel=icon]").evaluate_all("all => all.map(one => one.href)")
    page.on("request", lambda request: sent.append(request.url))
    boxes = page.locator(BOXES)
    assert boxes.evaluate_all(
        "all => all.every(box => !box.name && !box.id && box.form.autocomplete === 'off' && box.form.method === 'dialog')"
    )
    for box in boxes.all()[:5]:
        box.check()
    boxes.first.press("Enter")
    assert set(sent) <= set(icons)  # which a busy browser asks for late
    expect(boxes.first).to_be_checked()
    assert page.evaluate("[document.cookie, localStorage.length, sessionStorage.length, location.search]") == [
        "",
        0,
        0,
        "",
    ]


@pytest.mark.parametrize("path", [SAFETY, DEPRESSION])
def test_the_boxes_are_empty_after_a_reload_and_when_the_page_is_loaded_again_by_back(page, path):
    # Playwright turns off the back/forward cache, so Back loads the page again, as after a while in Chrome.
    for leave_and_return in (page.reload, lambda: (page.goto("/"), page.go_back())):
        page.goto(path)
        page.locator(BOXES).first.check()
        assert page.locator(f":is({BOXES}):checked").count() == 1
        leave_and_return()
        assert page.locator(BOXES).count() > 3
        assert page.locator(f":is({BOXES}):checked").count() == 0


LOOKS = [
    {"media": "screen", "color_scheme": "light"},
    {"media": "screen", "color_scheme": "dark"},
    {"media": "screen", "color_scheme": "light", "forced_colors": "active"},
    {"media": "print", "color_scheme": "light"},
]


@pytest.mark.parametrize("look", LOOKS, ids=["light", "dark", "forced colors", "paper"])
def test_a_checked_box_differs_from_an_empty_one(page, look):
    page.emulate_media(**look)
    page.goto(SAFETY)
    box = item_about(page, "You are under 18").get_by_role("checkbox")
    empty = picture_of(box)
    box.evaluate("box => { box.checked = true }")
    difference = ImageChops.difference(empty, picture_of(box)).convert("L")
    changed = sum(difference.histogram()[64:])
    assert changed > difference.width * difference.height / 10


@pytest.mark.parametrize("path", [SAFETY, DEPRESSION, f"{TREATMENT}conditions/ptsd/", TREATMENT])
def test_every_printed_box_stands_between_the_edge_of_its_list_and_its_words(page, path):
    page.emulate_media(media="print")
    page.goto(path)
    places = page.locator(".boxes, .write-in").evaluate_all(
        """lists => lists.flatMap(list => [...list.querySelectorAll("input")].map(box => {
             const words = document.createRange();
             words.selectNodeContents(box.parentElement.lastChild);
             const [{ left }] = words.getClientRects(), { left: start, right: end } = box.getBoundingClientRect();
             return [list.getBoundingClientRect().left, start, end, left];
           }))"""
    )
    assert places
    assert [place for place in places if not place[0] - 1 <= place[1] < place[2] <= place[3]] == []


def picture_of(box: Locator) -> Image.Image:
    return Image.open(BytesIO(box.screenshot())).convert("RGB")


def test_the_printed_file_shows_a_check(page):
    page.goto(SAFETY)
    empty = page.pdf(format="Letter")
    for box in page.locator(BOXES).all()[:3]:
        box.check()
    checked = page.pdf(format="Letter")
    assert len(re.findall(rb"/Type\s*/Page\b", checked)) == len(re.findall(rb"/Type\s*/Page\b", empty))
    assert drawn(checked) != drawn(empty)


def drawn(pdf: bytes) -> list[bytes]:
    return [sheet.render(scale=1).to_pil().tobytes() for sheet in pypdfium2.PdfDocument(pdf)]


@pytest.mark.parametrize("path", [SAFETY, DEPRESSION, "/cost/"])
@pytest.mark.parametrize("width", [320, 1280])
def test_a_box_to_check_is_at_least_24_pixels_wide_and_high(page, path, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(path)
    sizes = page.locator(BOXES).evaluate_all(
        "all => all.filter(box => box.checkVisibility()).map(box => box.getBoundingClientRect()).map(r => [r.width, r.height])"
    )
    assert len(sizes) > 3
    assert min(min(size) for size in sizes) >= 24


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_no_a_usual_no_and_what_we_talk_over_differ_by_the_edge_of_their_list(page, scheme):
    page.emulate_media(color_scheme=scheme)
    page.goto(SAFETY)
    edges = {}
    for words in ("You are under 18", "You have schizophrenia", "You have dementia"):
        edges[words] = page.locator(".boxes", has_text=words).evaluate(
            "list => [getComputedStyle(list).borderInlineStartWidth, getComputedStyle(list).borderInlineStartColor]"
        )
    assert edges["You have dementia"][0] == "0px"
    assert edges["You are under 18"][0] == edges["You have schizophrenia"][0] != "0px"
    assert edges["You are under 18"][1] != edges["You have schizophrenia"][1]


@pytest.mark.parametrize("path", [SAFETY, DEPRESSION, "/cost/"])
def test_every_list_to_check_is_a_card_of_its_own(page, path):
    page.goto(path)
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    grounds = page.locator(":is(ul.boxes, ol.boxes, .write-in:not(.write-in--line)):visible").evaluate_all(
        "all => all.map(list => getComputedStyle(list).backgroundColor)"
    )
    assert grounds
    assert len(set(grounds)) == 1
    assert set(grounds).isdisjoint({ground, "rgba(0, 0, 0, 0)"})
