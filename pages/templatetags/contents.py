"""A template block for the list of a page's headings: {% contents %}...{% endcontents %}."""

import re

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

# A heading, or a question with the id of its answer.
_HEADING = re.compile(
    r'<h2 id="(?P<id>[a-z0-9-]+)">(?P<text>.+?)</h2>'
    r'|<summary><h3>(?P<question>.+?)</h3></summary>\s*<div id="(?P<answer>[a-z0-9-]+)">',
    re.DOTALL,
)


def headings(html: str) -> list[dict[str, str | None]]:
    """Return the headings that have an id, each with "id" and "text", or with "answer" (an id) and "question"."""
    return [heading.groupdict() for heading in _HEADING.finditer(html)]


@register.simple_block_tag(takes_context=True)
def contents(context: template.Context, content: str) -> SafeString:
    """List the headings of the text in the block above it."""
    listed = {"headings": headings(content), "citations": context.get("citations")}
    return mark_safe(render_to_string("includes/contents.html", listed)) + content  # noqa: S308 our template
