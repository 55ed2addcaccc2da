"""Tests that every page gives the same advice in an emergency, and never sends one sign both to 911 and to the clinic."""

import re

import pytest
from django.template.loader import render_to_string

from pages.articles import ARTICLES
from tests.pages.test_evidence import article_html

# Signs for which a page says to call 911, in the list that all pages share.
SIGNS = re.compile(
    r"trouble breathing|chest pain|\bfaint|\bseizures?\b|\bwoken\b|wake (?:you|them)|swollen|swells|"
    r"\bconfused\b|(?:see|hear)(?:ing)? (?:\w+ ){0,2}things",
    re.IGNORECASE,
)
EMERGENCY = " ".join(render_to_string("includes/emergency.html").split())
LISTED = "The list for 911."


def sections(html: str) -> list[list[str]]:
    """Return the sentences of each section under a heading, with LISTED where the shared list is."""
    html = " ".join(html.split()).replace(EMERGENCY, f" {LISTED} ")
    texts = [re.sub(r"<cite.*?</cite>|<svg.*?</svg>|<[^>]*>", " ", part) for part in re.split(r"<h[23]\b[^>]*>", html)]
    return [re.split(r"(?<=[.!?:])\s+", " ".join(text.split())) for text in texts]


def signs_for_the_clinic(html: str) -> list[str]:
    """Return the sentences, from a section's "Call us" on, that name a sign for 911 without naming 911."""
    found = []
    for sentences in sections(html):
        first = next((n for n, sentence in enumerate(sentences) if "Call us" in sentence), len(sentences))
        found += [each for each in sentences[first:] if SIGNS.search(each) and "911" not in each]
    return found


def signs_in_other_words(html: str) -> list[str]:
    """Return the sentences that send a sign to 911 in words that aren't the shared list's."""
    return [each for part in sections(html) for each in part if re.search(r"\b911\b", each) and SIGNS.search(each)]


@pytest.mark.parametrize("slug", ARTICLES)
def test_no_sign_is_for_911_and_for_the_clinic_at_once(slug):
    assert signs_for_the_clinic(article_html(slug)) == []


@pytest.mark.parametrize("slug", ARTICLES)
def test_every_page_names_the_signs_for_911_in_the_same_words(slug):
    html = article_html(slug)
    assert signs_in_other_words(html) == []
    told = [sentence for part in sections(html) for sentence in part]
    assert "Call us" not in " ".join(told) or told.count(LISTED) == 1


@pytest.mark.parametrize("slug", ARTICLES)
def test_a_page_repeats_the_advice_for_closed_hours_at_most_once(slug):
    assert article_html(slug).count("<strong>When we're closed,</strong>") <= 1


@pytest.mark.parametrize(
    "html",
    [
        "<p>Call us if you're confused.</p>",
        "<p>Call us. It matters.</p><ul><li>You have chest pain.</li></ul>",
        "<h2>What now?</h2><p>Call us if anything is swollen, or if you see or hear things.</p>",
    ],
)
def test_a_sign_for_911_after_call_us_is_found(html):
    assert len(signs_for_the_clinic(html)) == 1
    assert signs_for_the_clinic(f"<p>Call us.</p><h2>Next</h2>{EMERGENCY}") == []
    assert len(signs_in_other_words("<p>Call 911 for a seizure.</p>")) == 1
