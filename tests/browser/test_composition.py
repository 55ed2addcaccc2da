"""Tests of how the parts of a page fit together at the widths where they once did not."""

import re
from collections import Counter
from io import BytesIO
from itertools import combinations, groupby, pairwise

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from pages.articles import ARTICLES
from tests.browser.places import receipt
from tests.browser.test_look import measure

pytestmark = pytest.mark.looks

TREATMENT = "/ketamine-infusion-therapy/"
DEPRESSION = f"{TREATMENT}conditions/depression/"


@pytest.fixture
def page(shared_page):
    shared_page.emulate_media(reduced_motion="reduce")
    return shared_page


def opened(page: Page, path: str, width: int, height: int = 900) -> Page:
    page.set_viewport_size({"width": width, "height": height})
    page.goto(path)
    return page


def box(element: Locator) -> dict[str, float]:
    return element.bounding_box()


def middle(element: Locator) -> float:
    return box(element)["y"] + box(element)["height"] / 2


def pixels(page: Page, x: float, y: float, width: float, height: float) -> Image.Image:
    clip = {"x": x, "y": y, "width": width, "height": height}
    return Image.open(BytesIO(page.screenshot(clip=clip, full_page=True))).convert("RGB")


def colors(image: Image.Image) -> set[tuple[int, int, int]]:
    return {color for _, color in image.getcolors(image.width * image.height)}


@pytest.mark.parametrize("width", [992, 1024, 1060, 1096, 1151, 1152, 1280, 1366])
def test_the_header_is_one_row_at_every_width_of_a_tablet_or_laptop(page, width):
    opened(page, "/about/", width)
    header = page.locator(".site-header")
    shown = [header.locator(".site-header__name"), header.locator(".site-header__call")]
    menu = header.locator(".menu summary")
    shown += [menu] if menu.is_visible() else header.locator("nav li a").all()
    shown.append(header.locator(".button"))
    assert len(shown) > 3
    assert {round(middle(part) - middle(shown[0])) for part in shown} <= {-1, 0, 1}
    assert box(header)["height"] < 90


def test_the_header_shows_its_pages_without_a_menu_from_1120_pixels(page):
    opened(page, "/about/", 1120)
    expect(page.locator(".site-header .menu summary")).to_be_hidden()
    links = page.locator(".site-header :is(nav li a, .button)")
    assert all(link.is_visible() for link in links.all())
    ends = links.evaluate_all("all => all.map(a => a.getBoundingClientRect()).map(box => [box.left, box.right])")
    assert all(after[0] - before[1] >= 17 for before, after in pairwise(ends))


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_the_first_screen_of_home_has_one_button_to_ask_and_one_to_call(page, width):
    opened(page, "/", width, 900)
    for name in ("Request a consultation", "Call (618) 555-0100"):
        links = page.locator(":is(.site-header, .hero) a").filter(has_text=name.split(" (")[0])
        assert [link.inner_text() for link in links.all() if link.is_visible()] == [name]


@pytest.mark.parametrize("width", [320, 390, 672, 768, 1024])
def test_the_header_shows_its_button_beside_the_menu_except_on_a_phone(page, width):
    opened(page, "/about/", width)
    button = page.locator(".site-header .button")
    expect(button).to_be_visible(visible=width > 640)
    page.locator(".site-header .menu summary").click()
    expect(button).to_be_visible()
    assert width < 640 or box(button)["y"] < box(page.locator(".site-header nav"))["y"]


def test_the_menu_of_a_phone_links_to_the_pages_for_others_and_shows_hours(page):
    opened(page, "/", 390)
    page.locator(".site-header .menu summary").click()
    menu = page.locator(".site-header nav")
    for name in ("For family and friends", "For clinicians"):
        assert box(menu.get_by_role("link", name=name))["height"] >= 24
    expect(menu.get_by_text("We’re open Monday to Friday, 9 am to 5 pm")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 1536, 1920])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_line_shows_where_the_hero_meets_the_ground(page, width, scheme):
    page.emulate_media(color_scheme=scheme)
    opened(page, "/", width)
    edge = box(page.locator(".ground"))["y"]
    assert len(colors(pixels(page, 0, int(edge) - 4, width, 8))) == 1


@pytest.mark.parametrize("width", [390, 1280, 1920, 2560])
def test_the_hills_of_the_footer_are_not_cut_off_on_top(page, width):
    opened(page, "/about/", width)
    hills = box(page.locator(".landscape--footer"))
    assert len(colors(pixels(page, 0, int(hills["y"]) + 1, width, 2))) == 1
    assert len(colors(pixels(page, 0, int(hills["y"]), width, int(hills["height"])))) > 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 768, 992, 1024, 1088, 1152, 1280, 1366, 1920])
def test_no_hill_bird_or_star_is_behind_the_text_of_the_hero(page, width, scheme):
    page.emulate_media(color_scheme=scheme)
    opened(page, "/", width)
    assert measure(page, "over_drawings")["over_drawings"] == []


@pytest.mark.parametrize("width", [320, 360, 390, 430, 768, 1024])
def test_the_house_the_bluff_and_the_sun_are_whole_at_every_width(page, width):
    opened(page, "/", width)
    for part in ('[fill="var(--window)"]', '[fill="var(--rock)"]', ".landscape__sun :last-child"):
        shape = box(page.locator(f".landscape--home {part}"))
        assert shape["x"] >= 0
        assert shape["x"] + shape["width"] <= width


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1280, 800), (1366, 657), (1920, 1080)])
def test_the_house_with_the_lit_window_is_above_the_fold(page, width, height):
    opened(page, "/", width, height)
    page.locator(".announcement").evaluate("announcement => announcement.remove()")
    house = box(page.locator('.landscape--home [fill="var(--window)"]'))
    assert house["y"] + house["height"] <= height


@pytest.mark.parametrize("width", [320, 959, 960, 1024, 1280, 1920])
def test_no_name_of_a_use_breaks_inside_a_word_on_home(page, width):
    opened(page, "/", width)
    names = page.locator(".ladder th a")
    expect(names).to_have_count(4)
    lines = "names => names.map(name => [name.textContent.split(' ').length, name.getClientRects().length])"
    assert all(lines <= words for words, lines in names.evaluate_all(lines))


@pytest.mark.parametrize("width", [320, 360, 390, 412, 430])
def test_off_label_does_not_break_across_lines_on_the_home_page(page, width):
    opened(page, "/", width)
    lines = page.get_by_role("link", name="off-label").evaluate_all("all => all.map(a => a.getClientRects().length)")
    assert set(lines) == {1}


