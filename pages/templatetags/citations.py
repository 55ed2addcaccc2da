"""Template tags for sources: {% cite "anand-2023" %} links to a source, {% bibliography %} lists all sources."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from django import template
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from pages.articles import ARTICLES, Article
from pages.references import BIBLIOGRAPHY, Reference

register = template.Library()

_NOTE = re.compile(r'<small class="note".*?</small>')
_WIDE = re.compile(r"<(table|figure|ul(?= class=.(?!rows))|div(?= class=.callout))\b.*?</\1>", re.DOTALL)


@dataclass
class Citation:
    """A source cited in an article, its number there, and how often the article has cited it so far."""

    number: int
    reference: Reference
    times: int = 0

    @property
    def places(self) -> list[str]:
        """Return the HTML ids of the citations, for links from the list of sources back to the text."""
        return [f"cite-{self.number}-{time}" for time in range(1, self.times + 1)]


@dataclass(frozen=True)
class CitingPage:
    """A page outside the catalog of articles that cites sources in one of its templates."""

    template: str
    nav: str
    url_name: str

    def get_absolute_url(self) -> str:
        return reverse(self.url_name)


OTHER_CITING_PAGES = (
    CitingPage("includes/about.html", "About the clinic", "pages:about"),
    CitingPage("includes/cost.html", "Cost", "pages:cost"),
    CitingPage("includes/visit_us.html", "Visit us", "pages:visit_us"),
)


@dataclass
class Citations:
    """The sources cited in one article, numbered in order of appearance.

    With `margin_notes`, the text names each source in the margin wherever it is cited.
    """

    margin_notes: bool = False
    by_key: dict[str, Citation] = field(default_factory=dict)

    def cite(self, key: str) -> Citation:
        """Add a citation of the source `key`. Raise KeyError if the bibliography has no such key."""
        reference = BIBLIOGRAPHY[key]
        citation = self.by_key.setdefault(key, Citation(len(self.by_key) + 1, reference))
        citation.times += 1
        return citation

    def __iter__(self) -> Iterator[Citation]:
        return iter(self.by_key.values())


@register.simple_tag(takes_context=True)
def cite(context: template.Context, *keys: str) -> SafeString:
    """Link to each source by its number. Needs a `Citations` in the context as `citations`."""
    citations: Citations = context["citations"]
    links = numbers(context, *keys)
    if not citations.margin_notes:
        return links
    # Hidden from screen readers, because the list of sources says the same.
    notes = format_html_join(
        "",
        '<small class="note" aria-hidden="true"><b>{}</b> {}, {}</small>',
        (
            (citation.number, citation.reference.name, citation.reference.journal)
            for citation in map(citations.by_key.get, dict.fromkeys(keys))
        ),
    )
    return format_html("{}{}", links, notes)


def noted_once_a_section(html: str) -> SafeString:
    """Leave each note of the margin only at the first citation of its source in a section.

    Tables, figures, boxes, and lists with a class other than "rows" are as wide as text and margin, so a note in one
    would cover other cells or leave the page. Other lists, and that of the summary, which comes first, are as wide as
    the text.
    """
    summary, end, rest = html.partition("</section>")
    html = summary + end + _WIDE.sub(lambda wide: _NOTE.sub("", wide[0]), rest)
    sections = re.split(r"(?=<h2)", html)
    return mark_safe("".join(map(_without_repeated_notes, sections)))  # noqa: S308 our own template, less some notes


def _without_repeated_notes(section: str) -> str:
    shown: set[str] = set()

    def once(note: re.Match[str]) -> str:
        is_first = note[0] not in shown
        shown.add(note[0])
        return note[0] if is_first else ""

    return _NOTE.sub(once, section)


def numbers(context: template.Context, *keys: str) -> SafeString:
    """Link to each source by its number, without notes in the margin."""
    cited = [context["citations"].cite(key) for key in keys]
    links = format_html_join(
        ", ",
        '<a href="#source-{}" id="{}"><span class="visually-hidden">source </span>{}</a>',
        ((citation.number, citation.places[-1], citation.number) for citation in cited),
    )
    return format_html('<sup class="cite">{}</sup>', links)


@register.inclusion_tag("includes/bibliography.html", takes_context=True)
def bibliography(context: template.Context) -> dict[str, object]:
    if context.get("only_citations"):  # otherwise articles_by_source() would recurse
        return {"entries": []}
    articles = articles_by_source()
    by_author = sorted(BIBLIOGRAPHY.values(), key=lambda source: (source.authors.casefold(), source.year))
    return {"entries": [(source, articles.get(source.key, [])) for source in by_author]}


@cache
def articles_by_source() -> dict[str, list[Article | CitingPage]]:
    """Return the articles and other pages that cite each source, keyed by the source's key. Render them to find out."""
    articles: dict[str, list[Article | CitingPage]] = {}
    for article in (*ARTICLES.values(), *OTHER_CITING_PAGES):
        citations = Citations()
        render_to_string(article.template, {"article": article, "citations": citations, "only_citations": True})
        for key in citations.by_key:
            articles.setdefault(key, []).append(article)
    return articles
