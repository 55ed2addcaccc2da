"""Breaks the stack while a manager works: the database restarts during a save, and a picture is an image bomb."""

import re
import threading
import time
from pathlib import Path
from urllib.error import HTTPError

import pytest
from PIL import Image

from tests.faults.test_killed_workers import workers_of
from tests.front_desk.test_people import fields
from tests.helpers.http_client import Visitor
from tests.helpers.photographs import photograph
from tests.system.test_stack import PICTURES, File, Manager
from tools.stack import Stack

CLINIC = "/staff/clinic/"
STREET = "1 Example Street"
HANG_GUARD = 120  # seconds
MEGABYTES = 200  # that a worker may grow by while it refuses a picture of 200 million pixels


@pytest.fixture(scope="module")
def stack(tmp_path_factory, postgresql):
    folder, database = tmp_path_factory.mktemp("desk"), postgresql.new_database("desk")
    with Stack(folder, postgresql, database, facts={"phone": "(618) 555-0100"}) as running:
        yield running


def answer_to(manager: Manager, path: str, **form: object) -> tuple[int, str]:
    """Send a form to `path`. Return the answer's status and body, which is then the manager's page."""
    try:
        return 200, manager.send(path, **form)
    except HTTPError as error:
        manager.page = error.read().decode()
        return error.code, manager.page


def sent_until_answered(manager: Manager) -> str:
    """Send the form on the manager's page until a web process has found the database. Return the page it sends."""
    for _ in range(100):
        status, page = answer_to(manager, CLINIC, **fields(manager.page))
        if status != 503:
            return page
        time.sleep(0.1)
    raise AssertionError(manager.page)


def test_a_managers_save_outlives_a_restart_of_the_database(stack, report):
    manager = Manager(stack)
    form = fields(manager.open(CLINIC)) | {"street": STREET}
    stack.cluster.stop()
    try:
        began = time.monotonic()
        status, page = answer_to(manager, CLINIC, **form)
        waited = time.monotonic() - began
    finally:
        stack.cluster.start()
    assert status == 503
    assert "This page keeps what you entered" in page
    assert STREET not in page

    began = time.monotonic()
    assert "What you entered is still here" in sent_until_answered(manager)
    recovered = time.monotonic() - began
    while "Saved." not in manager.page:  # a process that has not found the database again keeps it once more
        sent_until_answered(manager)
        assert time.monotonic() - began < HANG_GUARD
    assert f'value="{STREET}"' in manager.open(CLINIC)
    report(
        "PostgreSQL restarts while a manager saves facts",
        "nothing",
        f"“Not saved yet”, with the entry kept, after {waited:.1f} s; one more button saves it",
        recovered,
        "nothing",
    )


def peak_megabytes(stack: Stack) -> int:
    """Return the largest resident set that a worker of either web process has had."""
    statuses = [Path(f"/proc/{pid}/status").read_text() for web in stack.webs for pid in workers_of(web)]
    return max(int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) for status in statuses) // 1024


def test_an_image_bomb_is_refused_and_delays_no_one(stack, report):
    manager = Manager(stack)
    manager.open(PICTURES)
    bomb = File(photograph(Image.new("1", (20_000, 10_000)), "PNG"))
    over, waits = threading.Event(), []

    def visit() -> None:
        visitor = Visitor(stack.url, "", certificate=stack.certificate)
        while not over.is_set():
            began = time.monotonic()
            assert visitor.ask("/about/").status == 200
            waits.append(time.monotonic() - began)

    visiting = threading.Thread(target=visit)
    visiting.start()
    before = peak_megabytes(stack)
    try:
        began = time.monotonic()
        form = fields(manager.page) | {"file": bomb, "slot": "door_picture", "alt": "Example door"}
        status, page = answer_to(manager, PICTURES, **form)
        refused = time.monotonic() - began
    finally:
        over.set()
        visiting.join()
    assert status == 422
    assert "million pixels" in page
    assert len(waits) > 0
    grown = peak_megabytes(stack) - before
    assert grown < MEGABYTES
    report(
        "a picture of 200 million pixels in a small file",
        f"every page still loads within {max(waits) * 1000:.0f} ms",
        f"a sentence after {refused:.1f} s; a worker grew by {grown} MB",
        0,
        "nothing",
    )
