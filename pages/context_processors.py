from django.conf import settings
from django.http import HttpRequest

from pages.articles import ARTICLES


def site(request: HttpRequest) -> dict[str, object]:
    """What the frame of every page names: the clinic's facts, the catalogue and the page's one true address."""
    return {
        "clinic": settings.CLINIC,
        "articles": ARTICLES,
        "canonical_url": settings.SITE_URL + request.path,
    }