@pytest.mark.parametrize("height", [657, 800])
@pytest.mark.parametrize("path", [DEPRESSION, f"{TREATMENT}safety/"])
def test_a_call_and_a_request_stay_in_view_beside_a_long_article(page, path, height):
    opened(page, path, 1366, height)
    page.evaluate("scrollTo({top: 3000, behavior: 'instant'})")
    for name in ("Request a consultation", "Call (618) 555-0100"):
        expect(page.locator(".contents").get_by_role("link", name=name)).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("path", [DEPRESSION, f"{TREATMENT}safety/", f"{TREATMENT}after-your-infusion/"])
@pytest.mark.parametrize(("width", "shown"), [(390, True), (1280, False)])
def test_a_phone_offers_the_form_at_the_end_of_a_summary_but_never_on_a_handout(page, path, width, shown):
    opened(page, path, width)
    links = page.locator(".in-short:not(.next)").get_by_role("link", name="Request a consultation")
    assert links.count() == (shown and "after" not in path)
    if links.count():
        link, off_label = box(links), box(page.locator(".in-short + .callout"))
        assert link["height"] >= 44
        assert 0 < off_label["y"] - link["y"] - link["height"] < 60


@pytest.mark.parametrize("width", [1280, 1536, 1920])
def test_the_margin_of_an_article_has_one_left_and_one_right_edge(page, width):
    opened(page, DEPRESSION, width)
    margin = [box(page.locator(part).first) for part in (".article > .drawing", ".keys", ".article__text > p .note")]
    assert len({round(part["x"]) for part in margin}) == 1
    across = [box(page.locator(part).first) for part in (".plot", ".sources ol", ".site-header .button")]
    assert len({round(part["x"] + part["width"]) for part in margin + across}) == 1
    assert margin[0]["y"] + margin[0]["height"] + 8 <= margin[1]["y"]


@pytest.mark.parametrize("path", [DEPRESSION, TREATMENT, f"{TREATMENT}safety/", f"{TREATMENT}your-visit/"])
def test_the_contents_of_a_long_article_stay_beside_its_text(page, path):
    opened(page, path, 1280, 800)
    for part in (0.3, 0.8):
        page.evaluate("part => scrollTo(0, document.body.scrollHeight * part)", part)
        contents = box(page.locator("nav.contents"))
        assert contents["y"] >= 0
        assert contents["y"] + contents["height"] <= 800


@pytest.mark.parametrize("path", [TREATMENT, f"{TREATMENT}safety/", DEPRESSION])
def test_the_contents_of_an_article_fit_on_the_screen_of_a_laptop(page, path):
    opened(page, path, 1280, 800)
    contents = page.locator(".article__columns .menu + nav")
    assert contents.evaluate("nav => nav.scrollHeight - nav.clientHeight") <= 0


@pytest.mark.parametrize("path", [DEPRESSION, TREATMENT, f"{TREATMENT}safety/", f"{TREATMENT}your-visit/"])
@pytest.mark.parametrize("width", [1100, 1280, 1920])
def test_no_note_in_the_margin_covers_another_or_the_key_figure(page, path, width):
    opened(page, path, width)
    notes = page.locator(".keys, .note").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect()).filter(one => one.height).map(one => [one.top, one.bottom])"
    )
    assert len(notes) > 10
    assert [(one, other) for one, other in pairwise(sorted(notes)) if other[0] < one[1]] == []


def test_the_margin_names_the_sources_of_a_summary_without_a_key_figure(page):
    opened(page, f"{TREATMENT}safety/", 1280)
    assert page.locator(".in-short .note").first.is_visible()
    opened(page, DEPRESSION, 1280)
    assert not page.locator(".in-short .note").first.is_visible()


def test_a_list_to_check_has_two_columns_over_text_and_margin(page):
    opened(page, f"{TREATMENT}safety/", 1280)
    table = box(page.locator(".plot").first)
    for name in ("boxes", "write-in"):
        checks = page.locator(f".article__text > .{name}").first
        assert round(box(checks)["width"]) == round(table["width"])
        items = [box(item) for item in checks.locator("li").all()]
        assert len({round(item["x"]) for item in items}) == 2
        for left, right in zip(items[::2], items[1::2], strict=False):
            assert left["y"] == right["y"]


def test_the_cards_of_an_article_are_in_pairs_over_text_and_margin(page):
    opened(page, TREATMENT, 1280)
    cards = [box(card) for card in page.locator(".article__text .card").all()]
    assert [len([card for card in cards if card["y"] == y]) for y in {card["y"] for card in cards}] == [2, 2]
    assert round(cards[1]["x"] + cards[1]["width"]) == round(
        sum(box(page.locator(".plot").first)[k] for k in ("x", "width"))
    )


@pytest.mark.parametrize("path", [f"{TREATMENT}benefits-and-limits/", DEPRESSION])
@pytest.mark.parametrize("width", [768, 912, 1000])
def test_a_tablet_shows_the_drawing_of_an_article_beside_its_heading(page, path, width):
    opened(page, path, width)
    drawing = box(page.locator(".article > .drawing"))
    heading, dates = box(page.locator("h1")), box(page.locator(".article-dates").first)
    assert drawing["x"] >= heading["x"] + heading["width"]
    assert drawing["x"] + drawing["width"] <= width
    assert dates["x"] + dates["width"] <= drawing["x"]
    assert drawing["y"] + drawing["height"] <= box(page.locator(".article__columns"))["y"]


@pytest.mark.parametrize("slug", ARTICLES)
@pytest.mark.parametrize("width", [390, 430])
def test_a_phone_shows_the_drawing_of_an_article_between_its_breadcrumbs_and_dates(page, slug, width):
    opened(page, ARTICLES[slug].get_absolute_url(), width)
    drawing, heading = box(page.locator(".article > .drawing")), box(page.locator("h1"))
    crumbs, dates = box(page.locator(".breadcrumbs li").last), box(page.locator(".article-dates").first)
    assert crumbs["y"] + crumbs["height"] <= drawing["y"]
    assert drawing["y"] + drawing["height"] <= dates["y"] + 1
    assert heading["x"] + heading["width"] <= drawing["x"]


@pytest.mark.parametrize("width", [768, 992])
def test_the_text_of_a_page_is_in_the_middle_of_a_tablet(page, width):
    opened(page, "/about/", width)
    text = box(page.locator(".lede, .in-short").first)
    left, right = text["x"], width - text["x"] - text["width"]
    assert abs(left - right) <= 48
    assert round(box(page.locator("h1"))["x"]) <= round(left)


