"""A template block for the summary that a page begins with: {% in_short %}...{% endin_short %}."""

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from pages.articles import Article

register = template.Library()


@register.simple_block_tag(takes_context=True)
def in_short(context: template.Context, content: SafeString) -> SafeString:
    """Put the content into the summary's box. In an article that isn't a sheet, a phone gets a link to the form there."""
    article = context.get("article")
    asks = isinstance(article, Article) and not article.sides
    return render_to_string("includes/in_short.html", {"content": content, "asks": asks})
