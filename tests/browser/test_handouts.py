"""Tests of printed articles, which patients may take to their doctor."""

import pypdfium2
import pytest
from playwright.sync_api import expect

from pages.articles import ARTICLES, ROOT

pytestmark = pytest.mark.looks

HANDOUTS = {slug: f"/{ROOT}{article.path}" for slug, article in ARTICLES.items() if slug != "references"}
A_LINE_OF_HANDWRITING = 30  # CSS pixels, about 8 mm
A_NUMBER_BY_HAND = 57  # CSS pixels, 15 mm
MOST_SHEETS = {"safety": 8, "questions": 8, "overview": 8, "depression": 6}
SHOWS_CRISIS_LINES = {"safety", "questions"}
MARGIN = 34  # points, 12 mm
A_LETTER_SHEET = 972  # CSS pixels between the margins, 11 inches less 22 mm

SMALLEST_TEXT = {"after-your-infusion": 14.66, "for-clinicians": 9.8}  # CSS pixels, 11 and 7.4 points
SMALLEST_SOURCE = 6.7  # points
SMALLEST_SOURCE_ON_TWO_SIDES = 8
LARGE_TYPE = 11  # points, for a patient who may be drowsy
SMALLEST_WORDS = 8.5  # points, of tables that patients mark, and of what is below them
FEWEST_SOURCES = 4  # on the sheet that has their heading
SHEETS = ["/visit-us/", *(HANDOUTS[slug] for slug, article in ARTICLES.items() if article.sides)]
ON_ONE_SIDE = [slug for slug, article in ARTICLES.items() if article.sides == 1]
ON_TWO_SIDES = [slug for slug, article in ARTICLES.items() if article.sides == 2]

# A bedside sheet repeats no off-label note, and a colleague needs no help lines.
ONLY_ON = {
    "after-your-infusion": ("988", "911", "When we’re closed", "I can drive tomorrow after"),
    "for-clinicians": ("Off-label",),
}

POINTS = "all => all.map(one => parseFloat(getComputedStyle(one).fontSize) * one.currentCSSZoom * 72 / 96)"

WITHOUT_NOTES = """all => all.map(one => {
  const copy = one.cloneNode(true);
  copy.querySelectorAll("sup, .note, svg, cite, .sources__back").forEach(part => part.remove());
  return copy.textContent;
})"""

DRAWN_SIDES = """cell => ["Top", "Right", "Bottom", "Left"].filter(
  side => parseFloat(getComputedStyle(cell)[`border${side}Width`]) > 0)"""

AS_PRINTED = """() => {
  const all = selector => [...document.querySelectorAll(selector)];
  return {
    navigation: all("nav, .site-footer, .skip-link, .next").filter(
      part => part.getBoundingClientRect().height > 0).length,
    shortLines: all(".in-short li").filter(line => line.checkVisibility()).length,
    sources: all(".sources li a[href^='https:']").map(
      link => [link.href, link.checkVisibility() ? link.innerText : ""]),
    splitting: all("figure, .callout, .timeline__item, main svg, .article__text :is(p, li)").filter(
      part => getComputedStyle(part).breakInside !== "avoid").length,
    buttons: all(".button").filter(
      button => button.checkVisibility() && getComputedStyle(button).borderTopWidth !== "0px").map(
      button => button.innerText),
    roomToWrite: all(".write-in li").map(line => parseFloat(getComputedStyle(line).paddingBlockEnd)),
  };
}"""


def words_of(sheet) -> str:
    return "".join(sheet.get_textpage().get_text_range().split())


@pytest.fixture(scope="module")
def printed(browser, site):
    """Return the results of AS_PRINTED for each article in print media, keyed by slug."""
    page = browser.new_page(base_url=site.url)
    page.emulate_media(media="print")
    seen = {}
    for slug, path in HANDOUTS.items():
        page.goto(path)
        seen[slug] = page.evaluate(AS_PRINTED)
    page.close()
    return seen


