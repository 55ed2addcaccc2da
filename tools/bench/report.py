"""Format the results as Markdown tables."""

import argparse
import os
import platform
import re
import shutil
import sqlite3
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median

from tests.system.judgment import BUSY, CATEGORIES
from tools.bench.growth import DISTRIBUTIONS
from tools.bench.load import Figures
from tools.bench.phone import PAINT
from tools.bench.servers import BARE, BARE_FORM, FEW, FEW_BEFORE, FORM, OURS, RENDERED, WAGTAIL
from tools.bench.wagtail_peer import VERSION as WAGTAIL_VERSION


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
        f"{arguments.rounds} interleaved rounds of {arguments.seconds} s; medians, with minimum and maximum. "
        "Pages are requested over 64 keep-alive connections, forms posted over 16 or 4; wrk runs on the same cores."
    )
    idle = "" if load_before < 0.5 else " (the machine was not idle, so CPU times are more reliable than rates)"
    return [
        "# Speed, measured by `make bench`",
        "",
        machine,
        method,
        f"Load average at the start: {load_before:.1f}{idle}.",
        *(f"Not installed, so not measured: {name}." for name in absent),
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
        "| | requests/s | p50, ms | p99, ms | longest, ms | CPU per request, µs | memory of a worker, MB |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, rounds in figures.items():
        p50, p99 = ([getattr(each, kind) for each in rounds] for kind in ("p50", "p99"))
        lines.append(
            f"| {name} | {spread([each.rate for each in rounds])} | {median(p50):.1f} | {spread(p99, 1)} "
            f"| {max(each.longest for each in rounds):,.1f} | {spread([each.cpu for each in rounds])} "
            f"| {memory[name]:.0f} |"
        )
    return [*lines, "", f"All {sum(each.requests for each in figures[FORM]):,} posted forms were stored."]


def goals(
    figures: dict[str, list[Figures]],
    articles: list[dict[str, float]],
    published: list[float],
    night: dict[str, float],
) -> list[str]:
    """Return the table of goals with their results."""
    cpu = {name: median(each.cpu for each in rounds) for name, rounds in figures.items()}
    p99 = {name: median(each.p99 for each in rounds) for name, rounds in figures.items()}
    few, many = articles
    reached = [
        ("CPU of our article / bare gunicorn", cpu[OURS] / cpu[BARE], 1.25),
        ("CPU of our article / rendering it", cpu[OURS] / cpu[RENDERED], 1 / 15),
        ("CPU of our article / Wagtail's page", cpu[OURS] / cpu[WAGTAIL], 1 / 15),
        ("p99 of our article at 64 connections, ms", p99[OURS], 50),
        ("longest wait for our form at 16 clients, s", max(each.longest for each in figures[FORM]) / 1000, 8),
        (f"CPU of our form / {BARE_FORM}", cpu[FORM] / cpu[BARE_FORM], 3),
        *(
            [("p99 of our form at 4 clients / of the edition before", p99[FEW] / p99[FEW_BEFORE], 1)]
            if FEW in p99
            else []
        ),
        ("a fact saved at the desk, then on every public page, s", max(published), 10),
        (
            f"longest wait of a writer while {night['requests']:,} requests are erased, s",
            night["erasing, longest wait"],
            1,
        ),
        (
            f"longest wait of a writer while {night['requests']:,} requests are backed up, s",
            night["backup, longest wait"],
            1,
        ),
        (f"CPU of building {many['articles']:.0f} pages, s per core", many["CPU of both, s"] / os.cpu_count(), 60),
        (f"prerendering {many['articles']:.0f} pages, s", many["prerendering, s"], 60),
        (
            "the same with social cards and collectstatic, s",
            many["collecting files, s"] + many["prerendering, s"],
            60,
        ),
        (
            "CPU of a page among them / among few",
            many["CPU of a page, µs"] / few["CPU of a page, µs"],
            1.1,
        ),
    ]
    lines = ["", "| goal | limit | measured | met |", "|---|---|---|---|"]
    for name, value, limit in reached:
        lines.append(f"| {name} | {limit:.3g} | {value:.3g} | {met(value, limit)} |")
    form = (
        f"In the same rounds our form takes {cpu[FORM] / cpu[BARE_FORM]:.1f} times the CPU of {BARE_FORM} and "
        f"{p99[FORM] / p99[BARE_FORM]:.2f} times its p99. Ours also checks the rate limit, encrypts the answers and "
        "queues an email."
    )
    nightly = (
        f"Erasing {night['requests']:,} requests took {night['erasing']:.0f} s and backing them up {night['backup']:.0f} s, "
        f"while another process wrote {night['writes']:,} rows, one every 10 ms or as soon as the last was stored."
    )
    return [*lines, "", form, "", nightly]


def phone_tables(judged: dict[str, list[dict[str, float]]], paints: dict[str, list[float]]) -> list[str]:
    method = (
        "Lighthouse, simulating a mid-range phone on slow 4G: medians of 3 reports, with minimum and maximum. Blocking "
        "time, and with it the performance score, depends on this machine's load."
    )
    lines = ["", "First contentful paint on a simulated slow 4G, in milliseconds, by where the styles are", ""]
    lines += ["| | first page | second page |", "|---|---|---|"]
    lines += [f"| {way} | {first:.0f} | {second:.0f} |" for way, (first, second) in paints.items()]
    lines += [
        "",
        method,
        "",
        "| | " + " | ".join((*CATEGORIES, "largest paint, ms", "blocking time, ms")) + " |",
        "|---" * (len(CATEGORIES) + 3) + "|",
    ]
    for name, reports in judged.items():
        cells = [spread([report[kind] for report in reports]) for kind in (*CATEGORIES, PAINT, BUSY)]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


MOST_GROWTH = 1.5
MOST_SEARCH_CPU = 300  # ms


def stored_tables(stored: dict[str, dict[str, dict[str, float]]]) -> list[str]:
    """Return a table for each distribution of stored requests, and what grows more than it may."""
    lines = [
        "",
        "By stored requests: CPU time in ms inside Django (on PostgreSQL, time), and queries of the staff list.",
    ]
    for distribution, by_total in stored.items():
        few, *_, many = by_total.values()
        lines += ["", f"Requests {DISTRIBUTIONS[distribution]}:", ""]
        lines.append(f"| | {' | '.join(f'{int(n):,}' for n in by_total)} | ratio |")
        lines.append("|---" * (2 + len(by_total)) + "|")
        for kind in [kind for kind in few if not kind.startswith("rows of ")]:
            cells = " | ".join(str(figures[kind]) for figures in by_total.values())
            lines.append(
                f"| {kind} | {cells} | {many[kind] / few[kind]:.2f} |" if few[kind] else f"| {kind} | {cells} | |"
            )
        # A page with more rows takes longer in any case.
        pages = [
            kind for kind in few if kind.startswith("list: ") and few[f"rows of {kind}"] == many[f"rows of {kind}"]
        ]
        pages.append("a request's page")
        worst = max(pages, key=lambda kind: many[kind] / few[kind])
        growth, searching = many[worst] / few[worst], many["search by name, CPU"]
        lines += ["", "| goal | limit | measured | met |", "|---|---|---|---|"]
        lines.append(
            f"| a page with as many rows, ratio ({worst}) | {MOST_GROWTH} | {growth:.2f} | {met(growth, MOST_GROWTH)} |"
        )
        lines.append(f"| search, CPU in ms | {MOST_SEARCH_CPU} | {searching} | {met(searching, MOST_SEARCH_CPU)} |")
    return lines


def met(value: float, limit: float) -> str:
    return "yes" if value <= limit else "**no**"


def growth_tables(
    stored: dict[str, dict[str, dict[str, float]]],
    articles: list[dict[str, float]],
    starts: list[float],
) -> list[str]:
    lines = stored_tables(stored)
    lines += ["", "By number of articles:", "", f"| pages | {' | '.join(str(each['articles']) for each in articles)} |"]
    lines.append("|---" * (1 + len(articles)) + "|")
    for kind in list(articles[0])[1:]:
        lines.append(f"| {kind} | {' | '.join(f'{each[kind]:,.1f}' for each in articles)} |")
    return [*lines, "", f"From start to first response: {spread(starts)} ms."]
