"""Tests of layout and style rules that axe-core does not check, on every page and state at two widths."""

from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.browser.places import PATHS, PLACES, STATES, open_place
from tests.site.test_component_sheet import COMPONENTS

pytestmark = pytest.mark.looks

MEASURE = (Path(__file__).parent / "measure.js").read_text()

# Applies the text spacing of WCAG 1.4.12. A script adds the rules, because the CSP blocks an added <style> tag.
TEXT_SPACING = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }
    p { margin-block-end: 2em !important; }`);
  document.adoptedStyleSheets = [sheet];
}"""


def measure(page, *names: str) -> dict:
    """Call the functions `names` of measure.js on the open page. Return their results, keyed by name."""
    calls = ", ".join(f"{name}: measure.{name}()" for name in names)
    return page.evaluate(f"() => {{ const measure = {MEASURE}; return {{{calls}}}; }}")


@pytest.fixture(scope="module")
def wide(browser, site):
    """Open each place at a width of 1280 px. Return its measurements, HTTP requests and cookies, keyed by place."""
    facts = {}
    context = browser.new_context(base_url=site.url, reduced_motion="reduce")
    page = context.new_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    for place in PLACES:
        requests.clear()
        context.clear_cookies()
        open_place(page, place)
        facts[place] = measure(
            page, "headings", "small_targets", "faint_marks", "long_lines", "selectors", "classes", "scripts", "wider"
        )
        facts[place] |= {"requests": requests.copy(), "cookies": [cookie["name"] for cookie in context.cookies()]}
        facts[place] |= measure(
            page,
            "over_drawings",
            "uses_the_right",
            "empty_right_screens",
            "broken_numbers",
            "torn_sentences",
            "wide_headings",
        )
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        facts[place]["at 200%"] = measure(page, "wider", "clipped")
    context.close()
    return facts


@pytest.fixture(scope="module")
def narrow(browser, site):
    """Open each place at 320 x 256 px, like 1280 x 1024 px at 400% zoom. Return its measurements, keyed by place."""
    context = browser.new_context(base_url=site.url, viewport={"width": 320, "height": 256}, reduced_motion="reduce")
    page = context.new_page()
    facts = {}
    for place in PLACES:
        open_place(page, place)
        facts[place] = measure(page, "wider", "at_the_edge", "small_targets", "over_drawings", "broken_numbers")
        page.evaluate(TEXT_SPACING)
        facts[place]["spaced"] = measure(page, "wider", "clipped")
    context.close()
    return facts


@pytest.fixture(scope="module")
def large_text(browser, site):
    """Open each place on a phone with a default font of 32 px. Return its measurements, keyed by place."""
    context = browser.new_context(base_url=site.url, viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    page = context.new_page()
    context.new_cdp_session(page).send("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})
    facts = {}
    for place in PLACES:
        open_place(page, place)
        assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
        facts[place] = measure(page, "wider", "clipped")
    context.close()
    return facts


def found(facts: dict, name: str) -> dict:
    """Return the results of measurement `name` that are not empty, keyed by place."""
    return {place: fact[name] for place, fact in facts.items() if fact[name]}


def test_nothing_overflows_sideways_at_normal_size_or_at_400_percent_zoom(wide, narrow):
    assert {place: fact["wider"] for place, fact in wide.items() if any(fact["wider"].values())} == {}
    assert {place: fact["wider"] for place, fact in narrow.items() if any(fact["wider"].values())} == {}


def test_no_text_touches_the_edge_of_a_small_screen(narrow):
    assert found(narrow, "at_the_edge") == {}


def test_text_at_200_percent_or_with_wide_spacing_is_not_cut_off(wide, narrow):
    for facts, name in ((wide, "at 200%"), (narrow, "spaced")):
        losses = {
            place: fact[name]
            for place, fact in facts.items()
            if fact[name]["wider"]["scrolls"] or fact[name]["wider"]["out"] or fact[name]["clipped"]
        }
        assert losses == {}, name


def test_text_twice_as_large_on_a_phone_never_scrolls_sideways(large_text):
    assert {place: fact["wider"] for place, fact in large_text.items() if any(fact["wider"].values())} == {}
    assert found(large_text, "clipped") == {}


def test_no_line_of_running_text_is_longer_than_75_characters(wide):
    assert found(wide, "long_lines") == {}


def test_no_text_overlaps_a_drawing(wide, narrow):
    assert found(wide, "over_drawings") == {}
    assert found(narrow, "over_drawings") == {}


def test_no_page_leaves_its_right_side_empty(wide):
    assert [place for place, fact in wide.items() if not fact["uses_the_right"]] == []


def test_no_screen_of_a_page_leaves_its_right_side_empty(wide):
    assert found(wide, "empty_right_screens") == {}


def test_numbers_in_articles_do_not_break_across_lines(wide, narrow):
    assert found(wide, "broken_numbers") == {}
    assert found(narrow, "broken_numbers") == {}


def test_a_number_kept_on_one_line_stays_in_its_sentence(wide):
    assert found(wide, "torn_sentences") == {}


def test_no_heading_of_an_article_is_wider_than_its_text(wide):
    assert found(wide, "wide_headings") == {}


def test_targets_are_at_least_24_pixels_and_main_actions_44(wide, narrow):
    assert found(wide, "small_targets") == {}
    assert found(narrow, "small_targets") == {}


def test_field_borders_and_chart_marks_have_a_contrast_of_three(wide):
    assert found(wide, "faint_marks") == {}


def test_headings_start_at_level_one_and_skip_no_level(wide):
    wrong = {}
    for place, fact in wide.items():
        levels = [level for level, _ in fact["headings"]]
        # The error summary's heading precedes the page's h1, so that screen readers read it first.
        start = 1 if place.startswith("the form") else 0
        steps = [after - before for before, after in zip(levels[start:], levels[start + 1 :], strict=False)]
        if levels[start] != 1 or levels.count(1) != 1 or max(steps, default=0) > 1:
            wrong[place] = fact["headings"]
    assert wrong == {}


def test_no_page_runs_a_script(wide):
    assert found(wide, "scripts") == {}


def test_no_page_makes_a_request_to_another_host(wide, site):
    asked = {urlsplit(url).netloc for fact in wide.values() for url in fact["requests"]}
    assert asked == {urlsplit(site.url).netloc}


def test_only_the_form_sets_cookies_for_csrf_and_for_who_sent_it(wide):
    # A visitor reaches these states through the form.
    of_the_form = {"/consultation/", *STATES[: STATES.index("a request for a minor")]}
    assert {place for place, fact in wide.items() if fact["cookies"]} <= of_the_form
    # Where an earlier test sent the form whose receipt is shown, nothing is sent here, so "sent" isn't set.
    assert {name for fact in wide.values() for name in fact["cookies"]} - {"sent"} == {"csrftoken"}


def test_every_css_rule_is_used_somewhere(wide):
    there = {selector for fact in wide.values() for selector in fact["selectors"]}
    used = {selector for fact in wide.values() for selector, found in fact["selectors"].items() if found}
    assert len(there) > 100
    assert sorted(there - used) == []


def test_every_component_is_used_at_least_twice(wide):
    uses = Counter(name for fact in wide.values() for name in fact["classes"])
    assert {name: uses[name] for name in COMPONENTS if uses[name] < 2} == {}


def test_every_page_of_the_sitemap_is_measured(wide, narrow):
    assert len(PATHS) > 15
    assert set(PATHS) <= set(wide)
    assert set(wide) == set(narrow)


def test_an_articles_contents_stay_in_view_and_list_every_question(shared_page):
    shared_page.set_viewport_size({"width": 1280, "height": 800})
    shared_page.goto("/ketamine-infusion-therapy/questions/")
    questions = shared_page.locator(".article__text summary")
    assert shared_page.locator(".contents__question").count() == questions.count() > 20
    questions.last.scroll_into_view_if_needed()
    contents = shared_page.locator("nav.contents").bounding_box()
    assert contents["y"] >= 0
    assert contents["y"] + contents["height"] <= 800
