"""What no accessibility engine sees: measured on every page and in every state, in two visits to each."""

from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.browser.places import PATHS, PLACES, STATES, open_place
from tests.site.test_component_sheet import COMPONENTS

pytestmark = pytest.mark.looks

MEASURE = (Path(__file__).parent / "measure.js").read_text()

# WCAG 1.4.12. A stylesheet made by script, for a page's policy takes none by tag.
TEXT_SPACING = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }
    p { margin-block-end: 2em !important; }`);
  document.adoptedStyleSheets = [sheet];
}"""


def measure(page, *names: str) -> dict:
    """What the functions of measure.js say of the page as it stands."""
    calls = ", ".join(f"{name}: measure.{name}()" for name in names)
    return page.evaluate(f"() => {{ const measure = {MEASURE}; return {{{calls}}}; }}")


@pytest.fixture(scope="module")
def wide(browser, site):
    """For each place what is measured at 1280 px, with every request that it made and the cookies it left."""
    facts = {}
    for place in PLACES:
        context = browser.new_context(base_url=site.url, reduced_motion="reduce")
        page = context.new_page()
        requests = []
        page.on("request", lambda request, requests=requests: requests.append(request.url))
        open_place(page, place)
        facts[place] = measure(
            page, "headings", "small_targets", "faint_marks", "long_lines", "selectors", "classes", "scripts", "wider"
        )
        facts[place] |= {"requests": requests, "cookies": [cookie["name"] for cookie in context.cookies()]}
        facts[place] |= measure(page, "over_drawings")
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        facts[place]["at 200%"] = measure(page, "wider", "clipped")
        context.close()
    return facts


@pytest.fixture(scope="module")
def narrow(browser, site):
    """For each place what is measured where 1280 by 1024 px are magnified four times."""
    context = browser.new_context(base_url=site.url, viewport={"width": 320, "height": 256}, reduced_motion="reduce")
    page = context.new_page()
    facts = {}
    for place in PLACES:
        open_place(page, place)
        facts[place] = measure(page, "wider", "at_the_edge", "small_targets", "over_drawings")
        page.evaluate(TEXT_SPACING)
        facts[place]["spaced"] = measure(page, "wider", "clipped")
    context.close()
    return facts


def found(facts: dict, name: str) -> dict:
    """The places where something was found."""
    return {place: fact[name] for place, fact in facts.items() if fact[name]}


def test_nothing_scrolls_sideways_or_leaves_the_screen_at_any_magnification(wide, narrow):
    assert {place: fact["wider"] for place, fact in wide.items() if any(fact["wider"].values())} == {}
    assert {place: fact["wider"] for place, fact in narrow.items() if any(fact["wider"].values())} == {}


def test_no_text_touches_the_edge_of_a_small_screen(narrow):
    assert found(narrow, "at_the_edge") == {}


def test_text_at_twice_its_size_or_widely_spaced_loses_nothing(wide, narrow):
    for facts, name in ((wide, "at 200%"), (narrow, "spaced")):
        losses = {
            place: fact[name]
            for place, fact in facts.items()
            if fact[name]["wider"]["scrolls"] or fact[name]["wider"]["out"] or fact[name]["clipped"]
        }
        assert losses == {}, name


def test_no_line_of_running_text_is_longer_than_75_characters(wide):
    assert found(wide, "long_lines") == {}


def test_no_words_stand_on_a_drawing(wide, narrow):
    assert found(wide, "over_drawings") == {}
    assert found(narrow, "over_drawings") == {}


def test_every_target_can_be_hit_and_the_main_ones_with_ease(wide, narrow):
    assert found(wide, "small_targets") == {}
    assert found(narrow, "small_targets") == {}


def test_fields_and_drawings_that_mean_something_stand_out(wide):
    assert found(wide, "faint_marks") == {}


def test_headings_begin_with_the_page_and_skip_no_level(wide):
    wrong = {}
    for place, fact in wide.items():
        levels = [level for level, _ in fact["headings"]]
        # The summary of errors stands before the page's own heading, where a reader meets it first.
        start = 1 if place.startswith("the form") else 0
        steps = [after - before for before, after in zip(levels[start:], levels[start + 1 :], strict=False)]
        if levels[start] != 1 or levels.count(1) != 1 or max(steps, default=0) > 1:
            wrong[place] = fact["headings"]
    assert wrong == {}


def test_no_page_runs_a_script(wide):
    assert found(wide, "scripts") == {}


def test_no_page_asks_another_host_for_anything(wide, site):
    asked = {urlsplit(url).netloc for fact in wide.values() for url in fact["requests"]}
    assert asked == {urlsplit(site.url).netloc}


def test_no_page_but_the_form_leaves_a_cookie(wide):
    # To come to a receipt is to have been at the form.
    of_the_form = {"/consultation/", *STATES[: STATES.index("a request for somebody under 18")]}
    assert {place for place, fact in wide.items() if fact["cookies"]} <= of_the_form
    assert {name for fact in wide.values() for name in fact["cookies"]} == {"csrftoken"}


def test_every_rule_of_the_stylesheets_is_used_somewhere(wide):
    there = {selector for fact in wide.values() for selector in fact["selectors"]}
    used = {selector for fact in wide.values() for selector, found in fact["selectors"].items() if found}
    assert len(there) > 100
    assert sorted(there - used) == []


def test_every_component_is_used_at_least_twice(wide):
    uses = Counter(name for fact in wide.values() for name in fact["classes"])
    assert {name: uses[name] for name in COMPONENTS if uses[name] < 2} == {}


def test_every_page_of_the_sitemap_was_looked_at(wide, narrow):
    assert len(PATHS) > 15
    assert set(PATHS) <= set(wide)
    assert set(wide) == set(narrow)
