"""Kills web workers while clients send the form. Each request whose receipt was seen is stored exactly once."""

import http.client
import json
import os
import random
import signal
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from tests.helpers.factories import ANSWERS
from tests.helpers.http_client import Visitor
from tests.helpers.live_site import RunningSite
from tests.helpers.processes import children_of

CLIENTS, EACH = 20, 25
# Prints for each request: receipt, submission key, note, whether it is suspected, and whether an email is queued.
STORED = """
import json
from datetime import timedelta
from django.conf import settings
from consultations.models import ConsultationRequest, Notification
from consultations.notifications import _digest_time
emails = Notification.objects.filter(recipient=settings.STAFF_EMAILS[0])
slots = set(emails.values_list("slot", flat=True))
at = set(emails.values_list("kind", "next_attempt_at"))
def told(request):
    hour = request.created_at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    if request.status == "suspected":
        return ("digest", _digest_time(request.created_at)) in at
    return f"new:{request.pk}:{settings.STAFF_EMAILS[0]}" in slots or ("summary", hour) in at
print(json.dumps([
    [request.receipt_url, str(request.submission_key), request.note, request.status == "suspected", told(request)]
    for request in ConsultationRequest.objects.all()
]))
"""


class Impatient:
    """A client that sends forms one by one, and repeats each HTTP request whose response is lost."""

    def __init__(self, site: RunningSite, number: int) -> None:
        self.visitor = Visitor(site.url, f"2001:db8:{number:x}::1")
        self.number = number
        self.statuses: Counter[int] = Counter()
        self.lost = 0
        self.receipts: dict[str, str] = {}  # receipt paths, keyed by the note sent

    def send_all(self) -> None:
        for turn in range(EACH):
            note = f"client {self.number} turn {turn}"
            fields, cookie = self._until_it_answers(self.visitor.open_form)
            form = ANSWERS | fields | {"note": note}
            answer = self._until_it_answers(lambda form=form, cookie=cookie: self._ask("/consultation/", form, cookie))
            receipt = self._until_it_answers(lambda answer=answer: self._ask(answer.headers["Location"]))
            assert "We have your request" in receipt.body
            self.receipts[note] = answer.headers["Location"]

    def _ask(self, path: str, form: dict[str, str] | None = None, cookie: str = ""):
        answer = self.visitor.ask(path, form, Cookie=cookie)
        self.statuses[answer.status] += 1
        return answer

    def _until_it_answers(self, ask):
        for _ in range(200):
            try:
                return ask()
            except (OSError, http.client.HTTPException):
                self.lost += 1
                time.sleep(0.05)
        raise AssertionError("no response after 200 attempts")


def workers_of(site: RunningSite) -> list[int]:
    return children_of(site.process.pid)


def kill_at_random(site: RunningSite, stop: threading.Event, clients: list[Impatient]) -> int:
    """Send SIGKILL to random workers until `stop` is set. Return how many were killed.

    Between two kills, wait for an answer, because a busy machine may need longer to start a worker.
    """
    kills, answered, chance = 0, -1, random.Random(7)
    while not stop.wait(chance.uniform(0.5, 2.0)):
        before, answered = answered, sum(sum(list(client.statuses.values())) for client in clients)
        if answered > before and (workers := workers_of(site)):
            os.kill(chance.choice(workers), signal.SIGKILL)
            kills += 1
    return kills


def test_killed_workers_lose_and_duplicate_no_acknowledged_request(tmp_path, database):
    with RunningSite(tmp_path, TRUSTED_PROXY_HOPS="1", **database) as site, ThreadPoolExecutor(CLIENTS + 1) as pool:
        stop = threading.Event()
        clients = [Impatient(site, number) for number in range(CLIENTS)]
        killer = pool.submit(kill_at_random, site, stop, clients)
        try:
            for done in [pool.submit(client.send_all) for client in clients]:
                done.result(timeout=1500)
        finally:
            stop.set()
        stored = json.loads(site.manage("shell", "--verbosity", "0", "--command", STORED))
        kills = killer.result()

    statuses = sum((client.statuses for client in clients), Counter())
    print(f"{kills} workers killed, {sum(client.lost for client in clients)} responses lost, statuses {dict(statuses)}")
    assert kills >= 5
    assert {status for status in statuses if not (200 <= status < 400 or status == 422)} == set()
    seen = [(receipt, note) for client in clients for note, receipt in client.receipts.items()]
    assert len(seen) == CLIENTS * EACH
    assert Counter((receipt, note) for receipt, _, note, _, _ in stored) == Counter(seen)
    assert len({key for _, key, *_ in stored}) == len(stored)
    assert [receipt for receipt, *_, told in stored if not told] == []
    # The rate limit was active, so only the first five requests from each address were not suspected.
    believed = Counter(note.split(" turn")[0] for _, _, note, suspected, _ in stored if not suspected)
    assert set(believed.values()) == {5}
