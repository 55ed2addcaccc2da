"""The programs that production stands beside. `python -m tools.neighbours` finds each, or installs it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

# Program -> the Debian package that brings it.
PACKAGES = {
    "initdb": "postgresql",
    "nginx": "nginx-light",
    "systemd-analyze": "systemd",
    "openssl": "openssl",
    "wrk": "wrk",
}
# Where Debian keeps servers off the PATH.
SERVER_FOLDERS = ["/usr/sbin", *map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True))]


def program(name: str) -> Path:
    """Where a program of PACKAGES is. Raises RuntimeError that says how to get it."""
    if found := shutil.which(name, path=os.pathsep.join([os.environ["PATH"], *SERVER_FOLDERS])):
        return Path(found)
    raise RuntimeError(f"{name} is not on this machine; on Debian: apt-get install {PACKAGES[name]}")


def install_missing() -> None:
    """Have every program here. Only root on a Debian may install; anybody else is told what to ask for."""
    missing = [package for name, package in PACKAGES.items() if not _is_here(name)]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update"], env=environment, check=True)
        subprocess.run(
            ["apt-get", "install", "--yes", "--no-install-recommends", *missing], env=environment, check=True
        )
    for name in PACKAGES:
        print(f"{name}: {program(name)}")


def _is_here(name: str) -> bool:
    try:
        program(name)
    except RuntimeError:
        return False
    return True


if __name__ == "__main__":
    try:
        install_missing()
    except RuntimeError as error:
        sys.exit(str(error))
