"""A template filter for lists to check: {% filter checkable %}."""

import re

from django import template
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

_CHECKLIST = re.compile(r'<([uo]l) class="(?:boxes(?: boxes--\w+)?|write-in)">.*?</\1>', re.DOTALL)
_ITEM = re.compile(r"<li>(.*?)</li>", re.DOTALL)
_WITH_A_BOX = r'<li><label><input type="checkbox" form="checks">\1</label></li>'


@register.filter
def checkable(html: str) -> SafeString:
    """Give each item of the lists of class "boxes" or "write-in" a box to check. No list may contain another.

    The page must include includes/checks_form.html, the form of all boxes.
    """
    return mark_safe(_CHECKLIST.sub(lambda found: _ITEM.sub(_WITH_A_BOX, found[0]), html))  # noqa: S308 our template
