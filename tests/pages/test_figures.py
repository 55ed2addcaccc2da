"""Tests of pages/figures.py, the numbers that several pages state."""

from pages.figures import FIGURES
from pages.references import BIBLIOGRAPHY


def test_each_shared_figure_names_a_source_of_the_bibliography():
    assert {key.partition(".")[0] for key in FIGURES} <= set(BIBLIOGRAPHY)


def test_shared_figures_are_sorted_by_key():
    assert list(FIGURES) == sorted(FIGURES)