def test_a_handout_has_the_summary_and_no_navigation(printed):
    assert {slug: seen["navigation"] for slug, seen in printed.items() if seen["navigation"]} == {}
    assert [slug for slug, seen in printed.items() if seen["shortLines"] < 3] == []


def test_a_handout_prints_the_url_of_each_source(printed):
    assert [slug for slug, seen in printed.items() if len(seen["sources"]) < 3] == []
    for slug, seen in printed.items():
        addresses = {address.removeprefix("https://").removesuffix("/"): words for address, words in seen["sources"]}
        assert {address: words for address, words in addresses.items() if words != address} == {}, slug


def test_no_figure_paragraph_or_item_of_a_handout_splits_across_sheets(printed):
    assert {slug: seen["splitting"] for slug, seen in printed.items() if seen["splitting"]} == {}


def test_no_printed_list_leaves_a_single_item_on_a_sheet(page):
    page.emulate_media(media="print")
    page.goto(HANDOUTS["depression"])
    lists = page.locator(".article__text > ul, .article__text > ol")
    breaks = lists.evaluate_all(
        """all => all.map(one => [getComputedStyle(one.firstElementChild).breakAfter,
                                  getComputedStyle(one.lastElementChild).breakBefore])"""
    )
    assert len(breaks) > 5
    assert {both for pair in breaks for both in pair} == {"avoid"}


def test_a_printed_plan_of_steps_stays_in_one_column(page):
    page.emulate_media(media="print")
    page.goto(HANDOUTS["depression"])
    plan = page.locator("ol", has_text="Tell one person close to you")
    assert plan.evaluate("one => getComputedStyle(one).breakInside") == "avoid"


@pytest.mark.parametrize("slug", ["depression", "overview", "safety", "chronic-pain"])
def test_printed_tables_and_the_lists_below_are_large_enough_to_mark(page, slug):
    page.emulate_media(media="print")
    page.goto(HANDOUTS[slug])
    sizes = page.locator(".trials :is(caption, th, td, small), .plot > :is(p, ul) :is(li, b)").evaluate_all(POINTS)
    assert len(sizes) > 20
    assert round(min(sizes), 2) >= SMALLEST_WORDS


def test_the_words_of_a_printed_table_do_not_touch_the_edge_of_the_sheet(page):
    page.emulate_media(media="print")
    page.goto(HANDOUTS["depression"])
    ends = page.locator(".trials tr > :last-child").evaluate_all(
        "all => all.map(cell => parseFloat(getComputedStyle(cell).paddingInlineEnd))"
    )
    assert len(ends) > 20
    assert min(ends) >= 5


def test_a_printed_list_below_a_table_stays_on_one_sheet(page):
    page.emulate_media(media="print")
    page.goto(HANDOUTS["depression"])
    breaks = page.locator(".plot ul").evaluate_all("all => all.map(one => getComputedStyle(one).breakInside)")
    assert len(breaks) > 2
    assert set(breaks) == {"avoid"}


def test_the_printed_list_of_medicines_fills_both_columns_of_one_sheet(page):
    page.goto(HANDOUTS["safety"])
    with pypdfium2.PdfDocument(page.pdf(format="Letter")) as sheets:
        [sheet] = [each for each in sheets if "Which medicines matter?" in each.get_textpage().get_text_range()]
        text = sheet.get_textpage()
        edges = {}
        for word in ("Benzodiazepines", "Opioids", "Theophylline", "When can you drive again"):
            search = text.search(word)
            start, _ = search.get_next()
            edges[word] = text.get_charbox(start)
        middle = sheet.get_width() / 2
    left = {word for word, (x, *_) in edges.items() if x < middle}
    assert left == {"Benzodiazepines", "Theophylline", "When can you drive again"}


@pytest.mark.parametrize("path", SHEETS)
def test_the_sources_of_a_sheet_are_not_too_small_to_read(page, path):
    page.emulate_media(media="print")
    page.goto(path)
    sizes = page.locator(".sources li, .sources li a").evaluate_all(
        "all => all.map(one => parseFloat(getComputedStyle(one).fontSize) * one.currentCSSZoom)"
    )
    assert min(sizes) >= SMALLEST_SOURCE * 96 / 72


