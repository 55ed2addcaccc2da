"""schema.org structured data for search engines. It states no clinic fact that the page doesn't show."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from clinic import snapshot
from clinic.answers import QUESTIONS
from clinic.people import Person
from clinic.pictures import ShownPicture
from pages.articles import Article
from pages.references import Reference

# Maps URL names to schema.org types, for pages whose type is more specific than WebPage.
PAGE_TYPES = {"pages:about": "AboutPage", "consultations:request": "ContactPage"}
# The license titles of physicians, in capitals or in words. Physician assistants are not physicians.
PHYSICIAN = re.compile(r"\b(?:MD|M\.D\.|DO|D\.O\.)(?!\w)|\b[Pp]hysician(?! (?:[Aa]ssist|[Aa]ssoc))")
THERAPY = "Ketamine infusion therapy"


@dataclass(frozen=True)
class PublicPage:
    """A page's metadata for search engines. The title and description contain no HTML entities."""

    path: str
    title: str
    description: str
    article: Article | None = None
    sources: Iterable[Reference] = field(default=())

    @property
    def url(self) -> str:
        return settings.SITE_URL + self.path


def structured_data(page: PublicPage) -> dict[str, Any]:
    parts = [_website(), _clinic(page), _page(page), *_people(page)]
    if page.path != reverse("pages:home"):
        parts.append(_breadcrumbs(page))
    if page.article and page.article.slug == "questions" and snapshot.current().answers:
        parts.append(_answers(page))
    return {"@context": "https://schema.org", "@graph": parts}


def _id(name: str) -> str:
    return f"{settings.SITE_URL}/#{name}"


def _website() -> dict[str, Any]:
    return {
        "@type": "WebSite",
        "@id": _id("site"),
        "url": settings.SITE_URL + "/",
        "name": snapshot.current().name,
        "publisher": {"@id": _id("clinic")},
    }


def _clinic(page: PublicPage) -> dict[str, Any]:
    """Return the clinic facts that the page shows.

    Every footer shows the address and phone, /cost/ the prices, and /about/ and /visit-us/ the rest.
    """
    clinic = snapshot.current()
    shows_hours = page.path in (reverse("pages:about"), reverse("pages:visit_us"))
    address = {
        "streetAddress": clinic.street,
        "addressLocality": clinic.city,
        "addressRegion": clinic.region,
        "postalCode": clinic.street and clinic.postal_code,
        "addressCountry": "US",
    }
    return _only_set(
        {
            "@type": "MedicalClinic",
            "@id": _id("clinic"),
            "url": settings.SITE_URL + "/",
            "name": clinic.name,
            "address": {"@type": "PostalAddress"} | _only_set(address),
            "telephone": clinic.phone,
            "openingHours": shows_hours and [line for hours in clinic.hours for line in hours.schema_org],
            "specialOpeningHoursSpecification": shows_hours and _special_hours(clinic),
            "hasMap": shows_hours and clinic.map_url,
            "image": _image(_picture_of_the_clinic(page)),
            "makesOffer": page.path == reverse("pages:cost") and _offers(clinic),
        }
    )


def _offers(clinic: snapshot.Clinic) -> list[dict[str, str]]:
    return [
        {"@type": "Offer", "name": row.what, "price": row.amount, "priceCurrency": "USD"}
        for row in (clinic.prices.rows if clinic.prices else ())
    ]


def _picture_of_the_clinic(page: PublicPage) -> ShownPicture | None:
    """Return the picture of the door or the room, on the page about it."""
    clinic = snapshot.current()
    shown = {reverse("pages:visit_us"): clinic.door_picture, reverse("pages:about"): clinic.room_picture}
    return shown.get(page.path)


def _image(picture: ShownPicture | None) -> str:
    return settings.SITE_URL + reverse("pages:picture", args=[picture.key, "jpg"]) if picture else ""


def _people(page: PublicPage) -> list[dict[str, Any]]:
    """Return the people, on the pages that show them all. In schema.org, a Physician is an organization."""
    if page.path not in (reverse("pages:about"), reverse("pages:team")):
        return []
    here = {"@id": _id("clinic")}
    return [
        {"@id": _id(f"person-{number}")}
        | (
            {"@type": "Physician", "name": person.name_and_title, "parentOrganization": here}
            if PHYSICIAN.search(person.title)
            else _only_set(_person(person)) | {"worksFor": here}
        )
        | _only_set({"image": _image(person.picture)})
        for number, person in enumerate(snapshot.current().people, 1)
    ]


def _person(person: Person) -> dict[str, Any]:
    return {"@type": "Person", "name": person.name, "jobTitle": person.title}


def _special_hours(clinic: snapshot.Clinic) -> list[dict[str, Any]]:
    """Return the days that closures and holidays affect. In schema.org, equal opening and closing times mean closed."""
    every = clinic.calendar.exceptions(timezone.localdate())  # the same days that the page shows
    return [
        {
            "@type": "OpeningHoursSpecification",
            "validFrom": each.day.isoformat(),
            "validThrough": each.day.isoformat(),
            "opens": f"{span.opens:%H:%M}" if span else "00:00",
            "closes": f"{span.closes:%H:%M}" if span else "00:00",
        }
        for each in every
        for span in each.spans or (None,)
    ]


def _page(page: PublicPage) -> dict[str, Any]:
    types = {reverse(name): kind for name, kind in PAGE_TYPES.items()}
    frame = {
        "@type": "MedicalWebPage" if page.article else types.get(page.path, "WebPage"),
        "@id": page.url,
        "url": page.url,
        "name": page.title,
        "description": page.description,
        "inLanguage": "en-US",
        "isPartOf": {"@id": _id("site")},
        "publisher": {"@id": _id("clinic")},
    }
    if page.path != reverse("pages:home"):
        frame["breadcrumb"] = {"@id": page.url + "#breadcrumbs"}
    return frame | (_medical(page.article, page.sources) if page.article else {})


def _medical(article: Article, sources: Iterable[Reference]) -> dict[str, Any]:
    review = snapshot.current().review_of(article.slug, article.reviewed)
    about = [{"@type": "MedicalTherapy", "name": THERAPY}]
    if article.parent == "conditions":
        about.append({"@type": "MedicalCondition", "name": article.nav})
    return _only_set(
        {
            "about": about,
            "datePublished": article.published.isoformat(),
            "lastReviewed": article.reviewed.isoformat(),
            "reviewedBy": review and _only_set(_person(review.person)),
            "citation": [source.link for source in sources if source.link],
        }
    )


def _breadcrumbs(page: PublicPage) -> dict[str, Any]:
    steps = [("Home", reverse("pages:home"))]
    if page.article:
        steps += [(above.nav, above.get_absolute_url()) for above in page.article.breadcrumbs]
    steps.append((page.title, page.path))
    return {
        "@type": "BreadcrumbList",
        "@id": page.url + "#breadcrumbs",
        "itemListElement": [
            {"@type": "ListItem", "position": position, "name": name, "item": settings.SITE_URL + path}
            for position, (name, path) in enumerate(steps, start=1)
        ],
    }


def _answers(page: PublicPage) -> dict[str, Any]:
    """Return the questions that the clinic has answered. The page shows each question and answer in the same words."""
    return {
        "@type": "FAQPage",
        "@id": page.url + "#answers",
        "isPartOf": {"@id": page.url},
        "mainEntity": [
            {
                "@type": "Question",
                "name": QUESTIONS[key].text,
                "acceptedAnswer": {"@type": "Answer", "text": text},
            }
            for key, text in snapshot.current().answers.items()
        ],
    }


def _only_set(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value}
