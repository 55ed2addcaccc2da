"""Template tags for the <head>: social card, absolute URLs, structured data."""

import html
import json

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.safestring import SafeString, mark_safe

from pages.social_cards import Card, card_of
from pages.structured_data import PublicPage, structured_data
from pages.typeset import typeset

register = template.Library()
register.simple_block_tag(typeset)


@register.simple_block_tag
def keep(content: SafeString) -> SafeString:
    """{% keep as name %}…{% endkeep %}: store rendered content in a variable, to use it more than once."""
    return content


@register.simple_tag(takes_context=True)
def social_card(context: template.Context) -> Card:
    return card_of(context.get("article"))


@register.simple_tag
def static_url(path: str) -> str:
    return settings.SITE_URL + static(path)


@register.simple_tag(takes_context=True)
def json_ld(context: template.Context) -> SafeString:
    """Return the page's structured data as JSON that is safe inside a <script>."""
    page = PublicPage(
        path=context["request"].path,
        title=html.unescape(context["page_title"]),
        description=html.unescape(context["page_description"]),
        article=context.get("article"),
        sources=[citation.reference for citation in context.get("citations", ())],
    )
    data = json.dumps(structured_data(page), ensure_ascii=False, separators=(",", ":"))
    # Like Django's json_script, escape characters that could close the <script>.
    return mark_safe(data.translate({ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&"}))  # noqa: S308
