"""Measure our pages and form against peers, and write RESULTS.md. `make bench` runs this.

Rounds are interleaved, so that other load on the machine affects all servers equally. CPU time per request is the most
stable measure, because rates depend on how connections are distributed over the workers.
"""

import argparse
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

from tqdm import tqdm

from tests.helpers.live_site import PROJECT, RunningSite
from tools.bench import growth, nightly, report
from tools.bench.answers import ANSWERS
from tools.bench.first_paint import first_paints
from tools.bench.load import Figures, put_load_on, worker_megabytes
from tools.bench.phone import on_a_phone
from tools.bench.servers import (
    FEW,
    FEW_BEFORE,
    FORM,
    NGINX,
    OURS,
    RENDERED,
    Server,
    answer_of,
    bare_form,
    bare_gunicorn,
    get,
    nginx,
)
from tools.bench.wagtail_peer import wagtail

RESULTS = Path(__file__).with_name("RESULTS.md")
ARTICLE = "/ketamine-infusion-therapy/safety/"
BARE_ANSWERS = {"name": "Robin Example", "phone": "618 555 0100", "note": "After three, please"}


def main() -> None:
    arguments = parse_arguments()
    load_before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        figures, memory = beside_their_peers(Path(folder), arguments)
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        with RunningSite(made(folder / "phone")) as ours:
            paints = first_paints(ours, arguments.rounds)
            judged = on_a_phone(ours, made(folder / "words"), rounds=3)
        starts = cold_starts(made(folder / "start"), arguments.rounds)
        published = nightly.seconds_to_publish(made(folder / "facts"), rounds=3)
        night = nightly.a_night(made(folder / "night"), arguments.requests)
        totals = (100, 10_000, arguments.requests)
        stored = {
            name: growth.with_stored_requests(made(folder / f"stored-{name}"), totals, name)
            for name in growth.DISTRIBUTIONS
        }
        articles = [
            growth.with_articles(made(folder / f"articles-{extra}"), extra, arguments.seconds)
            for extra in (0, arguments.articles)
        ]
    lines = [
        *report.introduction(arguments, load_before, absent=[NGINX] if NGINX not in figures else []),
        *report.throughput_table(figures, memory),
        *report.goals(figures, articles, published, night),
        *report.phone_tables(judged, paints),
        *report.growth_tables(stored, articles, starts),
    ]
    RESULTS.write_text("\n".join(lines) + "\n")
    print(RESULTS.read_text())
    print(f"Written to {RESULTS.relative_to(PROJECT)}.")


def beside_their_peers(
    folder: Path, arguments: argparse.Namespace
) -> tuple[dict[str, list[Figures]], dict[str, float]]:
    """Measure each server in interleaved rounds.

    Return each round's figures, and the mean memory of a worker in megabytes. Both are keyed by server name.
    """
    with ExitStack() as stack:
        ours = stack.enter_context(RunningSite(made(folder / "ours"), TRUSTED_PROXY_HOPS="1"))
        servers = [*started_pages(stack, folder, ours), *started_forms(stack, folder, ours, arguments.before)]
        figures = {server.name: [] for server in servers}
        for _ in tqdm(range(arguments.rounds), desc="Rounds", disable=None):
            for server in servers:
                before = rows(server)
                found = put_load_on(server, arguments.seconds)
                check(server, rows(server) - before, found)
                figures[server.name].append(found)
        return figures, {server.name: worker_megabytes(server.process) for server in servers}


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--seconds", type=int, default=5, help="seconds of load on each server in each round")
    parser.add_argument("--requests", type=int, default=100_000, help="stored requests to grow to")
    parser.add_argument("--before", metavar="REVISION", help="a Git revision whose form is measured beside ours")
    parser.add_argument("--articles", type=int, default=985, help="articles to add")
    if not shutil.which("wrk"):
        sys.exit("make bench needs wrk, the load generator. Install the package wrk.")
    return parser.parse_args()


