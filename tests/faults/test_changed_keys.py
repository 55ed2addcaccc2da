"""Rotates the keys while clients send the form, and kills reencrypt partway through."""

import base64
import json
import os
import re
import signal
import subprocess
import sys
import termios
import threading
from concurrent.futures import ThreadPoolExecutor

from tests.helpers.http_client import Visitor
from tests.helpers.live_site import PROJECT, SETTINGS, RunningSite

BEFORE, CLIENTS = 1500, 4
OLD = {name: SETTINGS[name] for name in ("FIELD_KEYS", "LOOKUP_KEYS")}
NEW = {name: "new:" + base64.b64encode(os.urandom(32)).decode() for name in OLD}
BOTH = {name: f"{NEW[name]},{OLD[name]}" for name in OLD}
FILL = f"""
from django.db import transaction
from tests.helpers.factories import consultation
with transaction.atomic():
    for number in range({BEFORE}):
        consultation(note=f"before {{number}}", phone=f"618 555 {{number:04}}")
"""
STORED = """
import json
from consultations.models import ConsultationRequest
found = lambda request: request in ConsultationRequest.objects.with_contact(request.phone)
requests = ConsultationRequest.objects.all()
print(json.dumps([[str(request.note), str(request.full_name), found(request)] for request in requests]))
"""


def send_forms(site: RunningSite, number: int, stop: threading.Event) -> list[str]:
    """Send the form until `stop` is set, at most 30 times. Return the notes sent."""
    received = []
    visitor = Visitor(site.url, f"2001:db8:{number:x}::1")
    while not stop.is_set() and len(received) < 30:
        note = f"during {number} {len(received)}"
        assert visitor.send(note=note).status == 302
        received.append(note)
    return received


def reencrypt_killed_midway(site: RunningSite) -> None:
    """Run reencrypt on a terminal, and send SIGKILL once its progress bar has moved."""
    terminal, its_end = os.openpty()
    termios.tcsetwinsize(its_end, (24, 80))
    command = [sys.executable, "manage.py", "reencrypt"]
    first = subprocess.Popen(command, cwd=PROJECT, env=site.environment, stderr=its_end)
    os.close(its_end)
    shown = b""
    while not re.search(rb" [1-9]\d*/\d{4}", shown):
        try:
            shown += os.read(terminal, 1000)
        except OSError:
            raise AssertionError(f"reencrypt ended before it could be killed: {shown}") from None
    first.send_signal(signal.SIGKILL)
    assert first.wait() == -signal.SIGKILL, "reencrypt had already ended"
    os.close(terminal)


def test_rotating_keys_under_load_loses_nothing_even_if_interrupted(tmp_path, database):
    site = RunningSite(tmp_path, TRUSTED_PROXY_HOPS="1", **database)
    site.build()
    site.manage("shell", "--verbosity", "0", "--command", FILL)
    site.environment |= BOTH
    site.start()
    stop = threading.Event()
    try:
        with ThreadPoolExecutor(CLIENTS) as pool:
            clients = [pool.submit(send_forms, site, number, stop) for number in range(CLIENTS)]
            try:
                reencrypt_killed_midway(site)
                print(site.manage("reencrypt").strip())
            finally:
                stop.set()
            during = [note for client in clients for note in client.result(timeout=60)]
    finally:
        site.stop()
    site.environment |= NEW
    stored = json.loads(site.manage("shell", "--verbosity", "0", "--command", STORED))
    assert len(during) >= CLIENTS
    assert sorted(note for note, *_ in stored) == sorted([*during, *(f"before {number}" for number in range(BEFORE))])
    assert {name for _, name, _ in stored} == {"Alex Example"}
    assert all(found for *_, found in stored)
