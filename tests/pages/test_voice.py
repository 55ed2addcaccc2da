"""Tests of the voice of the pages that describe the clinic and the treatment in general."""

import re

import pytest
from django.conf import settings

from pages.articles import ARTICLES
from pages.figures import FIGURES

TEMPLATES = settings.BASE_DIR / "templates"
PAGES = (
    *("pages/home.html", "pages/about.html", "pages/review.html", "pages/team.html", "includes/about.html"),
    *("pages/privacy.html", "pages/accessibility.html", "pages/away.html", "404.html", "500.html"),
    *(f"consultations/{name}.html" for name in ("request", "received", "withdraw", "under_18", "error_summary")),
    *(f"articles/{slug}.html" for slug in ("overview", "benefits-and-limits", "how-it-works", "history", "references")),
)
ALL_PAGES = sorted({*PAGES, *(f"articles/{slug}.html" for slug in ARTICLES)})

# Phrases that sound translated, or that an American nurse would not say.
TRANSLATED = (
    r"whom\b",
    r"whoever",
    r"anew\b",
    r"salt water",
    r"drips?\b",
    r"dripped",
    r"from the shelf",
    r"fetch(?:es)?\b",
    r"receivers?\b",
    r"at hand",
    r"binds? you",
    r"stands? there",
    r"told beside",
    r"lost nothing",
    r"turns? \w+ disease back",
    r"mixed (?:drug|ketamine|by)",
    r"(?:ketamine|drug|medicine), for (?:people|most|the)\b",
    r"somebody",
    r"ask(?:s|ed)? everybody",
    r"content\?",
    r"to be looked up",
)


def words(template: str) -> str:
    """Return a template's text without markup, template tags and drawings."""
    source = (TEMPLATES / template).read_text()
    return " ".join(re.sub(r"<svg.*?</svg>|<[^>]+>|\{[%{#].*?[}%#]\}", " ", source, flags=re.DOTALL).split())


@pytest.mark.parametrize("template", ALL_PAGES)
def test_a_page_holds_no_phrase_that_sounds_translated(template):
    found = re.search("|".join(rf"\b{phrase}" for phrase in TRANSLATED), words(template), re.IGNORECASE)
    assert found is None, found


@pytest.mark.parametrize(
    "phrase", ["It binds you to nothing.", "A drip runs into a vein.", "a controlled drug, for people can misuse it"]
)
def test_the_translated_phrases_catch_sentences_that_stood_here(phrase):
    assert re.search("|".join(rf"\b{each}" for each in TRANSLATED), phrase, re.IGNORECASE)


@pytest.mark.parametrize("template", PAGES)
def test_a_page_types_no_number_that_several_pages_share(template):
    source = (TEMPLATES / template).read_text()
    blocks = re.findall(r"<(?:p|li)\b[^>]*>(.*?)</(?:p|li)>", source, re.DOTALL)
    typed = [
        (key, block[:60])
        for key, value in FIGURES.items()
        for block in blocks
        if f'"{key.partition(".")[0]}"' in block and re.search(rf"(?<![\d.,]){re.escape(value)}(?![\d])", block)
    ]
    assert typed == []


def test_the_overview_names_patient_organizations_exactly():
    text = words("articles/overview.html")
    for name in (
        "National Alliance on Mental Illness",
        "Depression and Bipolar Support Alliance",
        "Anxiety &amp; Depression Association of America",
        "National Center for PTSD",
        "U.S. Pain Foundation",
        "Reflex Sympathetic Dystrophy Syndrome Association",
    ):
        assert name in text
