from django.conf import settings
from django.http import HttpRequest

from pages.articles import ARTICLES


def site(request: HttpRequest) -> dict[str, object]:
    return {
        "clinic": settings.CLINIC,
        "articles": ARTICLES,
        "canonical_url": settings.SITE_URL + request.path,
    }
