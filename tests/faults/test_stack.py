"""Tests of the complete stack while web processes, database, worker, mail server or clients misbehave."""

import itertools
import json
import os
import re
import signal
import socket
import ssl
import statistics
import struct
import subprocess
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from tests.browser.conftest import browser_type_launch_args  # noqa: F401  launches this machine's browser
from tests.faults.test_killed_workers import STORED, Impatient, workers_of
from tests.helpers.factories import ANSWERS
from tests.helpers.http_client import Answer, Visitor
from tests.helpers.live_site import RunningSite
from tests.helpers.mail_server import Behavior, MailServer
from tests.helpers.waiting import until
from tools.neighbours import program
from tools.stack import Stack

REQUESTS, AT_ONCE = 500, 20
PHONE = "(618) 555-0100"
WORDS = "Only Alex wrote this"
AN_HOUR_LATER = """
from datetime import timedelta
from django.db.models import F
from consultations.models import Notification
hour = timedelta(hours=1, minutes=1)
Notification.objects.update(created_at=F("created_at") - hour, next_attempt_at=F("next_attempt_at") - hour)
"""
SIX_MINUTES_LATER = """
from datetime import timedelta
from django.db.models import F
from consultations.models import Heartbeat
Heartbeat.objects.update(seen_at=F("seen_at") - timedelta(minutes=6))
"""
AFTER_THE_RUSH = """
from datetime import timedelta
from django.db.models import F
from consultations.models import ConsultationRequest
ConsultationRequest.objects.update(created_at=F("created_at") - timedelta(hours=2))
"""


@pytest.fixture(scope="module")
def mail_server():
    with MailServer(Behavior()) as server:
        yield server


@pytest.fixture(scope="module")
def stack(tmp_path_factory, postgresql, mail_server):
    folder = tmp_path_factory.mktemp("stack")
    settings = {"EMAIL_URL": f"smtp://127.0.0.1:{mail_server.port}", "facts": {"phone": PHONE}}
    database = postgresql.new_database("stack")
    with Stack(folder, postgresql, database, **settings) as running:
        yield running
    postgresql.drop_database(database)  # pytest sets up this fixture twice, because it runs the browser test separately


_addresses = itertools.count(1)


def new_visitor(stack: Stack) -> Visitor:
    """Return a visitor that connects from a new loopback address. Every address in 127.0.0.0/8 is this machine."""
    number = next(_addresses)
    source = f"127.1.{number // 250}.{number % 250 + 1}"
    return Visitor(stack.url, certificate=stack.certificate, source=source)


def shell(stack: Stack, code: str) -> str:
    return stack.webs[0].manage("shell", "--verbosity", "0", "--command", code)


def problems(stack: Stack) -> dict[str, str]:
    """Return the problems that /healthz reports to clients on this machine."""
    answer = Visitor(f"http://localhost:{stack.webs[0].port}", "").ask("/healthz", **{"X-Forwarded-Proto": "https"})
    found = json.loads(answer.body)["problems"]
    assert answer.status == (503 if found else 200)
    return found


def sends(stack: Stack) -> bool:
    return new_visitor(stack).send().status == 302


class Determined(Impatient):
    """A client that sends one form until it is accepted, and counts the responses by status."""

    def __init__(self, stack: Stack, number: int) -> None:
        self.visitor, self.number = new_visitor(stack), number
        self.statuses, self.lost, self.receipts = Counter(), 0, {}
        self.kept_what_was_typed = True

    def send_until_accepted(self) -> str:
        note = f"visitor {self.number}"
        fields, cookie = self._until_it_answers(self._open_form)
        form = ANSWERS | fields | {"note": note}
        for _ in range(100):
            answer = self._until_it_answers(lambda: self._ask("/consultation/", form, cookie))
            if answer.status == 302:
                self.receipts[note] = answer.headers["Location"]
                return note
            if "reference number" not in answer.body:  # not the error page of nginx, which can't contain the answers
                self.kept_what_was_typed &= note in answer.body
            time.sleep(0.3)
        raise AssertionError(f"no receipt after 100 attempts: {self.statuses}")

    def _open_form(self):
        try:
            return self.visitor.open_form()
        except AssertionError as error:
            raise OSError("the form is unavailable") from error


