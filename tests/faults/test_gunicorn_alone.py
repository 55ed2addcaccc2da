"""Breaks a site that gunicorn serves without nginx: slow clients, and settings that vanish while it runs."""

import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from tests.helpers.http_client import Visitor
from tests.helpers.live_site import RunningSite

KEYS = ("SECRET_KEY", "FIELD_KEYS", "LOOKUP_KEYS")
SLOW = 40
HANG_GUARD = 120  # seconds
READABLE = """
import json
from consultations.models import ConsultationRequest
print(json.dumps([str(request.note) for request in ConsultationRequest.objects.all()]))
"""


def held_open(site: RunningSite, start: bytes) -> float:
    """Send the start of an HTTP request. Return how many seconds pass until gunicorn closes the connection."""
    began = time.monotonic()
    with closing(socket.create_connection(("localhost", site.port), timeout=HANG_GUARD)) as line:
        line.sendall(start)
        try:
            while line.recv(65536):
                pass
        except ConnectionError:
            pass  # closed with a reset
    return time.monotonic() - began


def test_slow_clients_at_gunicorn_alone_are_dropped_and_a_form_stored(tmp_path, report):
    with RunningSite(tmp_path) as site, ThreadPoolExecutor(SLOW) as pool:
        head = f"POST /consultation/ HTTP/1.1\r\nHost: localhost:{site.port}\r\n".encode()
        starts = [b"GET / HTTP/1.1\r\nHost: local", head + b"Content-Length: 500\r\n\r\nfull_name=Alex"]
        slow = [pool.submit(held_open, site, starts[number % 2]) for number in range(SLOW)]
        time.sleep(1)
        began = time.monotonic()
        assert Visitor(site.url, timeout=HANG_GUARD).send().status == 302
        waited = time.monotonic() - began
        held = max(line.result() for line in slow)
    report(
        f"{SLOW} slow clients at gunicorn alone",
        f"a receipt in {waited:.1f} s; the slow clients were disconnected after {held:.0f} s",
        "nothing",
        0,
        "nothing",
    )


def test_without_its_key_file_a_site_keeps_running_and_starts_no_more(tmp_path, report):
    site = RunningSite(tmp_path)
    file = tmp_path / "keys.env"
    file.write_text("".join(f"{name}={site.environment.pop(name)}\n" for name in KEYS))
    file.chmod(0o600)
    site.environment["ENV_FILE"] = str(file)
    with site:
        assert Visitor(site.url).send(note="before").status == 302
        kept = file.rename(tmp_path / "moved.env")
        assert Visitor(site.url).send(note="without the file").status == 302
        site.stop()
        with pytest.raises(AssertionError, match="ENV_FILE|SECRET_KEY"):
            site.start()
        kept.rename(file)
        site.start()
        assert Visitor(site.url).send(note="after").status == 302
        assert json.loads(Visitor(site.url, "").ask("/healthz").body)["problems"].keys() <= {"worker"}
        stored = json.loads(site.manage("shell", "--verbosity", "0", "--command", READABLE))
    assert sorted(stored) == ["after", "before", "without the file"]
    report(
        "the file with the keys vanishes",
        "pages and forms as before, until a restart",
        "a process that starts says which setting is missing",
        0,
        "nothing: every request could be decrypted afterwards",
    )