def made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


# --- Servers


def started_pages(stack: ExitStack, folder: Path, ours: RunningSite) -> list[Server]:
    """Start the servers to compare with ours. Return all of them, without nginx if it is not installed."""
    headers, body = answer_of(ours, ARTICLE)
    plain = ours.ask(ARTICLE)[1].decode()
    words = plain.partition("<main")[2].partition(">")[2].partition("</main>")[0]
    rendered = RunningSite(made(folder / "rendered"))
    rendered.manage("migrate", "--verbosity", "0")
    rendered.manage("collectstatic", "--no-input", "--verbosity", "0")
    rendered.start()
    stack.callback(rendered.stop)
    peers = [nginx(made(folder / "nginx"), headers, body)] if shutil.which("nginx") else []
    return [
        *(stack.enter_context(peer) for peer in peers),
        stack.enter_context(bare_gunicorn(made(folder / "bare"), headers, body)),
        Server(OURS, ours.process.pid, ours.port, ARTICLE),
        Server(RENDERED, rendered.process.pid, rendered.port, ARTICLE),
        stack.enter_context(wagtail(made(folder / "wagtail"), words, len(plain))),
    ]


def started_forms(stack: ExitStack, folder: Path, ours: RunningSite, before: str | None) -> list[Server]:
    bare = stack.enter_context(bare_form(made(folder / "bare-form")))
    forms = [
        replace(form_of(ours, FORM), connections=16),
        replace(filled_in(bare, BARE_ANSWERS, "key"), connections=16),
    ]
    if before:
        earlier = site_of(before, made(folder / "before"))
        stack.callback(earlier.stop)
        forms += [replace(form_of(site, name), connections=4) for name, site in ((FEW, ours), (FEW_BEFORE, earlier))]
    return forms


def site_of(revision: str, folder: Path) -> RunningSite:
    """Start the site as it was at a Git revision, with the packages that are installed now."""
    site, archive = RunningSite(folder, TRUSTED_PROXY_HOPS="1"), folder / "site.tar"
    subprocess.run(["git", "archive", f"--output={archive}", revision], cwd=PROJECT, check=True)
    site.project = folder / "site"
    with tarfile.open(archive) as tar:
        tar.extractall(site.project, filter="data")
    site.migrate_and_collect()
    site.manage("prerender")
    site.start()
    return site


def form_of(site: RunningSite, name: str) -> Server:
    stored = (site.folder / "db.sqlite3", "consultations_consultationrequest")
    form = Server(name, site.process.pid, site.port, "/consultation/", stored=stored)
    return filled_in(form, ANSWERS, "submission_key")


def filled_in(server: Server, answers: dict[str, str], key: str) -> Server:
    """Return the server with a valid form body. load.lua replaces %KEY% in the body with a new key for each POST."""
    headers, page = get(server.port, server.path)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    opened = re.search(r'name="opened_at" value="([^"]+)"', page)
    fields = answers | {"csrfmiddlewaretoken": token} | ({"opened_at": opened[1]} if opened else {})
    cookie = headers["Set-Cookie"].partition(";")[0]
    return replace(server, body=f"{urlencode(fields)}&{key}=%KEY%", cookie=cookie)


def rows(server: Server) -> int:
    """Return how many rows the server's form has stored, or 0 if the server has no form."""
    if not server.stored:
        return 0
    file, table = server.stored
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def check(server: Server, stored: int, figures: Figures) -> None:
    """Raise RuntimeError if a response failed or a posted form was not stored, because a fast failure is not speed."""
    if figures.failed or (server.stored and stored < figures.requests):
        raise RuntimeError(f"{server.name}: {figures.requests} responses, {figures.failed} failed, {stored} rows")


def cold_starts(folder: Path, rounds: int) -> list[float]:
    site = RunningSite(folder)
    site.build()
    return [growth.cold_start(site) for _ in range(rounds)]


if __name__ == "__main__":
    main()