def test_the_text_of_the_printed_way_to_us_is_not_too_small_to_read(page):
    page.emulate_media(media="print")
    page.goto("/visit-us/")
    sizes = page.locator(".columns > div > p, .columns > div > ul > li").evaluate_all(
        "all => all.map(one => parseFloat(getComputedStyle(one).fontSize) * one.currentCSSZoom)"
    )
    assert min(sizes) >= 11.3  # CSS pixels, 8.5 points


def test_the_lines_between_printed_rows_have_one_color(page):
    page.emulate_media(media="print")
    page.goto(HANDOUTS["depression"])
    cells = page.locator("table.trials", has_text="Anand 2023").locator("tbody :is(th, td)")
    assert len(set(cells.evaluate_all("all => all.map(cell => getComputedStyle(cell).borderBottomColor)"))) == 1


def test_printed_people_begin_at_the_edge_of_their_page(page):
    page.emulate_media(media="print")
    page.goto("/team/")
    edges = page.locator("h1, .person h2").evaluate_all("all => all.map(one => one.getBoundingClientRect().left)")
    assert len(edges) > 1
    assert len(set(edges)) == 1


def test_the_home_page_prints_on_two_sheets(page):
    page.goto("/")
    with pypdfium2.PdfDocument(page.pdf(format="Letter")) as sheets:
        assert len(sheets) == 2
        words = "".join("".join(sheet.get_textpage().get_text_range().split()) for sheet in sheets)
    for part in ("Off-label", "Chronic pain", "The next day", "It can’t", "Where we are", "If tonight is hard"):
        assert part.replace(" ", "") in words, part


def test_no_handout_prints_a_button(printed):
    assert {slug: seen["buttons"] for slug, seen in printed.items() if seen["buttons"]} == {}


def test_the_printed_sheet_for_after_an_infusion_keeps_its_three_colors(page):
    page.emulate_media(media="print")
    page.goto(HANDOUTS["after-your-infusion"])
    bars = page.locator(".callout:has(> h3)").evaluate_all(
        "all => all.map(box => [getComputedStyle(box).borderInlineStartColor, box.innerText.trim().split(':')[0]])"
    )
    assert [words for _, words in bars] == ["Red", "Yellow", "Green"]
    assert len({color for color, _ in bars}) == 3


def test_the_log_of_an_infusion_leaves_room_to_write_a_number(page):
    page.set_viewport_size({"width": 725, "height": 900})
    page.emulate_media(media="print")
    page.goto(HANDOUTS["after-your-infusion"])
    cells = [cell.bounding_box() for cell in page.locator("td:empty").all()]
    assert len(cells) == 16
    assert all(cell["height"] >= A_LINE_OF_HANDWRITING and cell["width"] > 25 for cell in cells)
    assert len(page.locator("td:empty").first.evaluate(DRAWN_SIDES)) == 4


def test_the_limits_of_an_infusion_leave_room_to_write_a_number(page):
    page.set_viewport_size({"width": 725, "height": 900})
    page.emulate_media(media="print")
    page.goto(HANDOUTS["after-your-infusion"])
    blanks = page.locator("caption .blank")
    sizes = [blank.bounding_box() for blank in blanks.all()]
    assert len(sizes) == 2
    assert all(size["width"] >= A_NUMBER_BY_HAND and size["height"] >= A_LINE_OF_HANDWRITING for size in sizes)
    assert sizes[0]["y"] == sizes[1]["y"]
    assert blanks.first.evaluate(DRAWN_SIDES) == ["Bottom"]


def test_a_line_to_write_on_after_an_infusion_has_no_box_to_check(page):
    page.emulate_media(media="print")
    page.goto(HANDOUTS["after-your-infusion"])
    lines = page.locator(".write-in li").evaluate_all(
        "all => all.map(li => [li.querySelector('input'), getComputedStyle(li, '::before').content])"
    )
    assert lines == [[None, "none"]] * 4


