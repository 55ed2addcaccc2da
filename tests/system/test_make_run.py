"""Tests that `make run` stops every process it started, and refuses a port that is invalid or already in use."""

import fcntl
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.live_site import PROJECT, RunningSite
from tests.helpers.waiting import until
from tools import new_env

pytestmark = pytest.mark.system


def session_processes(session: int) -> dict[int, str]:
    """Return the command line of every process in a session, keyed by process ID."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getsid(int(folder.name)) == session:
                found[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
        except (ProcessLookupError, FileNotFoundError):
            continue
    return {pid: command for pid, command in found.items() if command}


def make_run(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        ["make", "--old-file=.venv/.installed", "--old-file=.env", *(arguments or ["run"])],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "ENV_FILE": os.devnull} | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_make_run_refuses_a_port_in_use_with_a_one_line_message():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        done = make_run(PORT=str(other.getsockname()[1]))
    assert done.returncode != 0
    assert done.stdout == ""
    assert re.match(r"Port \d+ is in use\. .*\nmake: .*Error 1\n$", done.stderr)


@pytest.mark.parametrize("port", ["abc", "0", "70000", "-1", "８０００"])
def test_make_run_refuses_an_invalid_port_with_a_one_line_message(port):
    done = make_run(PORT=port)
    assert done.returncode != 0
    assert re.match(r"PORT must be a number from 1 to 65535, .*\nmake: .*Error 1\n$", done.stderr)


def test_a_second_make_run_of_one_folder_stops_with_one_line(tmp_path):
    site = RunningSite(tmp_path)
    (tmp_path / "build").mkdir()
    with (tmp_path / "build/running").open("w") as running:
        running.write("http://localhost:8123/")
        running.flush()
        fcntl.flock(running, fcntl.LOCK_EX)
        done = make_run(**site.environment)
    assert done.returncode != 0
    assert done.stdout == ""
    assert re.match(r"This site is already running at http://localhost:8123/\. .*\nmake: .*Error 1\n$", done.stderr)
    assert {path.name for path in (tmp_path / "build").iterdir()} == {"running"}


def test_a_second_make_demo_leaves_the_running_demos_database_alone(tmp_path):
    site = RunningSite(tmp_path)
    dry_run = ("--dry-run", "demo", f"BUILD_DIR={tmp_path}")  # make starts the line with $(MAKE) even so
    assert "rm -f var/demo.sqlite3*" in make_run(*dry_run, **site.environment).stdout
    with (tmp_path / "running").open("w") as running:
        fcntl.flock(running, fcntl.LOCK_EX)
        done = make_run(*dry_run, **site.environment)
    assert done.returncode != 0
    assert "This site is already running" in done.stderr
    assert "rm -f" not in done.stdout


@pytest.mark.parametrize("target", ["staff", "deploy-check"])
def test_a_command_beside_make_run_names_the_address_where_the_site_runs(tmp_path, target):
    site = RunningSite(tmp_path)
    dry_run = make_run("--dry-run", target).stdout
    [command] = re.findall(r"(python -m tools.run_beside) python manage\.py", dry_run)
    beside = [sys.executable, *command.split()[1:], "printenv", "SITE_URL"]

    def site_url() -> str:
        return subprocess.check_output(beside, cwd=PROJECT, env=site.environment, text=True).strip()

    assert site_url() == site.environment["SITE_URL"]
    (tmp_path / "build").mkdir()
    with (tmp_path / "build/running").open("w") as running:
        running.write("http://localhost:8123/")
        running.flush()
        assert site_url() == site.environment["SITE_URL"]  # a site that has stopped leaves the file behind
        fcntl.flock(running, fcntl.LOCK_EX)
        assert site_url() == "http://localhost:8123"


@pytest.mark.parametrize("name", ["o'hara", "a b", "-x", '"; false "'])
def test_make_staff_passes_any_name_on_as_one_argument(name, tmp_path):
    (tmp_path / "python").write_text('#!/bin/sh\nprintf "[%s]" "$@"\n')
    (tmp_path / "python").chmod(0o700)
    printed = make_run("staff", f"PATH={tmp_path}:{os.environ['PATH']}", f"NAME={name}", "GROUP=Front desk").stdout
    assert printed.endswith(f"[manage.py][make_staff][--name={name}][--group=Front desk]")


def test_make_run_lists_wrong_settings_before_it_starts_anything(tmp_path):
    site = RunningSite(tmp_path, RETENTION_DAYS="ten", STAFF_PATH="/")
    done = make_run(**site.environment)
    assert done.returncode != 0
    assert re.match(r"The site can't start:\nSTAFF_PATH .*\nRETENTION_DAYS .*\nmake: .*Error 1\n$", done.stderr)
    assert not (tmp_path / "build").exists()


def test_no_new_keys_are_made_beside_an_existing_database(tmp_path, monkeypatch):
    monkeypatch.delenv("FIELD_KEYS", raising=False)
    database = tmp_path / "db.sqlite3"
    assert new_env.why_not(database) == ""
    database.write_text("requests")
    assert "Put that .env back." in new_env.why_not(database)


def test_two_new_env_files_never_name_their_keys_alike():
    names = [line.split(":")[0] for _ in range(2) for line in new_env.new_env("FIELD_KEYS=\nLOOKUP_KEYS=").split()]
    assert len(set(names)) == 4


@pytest.mark.parametrize("ended_by", ["SIGTERM to make", "Ctrl-C"])
def test_make_run_stops_every_process_it_started(tmp_path, ended_by):
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
        until(lambda: running("gunicorn albany_site.wsgi") and running("manage.py worker"))
        until(lambda: "Listening at" in (tmp_path / "make.log").read_text())
        if ended_by == "Ctrl-C":
            os.killpg(make.pid, signal.SIGINT)  # a terminal also signals the entire process group
        else:
            make.send_signal(signal.SIGTERM)
        make.wait(timeout=40)
        until(lambda: session_processes(make.pid) == {}, 10)
    finally:
        for pid in session_processes(make.pid):
            os.kill(pid, signal.SIGKILL)
        log.close()
