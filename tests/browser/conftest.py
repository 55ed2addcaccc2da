"""Fixtures: a browser installed on this machine, and gunicorn serving the built site."""

import os
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page

from clinic.answers import QUESTIONS
from clinic.visit import DIRECTIONS
from tests.browser.face import write_font_configuration
from tests.helpers.live_site import FACTS, PICTURES_OF, RunningSite, share_template
from tools.browser_path import HELP, find_browser

# pytest-playwright runs an event loop, which Django mistakes for an async view.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="session", autouse=True)
def template(tmp_path_factory, request):
    """Create the empty database and the static files that the sites of all pytest-xdist workers copy."""
    base = tmp_path_factory.getbasetemp()
    share_template((base.parent if hasattr(request.config, "workerinput") else base) / "template")


@pytest.fixture(scope="session")
def site(tmp_path_factory, template):
    with RunningSite(tmp_path_factory.mktemp("site"), facts=every_kind_of_fact()) as running:
        yield running


def every_kind_of_fact() -> dict:
    """Return facts that fill the pages: phone, address, hours, a review, both kinds of closure, and a long announcement."""
    today = timezone.localdate()
    return FACTS | {
        "phone": "(618) 555-0100",
        "street": "1 Example Street",
        "postal_code": "62901",
        **dict.fromkeys(DIRECTIONS, "Example words " * 21),
        "hours": ["9 am - 5 pm"] * 5 + ["", ""],
        "closures": [
            {
                "first": f"{today + timedelta(days=1)}",
                "last": f"{today + timedelta(days=3)}",
                "reason": "Example reason",
            },
            {
                "first": f"{today + timedelta(days=4)}",
                "last": f"{today + timedelta(days=6)}",
                "starts": "12:00",
                "ends": "17:00",
            },
        ],
        "prices": {
            "as_of": f"{today}",
            "rows": [
                {"what": "Example " * 12, "amount": "1450.50", "note": "Example " * 24},
                {"what": "Example visit", "amount": "0"},
            ],
        },
        "article_reviews": {"safety": {"name": "Example Person", "day": f"{today}"}},
        "announcement": {"text": "Example " * 24, "until": f"{today + timedelta(days=90)}T17:00"},
        **{question.fact: "Example answer. " * 20 for question in QUESTIONS.values()},
        "answer_night_number": "(618) 555-0101",
        "notice_nondiscrimination": {"effective": f"{today}", "texts": [{"language": "en", "text": "Example " * 900}]},
        PICTURES_OF: ["Example Person"],
    }


@pytest.fixture(scope="session")
def base_url(site):
    return site.url


@pytest.fixture(scope="session")
def shared_context(browser, base_url):
    context = browser.new_context(base_url=base_url)
    context.new_page()
    yield context
    context.close()


@pytest.fixture
def shared_page(shared_context):
    """Return a page that many tests share, because a new context takes longer than opening a page in an old one.

    It starts without cookies, in light mode, with Playwright's default size, and without a test's routes.
    Tests that listen to its events, or depend on what the browser has cached, need a page of their own.
    """
    return reset(shared_context)


def reset(context: BrowserContext) -> Page:
    """Return the context's page as it was when new, except for its history and the browser's cache."""
    page = context.pages[0]
    context.clear_cookies()
    page.unroute_all()
    page.emulate_media(media="null", color_scheme="light", reduced_motion="null", forced_colors="null")
    page.set_viewport_size({"width": 1280, "height": 720})
    return page


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args, tmp_path_factory):
    path = find_browser()
    assert path, HELP
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    fonts = {"FONTCONFIG_FILE": str(write_font_configuration(tmp_path_factory.mktemp("face")))}
    return browser_type_launch_args | {"executable_path": path, "args": arguments, "env": os.environ | fonts}
