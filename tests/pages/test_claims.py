"""Tests that each sentence of an article about an effect, a risk or a trial's numbers has its source within reach."""

import re

import pytest
from django.conf import settings

from pages.articles import ARTICLES

FOLDER = settings.BASE_DIR / "templates" / "articles"
# Written after a sentence that sounds like a claim about ketamine and is not one.
MARKER = "{# no source needed #}"
REACH = 3  # sentences, with the claim's own: a trial is often described first and cited with its result

BLOCK = re.compile(r"<(p|li|dd|td|figcaption)\b[^>]*>(.*?)</\1>", re.DOTALL)
SENTENCE = re.compile(r".+?(?:[.!?:]§?(?=\s|$)|$)", re.DOTALL)
VERBS = (
    r"cause|harm|hurt|ease|damage|raise|slow|shorten|weaken|lower|worsen|relieve|lift|prevent|reduce|lessen|last|kill|"
    r"improve"
)
CLAIM = re.compile(
    rf"""
      \bof\ 100\b | \bpercent\b | \bFIGURE\b
    | \b\d[\d,]*\ (?:people|patients|inpatients|trials|studies|volunteers|veterans|infusions)\b
    | \b(?:trials?|stud(?:y|ies)|reviews?|guidelines?|labels?)\ (?:\w+\ ){{0,3}}?
      (?:found|finds?|shows?|showed|suggests?|recommends?|says?|saw|gave|asks?|warns?)\b
    | \b(?:can|may|could|might)\ (?:\w+\ )?(?:{VERBS})\b
    | \bshown\ to\b
    """,
    re.IGNORECASE | re.VERBOSE,
)


def bare_claims(source: str) -> list[str]:
    """Return the sentences of a template that make a claim without a citation or MARKER within REACH sentences."""
    source = re.sub(r'<svg.*?</svg>|<ul class="write-in">.*?</ul>', "", source, flags=re.DOTALL)
    bare = []
    for _, block in BLOCK.findall(source):
        text = re.sub(r"\{% figure [^%]*%\}", "FIGURE", block)
        text = re.sub(rf"\s*(?:\{{% cite [^%]*%\}}|{re.escape(MARKER)})", "§", text)
        text = re.sub(r"<[^>]+>|\{[%{#].*?[%}#]\}", " ", text)
        sentences = [sentence for sentence in SENTENCE.findall(text) if sentence.strip()]
        bare += [
            " ".join(sentence.split())
            for number, sentence in enumerate(sentences)
            if CLAIM.search(sentence) and "§" not in "".join(sentences[number : number + REACH])
        ]
    return bare


@pytest.mark.parametrize("slug", [slug for slug in ARTICLES if slug != "references"])
def test_each_claim_about_effect_risk_or_numbers_has_a_source(slug):
    assert bare_claims((FOLDER / f"{slug}.html").read_text()) == []


@pytest.mark.parametrize(
    "claim",
    [
        "In a trial, 55 of 100 people were much better.",
        "It did so in {% figure 'anand-2023.much-better' %} people.",
        "A review found no relief.",
        "The label warns of that.",
        "Ketamine can harm the bladder.",
        "It has not been shown to prevent suicide.",
        "Over 2,342 infusions, nobody was hurt.",
    ],
)
def test_a_bare_claim_is_found_and_its_citation_is_accepted(claim):
    cite = '{% cite "anand-2023" %}'
    assert len(bare_claims(f"<p>{claim}</p>")) == 1
    assert len(bare_claims(f"<p>Cited.{cite} {claim}</p>")) == 1
    assert len(bare_claims(f"<p>{claim} Then more. And more. And more.{cite}</p>")) == 1
    assert bare_claims(f"<p>{claim}{cite}</p>") == []
    assert bare_claims(f"<p>{claim} Then more.{cite}</p>") == []
    assert bare_claims(f"<p>{claim}{MARKER}</p>") == []


def test_sentences_that_need_no_source_are_few():
    marked = sum(path.read_text().count(MARKER) for path in FOLDER.glob("*.html"))
    assert 0 < marked <= 25
