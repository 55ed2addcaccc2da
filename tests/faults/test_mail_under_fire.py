"""Kills randomly chosen email workers while the mail server refuses, hangs and drops connections."""

import itertools
import json
import random
import signal
import subprocess
import sys
import threading
import time

from tests.helpers.live_site import PROJECT, RunningSite
from tests.helpers.mail_server import DrippingServer, MailServer

WORKERS, EMAILS = 4, 200
BEHAVIORS = ("accept", "refuse", "accept", "hang", "accept", "drop")
QUEUE = f"""
from consultations.notifications import queue_new
from tests.helpers.factories import consultation
for _ in range({EMAILS}):
    queue_new(consultation())
"""
OUTBOX = """
import json
from consultations.models import Notification
print(json.dumps([[str(mail.pk), mail.sent_at is not None, mail.attempts] for mail in Notification.objects.all()]))
"""


def start_worker(site: RunningSite) -> subprocess.Popen:
    command = [sys.executable, "manage.py", "worker"]
    with site.log.open("ab") as log:
        return subprocess.Popen(command, cwd=PROJECT, env=site.environment, stdout=log, stderr=log)


def outbox(site: RunningSite) -> list[tuple[str, bool, int]]:
    return json.loads(site.manage("shell", "--verbosity", "0", "--command", OUTBOX))


def deliver_under_fire(site: RunningSite) -> int:
    """Run the workers, killing one every few seconds, until all emails are sent. Return how many were killed."""
    chance, kills = random.Random(7), 0
    workers = [start_worker(site) for _ in range(WORKERS)]
    try:
        for turn in itertools.count(1):
            time.sleep(chance.uniform(1, 3))
            if turn % 3 == 0 and all(sent for _, sent, _ in outbox(site)):
                break
            assert turn < 100, "some emails are still unsent after 100 turns"
            unlucky = chance.randrange(WORKERS)
            workers[unlucky].send_signal(signal.SIGKILL)
            workers[unlucky].wait()
            workers[unlucky] = start_worker(site)
            kills += 1
    finally:
        for worker in workers:
            worker.terminate()
        codes = [worker.wait(timeout=60) for worker in workers]
    assert set(codes) == {0}, "a worker did not exit cleanly on SIGTERM"
    return kills


def test_every_email_arrives_and_only_an_unknown_outcome_sends_it_twice(tmp_path, database):
    with MailServer(itertools.cycle(BEHAVIORS)) as server:
        site = RunningSite(
            tmp_path,
            DJANGO_SETTINGS_MODULE="tests.faults.impatient_settings",
            EMAIL_URL=f"smtp://127.0.0.1:{server.port}",
            **database,
        )
        site.manage("migrate", "--verbosity", "0")
        site.manage("shell", "--verbosity", "0", "--command", QUEUE)
        kills = deliver_under_fire(site)
        mails = outbox(site)

    acknowledged = server.acknowledged
    taken_for_sure = sum(times - 1 for times in acknowledged.values() if times > 1)
    print(
        f"{len(mails)} emails in {sum(attempts for *_, attempts in mails)} attempts, {kills} workers killed, "
        f"{server.answer_lost.total()} responses lost, {len(server.taken) - len(mails)} duplicates"
    )
    assert kills >= 3
    assert len(mails) == EMAILS
    assert all(sent for _, sent, _ in mails)
    assert {message["Message-ID"] for message in server.taken} == {f"<{pk}@localhost>" for pk, *_ in mails}
    # If an email is sent again after the server acknowledged it, the worker was killed before recording the success.
    # So there can be at most one such duplicate per kill.
    assert taken_for_sure <= kills
    # Every other duplicate follows a server response that was lost.
    assert len(server.taken) - len(mails) <= server.answer_lost.total() + kills


def test_sigterm_ends_a_worker_that_a_dripping_server_holds(tmp_path, database):
    dripping = threading.Event()
    with DrippingServer(["220 hello"], on_drip=dripping.set) as server:
        site = RunningSite(tmp_path, EMAIL_URL=f"smtp://127.0.0.1:{server.port}", **database)
        site.manage("migrate", "--verbosity", "0")
        site.manage("shell", "--verbosity", "0", "--command", QUEUE.replace(str(EMAILS), "1"))
        worker = start_worker(site)
        try:
            assert dripping.wait(60)
        finally:
            worker.terminate()
            code = worker.wait()
    assert code == 0
    assert server.client_hung_up
    assert [(sent, attempts) for _, sent, attempts in outbox(site)] == [(False, 1)]