def test_an_article_fills_a_tablet_from_where_its_header_begins(page):
    opened(page, DEPRESSION, 768)
    header, summary = box(page.locator(".site-header .mark")), box(page.locator(".in-short").first)
    assert abs(summary["x"] - header["x"]) <= 1
    assert summary["width"] >= 0.85 * (768 - 2 * header["x"])


@pytest.mark.parametrize("path", [f"{TREATMENT}{page}" for page in ("safety/", "your-visit/", "after-your-infusion/")])
def test_the_box_for_calling_the_clinic_is_like_those_of_911_and_988(page, path):
    opened(page, path, 1280)
    boxes = page.locator(".callout--urgent:has(+ .callout--urgent), .callout--urgent + .callout")
    expect(boxes).to_have_count(3)
    looks = boxes.evaluate_all(
        """all => all.map(box => {
             const style = getComputedStyle(box);
             return [style.borderWidth, style.borderRadius, style.padding, style.backgroundColor, box.clientWidth];
           })"""
    )
    assert looks[0] == looks[1] == looks[2]
    colors_of_boxes = boxes.evaluate_all("all => all.map(box => getComputedStyle(box).borderTopColor)")
    assert colors_of_boxes[0] == colors_of_boxes[1] != colors_of_boxes[2]
    word = boxes.nth(2).locator(".callout__word")
    red, green, _ = re.findall(r"[0-9]+", word.evaluate("word => getComputedStyle(word).color"))
    names_its_color = "after-your-infusion" in path
    assert (int(green) > int(red)) != names_its_color


@pytest.mark.parametrize("path", [f"{TREATMENT}{page}" for page in ("safety/", "your-visit/", "after-your-infusion/")])
@pytest.mark.parametrize(("width", "columns"), [(390, 1), (768, 1), (1280, 2)])
def test_the_signs_of_an_emergency_and_those_for_the_clinic_fill_their_boxes(page, path, width, columns):
    opened(page, path, width)
    signs = [box(item) for item in page.locator(".callout--urgent > ul:not(.rows) > li").all()]
    assert len(signs) == 5
    assert len({item["x"] for item in signs}) == columns
    ends = [max(item["y"] + item["height"] for item in signs if item["x"] == x) for x in {item["x"] for item in signs}]
    assert max(ends) - min(ends) <= 62
    for rows in page.locator(".callout--caution > ul").all():
        items = [box(item) for item in rows.locator("> li").all()]
        assert len(items) == 4
        assert len({item["x"] for item in items}) == columns
        ends = [
            max(item["y"] + item["height"] for item in items if item["x"] == x) for x in {item["x"] for item in items}
        ]
        assert max(ends) - min(ends) <= 31


@pytest.mark.parametrize("path", [DEPRESSION, f"{TREATMENT}safety/", f"{TREATMENT}after-your-infusion/"])
@pytest.mark.parametrize("width", [390, 1280])
def test_a_box_for_calling_has_its_button_over_its_text(page, path, width):
    opened(page, path, width)
    boxes = page.locator(".callout:has(> :first-child > .button)").all()
    assert boxes
    for one in boxes:
        button, text = box(one.locator("> :first-child")), box(one.locator("> :nth-child(2)"))
        assert text["y"] >= button["y"] + button["height"]
        assert text["x"] == button["x"]


@pytest.mark.parametrize("slug", ["ptsd", "anxiety", "chronic-pain", "depression"])
@pytest.mark.parametrize("width", [320, 390, 600, 768, 912, 1280])
def test_key_figures_are_equal_cells_and_a_finding_without_numbers_has_their_rank(page, slug, width):
    opened(page, ARTICLES[slug].get_absolute_url(), width)
    cells = [box(cell) for cell in page.locator(".key").all()]
    assert len({round(cell["width"]) for cell in cells}) == 1
    assert len({round(cell["x"]) for cell in cells}) in (1, len(cells))
    findings = page.locator(".key > p:first-child > b")
    assert findings.count() == len(cells) - 1
    looks = "all => all.map(one => [getComputedStyle(one).font, getComputedStyle(one).color].join())"
    assert len(set(findings.evaluate_all(looks))) == 1
    assert page.locator(".key__numbers > b").count() == 0


@pytest.mark.parametrize("width", [390, 1280])
def test_the_box_for_an_emergency_begins_with_a_button_that_calls(page, width):
    opened(page, f"{TREATMENT}safety/", width)
    for number in ("911", "988"):
        button = page.locator(f".callout--urgent > :first-child > .button[href='tel:{number}']")
        expect(button).to_have_count(1)
        assert box(button)["height"] >= 44
        assert float(button.evaluate("one => parseFloat(getComputedStyle(one).fontSize)")) >= 19


