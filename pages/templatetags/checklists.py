"""A template filter for lists to check: {{ body|checkable }}."""

import re

from django import template
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

_CHECKLIST = re.compile(r'<([uo]l) class="(?:boxes|write-in)">.*?</\1>', re.DOTALL)
_ITEM = re.compile(r"<li>(.*?)</li>", re.DOTALL)
_WITH_A_BOX = r'<li><label><input type="checkbox" form="checks">\1</label></li>'
# Its "off" keeps browsers from bringing back somebody's health answers. Boxes without a name are never sent, and
# "dialog" makes Enter do nothing, because the form is in no dialog. Nobody sees the button, which each form must have.
_FORM = (
    '<form id="checks" method="dialog" autocomplete="off" hidden><button type="submit" disabled>Checked</button></form>'
)


@register.filter
def checkable(html: str) -> SafeString:
    """Give each item of the lists of class "boxes" or "write-in" a box to check. No list may contain another."""
    checked = _CHECKLIST.sub(lambda found: _ITEM.sub(_WITH_A_BOX, found[0]), html)
    if 'form="checks"' in checked:
        checked += _FORM
    return mark_safe(checked)  # noqa: S308 our own template, with labels