def test_500_requests_survive_a_killed_web_process_and_database_restart(stack, report):
    people = [Determined(stack, number) for number in range(REQUESTS)]
    done: list[str] = []
    began = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        pending = [pool.submit(person.send_until_accepted) for person in people]
        for number, sent in enumerate(pending):
            done.append(sent.result(timeout=300))
            if number == REQUESTS // 4:
                kill(stack.webs[0])
                restarted = threading.Timer(1, stack.webs[0].start)  # as systemd would
                restarted.start()
            if number == REQUESTS // 2:
                stack.cluster.stop()
                stack.cluster.start()
    took = time.monotonic() - began
    restarted.join()
    stored = [row for row in json.loads(shell(stack, STORED)) if row[2].startswith("visitor ")]
    seen = [(person.receipts[note], note) for person, note in zip(people, done, strict=True)]
    assert Counter((receipt, note) for receipt, _, note, _, _ in stored) == Counter(seen)
    assert len(stored) == len({key for _, key, *_ in stored}) == REQUESTS
    assert [note for _, _, note, suspected, told in stored if suspected or not told] == []
    statuses = sum((person.statuses for person in people), Counter())
    assert set(statuses) <= {302, 503}
    assert all(person.kept_what_was_typed for person in people)
    recovery = until(lambda: not problems(stack))
    report(
        f"web process killed and database restarted during {REQUESTS} requests",
        f"{statuses[302]} receipts; {statuses[503]} times “try again” with the answers kept",
        "each request once",
        recovery,
        f"nothing: {len(stored)} of {REQUESTS} stored, each once, in {took:.0f} s",
    )


def kill(site: RunningSite) -> None:
    """Send SIGKILL to a web process and its workers."""
    for pid in [*workers_of(site), site.process.pid]:
        os.kill(pid, signal.SIGKILL)
    site.process.wait()


def test_a_hung_web_process_loses_no_request(stack, report):
    hanging = [stack.webs[0].process.pid, *workers_of(stack.webs[0])]
    for pid in hanging:
        os.kill(pid, signal.SIGSTOP)
    waits = []
    try:
        for _ in range(8):
            began = time.monotonic()
            assert new_visitor(stack).send().status == 302
            waits.append(time.monotonic() - began)
    finally:
        for pid in hanging:
            os.kill(pid, signal.SIGCONT)
    recovery = until(lambda: not problems(stack))
    report(
        "web process stopped with SIGSTOP",
        f"8 of 8 got receipts; the slowest waited {max(waits):.0f} s, most {sorted(waits)[4]:.1f} s",
        "nothing",
        recovery,
        "nothing",
    )


def test_without_web_processes_pages_work_and_the_form_shows_an_outage(stack, report):
    read = "/ketamine-infusion-therapy/safety/"
    visitor = new_visitor(stack)
    page = visitor.ask(read)
    fields, cookie = visitor.open_form()
    age_the_cache_by_an_hour(stack)
    for web in stack.webs:
        kill(web)
    try:
        stale = visitor.ask(read)
        assert (stale.status, stale.body) == (200, page.body)
        for answer in (
            visitor.ask("/consultation/"),
            visitor.ask("/consultation/", ANSWERS | fields | {"note": WORDS}, Cookie=cookie),
        ):
            says_away(answer)
            assert WORDS not in answer.body
    finally:
        for web in stack.webs:
            web.start()
    recovery = until(lambda: sends(stack) and not problems(stack))
    again = visitor.ask("/consultation/", ANSWERS | fields | {"note": WORDS}, Cookie=cookie)
    assert again.status == 302, "the form that was already open no longer works"
    report(
        "both web processes down",
        f"pages work an hour past their cache time; the form says “away for a moment”, call {PHONE}",
        "staff pages are down",
        recovery,
        "nothing: the open form was accepted afterwards",
    )


