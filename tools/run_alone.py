"""Run a command unless another `make run` uses the same BUILD_DIR, and hold BUILD_DIR's lock until the command ends.

Two sites with different settings would keep replacing each other's prerendered pages.
"""

import fcntl
import os
import sys

from django.core.exceptions import ImproperlyConfigured


def lock(folder: os.PathLike[str], url: str) -> str:
    """Lock the folder for this process and those it becomes or starts. Return "", or why that is not possible."""
    descriptor = os.open(os.path.join(folder, "running"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        other = os.read(descriptor, 200).decode(errors="replace")
        return f"This site is already running at {other}. Stop it with Ctrl-C first; it and this one share {folder}."
    os.ftruncate(descriptor, 0)
    os.write(descriptor, url.encode())
    os.set_inheritable(descriptor, True)
    return ""


def main() -> None:
    try:
        from albany_site import settings
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    settings.BUILD_DIR.mkdir(parents=True, exist_ok=True)
    if problem := lock(settings.BUILD_DIR, f"{settings.SITE_URL}/"):
        sys.exit(problem)
    os.execvp(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()