@pytest.mark.parametrize("slug", [*ON_ONE_SIDE, *ON_TWO_SIDES])
def test_the_text_of_a_sheet_is_not_too_small_to_read(page, slug):
    page.emulate_media(media="print")
    page.goto(HANDOUTS[slug])
    sizes = page.locator(".article__text > p:not(.article-dates), .article__text > ul > li").evaluate_all(
        "all => all.map(one => parseFloat(getComputedStyle(one).fontSize) * one.currentCSSZoom)"
    )
    assert min(sizes) >= SMALLEST_TEXT[slug]


def test_questions_to_ask_us_leave_room_to_write_when_printed(printed):
    for slug, seen in printed.items():
        assert bool(seen["roomToWrite"]) == (not ARTICLES[slug].for_clinicians), slug
        assert all(room >= A_LINE_OF_HANDWRITING for room in seen["roomToWrite"]), slug


@pytest.mark.parametrize(("slug", "most"), MOST_SHEETS.items())
def test_the_longest_handouts_print_completely_on_few_sheets(page, slug, most):
    page.goto(HANDOUTS[slug])
    headings = page.locator(".article__text h2:not(.next *)").all_inner_texts()
    with pypdfium2.PdfDocument(page.pdf(format="Letter")) as sheets:
        # Compare without spaces, because the PDF reader infers spaces from gaps and misses narrow ones.
        words = "".join("".join(sheet.get_textpage().get_text_range().split()) for sheet in sheets)
        assert len(sheets) <= most
        for sheet in sheets:
            text = sheet.get_textpage()
            edges = [text.get_charbox(at) for at in range(text.count_chars()) if text.get_text_range(at, 1).strip()]
            assert min(left for left, *_ in edges) >= MARGIN - 1
            assert max(right for _, _, right, _ in edges) <= sheet.get_width() - MARGIN + 1
    for part in (*headings, "Off-label", *(["1-800-345-9049"] if slug in SHOWS_CRISIS_LINES else []), "doi.org/10."):
        assert part.replace(" ", "") in words, part


@pytest.mark.parametrize("slug", HANDOUTS)
def test_every_sheet_of_a_handout_has_its_number_and_is_filled(page, slug):
    page.goto(HANDOUTS[slug])
    with pypdfium2.PdfDocument(page.pdf(format="Letter")) as sheets:
        for number, sheet in enumerate(sheets, 1):
            text = sheet.get_textpage()
            words = "".join(text.get_text_range().split())
            assert f"Page{number}of{len(sheets)}" in words
            assert ("Inshort" in words) == (number == 1)
            low = text.get_text_bounded(bottom=MARGIN, top=sheet.get_height() * 0.4)
            assert number == len(sheets) or len(low.split()) > 20, number
        # More than the dates.
        assert len(text.get_text_range().split()) > 40


@pytest.mark.parametrize("slug", ["depression", "overview", "safety", "your-visit"])
def test_the_heading_of_printed_sources_has_several_of_them_below(page, slug):
    page.goto(HANDOUTS[slug])
    links = [words.strip() for words in page.locator(".sources li > a").all_inner_texts()]
    with pypdfium2.PdfDocument(page.pdf(format="Letter")) as sheets:
        words = ["".join(sheet.get_textpage().get_text_range().split()) for sheet in sheets]
    sheet = next(part for part in reversed(words) if "Sources" in part)
    assert len([link for link in links if link in sheet[sheet.rindex("Sources") :]]) >= FEWEST_SOURCES


def test_two_printed_numbers_for_a_crisis_are_two_choices(page):
    for slug in ("your-visit", "after-your-infusion"):
        page.goto(HANDOUTS[slug])
        with pypdfium2.PdfDocument(page.pdf(format="Letter")) as sheets:
            words = "".join("".join(sheet.get_textpage().get_text_range().split()) for sheet in sheets)
        assert "Call988orText988" in words, slug


