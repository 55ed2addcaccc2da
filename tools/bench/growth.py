"""Measure how the site scales with stored requests and articles, and how fast it starts."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.helpers.live_site import PROJECT, RunningSite
from tools.bench.load import put_load_on, worker_megabytes
from tools.bench.servers import Server

COPIED = ("albany_site", "clinic", "consultations", "front_desk", "pages", "templates", "static", "tests")
# How the stored requests are distributed, keyed by the name in stored_requests.py.
DISTRIBUTIONS = {"new": "all new, half of them overdue", "closed": "95 % closed and erased, as after some years"}
FILES = ("manage.py", "requirements.txt", "gunicorn.conf.py")
# The articles to copy. Each copy becomes a child of its original.
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


# List only the 13 real articles in the footer, not the copies, because a real site would not list a thousand there.
SHORT_MENUS = "\n\nARTICLES = dict(list(ARTICLES.items())[:13])\n"


def cold_start(site: RunningSite) -> float:
    """Return the milliseconds from starting gunicorn to its first response, polling it every 5 ms."""
    started = time.perf_counter()
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
    taken = (time.perf_counter() - started) * 1000
    site.stop()
    return taken


def with_stored_requests(folder: Path, totals: tuple[int, ...], distribution: str) -> dict[str, dict[str, float]]:
    """Return the results of stored_requests.py, keyed by the number of stored requests."""
    site = RunningSite(folder)
    site.build()
    script = f"from tools.bench.stored_requests import main; main({totals!r}, {distribution!r})"
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-c", script],
        cwd=PROJECT,
        env=site.environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(re.search(r"GROWTH (.*)", done.stdout)[1])


def cpu_of_commands() -> float:
    """Return the CPU seconds used by child processes that have exited."""
    times = os.times()
    return times.children_user + times.children_system


def with_articles(folder: Path, extra: int, seconds: int) -> dict[str, float]:
    """Build a site with `extra` more articles. Return the cost of building it and of serving one of its pages."""
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
    started, spent = time.perf_counter(), cpu_of_commands()
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
            "collecting files, s": collected - started,
            "prerendering, s": built - collected,
            "CPU of both, s": spent,
            "CPU of a page, µs": sorted(figures.cpu for figures in rounds)[1],
            "a worker's memory, MB": worker_megabytes(site.process.pid),
        }
    finally:
        site.stop()


def main() -> None:
    """Print only the tables of growth by stored requests. TEST_DATABASE_URL chooses a PostgreSQL server."""
    from tools.bench.report import stored_tables  # it imports the other measurements

    totals = (100, int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
    for distribution in sys.argv[2:] or DISTRIBUTIONS:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            print("\n".join(stored_tables({distribution: with_stored_requests(Path(folder), totals, distribution)})))


if __name__ == "__main__":
    main()
