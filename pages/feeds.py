from datetime import date, datetime, time

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.timezone import make_aware

from clinic import NAME
from pages.articles import ARTICLES, Article


class ArticleFeed(Feed):
    """Atom feed of all articles, newest first. URLs start with SITE_URL, regardless of the Host header."""

    feed_type = Atom1Feed
    subtitle = "Ketamine infusion therapy, plainly explained, with its sources."
    language = "en-US"

    def title(self) -> str:
        return NAME

    def author_name(self) -> str:
        return NAME

    def link(self) -> str:
        return settings.SITE_URL + reverse("pages:home")

    def feed_url(self) -> str:
        return settings.SITE_URL + reverse("pages:feed")

    def items(self) -> list[Article]:
        return sorted(ARTICLES.values(), key=lambda article: article.published, reverse=True)

    def item_title(self, article: Article) -> str:
        return article.title

    def item_description(self, article: Article) -> str:
        return article.description

    def item_link(self, article: Article) -> str:
        return settings.SITE_URL + article.get_absolute_url()

    # An article's URL never changes, so it can be the entry's permanent id.
    item_guid = item_link

    def item_pubdate(self, article: Article) -> datetime:
        return _midnight(article.published)

    def item_updateddate(self, article: Article) -> datetime:
        return _midnight(article.reviewed)


def _midnight(day: date) -> datetime:
    return make_aware(datetime.combine(day, time()))
