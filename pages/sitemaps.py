"""Every public page that may be indexed. The whole-site tests walk this list too."""

from datetime import date

from django.contrib.sitemaps import Sitemap
from django.urls import reverse

from pages.articles import ARTICLES, Article

PLAIN_PAGES = ("pages:home", "pages:about", "pages:privacy", "pages:accessibility", "consultations:request")


class ArticleSitemap(Sitemap):
    def items(self) -> list[Article]:
        return list(ARTICLES.values())

    def lastmod(self, article: Article) -> date:
        return article.reviewed


class PageSitemap(Sitemap):
    def items(self) -> tuple[str, ...]:
        return PLAIN_PAGES

    def location(self, name: str) -> str:
        return reverse(name)


SITEMAPS = {"articles": ArticleSitemap, "pages": PageSitemap}