def test_an_article_offers_a_talk_between_its_text_and_its_sources(page):
    for path in (DEPRESSION, f"{TREATMENT}safety/", f"{TREATMENT}how-it-works/"):
        opened(page, path, 1280)
        offer = page.locator(".next")
        links = offer.locator("a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
        assert links[:2] == ["/consultation/", "tel:+16185550100"]
        last_words = box(page.locator(".article__text > :has(+ .next)"))
        assert last_words["y"] + last_words["height"] <= box(offer)["y"] <= box(page.locator(".sources"))["y"]


def test_a_phone_cuts_a_long_list_of_sources_short_until_one_is_asked_for(page):
    opened(page, DEPRESSION, 390)
    sources, every = page.locator(".sources ol"), page.get_by_role("link", name="Show all")
    last = sources.locator("li").last
    expect(every).to_have_text(f"Show all {sources.locator('li').count()} sources")
    assert box(sources)["height"] < 844
    expect(last).to_be_hidden()
    every.click()
    expect(every).to_be_hidden()
    assert box(last)["y"] + box(last)["height"] <= box(sources)["y"] + box(sources)["height"] + 1
    page.go_back()
    expect(every).to_be_visible()
    page.locator("#cite-17-1").press("Enter")
    expect(sources.locator("#source-17")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("path", [f"{TREATMENT}conditions/", "/cost/"])
def test_a_wide_screen_and_a_page_outside_the_articles_show_every_source(page, path):
    opened(page, path, 1280 if path.startswith(TREATMENT) else 390)
    expect(page.locator(".sources__all").locator("visible=true")).to_have_count(0)
    last = box(page.locator(".sources li").last)
    sources = box(page.locator(".sources ol"))
    assert last["y"] + last["height"] <= sources["y"] + sources["height"] + 1


def test_the_main_buttons_are_above_the_fold_of_a_small_laptop(page):
    opened(page, "/", 1366, 657)
    buttons = page.locator(".hero .button")
    expect(buttons).to_have_count(2)
    assert max(box(button)["y"] + box(button)["height"] for button in buttons.all()) <= 657


def test_the_hero_has_room_between_its_parts_on_a_small_laptop(page):
    opened(page, "/", 1366, 657)
    where, lede = page.locator(".hero__where"), box(page.locator(".hero .lede"))
    assert where.evaluate("one => parseFloat(getComputedStyle(one).paddingTop)") >= 20
    assert box(page.locator(".hero .button").first)["y"] - (lede["y"] + lede["height"]) >= 24


def above_the_hills(page: Page) -> float:
    """Return how many pixels are between the last line of the hero and the hills below it."""
    line = page.locator(".hero__met > p").last.evaluate(
        """paragraph => {
          const text = document.createRange();
          text.selectNodeContents(paragraph);
          return text.getBoundingClientRect().toJSON();
        }"""
    )
    top = page.locator('.landscape--home [fill="var(--hill-far)"]').evaluate(
        """(hill, [left, right]) => {
          const points = [...Array(500).keys()].map((i) => hill.getPointAtLength((i / 500) * hill.getTotalLength()));
          const onScreen = points.map((point) => point.matrixTransform(hill.getScreenCTM()));
          return Math.min(...onScreen.filter(({ x }) => x >= left && x <= right).map(({ y }) => y));
        }""",
        [line["x"], line["x"] + line["width"]],
    )
    return top - (line["y"] + line["height"])


@pytest.mark.parametrize(("width", "height"), [(1024, 768), (1152, 800), (1280, 800), (1366, 657), (1920, 1080)])
def test_the_last_line_of_the_hero_is_24_pixels_above_the_hills(page, width, height):
    opened(page, "/", width, height)
    assert above_the_hills(page) >= 24


def set_longest_person(page: Page) -> None:
    """Give the person in the hero a name of 60 characters and a role of 80."""
    page.locator(".hero__who > p:has(strong)").evaluate(
        """(card, [name, role]) => {
          card.querySelector("strong").textContent = `${name}, MD`;
          card.querySelector("br").nextSibling.data = role;
        }""",
        [("Example Nameword " * 4)[:60], ("Example words " * 6)[:80]],
    )


def bottom(element: Locator) -> float:
    return box(element)["y"] + box(element)["height"]


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1280, 800), (1366, 657)])
def test_the_longest_person_stays_above_the_fold_with_the_buttons(page, width, height):
    opened(page, "/", width, height)
    page.locator(".announcement").evaluate("announcement => announcement.remove()")
    set_longest_person(page)
    expect(page.locator(".hero__met img")).to_be_in_viewport(ratio=1)
    for part in (*page.locator(".hero .button").all(), page.locator(".hero__met")):
        assert bottom(part) <= height
    assert above_the_hills(page) >= 24
    assert measure(page, "over_drawings")["over_drawings"] == []


@pytest.mark.parametrize("size", [(320, 800), (390, 800), (768, 800)])
def test_the_portrait_of_the_hero_is_a_circle_beside_its_text_whatever_its_length(page, size):
    opened(page, "/", *size)
    for prepare in (lambda page: None, set_longest_person):
        prepare(page)
        portrait, text = box(page.locator(".hero__met img")), box(page.locator(".hero__who > p:has(strong)"))
        assert portrait["width"] == portrait["height"] == 72
        assert page.locator(".hero__met img").evaluate("one => getComputedStyle(one).borderRadius") == "50%"
        assert portrait["x"] == box(page.locator(".hero h1"))["x"]
        assert 8 <= text["x"] - (portrait["x"] + portrait["width"]) <= 20
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


@pytest.mark.parametrize(
    "size",
    [
        (1152, 800),
        (1280, 700),
        (1280, 800),
        (1366, 657),
        (1366, 768),
        (1440, 900),
        (1536, 864),
        (1920, 1080),
        (2560, 1440),
    ],
)
def test_a_wide_screen_has_the_portrait_large_beside_the_headline_with_the_name_below(page, size):
    opened(page, "/", *size)
    page.locator(".announcement").evaluate("announcement => announcement.remove()")
    portrait, name = box(page.locator(".hero__met img")), box(page.locator(".hero__who > p:has(strong)"))
    headline, buttons, table = page.locator(".hero h1"), page.locator(".hero .button"), box(page.locator(".ladder"))
    end_of_words = headline.evaluate(
        """headline => {
          const words = document.createRange();
          words.selectNodeContents(headline);
          return words.getBoundingClientRect().right;
        }"""
    )
    assert portrait["width"] >= 180
    assert portrait["height"] >= 0.85 * portrait["width"]
    assert portrait["x"] - end_of_words >= 24
    assert portrait["x"] + portrait["width"] == pytest.approx(table["x"] + table["width"], abs=1)
    assert portrait["y"] <= box(headline)["y"] <= portrait["y"] + portrait["height"]
    assert 0 <= name["y"] - (portrait["y"] + portrait["height"]) <= 16
    assert name["x"] == portrait["x"]
    assert name["y"] + name["height"] <= bottom(buttons.last) + 24
    assert measure(page, "over_drawings")["over_drawings"] == []


@pytest.mark.parametrize("width", [390, 1280])
def test_without_a_photograph_the_card_of_the_hero_begins_where_its_text_does(page, width):
    opened(page, "/", width)
    page.locator(".hero__who > p:has(picture)").evaluate("one => one.remove()")
    for line in page.locator(".hero__met p").all():
        assert box(line)["x"] == box(page.locator(".hero h1"))["x"]
    gap = box(page.locator(".hero__met"))["y"] - bottom(page.locator(".hero .button").last)
    assert gap <= 24


@pytest.mark.parametrize("width", [390, 1280])
def test_the_photograph_of_the_door_fills_its_column_on_home(page, width):
    opened(page, "/", width)
    door = page.locator("main .beside picture img")
    door.scroll_into_view_if_needed()
    column = box(page.locator("section[aria-labelledby=where]"))
    assert box(door)["width"] == pytest.approx(column["width"], abs=1)
    assert box(door)["width"] <= 576
    assert box(door)["height"] == pytest.approx(box(door)["width"] * 2 / 3, abs=1)
    assert 16 <= column["y"] - bottom(door) <= 64


@pytest.mark.parametrize("path", ["/", "/consultation/", DEPRESSION])
def test_the_lines_of_a_pages_title_are_close_together(page, path):
    opened(page, path, 1280)
    line, size = page.locator("h1").evaluate(
        "h1 => [getComputedStyle(h1).lineHeight, getComputedStyle(h1).fontSize].map(parseFloat)"
    )
    assert line / size <= 1.12


