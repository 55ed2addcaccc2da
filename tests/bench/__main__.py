"""`make bench`: our pages and our form beside their peers, in one run, and written down.

Rounds are interleaved, so that whatever else the machine does meets all alike. CPU time per request is the
steadiest figure: rates depend on how the connections happened to fall on the workers.
"""

import argparse
import os
import platform
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from tqdm import tqdm

from tests.bench import growth
from tests.bench.answers import ANSWERS
from tests.bench.first_paint import first_paints
from tests.bench.load import Figures, put_load_on, worker_megabytes
from tests.bench.servers import Server, answer_of, bare_form, bare_gunicorn, get, nginx
from tests.bench.wagtail_peer import VERSION as WAGTAIL_VERSION
from tests.bench.wagtail_peer import wagtail
from tests.running_site import PROJECT, RunningSite

RESULTS = Path(__file__).with_name("RESULTS.md")
ARTICLE = "/ketamine-infusion-therapy/safety/"
OURS, RENDERED, FORM = "our article", "our article, rendered each time", "our form, stored with its mail"


BARE_FORM = "a bare ModelForm storing one row"
BARE_ANSWERS = {"name": "Robin Example", "phone": "618 555 0100", "note": "After three, please"}
ROWS = {FORM: "consultations_consultationrequest", BARE_FORM: "bench_message"}


def main() -> None:
    arguments = parse_arguments()
    load_before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="bench-") as name, ExitStack() as stack:
        folder = Path(name)
        ours = stack.enter_context(RunningSite(made(folder / "ours"), TRUSTED_PROXY_HOPS="1"))
        pages, absent = started_pages(stack, folder, ours)
        forms = started_forms(stack, folder, ours)
        databases = {FORM: folder / "ours/db.sqlite3", BARE_FORM: folder / "bare-form/bare.sqlite3"}
        figures = {server.name: [] for server in [*pages, *forms]}
        for _ in tqdm(range(arguments.rounds), desc="Rounds", disable=None):
            for server in pages:
                figures[server.name].append(
                    put_load_on(
                        server.process, server.url, connections=64, seconds=arguments.seconds, headers=server.headers
                    )
                )
            for server, (body, headers) in forms.items():
                before = rows(databases[server.name], ROWS[server.name])
                figures[server.name].append(
                    put_load_on(
                        server.process,
                        server.url,
                        connections=16,
                        seconds=arguments.seconds,
                        headers=server.headers | headers,
                        body=body,
                    )
                )
                stored = rows(databases[server.name], ROWS[server.name]) - before
                check_stored(server.name, stored, figures[server.name][-1])
        memory = {server.name: worker_megabytes(server.process) for server in [*pages, *forms]}
        paints = first_paints(ours, arguments.rounds)
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        starts = cold_starts(made(folder / "start"), arguments.rounds)
        stored = growth.with_stored_requests(made(folder / "stored"), (100, arguments.requests))
        articles = [
            growth.with_articles(made(folder / f"articles-{extra}"), extra, arguments.seconds)
            for extra in (0, arguments.articles)
        ]
    report = "\n".join(
        [
            *introduction(arguments, load_before, absent),
            *throughput_table(figures, memory),
            *goals(figures, articles),
            *growth_tables(stored, articles, starts, paints),
        ]
    )
    RESULTS.write_text(report + "\n")
    print(report)  # noqa: T201
    print(f"\nWritten to {RESULTS.relative_to(PROJECT)}.")  # noqa: T201


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--seconds", type=int, default=5, help="for which each server is asked in each round")
    parser.add_argument("--requests", type=int, default=100_000, help="stored requests to grow to")
    parser.add_argument("--articles", type=int, default=985, help="articles to add")
    if not shutil.which("wrk"):
        sys.exit("make bench needs wrk, which puts the load on: install the package of that name.")
    return parser.parse_args()


def made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


# --- Who is asked


