"""Draw charts as small inline SVGs without text.

Labels and numbers are HTML next to each drawing, so they scale with the reader's font, wrap on a narrow screen, and
screen readers read them only once. Colors come from the classes in static/css/charts.css, so they adapt to dark mode,
forced colors and print.
"""

from math import sqrt

from django.utils.html import format_html
from django.utils.safestring import SafeString

STEPS = 4


def bar(value: float, top: float, css_class: str) -> SafeString:
    """Draw a bar from 0 to `value` on a scale that ends at `top`. The bar's width follows its container."""
    return format_html(
        '<svg height="9" aria-hidden="true"><rect class="{}" width="{}%" height="100%"/></svg>',
        css_class,
        f"{round(100 * value / top, 1):g}",
    )


def circle(people: int, most: int) -> SafeString:
    """Draw a circle whose area is proportional to people / most. A minimum radius keeps small circles visible."""
    radius = max(2, 9 * sqrt(people / most))
    return format_html(
        '<svg viewBox="-9 -9 18 18" aria-hidden="true"><circle class="plot-drug" r="{}"/></svg>', f"{radius:.1f}"
    )


def meter(steps: int) -> SafeString:
    """Draw four boxes and fill the first `steps` of them."""
    outlines, filled = "", ""
    for step in range(STEPS):
        box = f"M{12 * step} 0h10v6h-10z"
        outlines += box
        filled += box if step < steps else ""
    return format_html(
        '<svg viewBox="-1 -1 48 8" aria-hidden="true"><path class="plot-grid" d="{}"/>'
        '<path class="plot-drug" d="{}"/></svg>',
        outlines,
        filled,
    )


def hundred_people(count: int) -> SafeString:
    """Draw ten rows of ten dots, the first `count` of them large."""
    return format_html(
        '<svg class="people" viewBox="0 0 100 100" aria-hidden="true">'
        '<path class="people__yes" d="{}"/><path class="people__no" d="{}"/></svg>',
        _dots(0, count),
        _dots(count, 100),
    )


def _dots(first: int, end: int) -> str:
    """Return SVG path data with one line per row. A dash pattern in the CSS turns the lines into round dots."""
    lines = ""
    for row in range(10):
        start, stop = max(first, 10 * row), min(end, 10 * row + 10)
        if start < stop:
            lines += f"M{10 * (start - 10 * row) + 5} {10 * row + 5}h{10 * (stop - start - 1) + 0.1:g}"
    return lines
