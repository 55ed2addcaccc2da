"""Tests of page sizes on the wire. A server sends ten packets, 14,600 bytes, before it waits for the first ACK."""

import re
import socket
from collections import defaultdict

import brotli
import pytest
from playwright.sync_api import Error, Page

pytestmark = pytest.mark.looks

FIRST_PACKETS = 14_600
WHOLE_PAGE = 30_000
ARTICLES = "/ketamine-infusion-therapy/"
LANDING_PAGES = [
    "/",
    ARTICLES,
    *(f"{ARTICLES}conditions/{name}/" for name in ("depression", "chronic-pain", "ptsd", "anxiety")),
    f"{ARTICLES}your-visit/",
    "/consultation/",
]
SCREENS = [{"width": 412, "height": 823}, {"width": 1366, "height": 657}]
# Not needed to render the page: the favicon, the prefetch rules, the QR code image, the clinic's photographs, and
# the rules for printing, which no screen waits for.
NOT_NEEDED_TO_RENDER = re.compile(
    r"/static/img/favicon|/speculation-rules\.json|/review/qr\.svg|/pictures/|/css/print\."
)


def public_paths(site):
    return re.findall(r"<loc>https?://[^/]+(/[^<]*)</loc>", site.ask("/sitemap.xml")[1].decode())


def wire(site, path):
    """Return the response for `path` as raw bytes: status line, headers, and body compressed with brotli."""
    with socket.create_connection(("localhost", site.port)) as connection:
        request = f"GET {path} HTTP/1.1\r\nHost: localhost:{site.port}\r\nAccept-Encoding: br\r\nConnection: close\r\n"
        connection.sendall(f"{request}\r\n".encode())
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    assert b"Content-Encoding: br" in received
    return received


def test_every_page_is_within_its_byte_limit(site):
    paths = public_paths(site)
    assert set(LANDING_PAGES) < set(paths)
    sizes = {path: len(wire(site, path)) for path in paths}
    assert {path: size for path, size in sizes.items() if size > WHOLE_PAGE} == {}


def test_a_page_needs_one_request_to_render(site, page):
    tabs, asked = {}, defaultdict(list)
    for path in public_paths(site):
        tab = tabs[path] = page.context.new_page()
        tab.on("request", lambda request, urls=asked[path]: urls.append(request.url))
        tab.goto(path)
    for path, tab in tabs.items():
        tab.wait_for_load_state("networkidle")  # half a second without a request; all tabs wait at the same time
        needed = [url for url in asked[path] if not NOT_NEEDED_TO_RENDER.search(url)]
        blocking = tab.evaluate(
            "performance.getEntriesByType('resource').filter(e => e.renderBlockingStatus == 'blocking').map(e => e.name)"
        )
        assert blocking == []
        assert needed == [site.url + path]
        tab.close()


def screenshot(page: Page) -> bytes:
    """Return a screenshot. Ask again if Chromium has none ready, which it says on a busy machine."""
    for _ in range(4):
        try:
            return page.screenshot()
        except Error as error:
            if "Unable to capture screenshot" not in error.message:
                raise
            page.wait_for_timeout(500)
    return page.screenshot()


@pytest.mark.parametrize("screen", SCREENS, ids=["phone", "laptop"])
def test_the_first_ten_packets_render_every_pages_whole_first_screen(site, page, screen):
    """Compare screenshots, so that a page may be long without delaying what a reader sees first."""
    page.set_viewport_size(screen)
    page.emulate_media(reduced_motion="reduce")  # no page transition in the screenshot
    first_words = b""
    page.route(
        "**/first-packets", lambda route: route.fulfill(body=first_words, content_type="text/html; charset=utf-8")
    )

    def differs(path: str) -> bool:
        page.goto(path)
        whole = screenshot(page)
        page.goto("/first-packets")
        return screenshot(page) != whole

    differing = []
    for path in public_paths(site):
        body = wire(site, path)[:FIRST_PACKETS].partition(b"\r\n\r\n")[2]
        first_words = brotli.Decompressor().process(body)
        # Again if they differ, because a busy browser may show a frame that is only half drawn.
        if all(differs(path) for _ in range(3)):
            differing.append(path)
    assert differing == []