def started_pages(stack: ExitStack, folder: Path, ours: RunningSite) -> tuple[list[Server], list[str]]:
    """The servers of one and the same article, and the names of those that this machine lacks."""
    headers, body = answer_of(ours, ARTICLE)
    plain = ours.ask(ARTICLE)[1].decode()
    words = plain.partition("<main")[2].partition(">")[2].partition("</main>")[0]
    rendered = RunningSite(made(folder / "rendered"))
    rendered.manage("migrate", "--verbosity", "0")
    rendered.manage("collectstatic", "--no-input", "--verbosity", "0")
    rendered.start()
    stack.callback(rendered.stop)
    servers = [
        stack.enter_context(bare_gunicorn(made(folder / "bare"), headers, body)),
        Server(OURS, ours.process.pid, ours.port, ARTICLE),
        Server(RENDERED, rendered.process.pid, rendered.port, ARTICLE),
        stack.enter_context(wagtail(made(folder / "wagtail"), words, len(plain))),
    ]
    if not shutil.which("nginx"):
        return servers, ["nginx"]
    return [stack.enter_context(nginx(made(folder / "nginx"), headers, body)), *servers], []


def started_forms(stack: ExitStack, folder: Path, ours: RunningSite) -> dict[Server, tuple[str, dict[str, str]]]:
    """Each form's server, with the body and the headers to send it."""
    bare = stack.enter_context(bare_form(made(folder / "bare-form")))
    our_form = Server(FORM, ours.process.pid, ours.port, "/consultation/")
    return {
        our_form: filled_in(our_form, ANSWERS, "submission_key"),
        bare: filled_in(bare, BARE_ANSWERS, "key"),
    }


def filled_in(server: Server, answers: dict[str, str], key: str) -> tuple[str, dict[str, str]]:
    """A body that is accepted again and again, each time with another key; and the headers that go with it."""
    headers, page = get(server.port, server.path)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    opened = re.search(r'name="opened_at" value="([^"]+)"', page)
    fields = answers | {"csrfmiddlewaretoken": token} | ({"opened_at": opened[1]} if opened else {})
    body = f"{urlencode(fields)}&{key}=%KEY%"
    cookie = headers["Set-Cookie"].partition(";")[0]
    return body, {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}


def rows(database: Path, table: str) -> int:
    with sqlite3.connect(database) as connection:
        return connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def check_stored(name: str, stored: int, figures: Figures) -> None:
    """A quick refusal is not speed: what was answered must have been stored, but for what was cut off at the end."""
    if stored < figures.requests or figures.failed:
        raise RuntimeError(f"{name}: {figures.requests} answers, {stored} rows, {figures.failed} failed")


def cold_starts(folder: Path, rounds: int) -> list[float]:
    site = RunningSite(folder)
    site.build()
    return [growth.cold_start(site) for _ in range(rounds)]


# --- What is written down


def introduction(arguments: argparse.Namespace, load_before: float, absent: list[str]) -> list[str]:
    model = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    versions = [
        f"Python {platform.python_version()}",
        *(f"{name} {version(name)}" for name in ("Django", "gunicorn", "whitenoise")),
        f"SQLite {sqlite3.sqlite_version}",
        first_line("nginx", "-v"),
        first_line("wrk", "-v").partition(" [")[0],
        f"Wagtail {WAGTAIL_VERSION}",
    ]
    machine = (
        f"{datetime.now(UTC):%-d %B %Y}; {model[1] if model else platform.processor()}, {os.cpu_count()} cores, "
        f"{platform.system()} {platform.release()}. {', '.join(versions)}."
    )
    method = (
        f"{arguments.rounds} interleaved rounds of {arguments.seconds} s; medians, with the least and the most. "
        "Pages are asked for over 64 kept connections, forms sent over 16; wrk takes its share of the same cores."
    )
    idle = "" if load_before < 0.5 else " (the machine was not idle: trust the CPU time before the rates)"
    return [
        "# Speed, measured by `make bench`",
        "",
        machine,
        method,
        f"Load average when it began: {load_before:.1f}{idle}.",
        *(f"Absent on this machine, and so not measured: {name}." for name in absent),
    ]


def first_line(*command: str) -> str:
    if not shutil.which(command[0]):
        return f"no {command[0]}"
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).splitlines()[0].replace(" version:", "")


def spread(values: list[float], digits: int = 0) -> str:
    return f"{median(values):,.{digits}f} ({min(values):,.{digits}f} to {max(values):,.{digits}f})"


