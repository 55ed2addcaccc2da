from django.conf import settings
from django.http import HttpRequest

from clinic import snapshot
from pages.articles import ARTICLES


def site(request: HttpRequest) -> dict[str, object]:
    return {
        "clinic": snapshot.current(),
        "articles": ARTICLES,
        "canonical_url": settings.SITE_URL + request.path,
    }
