"""Which articles cite which source, found in their templates: what the page of sources and the tests go by."""

import re

from django.template.loader import get_template

from pages.articles import ARTICLES, Article
from pages.evidence import EVIDENCE

_CITE = re.compile(r"\{% cite ((?:\"[a-z0-9-]+\" ?)+)%\}")
_INCLUDE = re.compile(r"\{% include \"([a-z_/]+\.html)\"")
_PLOT = re.compile(r"\{% evidence_plot \"([a-z-]+)\" %\}")
_PEOPLE = re.compile(r"\{% people_chart \"[a-z-]+\" \"([a-z0-9-]+)\"")


def cited_in(template_name: str) -> set[str]:
    """The keys that a template cites, itself, by what it includes, or by the charts that it draws."""
    words = get_template(template_name).template.source
    keys = {key for keys in _CITE.findall(words) for key in re.findall(r"[a-z0-9-]+", keys)}
    keys |= set(_PEOPLE.findall(words))
    for condition in _PLOT.findall(words):
        evidence = EVIDENCE[condition]
        keys |= {item.source for item in (*evidence.trials, *evidence.conclusions)}
    return keys.union(*(cited_in(name) for name in _INCLUDE.findall(words)))


def articles_by_source() -> dict[str, list[Article]]:
    """For each key that is cited, the articles that cite it, in the catalogue's order."""
    articles: dict[str, list[Article]] = {}
    for article in ARTICLES.values():
        for key in cited_in(article.template):
            articles.setdefault(key, []).append(article)
    return articles