@pytest.mark.parametrize("path", ["/", f"{TREATMENT}safety/", f"{TREATMENT}your-visit/"])
def test_neither_side_of_do_and_dont_is_half_empty(page, path):
    opened(page, path, 1280)
    for side in page.locator(".do-dont > *").all():
        items = [box(item) for item in side.locator("li").all()]
        filled = max(item["y"] + item["height"] for item in items) - box(side)["y"]
        assert filled >= box(side)["height"] - 32
        assert len({round(item["x"]) for item in items}) == 2


def test_the_error_summary_is_over_the_form_and_beside_the_picture(page):
    opened(page, "/consultation/", 1280)
    page.get_by_role("button", name="Send request").click()
    expect(page.locator(".error-summary")).to_be_focused()
    summary, picture = box(page.locator(".error-summary")), box(page.locator("main .drawing"))
    card = box(page.locator(".step").first)
    assert (summary["x"], summary["width"]) == (card["x"], card["width"])
    assert summary["y"] == pytest.approx(picture["y"], abs=1)
    frame = page.locator(".error-summary").evaluate(
        "one => [getComputedStyle(one).outlineColor, getComputedStyle(one).borderTopColor]"
    )
    assert frame[0] == frame[1]


@pytest.mark.parametrize("width", [390, 1280])
def test_the_cards_of_the_form_and_the_crisis_block_have_even_gaps(page, width):
    opened(page, "/consultation/", width)
    cards = [box(card) for card in page.locator(".step").all()]
    assert {round(after["y"] - before["y"] - before["height"]) for before, after in pairwise(cards)} == {24}
    lede, block = box(page.locator(".lede")), box(page.locator(".callout--urgent"))
    assert round(block["y"] - lede["y"] - lede["height"]) == 20
    assert round(cards[0]["y"] - block["y"] - block["height"]) == 24


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_half_of_the_bluff_is_above_a_laptops_fold_and_below_the_text(page, scheme):
    page.emulate_media(color_scheme=scheme)
    opened(page, "/", 1366, 657)
    bluff = box(page.locator('.landscape--home [fill="var(--rock)"]'))
    assert bluff["y"] + bluff["height"] / 2 <= 657
    assert measure(page, "over_drawings")["over_drawings"] == []


def test_the_main_buttons_are_as_wide_as_the_text_on_a_phone(page):
    opened(page, "/", 390)
    widths = {box(button)["width"] for button in page.locator(".hero .button").all()}
    assert widths == {box(page.locator(".hero h1"))["width"]}


@pytest.mark.parametrize(("scheme", "shown"), [("light", "sun"), ("dark", "moon")])
def test_the_sun_is_over_the_hills_by_day_and_the_moon_by_night(page, scheme, shown):
    page.emulate_media(color_scheme=scheme)
    opened(page, "/", 1280)
    for name in ("sun", "moon"):
        expect(page.locator(f".landscape__{name}").first).to_be_visible(visible=name == shown)


def test_the_scene_ends_in_the_pages_color_in_forced_colors(page):
    page.emulate_media(forced_colors="active")
    opened(page, "/", 1280)
    edge = box(page.locator(".ground"))["y"]
    assert len(colors(pixels(page, 0, int(edge) - 4, 1280, 8))) == 1


def test_the_home_page_prints_dark_on_white_with_its_facts_in_one_row(page):
    opened(page, "/", 695)
    page.emulate_media(media="print")
    facts = page.locator(".facts > div")
    expect(facts).to_have_count(4)
    assert len({box(fact)["y"] for fact in facts.all()}) == 1
    for part in (".hero", ".ground"):
        assert page.locator(part).evaluate("part => getComputedStyle(part).background").startswith("rgba(0, 0, 0, 0)")
    expect(page.locator(".ground")).to_have_css("color", "rgb(0, 0, 0)")
    assert box(page.locator(".sure svg"))["width"] < 250


@pytest.mark.parametrize("width", [390, 1280])
def test_the_crisis_block_is_as_wide_as_the_cards_of_the_form(page, width):
    opened(page, "/consultation/", width)
    block, card = box(page.locator(".callout--urgent")), box(page.locator(".step").first)
    assert (block["x"], block["width"]) == (card["x"], card["width"])


@pytest.mark.parametrize("width", [390, 1280])
def test_what_happens_next_is_shown_once_and_a_phone_shows_it_before_send(page, width):
    opened(page, "/consultation/", width)
    heading = page.get_by_text("What happens next", exact=True).locator("visible=true")
    expect(heading).to_have_count(1)
    send = page.get_by_role("button", name="Send request")
    assert box(heading)["y"] < box(send)["y"]
    for guidance in ("right to a good faith estimate", "We read requests during office hours only"):
        assert box(page.get_by_text(guidance))["y"] < box(send)["y"]


def test_the_confirmation_has_a_question_of_its_own(page):
    opened(page, "/consultation/", 390)
    group = page.get_by_role("group", name="Would you like a confirmation? (optional)")
    expect(group.get_by_role("checkbox")).to_have_count(1)
    contact = page.get_by_role("group", name="How should we contact you?")
    assert box(group)["y"] - (box(contact)["y"] + box(contact)["height"]) >= 24


def test_what_happens_next_stays_beside_a_long_form(page):
    opened(page, "/consultation/", 1280)
    page.get_by_role("button", name="Send request").scroll_into_view_if_needed()
    expect(page.locator(".next-wide")).to_be_in_viewport(ratio=0.5)


def test_the_drawing_of_the_receipt_is_as_wide_as_a_phones_text(page):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(receipt(page))
    drawing, heading = box(page.locator(".receipt .drawing")), box(page.locator("h1"))
    assert (drawing["x"], drawing["width"]) == (heading["x"], heading["width"])


@pytest.mark.parametrize("width", [1280, 1440, 1920, 2560])
def test_no_hill_of_the_footer_is_a_sliver_at_the_edge_of_the_screen(page, width):
    opened(page, "/about/", width)
    hills = box(page.locator(".landscape--footer"))
    for x in (1, width - 2):
        strip = pixels(page, x, int(hills["y"]), 1, int(hills["height"]))
        found = [strip.getpixel((0, y)) for y in range(strip.height)]
        main = [color for color, count in Counter(found).most_common(4) if count > width / 120]
        assert [color for color, _ in groupby(color for color in found if color in main)] == sorted(
            main, key=found.index
        )
        assert len(main) == 4, Counter(found)


