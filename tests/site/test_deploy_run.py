"""Tests of deploy/run, which runs a manage.py command on the server, of deploy/release, and of the guide's settings."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.live_site import PROJECT


def stand_in(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def words_given_to_systemd_run(folder: Path, *command: str) -> list[str]:
    """Run `albany` from a folder, by a link in its PATH. Return the folder and words that systemd-run receives."""
    (folder / "albany").symlink_to(PROJECT / "deploy/run")
    stand_in(folder, "systemd-run", 'pwd\nfor word in "$@"; do echo "$word"; done')
    environment = {"PATH": f"{folder}:{os.environ['PATH']}"}
    done = subprocess.run(["albany", *command], cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_the_command_runs_from_any_folder_as_the_sites_user(tmp_path):
    folder, *words = words_given_to_systemd_run(tmp_path, "make_staff", "--name", "two words")
    assert folder == str(PROJECT)
    assert {"--property=User=albany", "--setenv=ENV_FILE=/etc/albany/env", f"--property=WorkingDirectory={folder}"} <= {
        *words
    }
    assert words[-5:] == [f"{PROJECT}/.venv/bin/python", "manage.py", "make_staff", "--name", "two words"]


def test_the_command_keeps_the_databases_folder_private(tmp_path):
    """systemd sets the mode of this folder at every start, so a command would open what the services closed."""
    words = words_given_to_systemd_run(tmp_path, "check")
    unit = (PROJECT / "deploy/systemd/albany-.service.d/hardened.conf").read_text().splitlines()
    lines = [line for line in unit if line.startswith("StateDirectory")]
    assert "StateDirectoryMode=0700" in lines
    assert [line for line in lines if f"--property={line}" not in words] == []


@pytest.fixture
def release(tmp_path):
    """Return a function that runs deploy/release with stand-ins. It returns the commands run and the exit status."""
    for name in ("git", "make", "albany", "systemctl", "nginx", "find"):
        stand_in(tmp_path, name, f'echo "{name} $*"\n[ "{name} $*" != "$FAILING" ]')

    def run(failing: str = "") -> tuple[list[str], int]:
        environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "FAILING": failing}
        done = subprocess.run(
            [PROJECT / "deploy/release"], env=environment, capture_output=True, text=True, check=False
        )
        return done.stdout.splitlines(), done.returncode

    return run


def test_a_release_stops_at_the_first_command_that_fails(release):
    commands, status = release()
    assert status == 0
    assert len(commands) > 8
    for number, command in enumerate(commands, start=1):
        ran, status = release(failing=command)
        assert ran == commands[:number]
        assert status != 0


def test_a_release_is_built_before_any_web_process_reloads(release):
    commands, _ = release()
    reload = commands.index("systemctl reload-or-restart albany-web@*")
    assert {"git pull", "make .venv/.installed", "albany migrate", "albany prerender"} < {*commands[:reload]}


def test_settings_for_a_new_server_can_be_made_without_any_package():
    command = re.search(r"python3 (-m \S+) > /etc/albany/env", (PROJECT / "deploy/README.md").read_text())[1]
    environment = {"FIELD_KEYS": ""}  # so that a developer's own database does not matter
    done = subprocess.run(
        [sys.executable, "-S", *command.split()],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert re.findall(r"^(?:SECRET_KEY|FIELD_KEYS|LOOKUP_KEYS)=$", done.stdout, re.MULTILINE) == []
    assert re.findall(r"^(\w+_KEYS)=\S+$", done.stdout, re.MULTILINE) == ["FIELD_KEYS", "LOOKUP_KEYS"]


def test_every_setting_that_the_guide_sets_is_in_the_example():
    step = (PROJECT / "deploy/README.md").read_text().partition("set at least these:")[2].partition("3. Get a")[0]
    named = re.findall(r"^   ([A-Z_]+)=", step, re.MULTILINE)
    assert "EMAIL_URL" in named
    assert {*named} <= {*re.findall(r"^([A-Z_]+)=", (PROJECT / ".env.example").read_text(), re.MULTILINE)}