def test_the_letterhead_has_name_and_number_over_a_line(page):
    page.set_viewport_size({"width": 725, "height": 900})
    page.emulate_media(media="print")
    page.goto(HANDOUTS["depression"])
    name, call, crisis, heading = (
        page.locator(part).bounding_box() for part in (".site-header__name", ".site-header__call", ".crisis-bar", "h1")
    )
    assert abs(name["y"] + name["height"] / 2 - call["y"] - call["height"] / 2) <= 1
    assert round(call["x"] + call["width"]) == 725
    assert name["y"] + name["height"] < crisis["y"] < heading["y"]
    assert page.locator(".site-header").evaluate(DRAWN_SIDES) == ["Bottom"]
    expect(page.get_by_role("link", name="(618) 555-0100").first).to_be_visible()


def test_a_printed_link_has_no_line_and_a_number_to_dial_is_bold(page):
    page.emulate_media(media="print")
    page.goto(HANDOUTS["depression"])
    lines = page.locator("main a").evaluate_all("all => all.map(one => getComputedStyle(one).textDecorationLine)")
    assert len(lines) > 50
    assert set(lines) == {"none"}
    weights = page.locator("main a[href^='tel:']").evaluate_all(
        "all => all.map(one => getComputedStyle(one).fontWeight)"
    )
    assert set(weights) == {"700"}


def test_lines_that_only_paper_can_take_are_printed_but_not_shown_as_fields(page):
    page.emulate_media(media="screen")
    page.goto(HANDOUTS["your-visit"])
    lines = page.locator(".write-in--line > li")
    assert lines.count() == 4
    assert [line.inner_text() for line in lines.all() if line.is_visible()] == []
    page.emulate_media(media="print")
    assert all(line.is_visible() and line.bounding_box()["height"] > 25 for line in lines.all())


def test_lists_to_write_on_have_two_columns_over_the_sheet(page):
    page.set_viewport_size({"width": 725, "height": 900})
    page.emulate_media(media="print")
    page.goto(HANDOUTS["your-visit"])
    for questions in page.locator(".write-in").all():
        lines = [line.bounding_box() for line in questions.locator("li").all()]
        assert round(questions.bounding_box()["width"]) == 725
        assert lines[0]["y"] == lines[1]["y"]
        assert lines[0]["x"] < lines[1]["x"]


@pytest.mark.parametrize("path", ["/", HANDOUTS["your-visit"]])
def test_the_printed_borders_of_what_it_can_and_cannot_do_are_on_the_sheet(page, path):
    page.set_viewport_size({"width": 725, "height": 900})
    page.emulate_media(media="print")
    page.goto(path)
    boxes = [part.bounding_box() for part in page.locator(".do-dont > *").all()]
    assert boxes[0]["x"] >= 1
    assert boxes[-1]["x"] + boxes[-1]["width"] <= 724


def test_no_printed_question_has_a_sign_to_open_it(page):
    page.emulate_media(media="print")
    page.goto(HANDOUTS["questions"])
    signs = page.locator(".article__text summary").evaluate_all(
        "all => all.map(one => getComputedStyle(one, '::after').display)"
    )
    assert len(signs) > 20
    assert set(signs) == {"none"}


def test_the_estimate_notice_prints_completely_on_one_sheet(page):
    page.goto("/cost/notice/")
    with pypdfium2.PdfDocument(page.pdf(format="Letter")) as sheets:
        assert len(sheets) == 1
        words = "".join(sheets[0].get_textpage().get_text_range().split())
    for part in (
        "Your right to a good faith estimate",
        "$400 or more",
        "1-800-985-3059",
        "45 CFR 149.610",
        "govinfo.gov",
    ):
        assert part.replace(" ", "") in words


def test_visit_us_prints_completely_on_one_sheet_with_the_longest_facts(page):
    page.goto("/visit-us/")
    with pypdfium2.PdfDocument(page.pdf(format="Letter")) as sheets:
        assert len(sheets) == 1
        words = "".join(sheets[0].get_textpage().get_text_range().split())
    for part in ("(618) 555-0100", "Step-free route", "dial 711", "your ride home", "47 CFR 64.603"):
        assert part.replace(" ", "") in words
    # A browser shrinks a page whose columns overflow the sheet, until nobody can read it.
    page.set_viewport_size({"width": 725, "height": 900})
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollHeight") <= A_LETTER_SHEET


