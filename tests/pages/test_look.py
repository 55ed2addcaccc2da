"""Tests of the colors, the CSS and the logo, without a browser."""

import itertools
import re

import brotli
import pytest

from pages.stylesheets import SHARED, SINGLE, styles
from tests.helpers.contrast import contrast
from tests.helpers.live_site import PROJECT

TOKENS = (PROJECT / "static/css/tokens.css").read_text()
HOME = (PROJECT / "static/css/home.css").read_text()  # it adds the colors of the landscape
DARK = "".join(css.partition("(prefers-color-scheme: dark)")[2].partition("\n}\n")[0] for css in (TOKENS, HOME))


def tokens(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", css))


LIGHT = tokens(TOKENS.partition("@media")[0]) | tokens(HOME.partition("@media")[0])
MODES = {"light": LIGHT, "dark": LIGHT | tokens(DARK)}

GROUNDS = ("paper", "surface", "sand", "mist", "sky")
TEXTS = ("ink", "muted", "evergreen", "clay", "danger")
# (text, background) pairs whose background is not in GROUNDS: the lower sky of the home page, buttons, callout labels,
# the bands at the top and bottom of a page, and an answer that is chosen in a form.
OTHER_TEXTS = [
    ("ink", "sky-low"),
    ("evergreen", "sky-low"),
    ("paper", "evergreen"),
    ("paper", "clay"),
    ("paper", "danger"),
    ("on-band", "band"),
    ("ink", "chosen"),
]
# The colors of field borders, meter bars, plot marks and focus rings.
MARKS = ("edge", "evergreen", "clay", "danger")


def test_contrast_is_calculated_as_in_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "rgb(255, 255, 255)") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("mode", MODES)
def test_text_has_a_contrast_of_7_to_1_on_every_background(mode):
    colors = MODES[mode]
    pairs = [*itertools.product(TEXTS, GROUNDS), *OTHER_TEXTS]
    faint = {pair: round(contrast(*map(colors.get, pair)), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in faint.items() if ratio < 7} == {}


@pytest.mark.parametrize("mode", MODES)
def test_printed_text_has_a_contrast_of_7_to_1_with_backgrounds_printed(mode):
    colors = MODES[mode] | tokens((PROJECT / "static/css/print.css").read_text())
    pairs = [*itertools.product(TEXTS, GROUNDS), *(pair for pair in OTHER_TEXTS if "sky-low" not in pair)]
    faint = {pair: round(contrast(*map(colors.get, pair)), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in faint.items() if ratio < 7} == {}


def test_the_crisis_bar_takes_its_printed_colors_from_the_tokens():
    rules = re.findall(r"[^{}]*\.crisis-bar[^{}]*\{([^}]*)\}", (PROJECT / "static/css/print.css").read_text())
    assert rules
    assert not re.search(r"color|background", "".join(rules))


@pytest.mark.parametrize("mode", MODES)
def test_graphics_have_a_contrast_of_3_to_1_on_every_background(mode):
    colors = MODES[mode]
    pairs = [*itertools.product(MARKS, GROUNDS), ("clay", "sky-low"), ("on-band", "band"), ("evergreen", "chosen")]
    faint = {pair: round(contrast(*map(colors.get, pair)), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in faint.items() if ratio < 3} == {}


def test_dark_mode_redefines_every_color():
    assert set(tokens(DARK)) == set(LIGHT)


@pytest.mark.parametrize("mode", MODES)
def test_lines_of_drawings_have_a_contrast_of_3_to_1_on_what_they_cross(mode):
    colors = MODES[mode]
    grounds = ("draw-sky", "draw-field", "draw-wood", "draw-sand", "draw-light")
    faint = {ground: round(contrast(colors["draw-line"], colors[ground]), 2) for ground in grounds}
    assert {ground: ratio for ground, ratio in faint.items() if ratio < 3} == {}


def test_the_sun_of_a_drawing_is_a_pale_moon_in_dark_mode_except_at_dawn():
    sun, moon = (MODES[mode]["sun"] for mode in ("light", "dark"))
    assert contrast(moon, "#000000") > 14 > contrast(sun, "#000000")
    assert all(MODES["dark"][name] == moon for name in ("sun", "sun-disc"))
    dawn = dict(re.findall(r"\.dawn\s*{\s*--([\w-]+): (#\w+);", (PROJECT / "static/css/columns.css").read_text()))
    assert dawn["sun"] == sun
    assert contrast(MODES["dark"]["draw-line"], dawn["draw-sky"]) >= 3


@pytest.mark.parametrize(
    "single",
    [
        (),
        ("home", "columns"),
        ("columns", "folds", "forms"),
        ("columns", "folds", "contents", "headings", "sheet"),
        ("article", "folds", "contents", "charts"),
        ("article", "folds", "contents", "lists", "sheet"),
        ("article", "folds", "contents", "sheet"),
    ],
)
def test_the_styles_of_a_page_compress_to_less_than_5_kb(single):
    assert len(brotli.compress(styles(*SHARED, *single).encode())) < 5000


def without_layers(css: str) -> str:
    """Return the CSS without its @layer rules, which browsers from before 2022 ignore."""
    kept = ""
    while (start := css.find("@layer")) >= 0:
        end = min(at for at in (css.find(";", start), css.find("{", start)) if at >= 0)
        if css[end] == "{":
            end = _closing_brace(css, end)
        kept, css = kept + css[:start], css[end + 1 :]
    return kept + css


def _closing_brace(css: str, start: int) -> int:
    depth = 0
    for at in range(start, len(css)):
        depth += {"{": 1, "}": -1}.get(css[at], 0)
        if depth == 0:
            return at
    raise AssertionError("unclosed block")


def test_css_outside_layers_uses_only_features_of_2018_browsers():
    sheets = (without_layers(styles(name)) for name in (*SINGLE, *SHARED))
    screen = "".join(css.partition("@media print")[0] for css in sheets)
    assert "--paper" in screen
    unknown = r"clamp\(|min\(|max\(|light-dark|:is\(|:where\(|:has\(|-inline|-block|inset|\bgap:|dvh|&"
    assert re.findall(unknown, screen) == []


def test_header_logo_and_icon_draw_the_same_mark():
    drawings = [
        re.findall(r'(?: d| c[xy]| r)="[^"]+"', (PROJECT / path).read_text())
        for path in ("templates/includes/mark.html", "static/img/logo.svg", "static/img/favicon.svg")
    ]
    assert len(drawings[0]) > 5
    assert drawings[0] == drawings[1] == drawings[2]


def test_the_one_color_logo_sets_no_fill_color():
    drawn = (PROJECT / "static/img/logo-one-color.svg").read_text().partition("</mask>")[2]
    assert "<circle" in drawn
    assert "fill=" not in drawn


@pytest.mark.parametrize(
    "path", ["templates/base.html", "templates/includes/mark.html", "static/img/favicon.svg", "static/img/logo.svg"]
)
def test_colors_outside_the_stylesheets_are_design_tokens(path):
    colors = set(re.findall(r"#[0-9a-f]{6}\b", (PROJECT / path).read_text()))
    assert colors
    assert colors <= {*LIGHT.values(), *MODES["dark"].values()}


@pytest.mark.parametrize("mode", MODES)
def test_a_phones_browser_bar_has_the_color_of_the_crisis_bar(mode):
    base = (PROJECT / "templates/base.html").read_text()
    found = re.findall(rf'name="theme-color" content="(#\w+)" media="\(prefers-color-scheme: {mode}\)"', base)
    assert found == [MODES[mode]["band"]]
