"""The places that browser tests visit: the pages of the sitemap, and states such as receipts and errors."""

from collections.abc import Callable

from django.contrib.sitemaps import Sitemap
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import timezone
from playwright.sync_api import Page

from consultations.models import ConsultationRequest
from pages.sitemaps import SITEMAPS
from tests.helpers.factories import ANSWERS

# show_error() renders the pages for these errors, because some of the errors, such as 500, are hard to cause.
DRAWN_ERRORS = (400, 403, 405, 413, 429, 500, 503)


def _paths(sitemap: Sitemap) -> list[str]:
    return [sitemap.location(item) for item in sitemap.items()]


PATHS = [path for sitemap in SITEMAPS.values() for path in _paths(sitemap())]
STATES = [
    "a clinician's form",
    "a form that is filled in",
    "the form with errors",
    "the form sent too late",
    "the receipt",
    "the receipt of an urgent request",
    "an overdue receipt",
    "an overdue receipt after asking again",
    "the withdrawal question",
    "a withdrawn request",
    "a request for a minor",
    "the estimate notice",
    "a missing page",
    *(f"error {status}" for status in DRAWN_ERRORS),
]
PLACES = PATHS + STATES

_addresses: dict[tuple[str, str], str] = {}


def open_place(page: Page, place: str) -> None:
    """Open a place listed in PLACES."""
    if place.startswith("/"):
        assert page.goto(place).status == 200
    elif place == "a clinician's form":
        page.goto("/consultation/")
        page.get_by_label("I am a clinician").check()
        page.get_by_label("my patient agreed").check()
    elif place == "a form that is filled in":
        page.goto("/consultation/")
        fill_in(page)
    elif place == "the form with errors":
        page.goto("/consultation/")
        page.get_by_label("I am a clinician").check()
        page.get_by_role("button", name="Send request").click()
        page.locator(".error-summary").wait_for()
    elif place == "the form sent too late":
        page.goto("/consultation/")
        page.context.clear_cookies()
        page.get_by_role("button", name="Send request").click()
        page.locator(".error-summary").wait_for()
    elif place == "the receipt":
        page.goto(receipt(page))
    elif place == "the receipt of an urgent request":
        page.goto(urgent_receipt(page))
    elif place == "an overdue receipt":
        show_receipt(page, may_ask=True)
    elif place == "an overdue receipt after asking again":
        show_receipt(page, last_asked=timezone.now(), is_waiting=True, may_ask_from=timezone.now())
    elif place == "the withdrawal question":
        page.goto(receipt(page))
        page.get_by_role("link", name="withdraw your request").click()
        page.get_by_role("heading", name="Withdraw your request?").wait_for()
    elif place == "a withdrawn request":
        page.goto(withdrawn(page))
    elif place == "a request for a minor":
        assert page.goto("/consultation/under-18/").status == 200
    elif place == "the estimate notice":
        assert page.goto("/cost/notice/").status == 200
    elif place == "a missing page":
        assert page.goto("/no-such-page/").status == 404
    else:
        show_error(page, int(place.removeprefix("error ")))


def show_error(page: Page, status: int) -> None:
    request = None if status == 500 else RequestFactory().get("/consultation/")
    _serve(page, render_to_string(f"{status}.html", request=request), status)


def show_receipt(page: Page, **context: object) -> None:
    """Draw the receipt of a request that was due before now, because the tests cannot wait until one is."""
    consultation = ConsultationRequest(reference="K7MB4P9X", due_at=timezone.now(), asked_again_at=timezone.now())
    context = {"consultation": consultation, **context}
    request = RequestFactory().get("/consultation/")
    _serve(page, render_to_string("consultations/received.html", context, request=request), 200)


def _serve(page: Page, html: str, status: int) -> None:
    """Open a page that the test has rendered at an address of the site."""
    page.route(
        "**/drawn-page/", lambda route: route.fulfill(status=status, body=html, content_type="text/html"), times=1
    )
    page.goto("/drawn-page/")


def receipt(page: Page) -> str:
    """Return a receipt's URL. Only the first call for a site sends the form, because of the rate limit."""
    return _once(page, "receipt", lambda: None)


def urgent_receipt(page: Page) -> str:
    return _once(page, "urgent receipt", lambda: None, note="I want to die")


def withdrawn(page: Page) -> str:
    """Return the URL of a withdrawn request's receipt."""

    def withdraw() -> None:
        page.get_by_role("link", name="withdraw your request").click()
        page.get_by_role("button", name="Yes, withdraw it").click()
        page.get_by_role("heading", name="withdrawn").wait_for()

    return _once(page, "withdrawn", withdraw)


def _once(page: Page, name: str, go_on: Callable[[], None], **answers: str) -> str:
    page.goto("/consultation/")
    key = (page.url, name)
    if key not in _addresses:
        fill_in(page, **answers)
        page.get_by_role("button", name="Send request").click()
        page.locator(".receipt").wait_for()
        address = page.url
        go_on()
        _addresses[key] = address
    return _addresses[key]


def unfold(page: Page) -> None:
    """Open the form's optional questions, as a click does."""
    folded = page.locator(".step details:not([open]) > summary")
    for _ in range(folded.count()):
        folded.first.click()


def fill_in(page: Page, **answers: str) -> None:
    """Fill in the form with ANSWERS, or with other `answers`."""
    unfold(page)
    for name, answer in (ANSWERS | answers).items():
        field = page.locator(f"[name={name}]")
        kind = field.first.get_attribute("type")
        for value in answer if isinstance(answer, list) else filter(None, [answer]):
            if kind in ("checkbox", "radio"):
                field.and_(page.locator(f'[value="{value}"], :not([value])')).check()
            else:
                field.fill(value)
