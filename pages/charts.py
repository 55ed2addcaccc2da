"""Draw charts as small inline SVGs.

Every number is also in the HTML next to its drawing, and screen readers read it only once. Colors come from the
classes in static/css/charts.css, so they adapt to dark mode, forced colors and print.
"""

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

STEPS = 4
LANE = 22  # the height of a lane with one mark, in pixels, as in static/css/charts.css


def dot_and_ring(
    drug: float,
    comparison: float | None,
    marks: tuple[str, str] = ("dot", "ring"),
    ranges: tuple[tuple[float, float] | None, tuple[float, float] | None] = (None, None),
) -> SafeString:
    """Draw a dot for the drug and, in a lane below it, a ring for the comparison, on a scale from 0 to 100.

    The numbers are in a column at the end of the scale, where no line crosses them. A line through a mark is the range
    in which the true number probably lies. Without a comparison there is no ring. Other `marks` are for a chart of
    other treatments. The width follows the table's cell, so there is no viewBox.
    """
    arms = [arm for arm in zip((drug, comparison), marks, ranges, strict=True) if arm[0] is not None]
    lanes = ((_lane(*arm, y=LANE * number + LANE // 2),) for number, arm in enumerate(arms))
    return format_html(
        '<svg class="marks" height="{}" aria-hidden="true">{}</svg>',
        LANE * len(arms),
        format_html_join("", "{}", lanes),
    )


def _lane(value: float, mark: str, likely: tuple[float, float] | None, y: int) -> SafeString:
    number = format_html('<text x="100%" y="{}" dx="2em" dy=".35em">{}</text>', y, f"{value:.0f}")
    return (_range(*likely, y) if likely else SafeString()) + _mark(mark, value, y) + number


def _range(low: float, high: float, y: int) -> SafeString:
    return format_html('<line x1="{}%" x2="{}%" y1="{}" y2="{}"/>', f"{low:.1f}", f"{high:.1f}", y, y)


def _mark(name: str, value: float, y: int) -> SafeString:
    if name == "square":
        shape = '<rect class="square" x="{}%" y="{}" width="13" height="13" transform="translate(-6.5)"/>'
        return format_html(shape, f"{value:g}", y - 6.5)
    radius = 7 if name == "dot" else 6
    return format_html('<circle class="{}" cx="{}%" cy="{}" r="{}"/>', name, f"{value:g}", y, radius)


def legend(name: str) -> SafeString:
    """Draw a "dot", a "ring", a "square" or a "range" to explain it in a sentence."""
    width, drawn = (28, _range(0, 100, 8)) if name == "range" else (16, _mark(name, 50, 8))
    return format_html('<svg class="marks" width="{}" height="16" aria-hidden="true">{}</svg>', width, drawn)


def meter(steps: int) -> SafeString:
    """Draw four boxes and fill the first `steps` of them."""
    outlines, filled = "", ""
    for step in range(STEPS):
        box = f"M{12 * step} 0h10v3h-10z"
        outlines += box
        filled += box if step < steps else ""
    return format_html(
        '<svg viewBox="0 0 48 3" aria-hidden="true"><path class="plot-grid" shape-rendering="crispEdges" d="{}"/>'
        '<path class="plot-drug" d="{}"/></svg>',
        outlines,
        filled,
    )


def hundred_people(count: int, *, is_drug: bool) -> SafeString:
    """Draw ten rows of ten marks, the first `count` of them large: dots for the drug, rings for the comparison."""
    kinds = ("yes",) if is_drug else ("ring", "hole")
    large = format_html_join("", '<path class="people__{}" d="{}"/>', ((kind, _dots(0, count)) for kind in kinds))
    return format_html(
        '<svg class="people" viewBox="0 0 100 100" aria-hidden="true">{}<path class="people__no" d="{}"/></svg>',
        large,
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
