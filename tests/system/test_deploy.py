"""Tests that nginx and systemd accept their files in deploy/, and that another user can read a build."""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from django.core.management import get_commands

from tests.helpers.live_site import PROJECT, RunningSite
from tools.neighbours import program
from tools.stack import Nginx

pytestmark = pytest.mark.system

UNITS = sorted(path.name for path in (PROJECT / "deploy/systemd").glob("albany-*.*[er]"))


def test_nginx_accepts_its_configuration(tmp_path):
    nginx = Nginx(tmp_path, (8000, 8001), tmp_path)
    done = subprocess.run(nginx.command("-t"), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "[warn]" not in done.stderr


def test_nginx_can_create_its_cache_on_a_new_machine():
    """nginx creates only the last folder of the path, and Debian has no /var/cache/nginx."""
    path = re.search(r"^proxy_cache_path (\S+) ", (PROJECT / "deploy/nginx.conf").read_text(), re.MULTILINE)[1]
    assert Path(path).parent == Path("/var/cache")


@pytest.fixture
def units(tmp_path):
    """Copy the systemd units, adapted to this machine's paths and users. Return the folder of the copies."""
    shutil.copytree(PROJECT / "deploy/systemd", tmp_path / "systemd")
    (tmp_path / "systemd/albany-web@.service").rename(tmp_path / "systemd/albany-web@8000.service")
    for file in (tmp_path / "systemd").rglob("*.*"):
        if file.is_file():
            text = file.read_text().replace("/srv/albany", f"{PROJECT}")
            file.write_text(text.replace("User=albany", "User=daemon").replace("Group=albany", "Group=daemon"))
    return tmp_path / "systemd"


def analyze(*arguments) -> subprocess.CompletedProcess:
    return subprocess.run(
        [program("systemd-analyze"), *map(str, arguments)], capture_output=True, text=True, check=False
    )


def test_systemd_accepts_every_unit_and_timer(units):
    found = sorted(units.glob("albany-*.*[er]"))
    assert len(found) == len(UNITS) == 6
    done = analyze("verify", "--man=no", *found)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", ["albany-web@8000", "albany-worker", "albany-erase", "albany-backup"])
def test_systemd_rates_every_service_well_protected(units, name):
    done = analyze("security", "--offline=true", "--threshold=20", units / f"{name}.service")
    assert done.returncode == 0, done.stdout[-3000:]


def test_every_management_command_in_the_units_exists():
    commands = re.findall(
        r"manage\.py (\w+)", "".join((PROJECT / "deploy/systemd" / name).read_text() for name in UNITS)
    )
    assert commands
    assert set(commands) <= set(get_commands())


@pytest.fixture
def open_folder():
    """Yield a temporary folder that every user can read, unlike pytest's tmp_path."""
    with tempfile.TemporaryDirectory(prefix="albany-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_a_build_under_umask_077_can_be_read_by_another_user(open_folder):
    site = RunningSite(open_folder)
    site.migrate_and_collect()
    site.manage("prerender", umask=0o077)
    pages = (open_folder / "build/pages").resolve()
    modes = {(path.is_dir(), oct(path.stat().st_mode & 0o777)) for path in [pages, *pages.rglob("*")]}
    assert modes == {(True, "0o755"), (False, "0o644")}
    if os.geteuid() == 0:
        away = ["runuser", "-u", "nobody", "--", "cat", open_folder / "build/pages/away/index.html"]
        assert "away for a moment" in subprocess.run(away, capture_output=True, text=True, check=True).stdout
