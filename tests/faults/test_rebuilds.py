"""Rebuilds the pages while visitors request them, and breaks rebuilds. Each response is a page of one complete build."""

import http.client
import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from hashlib import sha256
from pathlib import Path

from pages.build import NOT_FOUND, RECORD, SUFFIXES, file_of
from tests.helpers.http_client import Visitor
from tests.helpers.live_site import PROJECT, RunningSite
from tests.helpers.processes import children_of
from tests.helpers.waiting import until
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
for number in range(1, {REBUILDS} + 1):
    Edition.publish({{"phone": f"(618) 555-01{{number:02}}"}}, "a change", after=number)
    waits_until = time.monotonic() + {MOST_SECONDS}
    while build.read_record(build.newest_folder())["edition"] <= number:
        assert time.monotonic() < waits_until, "a build never showed the change"
        time.sleep(0.05)
    if time.monotonic() >= until:
        break
print(number)
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
        pages = {path for path, _ in next(iter(builds.seen.values())) if path.startswith("/")}  # without error pages
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


# --- A rebuild that does not finish


def bodies(site: RunningSite, paths: list[str]) -> dict[str, str]:
    answers = {path: Visitor(site.url, timeout=60).ask(path) for path in paths}
    assert [path for path, answer in answers.items() if answer.status != 200] == []
    return {path: answer.body for path, answer in answers.items()}


def unfinished(site: RunningSite) -> list[Path]:
    return [folder for folder in (site.folder / "build").glob("pages-*") if not (folder / RECORD).exists()]


def shows(site: RunningSite, paths: list[str], phone: str) -> bool:
    return all(phone in body for body in bodies(site, paths).values())


def test_a_worker_killed_in_mid_rebuild_leaves_every_page_whole(tmp_path, report):
    with RunningSite(tmp_path, {"phone": "(618) 555-0100"}) as site:
        paths = [path for path in build_record(site)["pages"] if path.endswith("/")]
        before = bodies(site, paths)
        worker = Worker(site)
        worker.start()
        site.load_facts({"phone": "(618) 555-0142"})
        until(lambda: unfinished(site))
        for pid in (worker.process.pid, *children_of(worker.process.pid)):
            os.kill(pid, signal.SIGKILL)
        worker.process.wait()
        assert bodies(site, paths) == before
        [left] = unfinished(site)

        worker.start()
        try:
            seconds = until(lambda: shows(site, paths, "(618) 555-0142"))
        finally:
            worker.stop()
        assert not left.exists(), "what the killed rebuild left is still there"
    report(
        "the worker and its rebuild killed midway",
        "every page as before",
        "nothing",
        seconds,
        "nothing: the next worker built the pages and removed what was left",
    )


def test_a_rebuild_that_fails_leaves_the_pages_and_says_so(tmp_path, report):
    with RunningSite(tmp_path, {"phone": "(618) 555-0100"}) as site:
        paths = [path for path in build_record(site)["pages"] if path.endswith("/")]
        before, worker, folder = bodies(site, paths), Worker(site), tmp_path / "build"
        subprocess.run(["chattr", "+i", folder], check=True)
        worker.start()
        try:
            site.load_facts({"phone": "(618) 555-0142"})
            until(lambda: "could not be rebuilt" in (tmp_path / "worker.log").read_text())
            assert bodies(site, paths) == before
            told = until(lambda: "build" in json.loads(Visitor(site.url, "").ask("/healthz").body)["problems"], 400)
            subprocess.run(["chattr", "-i", folder], check=True)
            seconds = until(lambda: shows(site, paths, "(618) 555-0142"))
            assert "build" not in json.loads(Visitor(site.url, "").ask("/healthz").body)["problems"]
        finally:
            subprocess.run(["chattr", "-i", folder], check=True)
            worker.stop()
    report(
        "a rebuild that fails again and again",
        "every page as before, with the old number",
        f"/healthz and the desk name it after {told:.0f} s",
        seconds,
        "nothing",
    )


def test_an_older_release_beside_a_newer_one_serves_its_own_pages(tmp_path, report):
    """Both share the database and the build folder, as during a release that goes machine by machine."""
    new, old = tmp_path / "new", tmp_path / "old"
    for folder in (new, old):
        folder.mkdir()
    with RunningSite(new, {"phone": "(618) 555-0100"}) as newer:
        older = RunningSite(old, **shared_with(newer))
        older.project = copied_project(tmp_path / "project")
        about = older.project / "templates/pages/about.html"
        about.write_text(about.read_text().replace("</h1>", " in the words of an older release</h1>"))
        older.manage("prerender")
        older.start()
        workers = [Worker(newer), Worker(older)]
        for worker in workers:
            worker.start()
        try:
            newer.load_facts({"phone": "(618) 555-0142"})
            sites = {newer: False, older: True}
            seconds = until(lambda: all(shows(site, ["/", "/about/"], "(618) 555-0142") for site in sites))
            for site, is_old in sites.items():
                assert ("words of an older release" in bodies(site, ["/about/"])["/about/"]) is is_old
        finally:
            for worker in workers:
                worker.stop()
            older.stop()
    report(
        "an older release beside a newer one, and a new phone number",
        "each serves its own pages, all with the new number",
        "nothing",
        seconds,
        "nothing",
    )


def build_record(site: RunningSite) -> dict:
    return json.loads((site.folder / "build/pages" / RECORD).read_text())


def shared_with(site: RunningSite) -> dict[str, str]:
    return {name: site.environment[name] for name in ("DATABASE_URL", "BUILD_DIR")}


def copied_project(folder: Path) -> Path:
    """Copy the files that Git knows to `folder`."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / name, folder / name)
    return folder
