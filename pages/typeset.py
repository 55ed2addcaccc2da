"""Set a page's text as a typographer would: curly quotation marks, and "55 of 100" on one line."""

import re

from django.utils.safestring import SafeString, mark_safe

# What is not text.
_TAG = re.compile(r"<!--.*?-->|<(script|style|textarea|code|kbd|pre)\b.*?</\1>|<[^>]*>", re.DOTALL)
_QUOTE = re.compile("['\"]")
# Two patterns, because each is fast only if all it may start with are digits, or literal characters.
_NUMBER = re.compile(
    r"""
    \d(?:[\d.,:]*\d)?\ (?:
        of\ \d(?:[\d,]*\d)?
        | [ap]m\ to\ \d[\d:]*\ [ap]m\b
        | (?:points?|people|minutes?|hours?|days?|weeks?|months?|years?|mg|mm|kg)\b
    )
    """,
    re.VERBOSE,
)
_NAME = re.compile(
    r"Day \d+|day(?<!\wday) \d+|Week \d+|week \d+|January \d+|February \d+|March \d+|April \d+|May \d+|June \d+|July \d+"
    r"|August \d+|September \d+|October \d+|November \d+|December \d+"
    r"|S-ketamine|Off-label|off-label|Pre-eclampsia|pre-eclampsia"
)
# A quotation mark after one of these follows what stands before the tag. After any other tag, it opens.
_INLINE = re.compile(r"</?(?:a|abbr|b|bdi|cite|em|i|mark|q|s|small|span|strong|sub|sup|time)\b", re.IGNORECASE)
_WRAPPED = r'<span class="whole">\g<0></span>'
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
    depth = 0  # of elements that get no <span>
    for tag in _TAG.finditer(content):
        if tag.start() > end:
            text = _typeset_text(content[end : tag.start()], before, with_spans=not depth)
            pieces.append(text)
            before = text[-1]
        found = tag[0]
        pieces.append(found)
        end = tag.end()
        depth += found.startswith(_WITHOUT_SPANS) - found.startswith(_END_WITHOUT_SPANS)
        if not _INLINE.match(found):
            before = " "
    pieces.append(_typeset_text(content[end:], before, with_spans=not depth))
    return mark_safe("".join(pieces))  # noqa: S308 only marks and spans were added


def _typeset_text(text: str, before: str, *, with_spans: bool) -> str:
    """Return text between two tags. `before` is the character before it, which may be in another element."""
    if text.isspace():
        return text

    is_opening = True

    def curled(quote: re.Match[str]) -> str:
        nonlocal is_opening
        last = text[quote.start() - 1] if quote.start() else before
        # A mark right after another points the same way.
        if last not in "'\"":
            is_opening = last.isspace() or last in "([—–-/‘“"
        return ("‘“" if is_opening else "’”")[quote[0] == '"']

    text = text.replace("&#x27;", "'").replace("&#39;", "'").replace("&quot;", '"')
    curly = _QUOTE.sub(curled, text)
    if not with_spans:
        return curly
    return _NAME.sub(_WRAPPED, _NUMBER.sub(_WRAPPED, curly))
