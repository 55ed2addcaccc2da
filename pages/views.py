import re
from datetime import timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_safe

from clinic import snapshot
from clinic.models import Picture
from clinic.pictures import shown_keys
from pages.articles import ARTICLES, ROOT, Article
from pages.qr import review_qr_png, review_qr_svg
from pages.sitemaps import PageSitemap
from pages.templatetags.checklists import checkable
from pages.templatetags.citations import Citations, noted_once_a_section
from pages.templatetags.contents import headings

_LINK = re.compile(r'<a href="(?P<path>/[^"#]*)')


@require_safe
def article(request: HttpRequest, article: Article) -> HttpResponse:
    """Show an article. Render its text first, because the surrounding page lists the text's sources and headings."""
    citations = Citations(margin_notes=True)
    context = {"article": article, "citations": citations}
    body = checkable(noted_once_a_section(render_to_string(article.template, context, request)))
    context |= {"body": body, "headings": headings(body), "linked": _pages_linked(body)}
    context["review"] = snapshot.current().review_of(article.slug, article.reviewed)
    return render(request, "pages/article.html", context)


def _pages_linked(body: str) -> list[str]:
    """Return the titles of the articles that a text links to, and of the page about cost, for its print.

    A sheet has no room for their addresses.
    """
    titles = {article.get_absolute_url(): article.title for article in ARTICLES.values()}
    titles[reverse("pages:cost")] = "What it costs"
    paths = dict.fromkeys(link["path"] for link in _LINK.finditer(body))
    return [titles[path] for path in paths if path in titles]


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/about.html", {"citations": Citations()})


@require_safe
def visit_us(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/visit_us.html", {"citations": Citations()})


@require_safe
def team(request: HttpRequest) -> HttpResponse:
    """Show the clinic's people. Return 404 if none are set."""
    if not snapshot.current().people:
        raise Http404("no people are set")
    return render(request, "pages/team.html")


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    days = {
        "closed": settings.RETENTION_DAYS,
        "spam": settings.SPAM_RETENTION_DAYS,
        "open": settings.OPEN_TOO_LONG_DAYS,
    }
    return render(request, "pages/privacy.html", {"days": days})


@require_safe
def notice(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a notice that is hosted here. Return 404 if it is not set."""
    notice = snapshot.current().hosted_notices.get(slug)
    if not notice:
        raise Http404(f"the notice {slug!r} is not set")
    return render(request, "pages/notice.html", {"notice": notice})


@require_safe
def cost(request: HttpRequest, template: str) -> HttpResponse:
    """Show what treatment costs, or the notice of the right to an estimate as a sheet to print."""
    return render(request, template, {"citations": Citations()})


def _review_url() -> str:
    """Return the clinic's Google review link. Raise Http404 if it is not set."""
    if not snapshot.current().review_url:
        raise Http404("no review link is set")
    return snapshot.current().review_url


@require_safe
def review(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/review.html", {"review_url": _review_url()})


@require_safe
def review_svg(request: HttpRequest) -> HttpResponse:
    return HttpResponse(review_qr_svg(_review_url()), content_type="image/svg+xml")


@require_safe
def review_card(request: HttpRequest) -> HttpResponse:
    # Imported here, because the import takes a quarter of a second and the card is rarely requested.
    from pages.counter_card import counter_card_pdf

    clinic = snapshot.current()
    card = counter_card_pdf(_review_url(), clinic.name, clinic.address, clinic.phone)
    return HttpResponse(card, content_type="application/pdf")


@require_safe
def review_png(request: HttpRequest) -> HttpResponse:
    return HttpResponse(review_qr_png(_review_url()), content_type="image/png")


@require_safe
def picture(request: HttpRequest, key: str, rendition: str) -> HttpResponse:
    """Return a picture that the current facts name. Browsers may keep it, because its content never changes.

    Shared caches keep it as briefly as pages, so that a picture taken down soon leaves nginx's cache too.
    """
    if rendition not in Picture.RENDITIONS or key not in shown_keys(snapshot.current().facts):
        raise Http404("no page shows this picture")
    field, content_type = Picture.RENDITIONS[rendition]
    content = get_object_or_404(Picture.objects.values_list(field, flat=True), key=key)
    response = HttpResponse(bytes(content), content_type=content_type)
    response["Cache-Control"] = "public, max-age=31536000, s-maxage=20, immutable"
    return response


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Allow everything. Private pages send noindex themselves; listing them here would advertise them."""
    sitemap = settings.SITE_URL + reverse("pages:sitemap")
    return HttpResponse(f"User-agent: *\nDisallow:\n\nSitemap: {sitemap}\n", content_type="text/plain")


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Serve the icon at its well-known path, for clients that ignore the page's icon link."""
    return HttpResponse((settings.BASE_DIR / "static/img/favicon.ico").read_bytes(), content_type="image/x-icon")


@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """Return security.txt (RFC 9116), which says where to report a vulnerability.

    Return 404 if neither SECURITY_CONTACT nor the clinic's phone number is set.
    """
    contact = settings.SECURITY_CONTACT or snapshot.current().phone_uri
    if not contact:
        raise Http404("neither SECURITY_CONTACT nor the clinic's phone number is set")
    # Half a year, because the RFC recommends less than a year. The date moves forward every day.
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
    """List the pages that a browser may prefetch: articles and other pages that are the same for every visitor.

    This is an allowlist, because prefetching the form would start the timer of the spam check, and a list of exclusions
    would reveal the path of the staff pages.
    """
    public = [f"/{ROOT}*", *map(PageSitemap().location, PageSitemap().items())]
    rules = {"prefetch": [{"where": {"href_matches": public}, "eagerness": "moderate"}]}
    return JsonResponse(rules, content_type="application/speculationrules+json")
