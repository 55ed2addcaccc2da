"""What can be held of the look without a browser: its colours, its weight, and what an old phone is given."""

import itertools
import re

import brotli
import pytest

from pages.stylesheets import SHARED, SINGLE, styles
from tests.helpers.live_site import PROJECT

TOKENS = (PROJECT / "static/css/tokens.css").read_text()
DARK = TOKENS.partition("(prefers-color-scheme: dark)")[2].partition("\n}\n")[0]


def tokens(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", css))


LIGHT = tokens(TOKENS.partition("@media")[0])
MODES = {"light": LIGHT, "dark": LIGHT | tokens(DARK)}

GROUNDS = ("paper", "surface", "sand", "mist", "sky")
TEXTS = ("ink", "muted", "evergreen", "clay", "danger")
# What stands on the lower sky of the home page, on a button, on a callout's word, on the bands at top and foot.
OTHER_TEXTS = [
    ("ink", "sky-low"),
    ("evergreen", "sky-low"),
    ("paper", "evergreen"),
    ("paper", "clay"),
    ("paper", "danger"),
    ("on-band", "band"),
]
# A field's border, a meter's bars, a plot's marks, the ring of the focus.
MARKS = ("edge", "evergreen", "clay", "danger")


def luminance(color: str) -> float:
    """WCAG's relative luminance of #rrggbb."""
    channels = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_reckoned_as_wcag_does():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("mode", MODES)
def test_text_stands_out_from_every_ground_seven_times(mode):
    colors = MODES[mode]
    pairs = [*itertools.product(TEXTS, GROUNDS), *OTHER_TEXTS]
    faint = {pair: round(contrast(*map(colors.get, pair)), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in faint.items() if ratio < 7} == {}


@pytest.mark.parametrize("mode", MODES)
def test_marks_that_mean_something_stand_out_from_every_ground_three_times(mode):
    colors = MODES[mode]
    pairs = [*itertools.product(MARKS, GROUNDS), ("clay", "sky-low"), ("on-band", "band")]
    faint = {pair: round(contrast(*map(colors.get, pair)), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in faint.items() if ratio < 3} == {}


def test_dark_mode_gives_every_colour_that_is_not_meant_to_stay_a_second_value():
    assert set(LIGHT) - set(tokens(DARK)) == {"sun"}
    assert set(tokens(DARK)) <= set(LIGHT) | {"night"}


def test_all_styles_of_the_public_pages_together_stay_under_five_kilobytes():
    assert len(brotli.compress(styles(*SINGLE, *SHARED).encode())) < 5000


def without_layers(css: str) -> str:
    """The styles as a browser from before 2022 reads them: it drops what begins with @layer, to the block's end."""
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
    raise AssertionError("a block is not closed")


def test_what_stands_outside_the_layers_needs_nothing_that_a_phone_of_2018_does_not_know():
    screen = without_layers(styles(*SINGLE, *SHARED)).partition("@media print")[0]
    assert "--paper" in screen
    unknown = r"clamp\(|min\(|max\(|light-dark|:is\(|:where\(|:has\(|-inline|-block|inset|\bgap:|dvh|&"
    assert re.findall(unknown, screen) == []


def test_the_mark_is_the_same_in_the_header_the_logo_and_the_icon():
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
