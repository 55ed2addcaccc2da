"""System checks of the articles: unverified sources, and reviews that are overdue."""

from typing import Any

from django.core.checks import CheckMessage, Info, Warning, register
from django.utils import timezone

from pages.articles import ARTICLES
from pages.references import unverified_references


@register
def sources_are_verified(**_: Any) -> list[CheckMessage]:
    """Count the unverified sources in one message. Only Info, so that `check --deploy` still passes."""
    unverified = unverified_references()
    if not unverified:
        return []
    return [
        Info(
            f"{len(unverified)} sources have fields that were not checked against the work itself.",
            hint="See `unverified` in pages/references.py.",
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
