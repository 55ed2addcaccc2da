"""Draw charts as small inline SVGs.

Every number is also in the HTML next to its drawing, where it wraps on a narrow screen, and screen readers read it only
once. Colors come from the classes in static/css/charts.css, so they adapt to dark mode, forced colors and print.
"""

from django.utils.html import format_html
from django.utils.safestring import SafeString

STEPS = 4
NEAR_TIE = 8  # of 100: marks that are closer may overlap on a phone


def dot_and_ring(drug: float, comparison: float | None, marks: tuple[str, str] = ("dot", "ring")) -> SafeString:
    """Draw a dot for the drug and a ring for the comparison on a scale from 0 to 100, with their numbers.

    Without a comparison there is no ring. In a near tie, the ring is larger, so that it can be seen behind the dot.
    Other `marks` are for a chart of other treatments. The width follows the table's cell, so there is no viewBox.
    """
    if comparison is None:
        drawn = format_html("{}{}", _mark(marks[0], drug), _number(drug, after=True, is_drug=True))
    else:
        near = abs(drug - comparison) < NEAR_TIE
        drawn = format_html(
            '<line x1="{}%" x2="{}%" y1="12" y2="12"/>{}{}{}{}',
            f"{min(drug, comparison):g}",
            f"{max(drug, comparison):g}",
            _mark(marks[1], comparison, is_large=near),
            _mark(marks[0], drug),
            _number(comparison, after=comparison > drug, is_drug=False, gap=15 if near else 12),
            _number(drug, after=drug >= comparison, is_drug=True, gap=15 if near else 12),
        )
    return format_html('<svg class="marks" height="24" aria-hidden="true">{}</svg>', drawn)


def _mark(name: str, value: float, y: int = 12, *, is_large: bool = False) -> SafeString:
    if name == "square":
        shape = '<rect class="square" x="{}%" y="{}" width="13" height="13" transform="translate(-6.5)"/>'
        return format_html(shape, f"{value:g}", y - 6.5)
    radius = 7 if name == "dot" else 10 if is_large else 6
    return format_html('<circle class="{}" cx="{}%" cy="{}" r="{}"/>', name, f"{value:g}", y, radius)


def _number(value: float, *, after: bool, is_drug: bool, gap: int = 12) -> SafeString:
    """Write a mark's number to its right, or to its left."""
    return format_html(
        '<text class="{}" x="{}%" y="50%" dx="{}" dy=".35em" text-anchor="{}">{}</text>',
        "marks__drug" if is_drug else "marks__compared",
        f"{value:g}",
        gap if after else -gap,
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
