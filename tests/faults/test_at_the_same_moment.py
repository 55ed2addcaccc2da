"""Tests of simultaneous events: one form sent eight times at once, and SIGTERM while an email is being sent."""

import json
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat

from tests.faults.test_mail_under_fire import OUTBOX, start_worker
from tests.helpers.factories import ANSWERS
from tests.helpers.http_client import Visitor
from tests.helpers.live_site import RunningSite
from tests.helpers.mail_server import MailServer

COUNT = "from consultations.models import *; print(ConsultationRequest.objects.count(), Notification.objects.count())"
ONE_EMAIL = """
from consultations.notifications import queue_new
from tests.helpers.factories import consultation
queue_new(consultation())
"""


def test_one_form_sent_eight_times_at_once_stores_one_request(tmp_path, database):
    with RunningSite(tmp_path, **database) as site, ThreadPoolExecutor(8) as pool:
        visitor = Visitor(site.url)
        for _ in range(10):
            hidden, cookie = visitor.open_form()
            form = ANSWERS | hidden
            sent = [pool.submit(visitor.ask, "/consultation/", form, Cookie=cookie) for _ in range(8)]
            answers = [each.result() for each in sent]
            assert {answer.status for answer in answers} == {302}
            assert len({answer.headers["Location"] for answer in answers}) == 1
        stored, _ = site.manage("shell", "--verbosity", "0", "--command", COUNT).split()
    assert stored == "10"


def test_sigterm_lets_the_worker_finish_the_current_email(tmp_path, database):
    with MailServer(repeat("dawdle")) as server:
        site = RunningSite(tmp_path, EMAIL_URL=f"smtp://127.0.0.1:{server.port}", **database)
        site.manage("migrate", "--verbosity", "0")
        site.manage("shell", "--verbosity", "0", "--command", ONE_EMAIL)
        site.manage("shell", "--verbosity", "0", "--command", ONE_EMAIL)
        worker = start_worker(site)
        while not server.begun:
            assert worker.poll() is None
            time.sleep(0.05)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=30) == 0
        emails = json.loads(site.manage("shell", "--verbosity", "0", "--command", OUTBOX))
    assert sorted(sent for _, sent, _ in emails) == [False, True]
    assert server.acknowledged.total() == 1
