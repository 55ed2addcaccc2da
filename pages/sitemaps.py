"""The sitemap: every public page that may be indexed. Prerendering and the site-wide tests also use this list."""

from datetime import date
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.urls import reverse

from clinic import snapshot
from pages.articles import ARTICLES, Article

PLAIN_PAGES = ("pages:home", "pages:cost", "pages:visit_us", "pages:about", "pages:privacy", "pages:accessibility")


class PublicSitemap(Sitemap):
    """Sitemap with URLs that start with SITE_URL, regardless of the Host header."""

    prerendered = True

    @property
    def protocol(self) -> str:
        return urlsplit(settings.SITE_URL).scheme

    def get_domain(self, site: object = None) -> str:
        return urlsplit(settings.SITE_URL).netloc


class ArticleSitemap(PublicSitemap):
    def items(self) -> list[Article]:
        return list(ARTICLES.values())

    def lastmod(self, article: Article) -> date:
        return article.reviewed


class PageSitemap(PublicSitemap):
    def items(self) -> tuple[str, ...]:
        clinic = snapshot.current()
        shown = {"pages:team": clinic.people, "pages:review": clinic.review_url}
        notices = (notice.kind.url_name for notice in clinic.hosted_notices.values())
        return (*PLAIN_PAGES, *(name for name, is_set in shown.items() if is_set), *notices)

    def location(self, name: str) -> str:
        return reverse(name)


class VisitorPageSitemap(PageSitemap):
    """Sitemap of pages that contain a per-visitor token, so they are never prerendered."""

    prerendered = False

    def items(self) -> tuple[str, ...]:
        return ("consultations:request",)


SITEMAPS = {"articles": ArticleSitemap, "pages": PageSitemap, "visitor": VisitorPageSitemap}
