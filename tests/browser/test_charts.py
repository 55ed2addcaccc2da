"""Measures the charts in a browser."""

import re

import pytest

from pages.intervals import wilson_interval
from tests.helpers.contrast import contrast

pytestmark = pytest.mark.looks

OVERVIEW = "/ketamine-infusion-therapy/"
DEPRESSION = "/ketamine-infusion-therapy/conditions/depression/"
SAFETY = "/ketamine-infusion-therapy/safety/"
BENEFITS = "/ketamine-infusion-therapy/benefits-and-limits/"


@pytest.fixture
def page(shared_page):
    return shared_page


OPEN_ALL = "details => details.forEach(one => one.open = true)"


@pytest.mark.parametrize("width", [320, 1280])
def test_a_dot_and_a_ring_are_at_their_numbers_on_one_scale(page, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(DEPRESSION)
    row = page.locator(".trials tr", has_text="Anand 2023")
    frame = row.locator(".trials__plot > svg").bounding_box()
    assert frame["width"] > 150
    for name, number in (("dot", 55.4), ("ring", 41.2)):
        box = row.locator(f"circle.{name}").bounding_box()
        place = (box["x"] + box["width"] / 2 - frame["x"]) / frame["width"]
        assert place == pytest.approx(number / 100, abs=0.01)
    plots = page.locator("table.trials", has_text="Anand 2023").locator(".trials__plot > svg")
    assert len({round(width) for width in plots.evaluate_all("all => all.map(one => one.clientWidth)")}) == 1


def test_a_result_without_numbers_is_written_as_large_as_one_with_numbers(page):
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(DEPRESSION)

    def sizes(name: str) -> list[str]:
        row = page.locator(".trials tr", has_text=name).first
        return row.locator("td, .finding, small").evaluate_all("all => all.map(one => getComputedStyle(one).fontSize)")

    assert set(sizes("Ionescu 2019")) == set(sizes("Zarate 2006"))
    assert set(sizes("Fava 2020")) == set(sizes("Murrough 2013"))
    assert min(float(size.removesuffix("px")) for size in sizes("Zarate 2006")) >= 16


@pytest.mark.parametrize("path", [SAFETY, DEPRESSION, OVERVIEW])
def test_no_mark_number_or_range_covers_another_or_leaves_its_card(page, path):
    page.set_viewport_size({"width": 320, "height": 900})
    page.goto(path)
    page.locator("details").evaluate_all(OPEN_ALL)
    faults = page.locator(".trials__plot > svg").evaluate_all(
        """all => all.flatMap(svg => {
             const frame = svg.closest(".plot").getBoundingClientRect();
             const parts = [...svg.querySelectorAll("circle, .square, text")].map(one => one.getBoundingClientRect());
             const numbers = [...svg.querySelectorAll("text")].map(one => one.getBoundingClientRect());
             const leaves = numbers.filter(box => box.left < frame.left + 2 || box.right > frame.right - 2);
             const covered = parts.filter((one, at) => parts.some((other, next) => next > at
               && one.left < other.right - 1 && other.left < one.right - 1
               && one.top < other.bottom - 3 && other.top < one.bottom - 3));
             const end = svg.getBoundingClientRect().right;
             const onTheScale = numbers.filter(box => box.left < end + 4);
             return leaves.length || covered.length || onTheScale.length ? [svg.textContent] : [];
           })"""
    )
    assert page.locator(".trials__plot > svg").count() >= 4
    assert faults == []


@pytest.mark.parametrize("width", [320, 1280])
def test_a_range_is_as_long_on_the_screen_as_the_interval_it_stands_for(page, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(DEPRESSION)
    row = page.locator("table.trials .trials__plot:has(line)", has_text="Few or no symptoms left")
    frame = row.locator("> svg").bounding_box()
    # 44 of 95 people with ketamine, and 57 of 91 with ECT.
    for line, count, people in ((0, 44, 95), (1, 57, 91)):
        ends = (
            row.locator("line")
            .nth(line)
            .evaluate("one => { const { x, width } = one.getBBox(); return [x, x + width]; }")
        )
        low, high = wilson_interval(count, people)
        assert ends == pytest.approx((low / 100 * frame["width"], high / 100 * frame["width"]), abs=1)


# The rows of the side effects are alike, so one of five has the scale.
@pytest.mark.parametrize(("path", "every"), [(DEPRESSION, 1), (OVERVIEW, 1), (SAFETY, 5)])
def test_a_phone_shows_the_scale_over_the_lines_of_its_rows(page, path, every):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(path)
    page.locator("details").evaluate_all(OPEN_ALL)
    # The words 0 and 100 are three figures wide, so half of each is beyond the end of the lines.
    faults = page.locator(".trials__plot").evaluate_all(
        """(all, every) => all.filter((cell, at) => at % every === 0).map(cell => {
             const scale = getComputedStyle(cell, "::before"), lines = cell.querySelector("svg").getBoundingClientRect();
             const frame = cell.getBoundingClientRect(), pen = document.createElement("canvas").getContext("2d");
             pen.font = `${scale.fontSize} ${scale.fontFamily}`;
             const half = 1.5 * pen.measureText("0").width, left = frame.left + parseFloat(scale.marginLeft);
             const off = Math.abs(left + half - lines.left) + Math.abs(left + parseFloat(scale.width) - half - lines.right);
             return [scale.content, off, lines.top - frame.top];
           }).filter(([content, off, gap]) => !/0.+50 100/.test(content) || off > 2 || gap > 32)""",
        every,
    )
    assert faults == []
    assert page.locator("thead .trials__scale").locator("visible=true").count() == 0


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("path", [OVERVIEW, SAFETY])
def test_every_number_of_a_chart_stays_within_its_cell(page, path, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(path)
    page.locator("details").evaluate_all(OPEN_ALL)
    # On a phone, a cell is as wide as its table, less a margin that has room for a number.
    outside = page.locator("td .marks text").evaluate_all(
        """(all, around) => all.map(text => [text, text.closest(around)]).filter(([text, box]) => {
             const number = text.getBoundingClientRect(), frame = box.getBoundingClientRect();
             return number.left < frame.left - 2 || number.right > frame.right + 2;
           }).map(([text, box]) => text.textContent)""",
        "table" if width < 768 else "td",
    )
    assert page.locator("td .marks text").count() > 5
    assert outside == []


def test_the_tables_of_the_overview_need_no_scrolling_sideways(page):
    for width in (320, 390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(OVERVIEW)
        page.locator("details").evaluate_all(OPEN_ALL)
        wider = page.locator("table.trials").evaluate_all(
            "all => all.map(one => one.scrollWidth - one.parentElement.clientWidth)"
        )
        assert len(wider) == 6
        assert max(wider) <= 0
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("path", [OVERVIEW, SAFETY, DEPRESSION])
def test_every_legend_is_a_line_of_its_own_that_names_each_mark(page, path):
    page.goto(path)
    page.locator("details").evaluate_all(OPEN_ALL)
    legends = page.locator(".trials__legend")
    assert legends.count() >= 1
    for legend in legends.all():
        words = [part.strip() for part in legend.inner_text().split(",")]
        assert len(words) == legend.locator("svg").count() >= (1 if words == ["ketamine"] else 2)
        assert ("ketamine" in words) == (legend.locator(".dot").count() == 1)
        assert legend.evaluate("one => getComputedStyle(one).display") == "block"


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("path", [OVERVIEW, BENEFITS])
def test_the_caption_and_numbers_of_a_chart_are_at_least_16_pixels_high(page, path, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(path)
    parts = page.locator("caption, figcaption, .marks text, .hundreds__arms p")
    assert parts.count() > 5
    assert min(parts.evaluate_all("all => all.map(one => parseFloat(getComputedStyle(one).fontSize))")) >= 16


def test_a_phone_shows_a_number_beside_its_hundred_people(page):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(BENEFITS)
    for arm in page.locator(".hundreds__arms li").all():
        dots, number = arm.locator("svg").bounding_box(), arm.locator("b").bounding_box()
        assert number["x"] >= dots["x"] + dots["width"]
        assert number["x"] + number["width"] <= 390
    pair = page.locator(".hundreds").first.bounding_box()
    assert pair["height"] <= 844


def test_the_certainty_is_not_glued_to_its_bar_where_it_wraps(page):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(DEPRESSION)
    for meter in page.locator(".evidence-meter").all():
        bar, words = meter.locator("svg").bounding_box(), meter.locator("> span").bounding_box()
        is_beside = words["x"] >= bar["x"] + bar["width"] + 8
        assert is_beside or words["y"] >= bar["y"] + bar["height"] + 4


def test_a_printed_chart_keeps_its_lines_and_its_title(page):
    page.goto(DEPRESSION)
    page.emulate_media(media="print")
    plot = page.locator(".trials__plot > .marks").first
    assert plot.evaluate("cell => getComputedStyle(cell).printColorAdjust") == "exact"
    drawn = plot.evaluate("marks => getComputedStyle(marks).backgroundImage")
    # Chrome's PDF left the line at 50 out of a repeated gradient.
    assert "repeating" not in drawn
    assert drawn.count("linear-gradient") == 5 + 2
    for break_ in ("breakInside", "breakAfter"):
        assert page.locator(".trials caption").first.evaluate(f"one => getComputedStyle(one).{break_}") == "avoid"


@pytest.mark.parametrize("path", [DEPRESSION, BENEFITS])
def test_charts_fit_a_narrow_screen_without_horizontal_scrolling(page, path):
    page.set_viewport_size({"width": 320, "height": 900})
    page.goto(path)
    page.locator("details").evaluate_all(OPEN_ALL)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_every_trial_of_the_chart_is_printed(page):
    page.goto(DEPRESSION)
    page.emulate_media(media="print")
    rows = page.locator("table.trials", has_text="Anand 2023").locator("tbody tr")
    assert rows.count() > 15
    assert all(row.is_visible() and row.bounding_box()["height"] > 15 for row in rows.all())


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_marks_have_a_contrast_of_three_with_their_background(page, scheme):
    page.emulate_media(color_scheme=scheme)
    page.goto(DEPRESSION)
    paper = page.locator(".plot").first.evaluate("figure => getComputedStyle(figure).backgroundColor")
    for mark, color in (("circle.dot", "fill"), ("circle.ring", "stroke")):
        painted = page.locator(f".plot {mark}").first.evaluate(f"mark => getComputedStyle(mark).{color}")
        assert contrast(painted, paper) >= 3, (mark, painted, paper)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_empty_boxes_of_a_meter_have_a_crisp_outline(page, scheme):
    page.emulate_media(color_scheme=scheme)
    page.goto(DEPRESSION)
    outline = page.locator(".evidence-meter .plot-grid").first
    assert outline.evaluate("one => getComputedStyle(one).strokeWidth") == "2px"
    assert outline.evaluate("one => getComputedStyle(one).shapeRendering") == "crispedges"
    paper = page.locator("body").evaluate("one => getComputedStyle(one).backgroundColor")
    assert contrast(outline.evaluate("one => getComputedStyle(one).stroke"), paper) >= 3


@pytest.mark.parametrize("width", [768, 1280])
def test_a_scale_is_in_view_wherever_a_long_table_is_read(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(DEPRESSION)
    table = page.locator("table.trials", has_text="Anand 2023")
    scales, rows = table.evaluate(
        """table => {
             const top = (one) => one.getBoundingClientRect().top;
             const repeated = [...table.querySelectorAll("td")].filter(
               one => /0.+50 100/.test(getComputedStyle(one, "::before").content));
             return [[table.querySelector(".trials__scale > span"), ...repeated].map(top),
                     [...table.querySelectorAll(".trials__plot > svg")].map(top)];
           }"""
    )
    assert len(rows) > 10
    assert 4 <= len(scales) <= 6
    # However a row is in view, a scale is on the screen with it, even below a notice in the browser.
    assert [row for row in rows if min(abs(row - scale) for scale in scales) > 600] == []


@pytest.mark.parametrize("width", [768, 1280])
@pytest.mark.parametrize("path", [OVERVIEW, DEPRESSION, SAFETY])
def test_no_head_of_a_table_covers_its_rows(page, path, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(path)
    heads = page.locator(".trials thead, .trials thead th")
    assert heads.count() > 3
    assert set(heads.evaluate_all("all => all.map(one => getComputedStyle(one).position)")) == {"static"}


def test_a_table_of_words_has_no_room_for_a_scale(page):
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(DEPRESSION)
    plot = page.locator("td.trials__plot:has(> svg)").first
    assert plot.locator("> svg").bounding_box()["x"] >= plot.bounding_box()["x"] + 7  # room for half a mark at 0
    words = page.locator("table.trials:not(:has(.marks)) tbody tr > :nth-child(2)")
    assert words.count()
    room = "all => all.flatMap(one => [getComputedStyle(one).paddingLeft, getComputedStyle(one).textIndent])"
    assert set(words.evaluate_all(room)) == {"0px"}


def test_every_result_is_on_the_scale_or_says_why_it_is_not(page):
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(DEPRESSION)
    results = page.locator("table.trials", has_text="Anand 2023").locator("tbody tr:has([scope=row]) td:nth-child(2)")
    counted = results.locator("> svg")
    without = results.locator("> .uncounted")
    assert counted.count() > 8
    assert counted.count() + without.count() == results.count()
    for said in without.all_inner_texts():
        assert re.fullmatch(
            r"No number given|[\d.]+ (points|of 10)\s+([\d.]+ to )?[\d.]+ (points|of 10)", said.strip()
        ), said


@pytest.mark.parametrize("media", ["screen", "print"])
def test_a_result_without_a_place_on_the_scale_looks_unlike_one_at_0(page, media):
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(DEPRESSION)
    page.emulate_media(media=media)
    result = page.locator(".uncounted:has(.dot)").first
    assert result.evaluate("one => getComputedStyle(one).backgroundImage") == "none"
    cell, scale = (
        result.evaluate("one => one.parentElement.getBoundingClientRect().left"),
        page.locator("table.trials:has(.uncounted) .trials__plot > svg").first.bounding_box(),
    )
    assert result.bounding_box()["x"] == pytest.approx(cell, abs=0.5)
    assert scale["x"] > cell + 4


@pytest.mark.parametrize(("path", "least"), [(DEPRESSION, 11), (OVERVIEW, 7)])
def test_a_drawn_number_is_not_shown_again_in_words(page, path, least):
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(path)
    words = page.locator(".trials__plot:has(> svg) small").evaluate_all(
        """all => all.map(one => [...one.childNodes].filter(
             part => !part.classList?.contains("visually-hidden")).map(part => part.textContent).join(""))"""
    )
    assert len(words) >= least
    assert [line for line in words if " of 100" in line] == []


@pytest.mark.parametrize("path", [DEPRESSION, OVERVIEW, SAFETY])
@pytest.mark.parametrize(("media", "width"), [("screen", 1280), ("screen", 768), ("print", 760)])
def test_the_ends_of_a_scale_are_over_the_ends_of_its_lines(page, path, media, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(path)
    page.emulate_media(media=media)
    tables = page.locator("table.trials:has(.trials__scale)")
    assert tables.count() > 0
    ends = "one => { const { left, right } = one.getBoundingClientRect(); return [left, right]; }"
    middles = """one => {
        const range = document.createRange(), text = one.firstChild, at = text.data.search("0"), last = text.length;
        return [[at, at + 1], [last - 3, last], [last - 6, last - 4]].map(([from, to]) => {
          range.setStart(text, from), range.setEnd(text, to);
          const { left, right } = range.getBoundingClientRect();
          return (left + right) / 2;
        });
      }"""
    for table in tables.all():
        left, right = table.locator(".trials__plot > svg").first.evaluate(ends)
        for scale in table.locator(".trials__scale > :last-child").all():
            assert scale.evaluate(middles) == pytest.approx([left, right, (left + right) / 2], abs=1.5)


@pytest.mark.parametrize("path", [DEPRESSION, OVERVIEW])
@pytest.mark.parametrize("media", ["screen", "print"])
@pytest.mark.parametrize("width", [390, 1280])
def test_a_box_to_check_is_beside_the_first_line_of_its_label(page, path, media, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(media=media)
    page.goto(path)
    offsets = page.locator(".boxes tbody input, .write-in input").evaluate_all(
        """all => all.filter(one => one.checkVisibility()).map(one => {
             const box = one.getBoundingClientRect(), range = document.createRange();
             range.selectNodeContents(one.nextSibling);
             const line = range.getClientRects()[0];
             return (box.top + box.bottom) / 2 - (line.top + line.bottom) / 2;
           })"""
    )
    assert len(offsets) > 3
    assert max(map(abs, offsets)) <= 2


@pytest.mark.parametrize("path", [DEPRESSION, SAFETY])
@pytest.mark.parametrize(("media", "width"), [("screen", 390), ("screen", 1280), ("print", 700)])
def test_every_line_beside_a_box_to_check_begins_at_one_edge(page, path, media, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(media=media)
    page.goto(path)
    uneven = page.locator(":is(.boxes, .write-in) li label").evaluate_all(
        """all => all.filter(one => one.checkVisibility()).map(label => {
             const range = document.createRange(), lines = new Map();
             const walker = document.createTreeWalker(label, NodeFilter.SHOW_TEXT);
             while (walker.nextNode()) {
               if (walker.currentNode.parentElement.closest("sup")) continue;
               range.selectNodeContents(walker.currentNode);
               for (const { bottom, left, width } of range.getClientRects()) {
                 const line = Math.round(bottom);
                 if (width > 2) lines.set(line, Math.min(lines.get(line) ?? left, left));
               }
             }
             const lefts = [...lines.values()];
             return [lefts.length, Math.max(...lefts) - Math.min(...lefts), label.textContent.trim()];
           })"""
    )
    assert any(lines > 1 for lines, _, _ in uneven)
    assert [words for _, off, words in uneven if off > 1] == []


SHOWN = "one => one.checkVisibility({ contentVisibilityAuto: true }) && one.getBoundingClientRect().height > 0"


def test_a_phone_folds_the_trials_until_one_of_them_is_asked_for(page):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(DEPRESSION)
    assert page.evaluate("document.documentElement.scrollHeight") < 18 * 844
    table = page.locator("table.trials", has_text="Anand 2023")
    assert not table.evaluate(SHOWN)
    cited = table.locator("a[id]").first.get_attribute("id")
    page.goto(f"{DEPRESSION}#{cited}")
    assert table.evaluate(SHOWN)
    page.goto("about:blank")
    page.goto(DEPRESSION)
    page.get_by_text(re.compile(r"All \d+ results, one by one")).click()
    assert table.evaluate(SHOWN)


@pytest.mark.parametrize(("media", "width"), [("screen", 768), ("screen", 1280), ("print", 700)])
def test_a_wide_screen_and_a_handout_show_all_that_a_phone_folds(page, media, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(DEPRESSION)
    page.emulate_media(media=media)
    folds = page.locator("details.fold")
    assert folds.count() == 3
    for fold in folds.all():
        assert fold.locator("> :not(summary)").first.evaluate(SHOWN)
        assert not fold.locator("> summary").evaluate(SHOWN)


@pytest.mark.parametrize("width", [768, 1100, 1280])
@pytest.mark.parametrize("path", [OVERVIEW, DEPRESSION, SAFETY])
def test_no_word_of_a_table_breaks_inside(page, path, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(path)
    page.locator("details").evaluate_all(OPEN_ALL)
    broken = page.locator(".trials").evaluate_all(
        """all => all.flatMap(table => {
             const walker = document.createTreeWalker(table, NodeFilter.SHOW_TEXT), range = document.createRange();
             const found = [];
             while (walker.nextNode()) {
               for (const word of walker.currentNode.data.matchAll(/[\\w.,]+/g)) {
                 range.setStart(walker.currentNode, word.index);
                 range.setEnd(walker.currentNode, word.index + word[0].length);
                 if (new Set([...range.getClientRects()].map(line => Math.round(line.top))).size > 1) found.push(word[0]);
               }
             }
             return found;
           })"""
    )
    assert page.locator(".trials").count() >= 1
    assert broken == []
