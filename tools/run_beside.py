"""Run a command with the SITE_URL of the site that `make run` serves from the same BUILD_DIR, if there is one.

Only `make run` was told its port, and the command would otherwise name an address where nothing listens.
"""

import fcntl
import os
import sys
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def running_at(folder: Path) -> str:
    """Return the address of the site whose process has locked the folder, or "" if there is none."""
    try:
        with (folder / "running").open() as running:
            try:
                fcntl.flock(running, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return running.read().rstrip("/")
    except FileNotFoundError:
        pass
    return ""


def main() -> None:
    try:
        from albany_site import settings
    except ImproperlyConfigured:
        url = ""  # the command says what is wrong
    else:
        url = running_at(settings.BUILD_DIR)
    if url:
        os.environ["SITE_URL"] = url
    os.execvp(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()