@pytest.mark.parametrize("slug", ON_ONE_SIDE)
def test_an_article_meant_for_one_side_prints_completely_on_one_side(page, slug):
    page.goto(HANDOUTS[slug])
    headings = page.locator(".article__text h2:not(.next *)").all_inner_texts()
    assert "Sources" in headings
    with pypdfium2.PdfDocument(page.pdf(format="Letter")) as sheets:
        assert len(sheets) == 1
        words = "".join(sheets[0].get_textpage().get_text_range().split())
    for part in (*headings, ARTICLES[slug].title, "(618) 555-0100", *ONLY_ON.get(slug, ())):
        assert part.replace(" ", "") in words, part
    # A browser shrinks a page whose columns overflow the sheet, until nobody can read it.
    page.set_viewport_size({"width": 725, "height": 900})
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollHeight") <= A_LETTER_SHEET


@pytest.mark.parametrize("slug", ON_TWO_SIDES)
def test_an_article_meant_for_two_sides_prints_completely_on_two_sides(page, slug):
    page.goto(HANDOUTS[slug])
    headings = page.locator(".article__text h2:not(.next *)").all_inner_texts()
    assert "Sources" in headings
    with pypdfium2.PdfDocument(page.pdf(format="Letter")) as sides:
        assert len(sides) == 2
        words = "".join(map(words_of, sides))
        # Text reaches almost to the end of both sides.
        for side in sides:
            assert len(side.get_textpage().get_text_bounded(bottom=MARGIN, top=side.get_height() / 6).split()) > 20
    for part in (*headings, ARTICLES[slug].title, "(618) 555-0100", *ONLY_ON.get(slug, ())):
        assert part.replace(" ", "") in words, part
    # A browser shrinks a page that is wider than the sheet.
    page.set_viewport_size({"width": 725, "height": 900})
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollWidth") <= 725
    assert page.evaluate("document.documentElement.scrollHeight") <= 2 * A_LETTER_SHEET


def test_who_to_call_and_what_to_wait_for_are_in_front_and_the_diary_is_on_the_back(page):
    page.goto(HANDOUTS["after-your-infusion"])
    headings = ["".join(words.split()) for words in page.locator(".article__text h2:not(.next *)").all_inner_texts()]
    with pypdfium2.PdfDocument(page.pdf(format="Letter")) as sides:
        front, back = map(words_of, sides)
    assert [heading for heading in headings if heading in front] == headings[:3]
    assert [heading for heading in headings if heading in back] == headings[3:]
    assert headings[:3] == ["Inshort", "Whenshouldyoucallsomeone?", "Whencanyoudoeverydaythingsagain?"]
    assert "Turnover" in front
    assert "Turnover" not in back


@pytest.mark.parametrize("slug", ON_TWO_SIDES)
def test_each_box_list_and_table_of_an_article_on_two_sides_is_whole(page, slug):
    page.goto(HANDOUTS[slug])
    blocks = page.locator(".article__text > :is(ul, .callout, .in-short:not(.next), .figure__table, .sources)")
    texts = ["".join(words.split()) for words in blocks.evaluate_all(WITHOUT_NOTES)]
    assert len(texts) > 9
    with pypdfium2.PdfDocument(page.pdf(format="Letter")) as sides:
        words = [words_of(side) for side in sides]
    for text in texts:
        # The PDF reader may order the middle of a block differently.
        start, end = ([text[part] in side for side in words] for part in (slice(7), slice(-15, None)))
        assert start == end, text
        assert sum(start) == 1, text
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 725, "height": 900})
    # A block that breaks over columns has a rectangle in each.
    assert set(blocks.evaluate_all("all => all.map(one => one.getClientRects().length)")) == {1}


