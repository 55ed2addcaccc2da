"""Colors, the size of the styles and the mark, as far as they can be tested without a browser."""

import itertools
import re

import brotli
import pytest

from pages.stylesheets import SHARED, SINGLE, styles
from tests.helpers.contrast import contrast
from tests.helpers.live_site import PROJECT

TOKENS = (PROJECT / "static/css/tokens.css").read_text()
DARK = TOKENS.partition("(prefers-color-scheme: dark)")[2].partition("\n}\n")[0]


def tokens(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", css))


LIGHT = tokens(TOKENS.partition("@media")[0])
MODES = {"light": LIGHT, "dark": LIGHT | tokens(DARK)}

GROUNDS = ("paper", "surface", "sand", "mist", "sky")
TEXTS = ("ink", "muted", "evergreen", "clay", "danger")
# On the lower sky of the home page, on buttons, on callout labels, and on the bands at the top and bottom.
OTHER_TEXTS = [
    ("ink", "sky-low"),
    ("evergreen", "sky-low"),
    ("paper", "evergreen"),
    ("paper", "clay"),
    ("paper", "danger"),
    ("on-band", "band"),
]
# Field borders, meter bars, plot marks and focus rings.
MARKS = ("edge", "evergreen", "clay", "danger")


def test_contrast_is_calculated_as_in_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "rgb(255, 255, 255)") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("mode", MODES)
def test_text_has_a_contrast_of_seven_on_every_background(mode):
    colors = MODES[mode]
    pairs = [*itertools.product(TEXTS, GROUNDS), *OTHER_TEXTS]
    faint = {pair: round(contrast(*map(colors.get, pair)), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in faint.items() if ratio < 7} == {}


@pytest.mark.parametrize("mode", MODES)
def test_meaningful_marks_have_a_contrast_of_three_on_every_background(mode):
    colors = MODES[mode]
    pairs = [*itertools.product(MARKS, GROUNDS), ("clay", "sky-low"), ("on-band", "band")]
    faint = {pair: round(contrast(*map(colors.get, pair)), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in faint.items() if ratio < 3} == {}


def test_dark_mode_redefines_every_color_but_the_sun():
    assert set(LIGHT) - set(tokens(DARK)) == {"sun"}
    assert set(tokens(DARK)) <= set(LIGHT) | {"night"}


def test_all_public_styles_together_stay_under_five_kilobytes():
    assert len(brotli.compress(styles(*SINGLE, *SHARED).encode())) < 5000


def without_layers(css: str) -> str:
    """Remove every @layer rule, as a browser from before 2022 does."""
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


def test_css_outside_the_layers_works_on_a_phone_of_2018():
    screen = without_layers(styles(*SINGLE, *SHARED)).partition("@media print")[0]
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


def test_the_mark_in_one_color_has_one_color():
    drawn = (PROJECT / "static/img/logo-one-color.svg").read_text().partition("</mask>")[2]
    assert "<circle" in drawn
    assert "fill=" not in drawn


@pytest.mark.parametrize(
    "path", ["templates/base.html", "templates/includes/mark.html", "static/img/favicon.svg", "static/img/logo.svg"]
)
def test_colors_written_outside_the_stylesheets_are_tokens(path):
    colors = set(re.findall(r"#[0-9a-f]{6}\b", (PROJECT / path).read_text()))
    assert colors
    assert colors <= set(LIGHT.values())
