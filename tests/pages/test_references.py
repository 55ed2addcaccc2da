"""Tests of the bibliography and of the system check for overdue reviews."""

import re
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from pages import checks
from pages import references as references_module
from pages.articles import ARTICLES
from pages.references import BIBLIOGRAPHY, unverified_references

DOI = re.compile(r"10\.\d{4,9}/[-._;()/:A-Za-z0-9]+")
FIELDS = {"authors", "title", "journal", "year", "volume", "issue", "pages", "doi", "url", "date"}

references = pytest.mark.parametrize("reference", BIBLIOGRAPHY.values(), ids=BIBLIOGRAPHY)


@references
def test_a_key_is_lowercase_ascii_and_any_year_in_it_matches(reference):
    assert re.fullmatch(r"[a-z][a-z0-9-]+", reference.key)
    if years := re.findall(r"-(\d{4})", reference.key):
        assert years == [str(reference.year)]


@references
def test_a_doi_is_well_formed_and_links_use_https(reference):
    assert not reference.doi or DOI.fullmatch(reference.doi)
    assert reference.link == "" or reference.link.startswith("https://")


@references
def test_a_source_without_a_link_is_marked_unverified(reference):
    assert reference.link or {"doi", "url"} & set(reference.unverified)


@references
def test_unverified_fields_have_known_names(reference):
    assert set(reference.unverified) <= FIELDS


def test_at_most_eight_sources_have_unchecked_fields_and_say_what_we_tried():
    source = Path(references_module.__file__).read_text()
    entries = re.findall(r"    Reference\(\n(.*?)\n    \),\n", source, re.DOTALL)
    unchecked = [entry for entry in entries if "unverified=(" in entry]
    assert len(unchecked) == len(unverified_references()) <= 8
    assert [entry for entry in unchecked if "# Tried: " not in entry] == []


def test_no_source_is_in_the_bibliography_twice():
    for same in ("key", "doi", "title", "link"):
        values = Counter(value.lower() for r in BIBLIOGRAPHY.values() if (value := getattr(r, same)))
        assert not [value for value, times in values.items() if times > 1]


def test_the_system_check_names_an_article_with_an_overdue_review(monkeypatch):
    overdue = replace(ARTICLES["ptsd"], next_review=date(2020, 1, 1))
    monkeypatch.setitem(checks.ARTICLES, "ptsd", overdue)
    messages = [message for message in checks.reviews_are_not_overdue() if "'ptsd'" in message.msg]
    assert [message.id for message in messages] == ["pages.W001"]
    assert "2020-01-01" in messages[0].msg
