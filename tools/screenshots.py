"""Take screenshots: the main pages at three widths in light and dark mode, and the README's two images.

`python -m tools.screenshots` takes all of them; with `--readme` only the README's two.
"""

import argparse
import os
import re
import sys
import tempfile
from collections.abc import Callable
from io import BytesIO
from itertools import product
from pathlib import Path

import django
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from tqdm import tqdm

from tests.helpers.live_site import PROJECT, RunningSite
from tools.browser_path import find_browser

FOLDER = PROJECT / "var/screenshots"
README_FOLDER = PROJECT / "docs"
README_VIEWPORT = {"width": 1200, "height": 800}
README_COLORS = 128  # a palette keeps each image under 150 kB
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
    "404": "a missing page",
}


def take_readme_pictures(browser: Browser, site: RunningSite, folder: Path) -> int:
    """Save home.png, and front-desk.png, which shows make_demo's requests. Return the number of images."""
    page = browser.new_page(base_url=site.url, viewport=README_VIEWPORT, reduced_motion="reduce")
    page.goto("/")
    _save_small(page, folder / "home.png")
    sign_in_to_demo(page, site.manage("make_demo"))
    _save_small(page, folder / "front-desk.png")
    page.close()
    return 2


def sign_in_to_demo(page: Page, printed: str) -> None:
    """Sign in at the desk with the password and code that make_demo printed."""
    password, code = re.search(r"Password\s+(\S+)\s+Code\s+(\S+)", printed).groups()
    page.goto("/staff/login/")
    page.get_by_label("Username").fill("demo")
    page.get_by_label("Password").fill(password)
    page.get_by_label("Code").fill(code)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/staff/$"))


def _save_small(page: Page, file: Path) -> None:
    """Save a screenshot of the viewport as a PNG with a palette."""
    picture = Image.open(BytesIO(page.screenshot())).convert("RGB").quantize(README_COLORS)
    picture.save(file, optimize=True)


def take_pictures(browser: Browser, site: RunningSite, folder: Path) -> int:
    """Save a screenshot of each place in PICTURES at each width and color scheme. Return the number of screenshots."""
    from tests.browser.places import open_place  # needs Django's settings

    pictures = [*product(WIDTHS, COLORS, PICTURES.items())]
    page = browser.new_page(base_url=site.url, reduced_motion="reduce")
    for width, color, (name, place) in tqdm(pictures, disable=None):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=color)
        open_place(page, place)
        page.screenshot(path=folder / f"{name}-{width}-{color}.png", full_page=True)
    page.close()
    return len(pictures)


def main(steps: list[tuple[Callable[[Browser, RunningSite, Path], int], Path]]) -> None:
    browser_path = find_browser()  # before sync_playwright(), because find_browser() may call it too
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory() as home, RunningSite(Path(home)) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=arguments)
        for take, folder in steps:
            folder.mkdir(parents=True, exist_ok=True)
            count = take(browser, site, folder)
            print(f"Saved {count} images in {folder.relative_to(PROJECT)}.", file=sys.stderr)
        browser.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Take screenshots of the site.")
    parser.add_argument("--readme", action="store_true", help="take only the README's two images")
    only_readme = parser.parse_args().readme
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    # Take the README's images first, because make_demo needs an empty database.
    readme = (take_readme_pictures, README_FOLDER)
    main([readme] if only_readme else [readme, (take_pictures, FOLDER)])
