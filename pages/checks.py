"""What `manage.py check` says of the articles: sources to look up, and pages due for their review."""

from typing import Any

from django.core.checks import CheckMessage, Info, Warning, register
from django.utils import timezone

from pages.articles import ARTICLES
from pages.references import unverified_references


@register
def sources_are_verified(**_: Any) -> list[CheckMessage]:
    """One message for all of them, and no more than Info: such a page is right, and its source can be found."""
    unverified = unverified_references()
    if not unverified:
        return []
    return [
        Info(
            f"{len(unverified)} sources have fields that nobody has looked up in the work itself.",
            hint="Each names them as `unverified` in pages/references.py.",
            id="pages.I001",
        )
    ]


@register
def reviews_are_not_overdue(**_: Any) -> list[CheckMessage]:
    today = timezone.localdate()
    return [
        Warning(
            f"The article {article.slug!r} was due for review by {article.next_review}.",
            hint="Check it against its sources, then set `reviewed` and `next_review` in pages/articles.py.",
            id="pages.W001",
        )
        for article in ARTICLES.values()
        if article.next_review < today
    ]
