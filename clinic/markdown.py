"""Markdown as managers type it: refuses raw HTML, pictures and unsafe links, and renders the rest."""

import re
from collections.abc import Iterator

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

LINK = re.compile(r"https?://[^\s/?#]+\S*|mailto:\S+@\S+|tel:\+?[\d().-]+", re.IGNORECASE)
MOST_FAULTS_NAMED = 5


def _is_allowed(link: str) -> bool:
    return bool(LINK.fullmatch(link))


def _renderer() -> MarkdownIt:
    # Without code blocks, because spaces pasted before a paragraph would turn it into one.
    markdown = MarkdownIt("js-default").disable(["code", "fence", "image"])
    markdown.validateLink = _is_allowed
    return markdown


def _checker() -> MarkdownIt:
    """Return a parser that recognizes HTML, pictures and every link, in order to name them."""
    markdown = MarkdownIt("js-default", {"html": True}).disable(["code", "fence"])
    markdown.validateLink = lambda link: True
    return markdown


def check(text: str) -> None:
    """Raise ValueError with a sentence for each raw HTML tag, picture and link that isn't allowed, and its line."""
    environment: dict[str, dict] = {}
    tokens = _checker().parse(text, environment)
    faults = [*_faults(tokens), *_faulty_references(environment)]
    if faults:
        faults = sorted(dict.fromkeys(faults), key=lambda each: each[0])
        named = [f"Line {line}: {fault}" for line, fault in faults]
        more = len(named) - MOST_FAULTS_NAMED
        raise ValueError(" ".join(named[:MOST_FAULTS_NAMED] + ([f"And {more} more."] if more > 0 else [])))


def _faults(tokens: list[Token]) -> Iterator[tuple[int, str]]:
    """Yield the line and the fault of each token that isn't allowed."""
    for token in tokens:
        line = token.map[0] + 1 if token.map else 0
        if token.type == "html_block":
            yield line, _html(token.content)
        for part in token.children or ():
            if part.type == "html_inline":
                yield line, _html(part.content)
            elif part.type == "image":
                yield line, "A notice can't have pictures."
            elif part.type == "link_open" and not _is_allowed(str(part.attrs["href"])):
                yield line, _link(str(part.attrs["href"]))
            line += part.content.count("\n") + (part.type in ("softbreak", "hardbreak"))


def _faulty_references(environment: dict[str, dict]) -> Iterator[tuple[int, str]]:
    for reference in environment.get("references", {}).values():
        if not _is_allowed(reference["href"]):
            yield reference["map"][0] + 1, _link(reference["href"])


def _html(content: str) -> str:
    return f"HTML like “{_short(content)}” isn't possible. Write plain text or Markdown."


def _link(href: str) -> str:
    return f"A link must start with https://, http://, mailto: or tel:, unlike “{_short(href)}”."


def _short(text: str) -> str:
    line = text.strip().partition("\n")[0]
    return line if len(line) <= 40 else f"{line[:39]}…"


def render(text: str, top: int) -> SafeString:
    """Return the HTML of a checked text. Its headings start at the level `top`, and no level is skipped."""
    markdown = _renderer()
    environment: dict[str, dict] = {}
    tokens = markdown.parse(text, environment)
    above: list[int] = []  # the typed levels of the headings that the present one is under, and its own
    for token in tokens:
        if token.type == "heading_open":
            level = int(token.tag[1])
            above = [*(each for each in above if each < level), level]
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(top + len(above) - 1, 6)}"
    return mark_safe(markdown.renderer.render(tokens, markdown.options, environment))  # noqa: S308 it escapes HTML