def test_reloading_after_an_outage_sends_the_form(stack, browser):
    context = browser.new_context(ignore_https_errors=True)
    page = context.new_page()
    page.goto(f"{stack.url}/consultation/")
    # In the form's order, because it shows some questions only after the answers they depend on.
    for name in ("asking_for", "age_ok", "full_name", "contact_by", "phone", "voicemail_ok"):
        if name in ("full_name", "phone"):
            page.fill(f"[name={name}]", ANSWERS[name])
        else:
            page.check(f"[name={name}][value={ANSWERS[name]}]", force=True)
    page.check("[name=consent]", force=True)
    for web in stack.webs:
        kill(web)
    try:
        page.click("main button[type=submit]")
        assert "reload it in a few minutes" in page.inner_text("main")
    finally:
        for web in stack.webs:
            web.start()
    until(lambda: sends(stack) and not problems(stack))
    page.reload()
    assert "/consultation/received/" in page.url
    context.close()


def says_away(answer: Answer) -> None:
    assert answer.status == 503
    assert "away for a moment" in answer.body
    assert PHONE in answer.body
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Retry-After"]


def age_the_cache_by_an_hour(stack: Stack) -> None:
    """Subtract an hour from the expiry times in the header of each file in nginx's cache."""
    found = [file for file in (stack.folder / "cache").rglob("*") if file.is_file()]
    assert found
    for file in found:
        with file.open("r+b") as cached:
            cached.seek(8)
            times = [moment - 3600 for moment in struct.unpack("<3q", cached.read(24))]
            cached.seek(8)
            cached.write(struct.pack("<3q", *times))


def test_a_mail_server_that_refuses_for_an_hour_loses_no_request(stack, mail_server, report):
    shell(stack, AFTER_THE_RUSH)
    until(lambda: not waiting(stack))
    before = emails_of_one_request(mail_server)
    Behavior.now = "refuse"
    assert sends(stack)
    until(lambda: tried(stack))
    shell(stack, AN_HOUR_LATER)
    until(lambda: tried(stack) > 1)
    until(lambda: "outbox" in problems(stack))
    Behavior.now = "accept"
    shell(stack, AN_HOUR_LATER)
    recovery = until(lambda: not waiting(stack) and not problems(stack))
    assert emails_of_one_request(mail_server) == before + 1
    report(
        "mail server refuses for an hour",
        "a receipt at once",
        "/healthz: “retried for over an hour”; the request at the desk, the email later",
        recovery,
        "nothing: one email, once",
    )


def emails_of_one_request(mail_server: MailServer) -> int:
    """Return how many emails about a new request the server accepted."""
    return sum(b"A new consultation request came in" in mail.get_payload(decode=True) for mail in mail_server.taken)


def waiting(stack: Stack) -> int:
    code = (
        "from consultations.models import Notification as N; print(N.objects.unsent().exclude(kind='summary').count())"
    )
    return int(shell(stack, code))


def tried(stack: Stack) -> int:
    code = "from consultations.models import Notification as N; print(sum(N.objects.unsent().values_list('attempts', flat=True)))"
    return int(shell(stack, code))


def test_a_dead_worker_is_reported_and_its_emails_go_out_on_restart(stack, mail_server, report):
    shell(stack, AFTER_THE_RUSH)
    until(lambda: not waiting(stack))
    before = emails_of_one_request(mail_server)
    for worker in stack.workers:
        worker.process.kill()
        worker.process.wait()
    try:
        assert sends(stack)
        shell(stack, SIX_MINUTES_LATER)
        assert set(problems(stack)) == {"worker"}
        assert emails_of_one_request(mail_server) == before
    finally:
        for worker in stack.workers:
            worker.start()
    recovery = until(lambda: emails_of_one_request(mail_server) > before and not problems(stack))
    report(
        "dead worker",
        "a receipt at once",
        "/healthz: “last seen”; the request at the desk, the email when the worker was back",
        recovery,
        "nothing",
    )


