"""Set a page's text as a typographer would: curly quotation marks, and "55 of 100" on one line."""

import re

from django.utils.safestring import SafeString, mark_safe

# What is not text, a quotation mark, or an expression that shouldn't break across lines.
_TOKEN = re.compile(
    r"""
    (?P<skipped> <!--.*?--> | <(?P<name>script|style|textarea|code|kbd|pre)\b.*?</(?P=name)> | <[^>]*> )
    | (?P<single> '|&\#x27;|&\#39; )
    | (?P<double> "|&quot; )
    | (?P<whole>
        \d(?:[\d.,]*\d)?\ of\ \d(?:[\d,]*\d)?
        | \d[\d:]*\ [ap]m\ to\ \d[\d:]*\ [ap]m\b
        | \d(?:[\d.,]*\d)?\ (?:points?|people|minutes?|hours?|days?|weeks?|months?|years?|mg|mm|kg)\b
        | (?:[Dd]ay|[Ww]eek|January|February|March|April|May|June|July|August|September|October|November|December)\ \d+
        | S-ketamine | [Oo]ff-label | [Pp]re-eclampsia
      )
    """,
    re.DOTALL | re.VERBOSE,
)
# A quotation mark after one of these follows what stands before the tag. After any other tag, it opens.
_INLINE = re.compile(r"</?(?:a|abbr|b|bdi|cite|em|i|mark|q|s|small|span|strong|sub|sup|time)\b", re.IGNORECASE)
# Nothing inside these gets an element: it is not text in HTML, or styled as a whole.
_WITHOUT_SPANS = ("<svg", "<title", "<time")
_END_WITHOUT_SPANS = ("</svg", "</title", "</time")


def typeset(content: str) -> SafeString:
    """Return a page's HTML with curly quotation marks, and with expressions that stay on one line.

    Attributes, scripts and what a visitor typed stay as they are. Elements keep "55 of 100" or "S-ketamine" whole rather
    than no-break spaces and hyphens, because not every font has those, and search misses them.
    """
    pieces: list[str] = []
    end = 0
    before = " "  # the last character of the text so far
    depth = 0  # of elements that contain text but no <span>
    for token in _TOKEN.finditer(content):
        text = content[end : token.start()]
        pieces.append(text)
        before = text[-1:] or before
        end = token.end()
        found = token[0]
        if token["skipped"] is not None:
            pieces.append(found)
            depth += found.startswith(_WITHOUT_SPANS) - found.startswith(_END_WITHOUT_SPANS)
            before = before if _INLINE.match(found) else " "
        elif token["whole"] is not None:
            pieces.append(found if depth else f'<span class="whole">{found}</span>')
            before = found[-1]
        else:
            is_opening = before.isspace() or before in "([—–-/“‘"
            single = token["single"] is not None
            pieces.append(("‘" if is_opening else "’") if single else ("“" if is_opening else "”"))
            before = pieces[-1]
    pieces.append(content[end:])
    return mark_safe("".join(pieces))  # noqa: S308 only marks and spans were added
