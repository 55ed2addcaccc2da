"""System check that warns about articles whose review is overdue."""

from typing import Any

from django.core.checks import CheckMessage, Warning, register
from django.utils import timezone

from pages.articles import ARTICLES


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
