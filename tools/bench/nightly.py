"""Measure how long a new fact takes to reach every page, and whether the night's work holds up anyone who writes."""

import re
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tests.helpers.live_site import RunningSite
from tests.helpers.waiting import until
from tools.stack import Worker

NUMBERS = ("(618) 555-0142", "(618) 555-0187")
PAUSE = 0.01  # seconds between two rows of the writer


def seconds_to_publish(folder: Path, rounds: int) -> list[float]:
    """Return how many seconds pass from saving a phone number until every public page shows it, in each round."""
    with RunningSite(folder) as site, ExitStack() as started:
        worker = Worker(site)
        started.callback(worker.stop)
        worker.start()
        pages = [urlsplit(address).path for address in re.findall("<loc>([^<]+)", site.ask("/sitemap.xml")[1].decode())]
        taken = []
        for number in range(rounds):
            phone = NUMBERS[number % len(NUMBERS)]
            site.load_facts({"phone": phone})
            taken.append(until(lambda phone=phone: all(phone in site.ask(page)[1].decode() for page in pages)))
        return taken


def a_night(folder: Path, total: int) -> dict[str, float]:
    """Back up and then erase `total` requests while a writer stores rows. Return the times in seconds."""
    site = RunningSite(folder)
    site.migrate_and_collect()
    script = f"from tools.bench.stored_requests import fill_for_erasure; fill_for_erasure({total})"
    site.manage("shell", "--verbosity", "0", "--command", script)
    figures, writes = {"requests": total}, 0
    for name, command in (("backup", ["backup", str(folder / "backup.tar")]), ("erasing", ["erase_old_requests"])):
        with writing(folder / "db.sqlite3") as waits:
            started = time.monotonic()
            site.manage(*command)
            figures[name] = time.monotonic() - started
        figures[f"{name}, longest wait"] = max(waits)
        writes += len(waits)
    return figures | {"writes": writes}


@contextmanager
def writing(database: Path) -> Iterator[list[float]]:
    """Context manager that stores rows like the form does, and yields the list of seconds that each row took."""
    waits, stop = [], threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(database, isolation_level=None, timeout=60)) as connection:
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("CREATE TABLE IF NOT EXISTS bench_rows (text)")
            while not stop.is_set():
                started = time.monotonic()
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("INSERT INTO bench_rows VALUES ('example')")
                connection.execute("COMMIT")
                waits.append(time.monotonic() - started)
                stop.wait(PAUSE)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield waits
    finally:
        stop.set()
        writer.join()
