"""Tests of the intervals that charts draw."""

import pytest

from pages.intervals import wilson_interval


# From Table I in Newcombe RG, Stat Med 1998;17:857-872, method 3.
@pytest.mark.parametrize(
    ("count", "people", "lower", "upper"),
    [(81, 263, 25.53, 36.62), (15, 148, 6.24, 16.05), (0, 20, 0, 16.11), (1, 29, 0.61, 17.18), (29, 29, 88.3, 100)],
)
def test_wilsons_interval_is_that_of_a_published_table(count, people, lower, upper):
    assert wilson_interval(count, people) == pytest.approx((lower, upper), abs=0.005)