@pytest.mark.parametrize("slug", ON_TWO_SIDES)
def test_an_article_on_two_sides_has_large_type_in_its_boxes_and_tables(page, slug):
    page.emulate_media(media="print")
    page.goto(HANDOUTS[slug])
    body = ".article__text > :not(.sources, .article-dates, .next)"
    inside = ":is(p, li, h3, th, td, caption, caption span, a, strong):not(sup *, .note, .note *)"
    sizes = page.locator(f"{body}, {body} {inside}").evaluate_all(POINTS)
    assert len(sizes) > 80
    assert round(min(sizes), 2) >= LARGE_TYPE
    sources = page.locator(".sources :is(h2, li, li > a)").evaluate_all(POINTS)
    assert round(min(sources), 2) >= SMALLEST_SOURCE_ON_TWO_SIDES


def test_a_notice_of_one_page_prints_completely_on_one_sheet(page):
    page.goto("/notices/privacy-practices/")
    with pypdfium2.PdfDocument(page.pdf(format="Letter")) as sheets:
        assert len(sheets) == 1
        words = "".join(sheets[0].get_textpage().get_text_range().split())
    for part in ("Notice of privacy practices", "Effective July 1, 2026", "About this example", "A list of examples"):
        assert part.replace(" ", "") in words


def test_the_cost_page_leaves_room_to_write_a_price_when_printed(page):
    page.emulate_media(media="print")
    page.goto("/cost/")
    room = page.evaluate(AS_PRINTED)["roomToWrite"]
    assert len(room) >= 8
    assert all(each >= A_LINE_OF_HANDWRITING for each in room)


@pytest.mark.parametrize("path", ["/about/", "/cost/"])
def test_no_printed_words_cover_others(page, path):
    page.goto(path)
    covered = []
    with pypdfium2.PdfDocument(page.pdf(format="Letter")) as sheets:
        assert len(sheets) > 1
        for sheet in sheets:
            text = sheet.get_textpage()
            boxes = [text.get_rect(index) for index in range(text.count_rects())]
            for index, (left, bottom, right, top) in enumerate(boxes):
                for other in boxes[:index]:
                    across = min(right, other[2]) - max(left, other[0])
                    down = min(top, other[3]) - max(bottom, other[1])
                    if across > 2 and down > 0.5 * min(top - bottom, other[3] - other[1]):
                        covered.append((text.get_text_bounded(left, bottom, right, top), text.get_text_bounded(*other)))
    assert covered == []


def test_every_sheet_after_the_first_names_the_clinic_and_988_on_top(page):
    page.goto(HANDOUTS["your-visit"])
    with pypdfium2.PdfDocument(page.pdf(format="Letter")) as sheets:
        tops = [sheet.get_textpage().get_text_bounded(bottom=sheet.get_height() - 28) for sheet in sheets]
    said = "The Albany Clinic. In crisis: call or text 988, at any time."
    assert [top.strip() for top in tops] == ["", *[said] * (len(tops) - 1)]


@pytest.mark.parametrize("path", ["/", "/about/", "/visit-us/", HANDOUTS["safety"], HANDOUTS["your-visit"]])
def test_no_printed_sentence_sends_the_reader_to_another_page(page, path):
    page.emulate_media(media="print")
    page.goto(path)
    words = page.locator("main").inner_text()
    for sentence in ("See where", "See what it costs", "See all our sources", "Google Maps", "go straight to"):
        assert sentence not in words


@pytest.mark.parametrize("slug", HANDOUTS)
def test_a_handout_says_once_when_it_was_checked(page, slug):
    page.emulate_media(media="print")
    page.goto(HANDOUTS[slug])
    assert page.locator("main").inner_text().count("Checked") == 1


@pytest.mark.parametrize("slug", ["safety", "your-visit"])
def test_no_letter_of_a_sheet_continues_at_the_top_of_the_next_column(page, slug):
    page.goto(HANDOUTS[slug])
    with pypdfium2.PdfDocument(page.pdf(format="Letter")) as sheets:
        for sheet in sheets:
            text = sheet.get_textpage()
            tops = [text.get_charbox(at)[3] for at in range(text.count_chars()) if text.get_text_range(at, 1).strip()]
            between = [top for top in tops if sheet.get_height() - 28 < top < sheet.get_height() - 17]
            assert between == []