@pytest.mark.parametrize("path", ["/about/", "/team/", "/visit-us/", "/cost/", "/privacy/", "/consultation/", "/none/"])
@pytest.mark.parametrize("width", [1024, 1280, 1920])
def test_the_picture_of_a_page_begins_where_its_heading_does(page, path, width):
    opened(page, path, width)
    heading, picture = box(page.locator("h1")), box(page.locator("main :is(.drawing, .glance img)"))
    padding = page.locator("h1").evaluate("h1 => parseFloat(getComputedStyle(h1).paddingTop)")
    assert picture["y"] == pytest.approx(heading["y"] + padding, abs=1)
    assert picture["x"] > heading["x"] + heading["width"]


@pytest.mark.parametrize("height", [600, 657, 720])
@pytest.mark.parametrize("path", ["/about/", "/privacy/", "/consultation/", "/visit-us/", "/cost/", DEPRESSION])
def test_what_stays_beside_the_text_is_never_higher_than_the_screen(page, path, height):
    opened(page, path, 1366, height)
    heights = page.evaluate("""[...document.querySelectorAll("main *")]
        .filter((one) => getComputedStyle(one).position === "sticky" && one.checkVisibility())
        .map((one) => one.getBoundingClientRect().height)""")
    assert heights
    assert max(heights) <= height


@pytest.mark.parametrize(("width", "least"), [(390, 110), (1280, 120)])
@pytest.mark.parametrize(
    ("path", "person", "text"), [("/about/", ".people-cards li", "p:last-child"), ("/team/", ".person", "strong")]
)
def test_a_portrait_is_large_and_beside_its_words_and_leaves_no_hole_if_missing(page, path, person, text, width, least):
    opened(page, path, width)
    people = page.locator(person).all()
    assert len(people) == 2
    for one in people:
        words = box(one.locator(text))
        if one.locator("img").count():
            portrait = box(one.locator("img"))
            assert portrait["width"] >= least
            assert 16 <= words["x"] - portrait["x"] - portrait["width"] <= 32
            assert portrait["y"] <= words["y"] < portrait["y"] + portrait["height"]
        else:
            assert words["x"] == box(one)["x"]
    assert page.locator(f"{person} img").count() > 0


def test_no_door_is_drawn_beside_a_photograph_of_the_door(page):
    opened(page, "/about/", 1280)
    expect(page.locator(".glance picture")).to_have_count(1)
    expect(page.locator(".glance svg")).to_have_count(0)


@pytest.mark.parametrize("path", ["/about/", "/team/", "/visit-us/", f"{TREATMENT}your-visit/"])
def test_every_photograph_has_round_corners(page, path):
    opened(page, path, 1280)
    photographs = page.locator("main picture img")
    assert photographs.count() > 0
    assert set(photographs.evaluate_all("all => all.map(one => getComputedStyle(one).borderRadius)")) == {"12px"}


def test_printed_boxes_and_the_crisis_line_are_clear_of_their_neighbors(page):
    opened(page, "/", 695)
    page.emulate_media(media="print")
    for side in page.locator(".do-dont > *").all():
        assert box(side)["x"] >= 1
        assert box(side)["x"] + box(side)["width"] <= 694
    crisis, mark = box(page.locator(".crisis-bar a").first), box(page.locator(".site-header .mark"))
    assert crisis["y"] - (mark["y"] + mark["height"]) >= 4


def test_the_answers_of_the_form_are_in_a_grid(page):
    opened(page, "/consultation/", 1280)
    page.get_by_label("Phone call").check()

    def answer(name: str) -> dict[str, float]:
        return box(page.locator(".step label", has_text=name).first)

    assert answer("Myself")["width"] == answer("Someone else")["width"] == answer("Yes")["width"]
    ways = [answer(name) for name in ("Phone call", "Text message", "Email")]
    assert len({way["y"] for way in ways}) == 1
    assert len({round(way["width"]) for way in ways}) == 1
    for last, half in (("I am a clinician", "Myself"), ("Any time", "Morning")):
        assert answer(last)["width"] == pytest.approx(2 * answer(half)["width"] + 12, abs=1)


def test_the_first_question_with_an_error_is_on_the_first_screen(page):
    opened(page, "/consultation/", 1280, 900)
    page.get_by_role("button", name="Send request").click()
    expect(page.locator(".error-summary")).to_be_focused()
    answer = box(page.locator(".step label", has_text="Myself"))
    assert answer["y"] + answer["height"] <= 900


def test_an_option_keeps_its_size_when_it_is_checked(page):
    opened(page, "/consultation/", 390)
    consent = page.locator("label[for=id_consent]")
    read_look = "label => [label.offsetWidth, label.offsetHeight, getComputedStyle(label).fontWeight]"
    before = consent.evaluate(read_look)
    page.locator("#id_consent").check()
    assert consent.evaluate(read_look) == before


@pytest.mark.parametrize("field", ["consent", "receipt_wanted", "topic_0", "asking_for_0"])
def test_a_checked_option_has_one_tint_from_its_left_end_to_its_right(page, field):
    opened(page, "/consultation/", 1280)
    page.locator(".step details").evaluate_all("all => all.forEach(one => one.open = true)")
    option = page.locator(f"#id_{field}")
    row = option.locator("xpath=ancestor::*[self::div or self::label][1]")
    is_bordered = "one => parseFloat(getComputedStyle(one).borderTopWidth) > 0"
    row = row if row.evaluate(is_bordered) else row.locator("xpath=..")
    assert row.evaluate(is_bordered)

    def tints() -> set[tuple[int, ...]]:
        image = Image.open(BytesIO(row.screenshot())).convert("RGB")
        # Above the words, from end to end.
        return {image.getpixel((x, 5)) for x in range(12, image.width - 12, 7)}

    before = tints()
    option.check()
    page.mouse.move(0, 0)
    assert len(before) == len(tints()) == 1
    assert before != tints()


@pytest.mark.parametrize("path", ["/consultation/", "/cost/", DEPRESSION, f"{TREATMENT}questions/"])
def test_what_opens_on_a_page_has_one_sign_at_its_end(page, path):
    opened(page, path, 390)
    signs = page.locator("main summary").evaluate_all(
        """all => all.filter(one => one.checkVisibility()).map(one => {
             const { content, fontSize } = getComputedStyle(one, "::after"), isOpen = one.parentElement.open;
             return [getComputedStyle(one).display, content.slice(0, 3), isOpen, fontSize];
           })"""
    )
    assert signs
    assert {(display, content) for display, content, is_open, _ in signs if not is_open} == {("flex", '"+"')}
    assert len({size for *_, size in signs}) == 1


