"""`make run` begins the web server and the mail worker, and ends with every process that it began."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.helpers.live_site import PROJECT, RunningSite

pytestmark = pytest.mark.system


def session_processes(session: int) -> dict[int, str]:
    """Every process of a session, by its id, with its command line."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getsid(int(folder.name)) == session:
                found[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
        except (ProcessLookupError, FileNotFoundError):
            continue
    return {pid: command for pid, command in found.items() if command}


def wait_until(happens, seconds: float = 60) -> None:
    for _ in range(int(seconds * 10)):
        if happens():
            return
        time.sleep(0.1)
    raise AssertionError("it does not happen")


@pytest.mark.parametrize("ended_by", ["SIGTERM to make", "Ctrl-C"])
def test_make_run_ends_every_process_that_it_began(tmp_path, ended_by):
    site = RunningSite(tmp_path)
    log = (tmp_path / "make.log").open("wb")
    make = subprocess.Popen(
        ["make", "--old-file=.venv/.installed", "--old-file=.env", "run"],
        cwd=PROJECT,
        env=site.environment,
        stdout=log,
        stderr=log,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )

    def running(words: str) -> bool:
        return any(words in command for command in session_processes(make.pid).values())

    try:
        wait_until(lambda: running("gunicorn albany_site.wsgi") and running("deliver_notifications --loop"))
        wait_until(lambda: "Listening at" in (tmp_path / "make.log").read_text())
        if ended_by == "Ctrl-C":
            os.killpg(make.pid, signal.SIGINT)  # as a terminal does: to the whole group, which is ours alone
        else:
            make.send_signal(signal.SIGTERM)
        make.wait(timeout=40)
        wait_until(lambda: session_processes(make.pid) == {}, 10)
    finally:
        for pid in session_processes(make.pid):
            os.kill(pid, signal.SIGKILL)
        log.close()