def throughput_table(figures: dict[str, list[Figures]], memory: dict[str, float]) -> list[str]:
    lines = [
        "",
        "| | requests a second | p50 ms | p99 ms | CPU µs a request | a worker's memory, MB |",
        "|---|---|---|---|---|---|",
    ]
    for name, rounds in figures.items():
        p50, p99 = ([getattr(each, kind) for each in rounds] for kind in ("p50", "p99"))
        lines.append(
            f"| {name} | {spread([each.rate for each in rounds])} | {median(p50):.1f} | {spread(p99, 1)} "
            f"| {spread([each.cpu for each in rounds])} | {memory[name]:.0f} |"
        )
    return [*lines, "", f"Rows stored: every one of the {sum(each.requests for each in figures[FORM]):,} answers."]


def goals(figures: dict[str, list[Figures]], articles: list[dict[str, float]]) -> list[str]:
    """What we set out to reach, each with what was reached."""
    cpu = {name: median(each.cpu for each in rounds) for name, rounds in figures.items()}
    p99 = {name: median(each.p99 for each in rounds) for name, rounds in figures.items()}
    bare, wagtail_page = (next(name for name in cpu if name.startswith(start)) for start in ("bare", "Wagtail"))
    few, many = articles
    reached = [
        ("CPU of our article, in that of bare gunicorn", cpu[OURS] / cpu[bare], 1.4),
        ("CPU of our article, in that of rendering it", cpu[OURS] / cpu[RENDERED], 1 / 15),
        ("CPU of our article, in that of Wagtail's page", cpu[OURS] / cpu[wagtail_page], 1 / 15),
        ("p99 of our article at 64 connections, ms", p99[OURS], 50),
        ("p99 of our form at 16 connections with synchronous=FULL, ms", p99[FORM], 250),
        (f"CPU of building {many['articles']:.0f} pages, s on each core", many["CPU of both, s"] / os.cpu_count(), 60),
        (f"prerendering {many['articles']:.0f} pages, s", many["prerendering, s"], 60),
        (
            "the same with drawing their cards and collecting files, s",
            many["collecting files, s"] + many["prerendering, s"],
            60,
        ),
        (
            "CPU of a page among them, in that of one among few",
            many["CPU of a page, µs"] / few["CPU of a page, µs"],
            1.1,
        ),
    ]
    lines = ["", "| goal | at most | reached | |", "|---|---|---|---|"]
    for name, value, limit in reached:
        lines.append(f"| {name} | {limit:.3g} | {value:.3g} | {'yes' if value <= limit else '**no**'} |")
    form = f"Our form costs {cpu[FORM] / cpu[BARE_FORM]:.1f} times the CPU of {BARE_FORM}"
    return [*lines, "", f"{form}: it also checks the limit, encrypts what was written and queues a mail."]


def growth_tables(
    stored: dict[str, dict[str, float]],
    articles: list[dict[str, float]],
    starts: list[float],
    paints: dict[str, list[float]],
) -> list[str]:
    lines = [
        "",
        "With stored requests, milliseconds inside Django:",
        "",
        f"| | {' | '.join(f'{int(n):,}' for n in stored)} |",
    ]
    lines.append("|---" * (1 + len(stored)) + "|")
    for kind in next(iter(stored.values())):
        lines.append(f"| {kind} | {' | '.join(str(figures[kind]) for figures in stored.values())} |")
    lines += ["", "With articles:", "", f"| pages | {' | '.join(str(each['articles']) for each in articles)} |"]
    lines.append("|---" * (1 + len(articles)) + "|")
    for kind in list(articles[0])[1:]:
        lines.append(f"| {kind} | {' | '.join(f'{each[kind]:,.1f}' for each in articles)} |")
    lines += ["", f"From a start to the first answer: {spread(starts)} ms."]
    lines += ["", "First words on a phone, milliseconds on a simulated slow 4G, with the styles", ""]
    lines += ["| | first page | second page |", "|---|---|---|"]
    return lines + [f"| {way} | {first:.0f} | {second:.0f} |" for way, (first, second) in paints.items()]


if __name__ == "__main__":
    main()
