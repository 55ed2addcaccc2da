"""Run axe-core in a page."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

SCRIPT = Axe().axe_script


def violations(page: Page, **options: Any) -> list[dict]:
    """Return the violations that axe-core finds on the open page. Inject axe-core first if needed."""
    page.wait_for_load_state()  # a click returns when the next page begins, which may not have an element yet
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(SCRIPT)
    options = {"resultTypes": ["violations"]} | options
    return page.evaluate("async options => (await axe.run(options)).violations", options)
