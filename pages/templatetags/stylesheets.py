from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from pages.stylesheets import SOURCES, stylesheet

register = template.Library()


@register.simple_tag
def stylesheets() -> SafeString:
    """The page's styles; with DEBUG as links to the sources, so that an edit shows at once."""
    if settings.DEBUG:
        links = ((static(f"css/{name}.css"),) for name in SOURCES)
        return format_html_join("\n", '<link rel="stylesheet" href="{}">', links)
    return mark_safe(f"<style>{stylesheet()}</style>")  # noqa: S308 our own files
