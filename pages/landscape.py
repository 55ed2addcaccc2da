"""Draw dawn over the Shawnee hills for images made on the server: the social cards and the counter card."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

# Gelasio Bold (SIL Open Font License, fonts/Gelasio-OFL.txt), only for images. Pages use the reader's own fonts.
SERIF = Path(__file__).parent / "fonts/Gelasio-Bold.ttf"

# Copies of the light-mode colors in static/css/tokens.css. A test compares them.
EVERGREEN = "#1d4a40"
PAPER = "#fbf8f2"
INK = "#1b2a26"
SKY = ("#fdeedb", "#f9d9ba")  # at the top, and at the horizon
SUN = "#fff4e0"

Point = tuple[float, float]


@dataclass(frozen=True)
class Hill:
    """One ridge. `heights` are at evenly spaced points from left to right, and 1 is the tallest possible."""

    color: str
    heights: tuple[float, ...]

    def ridge(self, steps: int = 120) -> list[Point]:
        """Return points along the smoothed ridge: x from 0 to 1, height from 0 to about 1."""
        return [(step / steps, self._height(step / steps * (len(self.heights) - 1))) for step in range(steps + 1)]

    def _height(self, position: float) -> float:
        """Return the height between two points, interpolated with a Catmull-Rom spline."""
        last = len(self.heights) - 1
        index = min(int(position), last - 1)
        t = position - index
        a, b, c, d = (self.heights[min(max(index + offset, 0), last)] for offset in (-1, 0, 1, 2))
        return b + t / 2 * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))


# Back to front. The sun is drawn between the first and the second.
HILLS = (
    Hill("#e9c6a4", (0.60, 0.76, 0.66, 0.64, 0.86, 0.98, 0.76, 0.66, 0.90)),
    Hill("#93a892", (0.44, 0.61, 0.59, 0.46, 0.46, 0.68, 0.81, 0.78, 0.62)),
    Hill("#4f7a69", (0.30, 0.42, 0.43, 0.38, 0.39, 0.50, 0.58, 0.54, 0.37)),
    Hill(EVERGREEN, (0.13, 0.21, 0.27, 0.25, 0.20, 0.20, 0.28, 0.34, 0.22)),
)
SUN_PLACE = (0.73, 0.85)  # x and height, in the units of Hill.ridge()
SUN_RADIUS = 0.19  # as a fraction of draw_hills' `tallest`


def draw_hills(
    width: float,
    height: float,
    tallest: float,
    circle: Callable[[Point, float, str], object],
    polygon: Callable[[list[Point], str], object],
    hills: tuple[Hill, ...] = HILLS,
) -> None:
    """Draw hills at the bottom edge, back to front. A ridge of height 1 is `tallest` units high.

    `circle` takes a center, a radius and a color; `polygon` takes points and a color. The sun comes with the second
    hill, which stands before it.
    """

    def place(point: Point) -> Point:
        return point[0] * width, height - point[1] * tallest

    for hill in hills:
        if hill is HILLS[1]:
            circle(place(SUN_PLACE), SUN_RADIUS * tallest, SUN)
        polygon([(0, height), *map(place, hill.ridge()), (width, height)], hill.color)