@pytest.mark.parametrize("path", ["/about/", "/visit-us/"])
def test_the_sources_of_a_page_begin_where_its_text_does(page, path):
    opened(page, path, 1280)
    text, sources = box(page.locator(".columns--headed > div > h2 + p").first), box(page.locator(".sources ol"))
    assert sources["x"] == text["x"]
    assert box(page.locator(".sources h2"))["x"] == box(page.locator("h1"))["x"]


@pytest.mark.parametrize("path", ["/about/", "/cost/", "/privacy/", "/accessibility/", "/visit-us/", "/team/"])
def test_all_text_of_a_page_begins_at_one_edge_and_its_introduction_and_contents_at_another(page, path):
    opened(page, path, 1280)
    column = page.locator(".columns--headed > div:first-child")
    text = [
        box(one)["x"] for one in column.locator("> :not(h1, .lede, .menu, nav, .person), .person:has(img) h2").all()
    ]
    assert text
    assert len(set(text)) == 1
    outer = [box(one)["x"] for one in column.locator("> :is(.lede, nav, .person)").all()]
    assert {round(x) for x in outer} == {round(box(page.locator("h1"))["x"])}


@pytest.mark.parametrize("path", ["/about/", "/cost/", "/privacy/", "/accessibility/", "/visit-us/", DEPRESSION])
def test_the_list_of_headings_stays_beside_the_text_of_a_laptop_and_is_a_click_away_on_a_phone(page, path):
    opened(page, path, 1280, 800)
    contents = page.locator(".contents")
    page.locator(":is(.article__text, .columns--headed > div:first-child) > h2").nth(-2).scroll_into_view_if_needed()
    expect(contents).to_be_in_viewport(ratio=1)
    left, text = box(contents), box(page.locator("main h2:not(aside *)").first)
    assert left["x"] + left["width"] < text["x"]
    page.set_viewport_size({"width": 390, "height": 844})
    expect(contents).to_be_hidden()
    paragraphs = page.locator("main .menu ~ p").all()
    assert [one.inner_text() for one in paragraphs if not one.is_visible()] == []
    page.locator("main .menu summary").click()
    expect(contents).to_be_visible()


def test_a_price_is_on_the_line_of_what_it_is_for_at_every_width(page):
    for width in (320, 390, 1280):
        opened(page, "/cost/", width)
        table = box(page.locator(".prices"))
        for row in page.locator(".prices > div").all():
            what, amount = box(row.locator("dt")), box(row.locator("dd"))
            assert amount["x"] >= what["x"] + what["width"] - 1
            assert amount["x"] + amount["width"] == pytest.approx(table["x"] + table["width"], abs=1)
            assert amount["height"] < 1.5 * float(
                row.locator("dd").evaluate("dd => parseFloat(getComputedStyle(dd).fontSize)")
            )


@pytest.mark.parametrize(
    "size", [(768, 1024), (900, 800), (1024, 768), (1152, 800), (1280, 800), (1366, 657), (1920, 1080)]
)
def test_neither_the_moon_nor_a_star_touches_the_text_of_the_hero(page, size):
    page.emulate_media(color_scheme="dark")
    opened(page, "/", *size)
    touching = page.evaluate(
        """() => {
          const range = document.createRange();
          const lines = [...document.querySelectorAll(".hero :is(h1, p:not(:has(img)))")].flatMap((part) => {
            range.selectNodeContents(part);
            return [...range.getClientRects()];
          });
          const moon = document.querySelector(".landscape__moon circle:last-child").getBoundingClientRect();
          const stars = [...document.querySelectorAll(".landscape__stars")].filter((one) => one.checkVisibility());
          const found = stars.flatMap((path) => path.getAttribute("d").match(/-?\\d+[ -]\\d+/g).map((star) => {
            const [, x, y] = star.match(/(-?\\d+) ?(-?\\d+)/);
            const { x: left, y: top } = new DOMPoint(x, y).matrixTransform(path.getScreenCTM());
            return new DOMRect(left, top, 0, 0);
          }));
          return [moon, ...found].filter((one) => lines.some((line) =>
            one.left < line.right + 12 && line.left < one.right + 12 &&
            one.top < line.bottom + 12 && line.top < one.bottom + 12
          )).map((one) => JSON.stringify(one));
        }"""
    )
    assert touching == []


@pytest.mark.parametrize("path", [TREATMENT, f"{TREATMENT}how-it-works/"])
@pytest.mark.parametrize("width", [320, 1280])
def test_the_labels_of_the_synapse_are_large_and_clear_of_its_frame(page, path, width):
    opened(page, path, width)
    drawing = page.locator("svg:has(#synapse-title)")
    scale = box(drawing)["width"] / 240
    assert 14 * scale >= 12
    labels = drawing.locator("text").evaluate_all("all => all.map(one => one.getBBox()).map(b => [b.x, b.x + b.width])")
    assert len(labels) == 8
    assert min(left for left, _ in labels) >= 14
    assert max(right for _, right in labels) <= 226


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_the_names_in_the_chart_of_the_years_are_large_whole_and_apart(page, width):
    opened(page, f"{TREATMENT}history/", width)
    chart = page.locator("svg:has(#years-title)")
    names = chart.locator("text")
    assert names.count() > 12
    assert min(names.evaluate_all("all => all.map(one => parseFloat(getComputedStyle(one).fontSize))")) >= 14
    frame, places = box(chart), [box(name) for name in names.all()]
    assert frame["height"] >= 380
    for place in places:
        assert place["x"] >= frame["x"]
        assert place["x"] + place["width"] <= frame["x"] + frame["width"]
    for one, other in combinations(places, 2):
        assert (
            one["x"] + one["width"] <= other["x"]
            or other["x"] + other["width"] <= one["x"]
            or abs(one["y"] - other["y"]) >= 15
        )


def test_the_caption_of_the_chart_of_the_years_is_as_wide_as_the_chart(page):
    opened(page, f"{TREATMENT}history/", 1280)
    chart, caption = box(page.locator("svg:has(#years-title)")), box(page.locator(".figure figcaption").first)
    assert caption["width"] == pytest.approx(chart["width"], abs=1)


def test_the_drawing_of_the_synapse_is_large_on_a_laptop(page):
    opened(page, f"{TREATMENT}how-it-works/", 1280)
    assert box(page.locator("svg:has(#synapse-title)"))["width"] >= 400


def test_an_article_about_depression_is_at_most_20_screens_of_a_laptop(page):
    opened(page, DEPRESSION, 1280, 800)
    assert page.evaluate("document.documentElement.scrollHeight") <= 20 * 800


