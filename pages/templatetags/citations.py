"""{% cite "anand-2023" %}: a numbered link to a source at the foot of the article; {% bibliography %}: all sources."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from pages.citing import articles_by_source
from pages.references import BIBLIOGRAPHY, Reference

register = template.Library()


@dataclass
class Citation:
    """A source in one article: its number there, and how often it has been cited so far."""

    number: int
    reference: Reference
    times: int = 0

    @property
    def places(self) -> list[str]:
        """The ids of the places that cite it, for the way back from the source."""
        return [f"cite-{self.number}-{time}" for time in range(1, self.times + 1)]


@dataclass
class Citations:
    """The sources of one article, numbered in order of appearance."""

    by_key: dict[str, Citation] = field(default_factory=dict)

    def cite(self, key: str) -> Citation:
        """Count one more citation of `key`. An unknown key raises KeyError: a page with a false source is no page."""
        reference = BIBLIOGRAPHY[key]
        citation = self.by_key.setdefault(key, Citation(len(self.by_key) + 1, reference))
        citation.times += 1
        return citation

    def __iter__(self) -> Iterator[Citation]:
        return iter(self.by_key.values())


@register.simple_tag(takes_context=True)
def cite(context: template.Context, *keys: str) -> SafeString:
    """Link to each source by its number; the view puts a Citations into the context as `citations`."""
    cited = [context["citations"].cite(key) for key in keys]
    links = format_html_join(
        ", ",
        '<a href="#source-{}" id="{}"><span class="visually-hidden">source </span>{}</a>',
        ((citation.number, citation.places[-1], citation.number) for citation in cited),
    )
    return format_html('<sup class="cite">{}</sup>', links)


@register.inclusion_tag("includes/bibliography.html")
def bibliography() -> dict[str, object]:
    """Every source by its first author, with the articles that use it."""
    articles = articles_by_source()
    by_author = sorted(BIBLIOGRAPHY.values(), key=lambda source: (source.authors.casefold(), source.year))
    return {"entries": [(source, articles.get(source.key, [])) for source in by_author]}
