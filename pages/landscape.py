"""Dawn over the Shawnee hills, the site's picture, for what no browser draws: social cards and the counter card."""

from dataclasses import dataclass

# The colors are those of static/css/tokens.css in daylight.
EVERGREEN = "#1d4a40"
PAPER = "#fbf8f2"
INK = "#1b2a26"
SKY = ("#fdeedb", "#f9d9ba")  # above, and at the horizon
SUN = "#fef3e0"


@dataclass(frozen=True)
class Hill:
    """One ridge: its height at points evenly spaced from the left edge to the right, as parts of the tallest."""

    color: str
    heights: tuple[float, ...]

    def ridge(self, steps: int = 120) -> list[tuple[float, float]]:
        """The ridge as a smooth line of points: x from 0 to 1, height from 0 to about 1."""
        return [(step / steps, self._height(step / steps * (len(self.heights) - 1))) for step in range(steps + 1)]

    def _height(self, position: float) -> float:
        """A Catmull-Rom curve through the heights."""
        last = len(self.heights) - 1
        index = min(int(position), last - 1)
        t = position - index
        a, b, c, d = (self.heights[min(max(index + offset, 0), last)] for offset in (-1, 0, 1, 2))
        return b + t / 2 * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))


# The farthest first. The sun stands behind all but the farthest.
HILLS = (
    Hill("#e0bd9b", (0.60, 0.76, 0.66, 0.64, 0.86, 0.98, 0.76, 0.66, 0.90)),
    Hill("#93a892", (0.44, 0.61, 0.59, 0.46, 0.46, 0.68, 0.81, 0.78, 0.62)),
    Hill("#4f7a69", (0.30, 0.42, 0.43, 0.38, 0.39, 0.50, 0.58, 0.54, 0.37)),
    Hill(EVERGREEN, (0.13, 0.21, 0.27, 0.25, 0.20, 0.20, 0.28, 0.34, 0.22)),
)
SUN_PLACE = (0.73, 0.85)  # as a ridge's points
SUN_RADIUS = 0.19  # of the tallest height