def test_your_visit_prints_on_four_sheets_without_the_answers_of_a_clinic(page):
    page.goto(HANDOUTS["your-visit"])
    removed = page.locator(".callout--note").evaluate_all("all => all.map(one => one.remove()).length")
    assert removed > 5
    with pypdfium2.PdfDocument(page.pdf(format="Letter")) as sheets:
        assert len(sheets) == 4
        assert "Sources" in words_of(sheets[3])
        assert "Whatshouldyouaskusaboutthevisit?" in words_of(sheets[3])


@pytest.mark.parametrize(
    ("slug", "heading", "first", "last"),
    [
        ("your-visit", None, "1. Before you leave home", "10. The next day"),
        ("history", "What happened, and when?", "1962", "2025"),
    ],
)
def test_printed_steps_are_on_one_sheet_in_two_columns(page, slug, heading, first, last):
    page.goto(HANDOUTS[slug])
    steps = [step.replace(" ", "") for step in page.locator(".timeline__when").all_inner_texts()]
    assert (steps[0], steps[-1]) == (first.replace(" ", ""), last.replace(" ", ""))
    with pypdfium2.PdfDocument(page.pdf(format="Letter")) as sheets:
        day = next(sheet for sheet in sheets if all(step in words_of(sheet) for step in steps))
        assert heading is None or heading.replace(" ", "") in words_of(day)
    page.set_viewport_size({"width": 725, "height": 900})
    page.emulate_media(media="print")
    on_the_right = [step.bounding_box()["x"] > 362 for step in page.locator(".timeline__item").all()]
    assert 0.35 < sum(on_the_right) / len(steps) < 0.65


def test_the_printed_table_of_what_each_choice_asks_is_on_one_sheet(page):
    page.goto(HANDOUTS["depression"])
    table = page.locator("table", has_text="How each choice fits into your life")
    choices = ["".join(words.split()) for words in table.locator("tbody th").all_inner_texts()]
    assert len(choices) > 5
    with pypdfium2.PdfDocument(page.pdf(format="Letter")) as sheets:
        sheet = next(words_of(sheet) for sheet in sheets if "Howeachchoicefits" in words_of(sheet))
    below = sheet[sheet.index("Howeachchoicefits") :]
    assert [choice for choice in choices if choice not in below] == []


@pytest.mark.parametrize("slug", ["anxiety", "chronic-pain", "ptsd"])
def test_the_key_figures_of_a_condition_are_on_its_first_sheet(page, slug):
    page.goto(HANDOUTS[slug])
    # A clinic's own answer takes their room.
    page.locator(".callout--note").evaluate_all("all => all.forEach(one => one.remove())")
    figures = page.locator(".key b, .key:last-child > p:last-child").all_inner_texts()
    assert len(figures) > 3
    with pypdfium2.PdfDocument(page.pdf(format="Letter")) as sheets:
        words = words_of(sheets[0])
    for figure in figures:
        assert "".join(figure.split()) in words
    page.emulate_media(media="print")
    sizes = page.locator(".key:not(:first-child) > p").evaluate_all(POINTS)
    assert round(min(sizes), 2) >= SMALLEST_WORDS


@pytest.mark.parametrize("slug", [slug for slug in HANDOUTS if not ARTICLES[slug].sides])
def test_a_handout_names_each_page_that_its_words_link_to(page, slug):
    page.goto(HANDOUTS[slug])
    body = ".article__text > :not(.next, .sources, .on-paper)"
    links = page.locator(f"{body} a[href^='/']").evaluate_all("all => all.map(link => link.pathname)")
    titles = {path: ARTICLES[slug].title for slug, path in HANDOUTS.items()} | {"/cost/": "What it costs"}
    page.emulate_media(media="print")
    line = page.locator(".article__text > .on-paper")
    expected = list(dict.fromkeys(titles[path] for path in links if path in titles))
    assert expected
    expect(line).to_have_text(f"More on our website: {', '.join(expected)}.")
    assert round(line.evaluate_all(POINTS)[0], 2) >= SMALLEST_WORDS
    page.emulate_media(media="screen")
    expect(line).to_be_hidden()
