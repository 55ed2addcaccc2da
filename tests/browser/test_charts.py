"""Measures the charts in a browser."""

import pytest

from tests.helpers.contrast import contrast

pytestmark = pytest.mark.looks

DEPRESSION = "/ketamine-infusion-therapy/conditions/depression/"
BENEFITS = "/ketamine-infusion-therapy/benefits-and-limits/"


@pytest.fixture
def page(shared_page):
    return shared_page


@pytest.mark.parametrize("width", [320, 1280])
def test_bars_share_one_scale_and_stay_within_their_frame(page, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(DEPRESSION)
    trial = page.locator(".trials > li", has_text="Anand 2023")
    frames = trial.locator("svg").evaluate_all("frames => frames.map(frame => frame.clientWidth)")
    bars = trial.locator("svg rect").evaluate_all("bars => bars.map(bar => bar.getBoundingClientRect().width)")
    assert len(set(frames)) == 1
    assert frames[0] > 150
    assert [bar / frames[0] for bar in bars] == [pytest.approx(0.554, abs=0.01), pytest.approx(0.412, abs=0.01)]


def test_a_result_without_numbers_is_as_tall_as_one_with_bars(page):
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(DEPRESSION)

    def height(name: str) -> float:
        return page.locator(".trials > li", has_text=name).first.bounding_box()["height"]

    assert height("Jelovac 2025") >= height("Lii 2023") * 0.95
    assert height("Ionescu 2019") >= height("Zarate 2006") * 0.9
    assert height("Fava 2020") >= height("Murrough 2013") * 0.9


@pytest.mark.parametrize("path", [DEPRESSION, BENEFITS])
def test_charts_fit_a_narrow_screen_without_horizontal_scrolling(page, path):
    page.set_viewport_size({"width": 320, "height": 900})
    page.goto(path)
    page.locator("details").evaluate_all("details => details.forEach(one => one.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_print_shows_the_table_that_is_collapsed_on_screen(page):
    page.goto(DEPRESSION)
    table = page.locator(".figure__table table")
    assert not table.is_visible()
    page.emulate_media(media="print")
    assert table.is_visible()
    assert table.bounding_box()["height"] > 100


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_bars_have_a_contrast_of_three_with_their_background(page, scheme):
    page.emulate_media(color_scheme=scheme)
    page.goto(DEPRESSION)
    paper = page.locator(".plot").evaluate("figure => getComputedStyle(figure).backgroundColor")
    for mark in (".plot .plot-drug", ".plot .plot-comparison"):
        fill = page.locator(mark).first.evaluate("mark => getComputedStyle(mark).fill")
        assert contrast(fill, paper) >= 3, (mark, fill, paper)
