"""Rebuilds the pages up to twenty times while visitors request them. Each response is a page of one complete build."""

import http.client
import itertools
import json
import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from hashlib import sha256
from pathlib import Path

from pages.build import NOT_FOUND, RECORD, SUFFIXES, file_of
from tests.helpers.http_client import Visitor
from tests.helpers.live_site import RunningSite
from tools.stack import Worker

REBUILDS, VISITORS = 20, 8
MOST_SECONDS = 150  # after this, a slow machine stops with fewer rebuilds
MISSING = "/no-such-page/"
PAUSE = 0.1  # seconds between a visitor's requests, to leave CPU time for the builds
# Repeatedly saves an edition and waits until a build shows it. Prints how many editions were shown.
CHANGE_THE_FACTS = f"""
import time
from clinic.models import Edition
from pages import build
until = time.monotonic() + {MOST_SECONDS}
def shown():
    return build.read_record(build.newest_folder())["edition"]
for number in range(1, {REBUILDS} + 1):
    Edition.publish({{"phone": f"(618) 555-01{{number:02}}"}}, "a change", after=number)
    while shown() <= number and time.monotonic() < until:
        time.sleep(0.05)
    if time.monotonic() >= until:
        break
print(shown() - 1)
"""
STORED = """
import json
from consultations.models import ConsultationRequest
print(json.dumps([request.receipt_url for request in ConsultationRequest.objects.all()]))
"""


class Builds:
    """Records the hashes of all pages of every complete build, because old builds are removed during the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seen: dict[Path, dict[tuple[str, str], str]] = {}

    def look(self) -> None:
        for record in self.folder.glob(f"pages-*/{RECORD}"):
            if record.parent not in self.seen:
                self.seen[record.parent] = self._hashes(record)

    def _hashes(self, record: Path) -> dict[tuple[str, str], str]:
        """Return the hash of each page's body, keyed by path and content encoding."""
        hashes = {}
        for path, (encoding, suffix) in itertools.product(json.loads(record.read_text())["pages"], SUFFIXES.items()):
            hashes[path, encoding] = sha256((record.parent / (file_of(path) + suffix)).read_bytes()).hexdigest()
        return hashes

    def watch(self, over: threading.Event) -> None:
        while not over.wait(0.1):
            self.look()


def visit(site: RunningSite, paths: list[str], number: int, over: threading.Event) -> Counter:
    """Request random pages until `over` is set. Count the responses by path, encoding, status and hash of the body."""
    chance, came = random.Random(number), Counter()
    while not over.is_set():
        with closing(http.client.HTTPConnection("localhost", site.port, timeout=60)) as connection:
            for _ in range(20):
                path = chance.choice(paths)
                # Request the 404 page uncompressed, because Django compresses it differently from the build.
                accept = "identity" if path == MISSING else chance.choice(("identity", "br", "gzip"))
                connection.request("GET", path, headers={"Accept-Encoding": accept})
                answer = connection.getresponse()
                body = sha256(answer.read()).hexdigest()
                came[path, answer.headers.get("Content-Encoding", ""), answer.status, body] += 1
                time.sleep(PAUSE)
    return came


def send_requests(site: RunningSite, over: threading.Event) -> list[str]:
    """Send the form until `over` is set, each time from a new address. Return the paths of the receipts."""
    receipts = []
    for number in itertools.count():
        if over.is_set():
            return receipts
        answer = Visitor(site.url, f"10.0.{number // 250}.{number % 250}", timeout=60).send(note=f"{number}")
        assert answer.status == 302
        receipts.append(answer.headers["Location"])
        over.wait(0.2)


def test_every_response_during_rebuilds_comes_from_a_complete_build(tmp_path, report):
    with RunningSite(tmp_path, {"phone": "(618) 555-0100"}, TRUSTED_PROXY_HOPS="1") as site:
        builds, worker, over = Builds(tmp_path / "build"), Worker(site), threading.Event()
        builds.look()
        pages = {path for path, _ in next(iter(builds.seen.values()))} - {NOT_FOUND}
        paths = sorted(pages) + [MISSING]
        worker.start()
        with ThreadPoolExecutor(VISITORS + 2) as pool:
            try:
                watcher = pool.submit(builds.watch, over)
                visitors = [pool.submit(visit, site, paths, number, over) for number in range(VISITORS)]
                sender = pool.submit(send_requests, site, over)
                began = time.monotonic()
                rebuilds = int(site.manage("shell", "--verbosity", "0", "--command", CHANGE_THE_FACTS))
                seconds = time.monotonic() - began
                time.sleep(3)  # both web processes switch to the last build
            finally:
                over.set()
                worker.stop()
            watcher.result()
            builds.look()
            came = sum((visitor.result() for visitor in visitors), Counter())
            receipts = sender.result()
        stored = json.loads(site.manage("shell", "--verbosity", "0", "--command", STORED))
        asked_last = Visitor(site.url).ask("/").body

    print(f"{came.total()} responses and {len(receipts)} receipts during {rebuilds} rebuilds in {seconds:.0f} s")
    assert rebuilds >= 3
    assert len(builds.seen) > rebuilds
    assert {(path == MISSING, status) for path, _, status, _ in came} == {(False, 200), (True, 404)}
    built = {(path, encoding, body) for hashes in builds.seen.values() for (path, encoding), body in hashes.items()}
    came_back = {(NOT_FOUND if path == MISSING else path, encoding, body) for path, encoding, _, body in came}
    assert came_back - built == set()
    assert len({body for path, _, body in came_back if path == "/"}) > rebuilds / 2, "visitors saw few of the builds"
    assert f"(618) 555-01{rebuilds:02}" in asked_last
    assert sorted(stored) == sorted(receipts)
    report(
        f"{rebuilds} rebuilds, {VISITORS} visitors at once",
        "each response is a page of one complete build",
        "nothing",
        seconds / rebuilds,
        f"nothing: {len(receipts)} receipts, {len(stored)} requests",
    )