def test_nginx_serves_cached_pages_without_contacting_the_site(stack):
    path = "/ketamine-infusion-therapy/safety/"
    page = new_visitor(stack).ask(path)
    (stack.folder / "files/page.html").write_text(page.body)
    addresses = {"page": f"{stack.url}{path}", "file": f"{stack.nginx.file_url}/page.html"}
    rounds = {name: [] for name in addresses}
    for name in ("page", "file") * 5:
        rounds[name].append(rate(stack, addresses[name]))
    said = [json.loads(line)["cache"] for line in (stack.folder / "albany.log").read_text().splitlines()[-1000:]]
    assert set(said) <= {"HIT", "STALE", "REVALIDATED"}, "nginx sent a request to the site"
    (pages, page_cpu), (files, file_cpu) = (
        [statistics.median(figures) for figures in zip(*rounds[name], strict=True)] for name in addresses
    )
    print(
        f"cached page: {pages:,.0f}/s, {page_cpu:.0f} µs of nginx CPU time each; static file: {files:,.0f}/s, "
        f"{file_cpu:.0f} µs; ratio {pages / files:.2f} by rate, {file_cpu / page_cpu:.2f} by CPU time"
    )


def rate(stack: Stack, url: str) -> tuple[float, float]:
    """Return responses per second over 16 keep-alive connections, and nginx's CPU time per response in microseconds."""
    before = processor_seconds(stack)
    done = subprocess.run(
        [program("wrk"), "-t1", "-c16", "-d3s", url], check=True, capture_output=True, text=True, timeout=30
    )
    spent = processor_seconds(stack) - before
    assert "Non-2xx" not in done.stdout
    answers = int(re.search(r"(\d+) requests in", done.stdout)[1])
    return float(re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)[1]), spent / answers * 1_000_000


def processor_seconds(stack: Stack) -> float:
    """Return how many seconds of CPU time the child processes of nginx's master have used."""
    master = stack.nginx.process.pid
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    fields = [Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split() for child in children]
    return sum(int(field[11]) + int(field[12]) for field in fields) / os.sysconf("SC_CLK_TCK")


def raw(stack: Stack, request: bytes, *, wait: bool = True) -> tuple[bytes, float]:
    """Send raw bytes. Return the response and the seconds until the connection closed."""
    began = time.monotonic()
    trusting = ssl.create_default_context(cafile=stack.certificate)
    with (
        closing(socket.create_connection(("127.0.0.1", stack.nginx.port), timeout=40)) as plain,
        trusting.wrap_socket(plain, server_hostname="localhost") as line,
    ):
        line.sendall(request)
        answer = b""
        try:
            while wait and (part := line.recv(65536)):
                answer += part
        except (ConnectionError, ssl.SSLError):
            pass  # the server closed the connection
    return answer, time.monotonic() - began


def test_slow_and_malformed_clients_delay_no_one(stack, report):
    head = b"POST /consultation/ HTTP/1.1\r\nHost: localhost\r\n"
    with ThreadPoolExecutor(60) as pool:
        slow = [pool.submit(raw, stack, b"GET / HTTP/1.1\r\nHost: local") for _ in range(40)]
        short = [pool.submit(raw, stack, head + b"Content-Length: 500\r\n\r\nfull_name=Alex") for _ in range(10)]
        time.sleep(1)
        began = time.monotonic()
        assert sends(stack)
        waited = time.monotonic() - began
        held = [line.result() for line in slow + short]
    assert max(seconds for _, seconds in held) < 25
    assert b"500 Internal" not in b"".join(answer for answer, _ in held)
    both = head + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n"
    assert raw(stack, both)[0].split()[1] == b"400"
    assert raw(stack, head + b"Content-Length: many\r\n\r\n")[0].split()[1] == b"400"
    too_long = head + b"Content-Length: 300000\r\nConnection: close\r\n\r\n"
    assert raw(stack, too_long)[0].split()[1] == b"413"
    report(
        "40 clients with slow headers, 10 with short bodies, others with wrong lengths",
        f"a receipt in {waited:.1f} s; slow clients were disconnected after {max(seconds for _, seconds in held):.0f} s",
        "nothing",
        0,
        "nothing",
    )
