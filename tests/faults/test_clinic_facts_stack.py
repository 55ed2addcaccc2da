"""Changes the clinic's facts on two machines behind nginx, and requests pages while the database is unavailable."""

import itertools
import json
import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.utils import timezone

from tests.faults.test_killed_workers import workers_of
from tests.helpers.factories import ANSWERS
from tests.helpers.http_client import Answer, Visitor
from tests.helpers.live_site import RunningSite
from tests.helpers.mail_server import Behavior, MailServer
from tests.helpers.waiting import until
from tools.stack import Stack

NUMBERS = itertools.cycle(("(618) 555-0142", "(618) 555-0187", "(618) 555-0163"))
ANNOUNCEMENT = "The elevator is out of order. Please call us from the parking lot."
TYPED = {"full_name": "Okapi Example", "note": "Only Alex wrote this"}
PATIENT = {"email": "alex@example.com", "receipt_wanted": "on"}
# Seconds that nginx waits for one web process. Then it tries the other one, and then it shows /away/, which lacks
# what the patient typed.
NGINX_WAITS = 12
# Seconds before a test gives up. A busy machine rebuilds slowly. The table printed at the end has the actual times.
HANG_GUARD = 300
AGREEING_ROUNDS = 3  # more than one, because gunicorn workers switch to a new build at different times


@pytest.fixture(scope="module")
def mail_server():
    with MailServer(Behavior()) as server:
        yield server


@pytest.fixture(scope="module")
def stack(tmp_path_factory, postgresql, mail_server):
    facts = {
        "phone": next(NUMBERS),
        "hours": ["00:00-23:59"] * 7,
        "announcement": {
            "text": ANNOUNCEMENT,
            "until": f"{timezone.localdate() + timedelta(days=3)}T17:00",
        },
    }
    database = postgresql.new_database("clinic_facts")
    folder = tmp_path_factory.mktemp("clinic-facts")
    with Stack(folder, postgresql, database, facts, EMAIL_URL=f"smtp://127.0.0.1:{mail_server.port}") as running:
        yield running
    postgresql.drop_database(database)


_sources = itertools.count(1)


def through_nginx(stack: Stack, timeout: int = 30) -> Visitor:
    """Return a visitor with a new address, because nginx limits how fast one address may open the form."""
    source = f"127.2.0.{next(_sources)}"
    return Visitor(stack.url, certificate=stack.certificate, source=source, timeout=timeout)


def at_machine(stack: Stack, web: RunningSite, timeout: int = 30) -> Visitor:
    """Return a visitor that sends requests to one web process directly, with the headers that nginx would send."""
    visitor = Visitor(f"http://localhost:{web.port}", f"192.0.2.{next(_sources)}", timeout=timeout)
    visitor.headers |= {
        "Host": urlsplit(stack.url).netloc,
        "X-Forwarded-Proto": "https",
        "Referer": f"{stack.url}/consultation/",
    }
    return visitor


def pages_of(stack: Stack) -> list[str]:
    sitemap = at_machine(stack, stack.webs[0]).ask("/sitemap.xml").body
    return [urlsplit(address).path for address in re.findall("<loc>([^<]+)", sitemap)]


def holds(body: str, phone: str) -> bool:
    """Return whether `body` contains the phone number, as written or as digits only."""
    return phone in body or re.sub(r"\D", "", phone) in body


def bodies(visitor: Visitor, paths: list[str]) -> dict[str, str]:
    """Return the bodies of the pages at `paths`, the 404 page, and the form with an error, keyed by path or status."""
    answers = {path: visitor.ask(path) for path in paths}
    assert [path for path, answer in answers.items() if answer.status != 200] == []
    answers |= {"404": visitor.ask("/no-such-page/"), "422": visitor.send(full_name="")}
    assert (answers["404"].status, answers["422"].status) == (404, 422)
    return {path: answer.body for path, answer in answers.items()}


