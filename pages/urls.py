from django.contrib.sitemaps.views import sitemap
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe
from django.views.generic import TemplateView

from clinic.notices import NOTICES
from pages import views
from pages.articles import ARTICLES, ROOT
from pages.feeds import ArticleFeed
from pages.sitemaps import SITEMAPS

app_name = "pages"


def _page(name: str) -> URLPattern:
    return path(f"{name}/", TemplateView.as_view(template_name=f"pages/{name}.html"), name=name)


urlpatterns = [
    path("", TemplateView.as_view(template_name="pages/home.html"), name="home"),
    path("about/", views.about, name="about"),
    path("team/", views.team, name="team"),
    path("cost/", views.cost, {"template": "pages/cost.html"}, name="cost"),
    path("cost/notice/", views.cost, {"template": "pages/estimate_notice.html"}, name="estimate_notice"),
    path("visit-us/", views.visit_us, name="visit_us"),
    path("privacy/", views.privacy, name="privacy"),
    *(path(f"notices/{slug}/", views.notice, {"slug": slug}, name=f"notice-{slug}") for slug in NOTICES),
    _page("accessibility"),
    # nginx shows this page when the site is down. Nothing links to it.
    _page("away"),
    path("review/", views.review, name="review"),
    path("review/qr.svg", views.review_svg, name="review_svg"),
    path("review/qr.png", views.review_png, name="review_png"),
    path("review/card.pdf", views.review_card, name="review_card"),
    path("pictures/<slug:key>.<str:rendition>", views.picture, name="picture"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("robots.txt", views.robots, name="robots"),
    path(".well-known/security.txt", views.security, name="security"),
    path("feed.atom", require_safe(ArticleFeed()), name="feed"),
    path("speculation-rules.json", views.speculation_rules, name="speculation_rules"),
    path("sitemap.xml", require_safe(sitemap), {"sitemaps": SITEMAPS}, name="sitemap"),
    *(
        path(ROOT + article.path, views.article, {"article": article}, name=article.slug)
        for article in ARTICLES.values()
    ),
]