@pytest.mark.parametrize("slug", ARTICLES)
def test_an_article_leaves_no_screen_of_its_margin_empty(page, slug):
    opened(page, ARTICLES[slug].get_absolute_url(), 1280, 800)
    # The example answers of the clinic, each with its question, are longer than any that a manager would type.
    page.locator(".callout--note, h3:has(+ .callout--note)").evaluate_all("all => all.forEach(one => one.remove())")
    height, at = page.evaluate(
        """() => {
          const text = document.querySelector(".article__text"), range = document.createRange();
          const margin = text.querySelector(":scope > :is(p, .in-short)").getBoundingClientRect().right + 30;
          const found = [...text.querySelectorAll(":is(p, li, td, th, dd, small, summary, svg, h3)")].flatMap((one) => {
            if (one.matches("svg, summary")) return [one.getBoundingClientRect()];
            range.selectNodeContents(one);
            return [...range.getClientRects()];
          }).filter((one) => one.height > 4 && one.right > margin).sort((one, other) => one.top - other.top);
          let end = text.getBoundingClientRect().top, longest = [0, 0];
          for (const one of found) {
            if (one.top - end > longest[0]) longest = [one.top - end, end];
            end = Math.max(end, one.bottom);
          }
          return longest;
        }"""
    )
    assert height <= 800, at


@pytest.mark.parametrize("slug", ARTICLES)
@pytest.mark.parametrize("width", [1100, 1280])
def test_no_list_of_an_article_leaves_a_hole_below_an_item(page, slug, width):
    """Items are read down in one column, in a box in two. In the checklists, read across, neighbors differ by two lines."""
    opened(page, ARTICLES[slug].get_absolute_url(), width)
    holes = page.locator(
        ".article__text ul:not(.cards, .sources *, .callout > *, .plot .rows, [class*=hundreds])"
    ).evaluate_all(
        """all => all.flatMap(list => {
             const rows = new Map(), range = document.createRange();
             for (const item of list.children) {
               if (!item.getClientRects().length) continue;
               range.selectNodeContents(item);
               const top = Math.round(item.getBoundingClientRect().top);
               const ends = [...range.getClientRects()].map(line => line.bottom);
               rows.set(top, [...(rows.get(top) || []), Math.max(...ends) - top]);
             }
             return [...rows.values()].map(row => [Math.max(...row) - Math.min(...row), list.textContent.trim()]);
           })"""
    )
    assert [(round(height), text[:40]) for height, text in holes if height > 62] == []
    plain = page.locator(".article__text ul:not([class], .do-dont *, .callout *), .article__text > .rows").all()
    for items in plain:
        assert len({item["x"] for item in map(box, items.locator("> li").all()) if item}) <= 1
    for items in page.locator(".article__text :is(.callout, .plot) .rows").all():
        ends = {}
        for item in filter(None, map(box, items.locator("> li").all())):
            ends[item["x"]] = max(ends.get(item["x"], 0), item["y"] + item["height"])
        assert len(ends) in (0, 2)
        assert max(ends.values(), default=0) - min(ends.values(), default=0) <= 5 * 25


@pytest.mark.parametrize("slug", ARTICLES)
def test_a_list_of_an_article_is_as_wide_as_its_text_or_as_text_and_margin(page, slug):
    opened(page, ARTICLES[slug].get_absolute_url(), 1280)
    text, all_of_it = box(page.locator(".article__text > p").first), box(page.locator(".article__text"))
    for items in page.locator(".article__text > :is(ul, ol)").locator("visible=true").all():
        spans = items.evaluate("one => one.matches('ul[class]:not(.rows)')")
        width = box(items)["width"]
        assert width == pytest.approx((all_of_it if spans else text)["width"], abs=1)


@pytest.mark.parametrize("path", [DEPRESSION, f"{TREATMENT}safety/", f"{TREATMENT}after-your-infusion/"])
@pytest.mark.parametrize("width", [768, 1000])
def test_a_row_of_an_article_is_no_wider_on_a_tablet_than_a_paragraph_may_be(page, path, width):
    opened(page, path, width)
    measure = box(page.locator(".article__text > p:not([class])").first)["width"]
    rows = page.locator(".article__text > .rows > li").all()
    assert rows
    assert all(box(row)["width"] <= measure + 1 for row in rows)


@pytest.mark.parametrize("slug", ARTICLES)
@pytest.mark.parametrize("width", [1100, 1280, 1920])
def test_a_row_begins_with_its_term_at_the_edge_of_the_text_and_its_text_goes_on_behind_it(page, slug, width):
    opened(page, ARTICLES[slug].get_absolute_url(), width)
    edge = box(page.locator(".article__text > p").first)["x"]
    for items in page.locator(".article__text > .rows").all():
        for row in items.locator("> li").all():
            drop, left, bold = row.evaluate(
                """one => {
                     const term = one.firstChild, range = document.createRange();
                     range.selectNodeContents(term.nextSibling);
                     const end = [...term.getClientRects()].at(-1), text = range.getClientRects()[0];
                     const isBeside = Math.abs(text.top - end.top) < 4;
                     const drop = isBeside ? 0 : text.top - end.bottom;  // or the term fills its line
                     return [drop, term.getBoundingClientRect().left, getComputedStyle(term).fontWeight];
                   }"""
            )
            assert drop <= 10
            assert left == pytest.approx(edge, abs=1)
            assert bold == "700"


def test_the_source_of_a_row_is_in_the_margin_beside_it(page):
    opened(page, DEPRESSION, 1280)
    rows = page.locator("#benefits ~ .rows > li")
    right = box(page.locator(".article__text"))
    for row in rows.filter(has=page.locator(".note")).all():
        frame = box(row)
        for note in map(box, row.locator(".note").all()):
            assert frame["y"] - 1 <= note["y"] <= frame["y"] + frame["height"]
            assert note["x"] >= frame["x"] + frame["width"] + 16
            assert note["x"] + note["width"] <= right["x"] + right["width"] + 1
    assert rows.locator(".note").count() > 5


@pytest.mark.parametrize("slug", ARTICLES)
@pytest.mark.parametrize("width", [1100, 1280])
def test_the_steps_of_an_article_are_one_below_another(page, slug, width):
    opened(page, ARTICLES[slug].get_absolute_url(), width)
    text = box(page.locator(".article__text > p").first)
    for steps in page.locator(".article__text > ol").all():
        assert box(steps)["width"] >= text["width"] - 1
    for steps in page.locator(".article__text ol:not(.sources ol)").all():
        items = [box(item) for item in steps.locator("> li").all()]
        assert len({item["x"] for item in items}) == 1
        assert all(before["y"] + before["height"] <= after["y"] for before, after in pairwise(items))