def wait_until_all(look: Callable[[], list[str]]) -> float:
    """Call `look` until it returns no outdated page AGREEING_ROUNDS times in a row.

    Return how many seconds passed until the first of those calls began.
    """
    started, agreeing, began = time.monotonic(), 0, 0.0
    while agreeing < AGREEING_ROUNDS:
        if not agreeing:
            began = time.monotonic()
        outdated = look()
        agreeing = 0 if outdated else agreeing + 1
        if outdated:
            assert time.monotonic() - started < HANG_GUARD, outdated
            time.sleep(0.1)
    return began - started


def outdated_at(visitors: list[Visitor], paths: list[str], old: str, new: str) -> list[str]:
    return [
        f"{visitor.site.netloc} {path}"
        for visitor in visitors
        for path, body in bodies(visitor, paths).items()
        if holds(body, old) or not holds(body, new)
    ]


def away_pages(stack: Stack) -> list[str]:
    """Return each machine's copy of the page that nginx shows while the site is down."""
    return [(web.folder / "build/pages/away/index.html").read_text() for web in stack.webs]


def current_phone(stack: Stack) -> str:
    return stack.webs[0].facts["phone"]


def change_phone(stack: Stack) -> tuple[str, str]:
    """Replace the clinic's phone number. Return the old number and the new one."""
    old, new = current_phone(stack), next(NUMBERS)
    for web in stack.webs:
        web.facts = web.facts | {"phone": new}
    stack.webs[0].load_facts({"phone": new})
    return old, new


@pytest.mark.parametrize("mail", ["accept", "hang"])
def test_a_new_number_reaches_both_machines_and_every_cached_page(stack, mail_server, report, mail):
    paths = pages_of(stack)
    assert {web.environment["BUILD_DIR"] for web in stack.webs} == {f"{web.folder / 'build'}" for web in stack.webs}
    cached = bodies(through_nginx(stack), paths)
    assert [path for path, body in cached.items() if not holds(body, current_phone(stack))] == []
    mail_server.behaviors.now = mail
    begun = mail_server.begun
    assert through_nginx(stack).send(**PATIENT).status == 302
    until(lambda: mail_server.begun > begun)

    old, new = change_phone(stack)
    machines = [at_machine(stack, web) for web in stack.webs]
    at_the_machines = wait_until_all(lambda: outdated_at(machines, paths, old, new))
    at_nginx = wait_until_all(lambda: outdated_at([through_nginx(stack)], paths, old, new))

    for page in away_pages(stack):
        assert holds(page, new)
        assert not holds(page, old)
    receipt = through_nginx(stack)
    shown = receipt.ask(receipt.send().headers["Location"]).body
    assert holds(shown, new)
    assert not holds(shown, old)
    mail_server.behaviors.now = "accept"
    report(
        f"a new phone number, with a mail server that would {mail}",
        f"the new number at both machines after {at_the_machines:.1f} s, through nginx {at_nginx:.1f} s later",
        "nothing",
        at_the_machines + at_nginx,
        f"nothing: {len(paths)} pages, 404, form and receipt have only the new number",
    )


# --- Without the database


@contextmanager
def stopped(stack: Stack) -> Iterator[None]:
    stack.cluster.stop()
    try:
        yield
    finally:
        stack.cluster.start()


@contextmanager
def read_only(stack: Stack) -> Iterator[None]:
    _alter(stack, "SET default_transaction_read_only = on")
    try:
        yield
    finally:
        _alter(stack, "RESET default_transaction_read_only")


