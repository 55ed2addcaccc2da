"""Find a browser for the tests. `python -m tools.browser_path` also installs one if none is found."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
HELP = """No working Chromium or Chrome was found, and none could be installed.
Install one (on Debian: apt-get install chromium) or set BROWSER_PATH, then try again."""


def find_browser() -> str | None:
    """Return the path of the first browser that starts: BROWSER_PATH, an installed one, or Playwright's."""
    return next((path for path in _candidates() if path and _starts(path)), None)


def _candidates() -> Iterator[str | None]:
    yield os.environ.get("BROWSER_PATH")
    yield from map(shutil.which, NAMES)
    yield _playwrights_own()  # last, because it starts Playwright, which a test may already have done


def get_browser() -> str | None:
    """Find a browser, or install one with Playwright or, if that fails, with apt-get."""
    if path := find_browser():
        return path
    for command in _ways_to_install():
        print("Installing a browser:", " ".join(command), flush=True)
        subprocess.run(command, check=False)
        if path := find_browser():
            return path
    return None


def _ways_to_install() -> list[list[str]]:
    ways = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if shutil.which("apt-get") and os.geteuid() == 0:
        ways += [["apt-get", "update", "--quiet"], ["apt-get", "install", "--quiet", "--yes", "chromium"]]
    return ways


def _playwrights_own() -> str:
    from playwright.sync_api import sync_playwright  # imported here, because the import is slow

    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def _starts(path: str) -> bool:
    """Return whether the program starts. It doesn't if, for example, its libraries are missing."""
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=60, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


if __name__ == "__main__":
    sys.exit(None if get_browser() else HELP)
