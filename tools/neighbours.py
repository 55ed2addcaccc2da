"""Find programs that the tests need, such as nginx.

`python -m tools.neighbours` installs missing ones on Debian if run as root.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

# Maps each program to its Debian package.
PACKAGES = {
    "initdb": "postgresql",
    "nginx": "nginx-light",
    "systemd-analyze": "systemd",
    "openssl": "openssl",
    "wrk": "wrk",
}
# Where Debian installs servers outside PATH.
SERVER_FOLDERS = ["/usr/sbin", *map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True))]


def program(name: str) -> Path:
    """Return the path of a program in PACKAGES. If it is missing, raise RuntimeError with the install command."""
    if found := shutil.which(name, path=os.pathsep.join([os.environ["PATH"], *SERVER_FOLDERS])):
        return Path(found)
    raise RuntimeError(f"{name} is not installed. On Debian: apt-get install {PACKAGES[name]}")


def install_missing() -> None:
    """Install missing programs if run as root on Debian. Raise RuntimeError if one is still missing."""
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
