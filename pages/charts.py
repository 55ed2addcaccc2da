"""Figures -> small inline SVG, without text of their own: the words and numbers stand beside each as HTML.

So they grow with the reader's letters, wrap on a narrow screen, and are read aloud once. Colours come from
static/css/charts.css by class, so that they follow dark mode, forced colours and print.
"""

from math import sqrt

from django.utils.html import format_html
from django.utils.safestring import SafeString

PEOPLE_OF_LARGEST_CIRCLE = 403
STEPS = 4


def bar(value: float, top: float, css_class: str) -> SafeString:
    """A bar from nought to `value` in a frame that ends at `top`. It stretches to the width that it is given."""
    return format_html(
        '<svg height="9" aria-hidden="true"><rect class="{}" width="{}%" height="100%"/></svg>',
        css_class,
        f"{round(100 * value / top, 1):g}",
    )


def circle(people: int) -> SafeString:
    """A circle whose area grows with the number of people; the smallest is drawn large enough to be seen."""
    radius = max(2, 9 * sqrt(people / PEOPLE_OF_LARGEST_CIRCLE))
    return format_html(
        '<svg viewBox="-9 -9 18 18" aria-hidden="true"><circle class="plot-drug" r="{}"/></svg>', f"{radius:.1f}"
    )


def meter(steps: float) -> SafeString:
    """Four steps in a row, `steps` of them filled; a half step is filled by half."""
    outlines, filled = "", ""
    for step in range(STEPS):
        outlines += f"M{12 * step} 0h10v6h-10z"
        if (part := min(1.0, steps - step)) > 0:
            filled += f"M{12 * step} 0h{10 * part:g}v6h-{10 * part:g}z"
    return format_html(
        '<svg viewBox="-1 -1 48 8" aria-hidden="true"><path class="plot-grid" d="{}"/>'
        '<path class="plot-drug" d="{}"/></svg>',
        outlines,
        filled,
    )


def hundred_people(count: int) -> SafeString:
    """Ten rows of ten dots, of which `count` are large. A dot is a dash of no length with round ends."""
    return format_html(
        '<svg class="people" viewBox="0 0 100 100" aria-hidden="true">'
        '<path class="people__yes" d="{}"/><path class="people__no" d="{}"/></svg>',
        _dots(0, count),
        _dots(count, 100),
    )


def _dots(first: int, end: int) -> str:
    """One line for each row that holds any of the dots from `first` up to `end`."""
    lines = ""
    for row in range(10):
        start, stop = max(first, 10 * row), min(end, 10 * row + 10)
        if start < stop:
            lines += f"M{10 * (start - 10 * row) + 5} {10 * row + 5}h{10 * (stop - start - 1) + 0.1:g}"
    return lines
