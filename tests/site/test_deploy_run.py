"""Tests of deploy/run, which runs a manage.py command on the server."""

import os
import subprocess

from tests.helpers.live_site import PROJECT


def test_the_command_runs_from_any_folder_as_the_sites_user(tmp_path):
    """The server calls the script by a link in its PATH. systemd-run is replaced by a script that prints its input."""
    (tmp_path / "albany").symlink_to(PROJECT / "deploy/run")
    stand_in = tmp_path / "systemd-run"
    stand_in.write_text('#!/bin/sh\npwd\nfor word in "$@"; do echo "$word"; done\n')
    stand_in.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    command = ["albany", "make_staff", "--name", "two words"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    folder, *words = done.stdout.splitlines()
    assert folder == str(PROJECT)
    assert {"--property=User=albany", "--setenv=ENV_FILE=/etc/albany/env", f"--property=WorkingDirectory={folder}"} <= {
        *words
    }
    assert words[-5:] == [f"{PROJECT}/.venv/bin/python", "manage.py", "make_staff", "--name", "two words"]
