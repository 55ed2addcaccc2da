"""Draw the PNG and ICO icons, and the PNG drawings of the social cards, from their SVGs. `make icons` runs this."""

import os
import re
from io import BytesIO

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tests.helpers.live_site import PROJECT
from tools.browser_path import find_browser

FOLDER = PROJECT / "static/img"
FAVICON_SIZES = (16, 32, 48)
DRAWINGS = PROJECT / "pages/drawings"
DRAWING_SIZE = (480, 341)  # a drawing of 464 by 325 in a frame of 8 pixels
TOUCH_SIZE = 180
TOUCH_MARK = 148  # leaves a margin, because iOS rounds the corners
PAPER = "#fbf8f2"


def draw_icons(page: Page) -> dict[str, bytes]:
    """Render favicon.svg in `page`, and return the bytes of each icon, keyed by file name."""
    touch = Image.new("RGB", (TOUCH_SIZE, TOUCH_SIZE), PAPER)
    mark = _drawn(page, TOUCH_MARK)
    touch.paste(mark, ((TOUCH_SIZE - TOUCH_MARK) // 2,) * 2, mark)
    marks = [_drawn(page, size) for size in FAVICON_SIZES]
    sizes = [mark.size for mark in marks]
    return {
        "apple-touch-icon.png": _file(touch, "PNG", optimize=True),
        "favicon.ico": _file(marks[-1], "ICO", sizes=sizes, append_images=marks[:-1]),
    }


def draw_drawings(page: Page) -> dict[str, bytes]:
    """Render the framed drawing of each article in `page`, in light mode. Return the PNGs, keyed by file name."""
    page.set_viewport_size(dict(zip(("width", "height"), DRAWING_SIZE, strict=True)))
    page.emulate_media(color_scheme="light")
    css = "".join((PROJECT / f"static/css/{name}.css").read_text() for name in ("tokens", "layout"))
    frame = "body { display: block; margin: 8px; background: var(--paper); } .drawing { border-radius: 16px; }"
    files = {}
    for name in sorted(set(re.findall(r'drawing="([a-z-]+)"', (PROJECT / "pages/articles.py").read_text()))):
        drawing = (PROJECT / f"templates/drawings/{name}.svg").read_text()
        page.set_content(f"<style>{css}{frame}</style>{drawing}")
        image = Image.open(BytesIO(page.screenshot())).convert("RGB").quantize(32, dither=Image.Dither.NONE)
        files[f"{name}.png"] = _file(image, "PNG", optimize=True)
    return files


def _drawn(page: Page, size: int) -> Image.Image:
    """Return the mark on a transparent square of `size` pixels."""
    page.set_viewport_size({"width": size, "height": size})
    page.set_content(
        f"<style>body{{margin:0}}svg{{display:block;width:{size}px}}</style>{(FOLDER / 'favicon.svg').read_text()}"
    )
    return Image.open(BytesIO(page.screenshot(omit_background=True)))


def _file(image: Image.Image, kind: str, **options: object) -> bytes:
    output = BytesIO()
    image.save(output, kind, **options)
    return output.getvalue()


if __name__ == "__main__":
    browser_path = find_browser()
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=arguments)
        page = browser.new_page()
        for folder, files in ((FOLDER, draw_icons(page)), (DRAWINGS, draw_drawings(page))):
            for name, content in files.items():
                (folder / name).write_bytes(content)
                print(f"{name}: {len(content)} bytes")
        browser.close()
