import re
from datetime import timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.timezone import now
from django.views.decorators.http import require_safe

from pages.articles import ROOT, Article
from pages.qr import review_qr_png, review_qr_svg
from pages.sitemaps import PageSitemap
from pages.templatetags.citations import Citations

_HEADING = re.compile(r'<h2 id="([a-z0-9-]+)">(.+?)</h2>', re.DOTALL)


@require_safe
def article(request: HttpRequest, article: Article) -> HttpResponse:
    """The frame around an article's words. They are rendered first, for the frame lists what they cite."""
    citations = Citations()
    context = {"article": article, "citations": citations}
    body = render_to_string(article.template, context, request)
    context |= {"body": mark_safe(body), "headings": _HEADING.findall(body)}  # noqa: S308 our own template
    return render(request, "pages/article.html", context)


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """The page promises what the settings do."""
    days = {
        "closed": settings.RETENTION_DAYS,
        "spam": settings.SPAM_RETENTION_DAYS,
        "open": settings.OPEN_TOO_LONG_DAYS,
    }
    return render(request, "pages/privacy.html", {"days": days})


def _review_url() -> str:
    """The clinic's Google review link; without one the review pages are not there."""
    if not settings.CLINIC.review_url:
        raise Http404("no review link is set")
    return settings.CLINIC.review_url


@require_safe
def review(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/review.html", {"review_url": _review_url()})


@require_safe
def review_svg(request: HttpRequest) -> HttpResponse:
    return HttpResponse(review_qr_svg(_review_url()), content_type="image/svg+xml")


@require_safe
def review_card(request: HttpRequest) -> HttpResponse:
    # Here, for it takes a quarter of a second to load and few ever ask for the card.
    from pages.counter_card import counter_card_pdf

    clinic = settings.CLINIC
    card = counter_card_pdf(_review_url(), clinic.name, f"{clinic.city}, {clinic.region}")
    return HttpResponse(card, content_type="application/pdf")


@require_safe
def review_png(request: HttpRequest) -> HttpResponse:
    return HttpResponse(review_qr_png(_review_url()), content_type="image/png")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Everything is open. Private pages say noindex themselves; named here, they would only be pointed at."""
    sitemap = settings.SITE_URL + reverse("pages:sitemap")
    return HttpResponse(f"User-agent: *\nDisallow:\n\nSitemap: {sitemap}\n", content_type="text/plain")


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """For whoever asks without having read a page's link to the SVG icon."""
    return HttpResponse((settings.BASE_DIR / "static/img/favicon.ico").read_bytes(), content_type="image/x-icon")


@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """RFC 9116: where to report a weakness. With nowhere to report it, there is no such file."""
    contact = settings.CLINIC.security_contact or settings.CLINIC.phone_uri
    if not contact:
        raise Http404("neither a contact for security nor a phone number is set")
    # Half a year, for the RFC advises less than one; a running site renews it every day.
    expires = now().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=180)
    lines = {
        "Contact": contact,
        "Expires": expires.isoformat(),
        "Preferred-Languages": "en",
        "Canonical": settings.SITE_URL + request.path,
    }
    text = "".join(f"{name}: {value}\n" for name, value in lines.items())
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@require_safe
def speculation_rules(request: HttpRequest) -> HttpResponse:
    """What a browser may fetch before it is tapped: articles and plain pages, which are the same for everybody.

    It is a list of what may be, not of what may not: the form's clock would start, and a list of
    exclusions would publish where the staff pages are.
    """
    public = [f"/{ROOT}*", *map(PageSitemap().location, PageSitemap().items())]
    rules = {"prefetch": [{"where": {"href_matches": public}, "eagerness": "moderate"}]}
    return JsonResponse(rules, content_type="application/speculationrules+json")