def _alter(stack: Stack, change: str) -> None:
    """Change a default setting of the database. Close all its connections, because only new ones use the setting."""
    with psycopg.connect(stack.cluster.url("postgres"), autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE clinic_facts {change}")
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'clinic_facts'")


@pytest.mark.parametrize("broken", [stopped, read_only])
def test_without_a_database_the_form_keeps_every_typed_word(stack, report, broken):
    visitors = [at_machine(stack, web, NGINX_WAITS) for web in stack.webs]
    opened = [visitor.open_form() for visitor in visitors]
    waits = []
    with broken(stack):
        for _ in range(2):  # the first attempt finds dead connections in the pool, and the second an empty pool
            for visitor, (fields, cookie) in zip(visitors, opened, strict=True):
                began = time.monotonic()
                answer = visitor.ask("/consultation/", ANSWERS | fields | TYPED, Cookie=cookie)
                waits.append(time.monotonic() - began)
                assert answer.status == 503
                assert "We could not store your request" in answer.body
                comes_back_whole(stack, answer)
        no_cookie = through_nginx(stack, NGINX_WAITS).ask("/consultation/", ANSWERS | TYPED)
        assert no_cookie.status == 403
        comes_back_whole(stack, no_cookie)
    recovery = sends_again(stack)
    for visitor, (fields, cookie) in zip(visitors, opened, strict=True):
        assert visitor.ask("/consultation/", ANSWERS | fields | TYPED, Cookie=cookie).status == 302
    report(
        f"the database is {broken.__name__.replace('_', '-')}",
        f"the form with every word, the phone number and the announcement after {max(waits):.1f} s at most",
        "nothing",
        recovery,
        "nothing: the same form was accepted afterwards",
    )


def comes_back_whole(stack: Stack, answer: Answer) -> None:
    for words in (*TYPED.values(), ANSWERS["phone"], ANNOUNCEMENT):
        assert words in answer.body
    assert holds(answer.body, current_phone(stack))


def sends_again(stack: Stack) -> float:
    """Wait until each web process stores requests again. Return how many seconds that took."""
    began = time.monotonic()
    for web in stack.webs:
        until(lambda web=web: at_machine(stack, web).send().status == 302)
    return time.monotonic() - began


@contextmanager
def hung(stack: Stack) -> Iterator[None]:
    """Freeze the database server, so that a query gets no response until the context manager exits."""
    server = int((stack.cluster.data / "postmaster.pid").read_text().split()[0])
    frozen = [server, *map(int, Path(f"/proc/{server}/task/{server}/children").read_text().split())]
    for pid in frozen:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in frozen:
            os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize("broken", [stopped, read_only, hung])
def test_pages_and_errors_never_wait_for_the_database(stack, report, broken):
    paths = pages_of(stack)
    visitors = [at_machine(stack, web) for web in stack.webs]
    waits = []
    with broken(stack):
        for _ in range(3):  # rounds, so that several gunicorn workers respond after they notice the fault
            for visitor in visitors:
                began = time.monotonic()
                shown = bodies(visitor, paths)
                waits.append((time.monotonic() - began) / len(shown))
                without = [path for path, body in shown.items() if not holds(body, current_phone(stack))]
                assert without == []
                assert [path for path, body in shown.items() if ANNOUNCEMENT not in body] == []
            time.sleep(1)
    recovery = sends_again(stack)
    report(
        f"the database is {broken.__name__.replace('_', '-')}",
        f"built pages, 404 and the form with an error as before, {max(waits) * 1000:.0f} ms each on average",
        "nothing",
        recovery,
        "nothing",
    )


def test_a_web_process_started_without_a_database_shows_the_builds_facts(stack, report):
    web = stack.webs[1]
    with stopped(stack):
        for pid in [*workers_of(web), web.process.pid]:
            os.kill(pid, signal.SIGKILL)
        web.process.wait()
        began = time.monotonic()
        web.start()
        started = time.monotonic() - began
        shown = bodies(at_machine(stack, web), ["/", "/about/", "/consultation/"])
        for body in shown.values():
            assert holds(body, current_phone(stack))
            assert ANNOUNCEMENT in body
    recovery = sends_again(stack)
    record = json.loads((web.folder / "build/pages/build.json").read_text())
    assert record["facts"]["phone"] == current_phone(stack)
    report(
        "a web process starts while the database is stopped",
        f"pages, 404 and the form with the stored number {started:.1f} s after the start",
        "nothing",
        recovery,
        "nothing",
    )
