from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from pages.stylesheets import SHARED, styles

register = template.Library()


@register.simple_tag
def stylesheets(*sources: str) -> SafeString:
    """Inline the named stylesheets, by default the shared ones. With DEBUG, link to them to show edits at once."""
    sources = sources or SHARED
    if settings.DEBUG:
        links = ((static(f"css/{name}.css"),) for name in sources)
        return format_html_join("\n", '<link rel="stylesheet" href="{}">', links)
    return mark_safe(f"<style>{styles(*sources)}</style>")  # noqa: S308 our own files
