"""What grows: with stored requests, with articles, and at a start."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tests.helpers.live_site import PROJECT, RunningSite
from tools.bench.load import put_load_on, worker_megabytes
from tools.bench.servers import Server

COPIED = ("albany_site", "clinic", "consultations", "front_desk", "pages", "templates", "static", "tests")
FILES = ("manage.py", "requirements.txt", "gunicorn.conf.py")
# Each article below one of ours, as a library of them would stand.
COPIES_OF = ("history", "how-it-works", "your-visit", "benefits-and-limits", "safety", "questions")
MORE_ARTICLES = """

def _copies(names: tuple[str, ...], count: int) -> "dict[str, Article]":
    from dataclasses import replace

    slugs = {f"{names[n % len(names)]}-{n}": names[n % len(names)] for n in range(count)}
    return {
        slug: replace(ARTICLES[name], slug=slug, path=f"{slug}/", title=f"Copy of {slug}", parent=name)
        for slug, name in slugs.items()
    }


ARTICLES |= _copies(NAMES, COUNT)
"""


# The footer lists every article that there is today, and would not list a thousand.
SHORT_MENUS = "\n\nARTICLES = dict(list(ARTICLES.items())[:13])\n"


def cold_start(site: RunningSite) -> float:
    """Milliseconds from the start of gunicorn to its first answer, half of a hundredth of a second exact."""
    begun = time.perf_counter()
    site.process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "albany_site.wsgi"],
        cwd=site.project,
        env=site.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while True:
        try:
            site.ask("/")
        except OSError:
            time.sleep(0.005)
        else:
            break
    taken = (time.perf_counter() - begun) * 1000
    site.stop()
    return taken


def with_stored_requests(folder: Path, totals: tuple[int, ...]) -> dict[str, dict[str, float]]:
    """Milliseconds for each kind of question, by how many requests are stored."""
    site = RunningSite(folder)
    site.build()
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-c", f"from tools.bench.stored_requests import main; main({totals!r})"],
        cwd=PROJECT,
        env=site.environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(re.search(r"GROWTH (.*)", done.stdout)[1])


def cpu_of_commands() -> float:
    """Seconds of CPU that commands have taken which we started and which have ended."""
    times = os.times()
    return times.children_user + times.children_system


def with_articles(folder: Path, extra: int, seconds: int) -> dict[str, float]:
    """What a site with so many more articles takes to build, in seconds, and to serve a page."""
    copy = folder / "site"
    for name in COPIED:
        shutil.copytree(PROJECT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(PROJECT / name, copy)
    for number in range(extra):
        name = COPIES_OF[number % len(COPIES_OF)]
        shutil.copy(copy / f"templates/articles/{name}.html", copy / f"templates/articles/{name}-{number}.html")
    with (copy / "pages/articles.py").open("a") as catalogue:
        catalogue.write(MORE_ARTICLES.replace("COUNT", str(extra)).replace("NAMES", repr(COPIES_OF)))
    with (copy / "pages/context_processors.py").open("a") as menus:
        menus.write(SHORT_MENUS)
    site = RunningSite(folder)
    site.project = copy
    site.manage("migrate", "--verbosity", "0")
    begun, spent = time.perf_counter(), cpu_of_commands()
    site.manage("collectstatic", "--no-input", "--verbosity", "0")
    collected = time.perf_counter()
    site.manage("prerender")
    built, spent = time.perf_counter(), cpu_of_commands() - spent
    site.start()
    try:
        page = Server("a page", site.process.pid, site.port, "/ketamine-infusion-therapy/safety/")
        rounds = [put_load_on(page, seconds) for _ in range(3)]
        return {
            "articles": len(re.findall("<loc>", site.ask("/sitemap.xml")[1].decode())),
            "collecting files, s": collected - begun,
            "prerendering, s": built - collected,
            "CPU of both, s": spent,
            "CPU of a page, µs": sorted(figures.cpu for figures in rounds)[1],
            "a worker's memory, MB": worker_megabytes(site.process.pid),
        }
    finally:
        site.stop()
