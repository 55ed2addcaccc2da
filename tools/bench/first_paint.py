"""Compare first contentful paint on simulated Slow 4G, with inlined styles and with a linked stylesheet."""

import os
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from statistics import median

import brotli
from playwright.sync_api import sync_playwright

from tests.helpers.live_site import RunningSite
from tools.browser_path import find_browser

PAGES = ("/", "/ketamine-infusion-therapy/safety/")
INSIDE, LINKED = "inlined in the page", "in a style sheet"
SHEET = "/site.css"
# Lighthouse's Slow 4G preset, with its values for DevTools throttling: the 150 ms RTT times 3.75 is 562.5 ms of
# request latency.
SLOW_4G = {"offline": False, "latency": 562.5, "downloadThroughput": 1474.56 * 128, "uploadThroughput": 675 * 128}


def variants(site: RunningSite) -> dict[str, tuple[str, bytes]]:
    """Return the content types and bodies of each page in both variants and of the stylesheet, keyed by path."""
    files = {}
    for path in PAGES:
        html = site.ask(path)[1].decode()
        sheets = re.findall("<style>(.*?)</style>", html, re.DOTALL)
        link = f'<link rel="stylesheet" href="{SHEET}">'
        linked = re.sub("<style>.*</style>", link, html, flags=re.DOTALL)
        style = "\n".join(sheets)
        files[f"/{INSIDE}{path}"] = ("text/html; charset=utf-8", html)
        files[f"/{LINKED}{path}"] = ("text/html; charset=utf-8", linked)
        files[SHEET] = ("text/css; charset=utf-8", style)
    return {path: (kind, brotli.compress(text.encode())) for path, (kind, text) in files.items()}


def first_paints(site: RunningSite, rounds: int) -> dict[str, list[float]]:
    """Return the median first contentful paint in ms of a first and a second page, keyed by variant."""
    files, browser_path = variants(site), find_browser()

    class Files(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            kind, body = files.get(self.path.replace("%20", " "), ("text/plain", b""))
            self.send_response(200)
            for name, value in (("Content-Type", kind), ("Content-Encoding", "br"), ("Content-Length", len(body))):
                self.send_header(name, str(value))
            self.send_header("Cache-Control", "public, max-age=300")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Files)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    seen = {INSIDE: ([], []), LINKED: ([], [])}
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=browser_path, args=arguments)
        for _ in range(rounds):
            for way, times in seen.items():
                page = browser.new_page(viewport={"width": 412, "height": 823})
                page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", SLOW_4G)
                for path, taken in zip(PAGES, times, strict=True):
                    page.goto(f"http://127.0.0.1:{server.server_port}/{way}{path}")
                    paint = "performance.getEntriesByName('first-contentful-paint')[0]"
                    page.wait_for_function(paint)
                    taken.append(page.evaluate(f"{paint}.startTime"))
                page.close()
        browser.close()
    server.shutdown()
    return {way: [median(times) for times in both] for way, both in seen.items()}
