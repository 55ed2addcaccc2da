"""The interval that a chart draws around a share of people, such as 12 of 17."""

from math import sqrt
from statistics import NormalDist

CONFIDENCE = 0.95


def wilson_interval(count: int, people: int) -> tuple[float, float]:
    """Return the lower and upper end of Wilson's 95 percent interval for `count` of `people`, in people of 100.

    Unlike the textbook interval, it stays between 0 and 100, and is sound for few people and for a count of 0.
    Source: Wilson EB, J Am Stat Assoc 1927;22:209-212.
    """
    z2 = NormalDist().inv_cdf((1 + CONFIDENCE) / 2) ** 2
    middle = (count + z2 / 2) / (people + z2)
    half = sqrt(z2 * (count * (people - count) / people + z2 / 4)) / (people + z2)
    return 100 * max(0.0, middle - half), 100 * min(1.0, middle + half)
