"""Run axe-core in a page."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

SCRIPT = Axe().axe_script


def violations(page: Page, **options: Any) -> list[dict]:
    """Return axe-core's violations for the open page, after injecting axe-core if needed."""
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(SCRIPT)
    options = {"resultTypes": ["violations"]} | options
    return page.evaluate("async options => (await axe.run(options)).violations", options)
