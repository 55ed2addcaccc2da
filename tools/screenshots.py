"""Takes a picture of the pages that matter most, at three widths, light and dark, into var/screenshots."""

import os
import sys
import tempfile
from itertools import product
from pathlib import Path

import django
from playwright.sync_api import sync_playwright
from tqdm import tqdm

from tests.helpers.live_site import PROJECT, RunningSite
from tools.browser_path import find_browser

FOLDER = PROJECT / "var/screenshots"
WIDTHS = (320, 768, 1280)
COLORS = ("light", "dark")
PICTURES = {
    "home": "/",
    "overview": "/ketamine-infusion-therapy/",
    "depression": "/ketamine-infusion-therapy/conditions/depression/",
    "safety": "/ketamine-infusion-therapy/safety/",
    "form-with-errors": "the form with errors",
    "receipt": "the receipt",
    "review": "/review/",
    "404": "an address that is not there",
}


def take_pictures(folder: Path) -> int:
    """Take every picture, and return how many there are."""
    from tests.browser.places import open_place  # needs Django's settings

    folder.mkdir(parents=True, exist_ok=True)
    pictures = [*product(WIDTHS, COLORS, PICTURES.items())]
    browser_path = find_browser()
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory() as home, RunningSite(Path(home)) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=arguments)
        page = browser.new_page(base_url=site.url, reduced_motion="reduce")
        for width, color, (name, place) in tqdm(pictures, disable=None):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=color)
            open_place(page, place)
            page.screenshot(path=folder / f"{name}-{width}-{color}.png", full_page=True)
        browser.close()
    return len(pictures)


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    print(f"{take_pictures(FOLDER)} pictures in {FOLDER.relative_to(PROJECT)}", file=sys.stderr)
