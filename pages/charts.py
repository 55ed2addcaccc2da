"""Draw charts as small inline SVGs.

Every number is also in the HTML next to its drawing, and screen readers read it only once. Colors come from the
classes in static/css/charts.css, so they adapt to dark mode, forced colors and print.
"""

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

STEPS = 4
ROW = 38  # dots of ten people, more than the largest trial has
NEAR_TIE = 8  # of 100: marks that are closer may overlap on a phone
UPPER, MIDDLE, LOWER = 8, 12, 24  # heights of marks, in pixels


def dot_and_ring(drug: float, comparison: float | None, marks: tuple[str, str] = ("dot", "ring")) -> SafeString:
    """Draw a dot for the drug and a ring for the comparison on a scale from 0 to 100, with their numbers.

    The numbers are outside the pair, so the table's cell has room for one beyond each end of the scale. Without a
    comparison there is no ring. In a near tie, the ring is below the dot, so that both can be seen whole. Other `marks`
    are for a chart of other treatments. The width follows the cell, so there is no viewBox.
    """
    if comparison is None:
        return _plot(_mark(marks[0], drug), _number(drug, after=True, is_drug=True))
    is_tie = abs(drug - comparison) < NEAR_TIE
    upper, lower = (UPPER, LOWER) if is_tie else (MIDDLE, MIDDLE)
    line = format_html('<line x1="{}%" x2="{}%" y1="{}" y2="{}"/>', f"{comparison:g}", f"{drug:g}", lower, upper)
    return _plot(
        line,
        _mark(marks[1], comparison, lower),
        _mark(marks[0], drug, upper),
        _number(comparison, lower, after=comparison > drug, is_drug=False),
        _number(drug, upper, after=drug >= comparison, is_drug=True),
        height=LOWER + UPPER if is_tie else 2 * MIDDLE,
    )


def _plot(*parts: SafeString, height: int = 2 * MIDDLE) -> SafeString:
    drawn = format_html_join("", "{}", ((part,) for part in parts))
    return format_html('<svg class="marks" height="{}" aria-hidden="true">{}</svg>', height, drawn)


def _mark(name: str, value: float, y: int = MIDDLE) -> SafeString:
    if name == "square":
        shape = '<rect class="square" x="{}%" y="{}" width="13" height="13" transform="translate(-6.5)"/>'
        return format_html(shape, f"{value:g}", y - 6.5)
    radius = 7 if name == "dot" else 6
    return format_html('<circle class="{}" cx="{}%" cy="{}" r="{}"/>', name, f"{value:g}", y, radius)


def _number(value: float, y: int = MIDDLE, *, after: bool, is_drug: bool) -> SafeString:
    """Write a mark's number to its right or left."""
    return format_html(
        '<text class="{}" x="{}%" y="{}" dx="{}" dy=".35em" text-anchor="{}">{}</text>',
        "marks__drug" if is_drug else "marks__compared",
        f"{value:g}",
        y,
        10 if after else -10,
        "start" if after else "end",
        f"{value:.0f}",
    )


def legend(name: str) -> SafeString:
    """Draw a "dot", a "ring" or a "square" to explain it in a sentence."""
    return format_html('<svg class="marks" width="16" height="16" aria-hidden="true">{}</svg>', _mark(name, 50, 8))


def meter(steps: int) -> SafeString:
    """Draw four boxes and fill the first `steps` of them."""
    outlines, filled = "", ""
    for step in range(STEPS):
        box = f"M{12 * step} 0h10v3h-10z"
        outlines += box
        filled += box if step < steps else ""
    return format_html(
        '<svg viewBox="0 0 48 3" aria-hidden="true"><path class="plot-grid" d="{}"/>'
        '<path class="plot-drug" d="{}"/></svg>',
        outlines,
        filled,
    )


def row_of_tens(people: int) -> SafeString:
    """Draw a dot for every ten people, or for the last few, in a row with room for `ROW` dots."""
    dots = -(-people // 10)
    return format_html(
        '<svg viewBox="0 0 {} 10" aria-hidden="true"><path d="M5 5h{}.1"/></svg>', 10 * ROW, 10 * (dots - 1)
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
