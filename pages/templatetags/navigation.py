"""Template tag for menu links with aria-current."""

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag(takes_context=True)
def nav_link(context: template.Context, name: str, words: str, css_class: str = "") -> SafeString:
    """Link to the page with the URL name `name`.

    On that page itself, the link has aria-current="page". On articles below that page, the link has
    aria-current="true", unless that page is the overview.
    """
    target = reverse(name)
    article = context.get("article")
    current = ""
    if target == context["request"].path:
        current = "page"
    elif article and any(above.get_absolute_url() == target for above in article.breadcrumbs[1:]):
        current = "true"
    return format_html(
        '<a href="{}"{}{}>{}</a>',
        target,
        format_html(' class="{}"', css_class) if css_class else "",
        format_html(' aria-current="{}"', current) if current else "",
        words,
    )
