"""Tests that `make run` serves a fresh clone, and that Ctrl-C stops every process."""

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request

import pytest

from tests.helpers.live_site import PROJECT, free_port

pytestmark = pytest.mark.system


def answer(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return response.status
    except (urllib.error.URLError, ConnectionError):
        return 0


def processes_of_group(group: int) -> list[str]:
    listing = subprocess.run(["ps", "-eo", "pgid=,stat=,args="], capture_output=True, text=True, check=True).stdout
    rows = (line.split(None, 2) for line in listing.splitlines())
    return [row[2] for row in rows if int(row[0]) == group and not row[1].startswith("Z")]


def test_make_run_serves_a_fresh_clone_and_ctrl_c_stops_everything(tmp_path):
    clone, port = tmp_path / "clone", free_port()
    subprocess.run(["git", "clone", "--quiet", PROJECT, clone], check=True)
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | {"PORT": str(port)}
    environment["PATH"] = environment["PATH"].replace(f"{PROJECT}/.venv/bin:", "")
    with (tmp_path / "output").open("w") as output:
        process = subprocess.Popen(
            ["make", "run"], cwd=clone, env=environment, stdout=output, stderr=output, start_new_session=True
        )
    printed = (tmp_path / "output").read_text
    try:
        deadline = time.monotonic() + 300
        while not (status := answer(f"http://localhost:{port}/")) and process.poll() is None:
            assert time.monotonic() < deadline, printed()
            time.sleep(0.5)
        assert status == 200, printed()
        assert f"http://localhost:{port}/staff" in printed()
        assert "make staff" in printed()
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=60)
    for _ in range(100):
        if not processes_of_group(process.pid):
            break
        time.sleep(0.1)
    assert processes_of_group(process.pid) == [], printed()
    keys = [line for line in (clone / ".env").read_text().splitlines() if line.startswith("SECRET_KEY=")]
    assert len(keys[0]) > 60
