"""Measure the Lighthouse scores of our pages and, for comparison, of one page's text without styles."""

import re
from pathlib import Path

import brotli

from tests.helpers.live_site import RunningSite
from tests.system.judgment import BUSY, LANDED_ON, judgments, milliseconds, scores
from tools.bench.servers import answer_of, bare_gunicorn

WORDS_OF = "/ketamine-infusion-therapy/conditions/depression/"
ONLY_WORDS = "the words of the depression page, without styles"
PAINT = "largest-contentful-paint"
ATTEMPTS = 5


def on_a_phone(ours: RunningSite, folder: Path, rounds: int) -> dict[str, list[dict[str, float]]]:
    """Measure the pages in interleaved rounds. Return each round's category scores and timings in ms, keyed by page."""
    headers, _ = answer_of(ours, WORDS_OF)
    words = re.sub("<style>.*?</style>", "", ours.ask(WORDS_OF)[1].decode(), flags=re.DOTALL)
    headers = [(name, value) for name, value in headers if name != "Content-Length"]
    with bare_gunicorn(folder, headers, brotli.compress(words.encode())) as bare:
        urls = {path: ours.url + path for path in LANDED_ON} | {ONLY_WORDS: f"http://localhost:{bare.port}/"}
        found = {name: [] for name in urls}
        for _ in range(rounds):
            for name, url in urls.items():
                found[name].append(figures(url, folder))
        return found


def figures(url: str, folder: Path) -> dict[str, float]:
    report = next(judgments(url, folder, ATTEMPTS))
    return scores(report) | {name: milliseconds(report, name) for name in (PAINT, BUSY)}
