"""Keep expressions such as "55 of 100" on one line."""

import re

from django.utils.safestring import SafeString, mark_safe

_TAG_OR_EXPRESSION = re.compile(
    r"<svg.*?</svg>|<[^>]*>|\d[\d.,]* of \d[\d,]*|S-ketamine|[Oo]ff-label|[Pp]re-eclampsia|\d[\d:]* [ap]m to \d[\d:]* [ap]m",
    re.DOTALL,
)


def kept_whole(html: str) -> SafeString:
    """Put "55 of 100", "9 am to 5 pm", "S-ketamine" and the like into elements that don't break across lines.

    They aren't written with no-break spaces and hyphens, because not every font has those, and search misses them.
    """
    return mark_safe(_TAG_OR_EXPRESSION.sub(_kept_whole, html))  # noqa: S308 our own template


def _kept_whole(found: re.Match) -> str:
    return found[0] if found[0].startswith("<") else f'<span class="whole">{found[0]}</span>'
