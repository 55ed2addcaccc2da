"""Requests per week as the shapes of a small bar chart; its numbers stand in a table beside it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from statistics import median

WIDTH, HEIGHT, FOOT = 480, 150, 24
GAP = 12


@dataclass
class Week:
    """The requests of one week: how many, and how long the middle one of them waited for a first try."""

    begins: date
    count: int = 0
    hours: list[float] = field(default_factory=list)

    @property
    def median_hours(self) -> float | None:
        return median(self.hours) if self.hours else None


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    middle: float
    week: Week
    is_present: bool


def bars(weeks: Sequence[Week]) -> list[Bar]:
    """One bar a week on a ground of WIDTH x HEIGHT, its foot FOOT above the lower edge, the highest 20 from the top."""
    highest = max((week.count for week in weeks), default=0) or 1
    step = WIDTH / len(weeks)
    drawn = []
    for number, week in enumerate(weeks):
        height = round((HEIGHT - FOOT - 20) * week.count / highest, 1)
        x = round(number * step + GAP / 2, 1)
        width = round(step - GAP, 1)
        top = round(HEIGHT - FOOT - height, 1)
        drawn.append(Bar(x, top, width, height, x + width / 2, week, week is weeks[-1]))
    return drawn
