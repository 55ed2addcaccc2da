"""Fills the disk. A request is refused, but its answers stay in the form, and it is accepted once there is space."""

import os
import subprocess
import time

import pytest

from tests.helpers.factories import ANSWERS
from tests.helpers.http_client import Visitor
from tests.helpers.live_site import RunningSite

WORDS = "Only Alex wrote this"


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "small"
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.fail("run this test as root, because it mounts a small disk")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def test_a_full_disk_loses_no_acknowledged_request_and_keeps_the_form(tmp_path, small_disk, report):
    database = f"sqlite:///{small_disk}/db.sqlite3"
    with RunningSite(tmp_path, DATABASE_URL=database, TRUSTED_PROXY_HOPS="1") as site:
        receipts = [Visitor(site.url, f"10.0.0.{number}").send().headers["Location"] for number in range(5)]
        visitor = Visitor(site.url, "10.0.1.1")
        fields, cookie = visitor.open_form()
        form = ANSWERS | fields | {"note": WORDS}
        fill = small_disk / "filler"
        with fill.open("wb", buffering=0) as filler:
            try:
                while filler.write(b"0" * 1024):
                    pass
            except OSError:
                pass
        statuses = []
        for number in range(60):  # the first ones may succeed, because SQLite's WAL file still has some free space
            answer = visitor.ask("/consultation/", form, Cookie=cookie)
            statuses.append(answer.status)
            if answer.status == 503:
                break
            receipts.append(answer.headers["Location"])
            visitor = Visitor(site.url, f"10.0.2.{number}")
            fields, cookie = visitor.open_form()
            form = ANSWERS | fields | {"note": WORDS}
        assert answer.status == 503, statuses
        assert WORDS in answer.body
        assert fields["submission_key"] in answer.body
        assert visitor.ask("/about/").status == 200
        fill.unlink()
        started = time.monotonic()
        receipts.append(visitor.ask("/consultation/", form, Cookie=cookie).headers["Location"])
        recovery = time.monotonic() - started
        assert {Visitor(site.url).ask(receipt).status for receipt in receipts} == {200}
        stored = site.manage(
            "shell",
            "--verbosity",
            "0",
            "--command",
            "from consultations.models import ConsultationRequest as C; print(C.objects.count())",
        )
    assert int(stored) == len(receipts) == len(set(receipts))
    report(
        "full disk",
        "“could not be stored, try again” with the answers kept; pages work",
        "/healthz: less than 200 MB of disk space is free, long before",
        recovery,
        f"nothing: {stored.strip()} receipts, {stored.strip()} requests",
    )
