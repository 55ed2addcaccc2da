"""Finds a browser to test with, and gets one where there is none: `python -m tools.browser_path`."""

import os
import shutil
import subprocess
import sys

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
HELP = """No Chromium or Chrome that starts was found, and none could be installed.
Install one (on Debian: apt-get install chromium), or name one in BROWSER_PATH, and try again."""


def find_browser() -> str | None:
    """The path of a browser that starts: BROWSER_PATH, the machine's own, or the one that Playwright brought."""
    candidates = (os.environ.get("BROWSER_PATH"), *map(shutil.which, NAMES), _playwrights_own())
    return next((path for path in candidates if path and _starts(path)), None)


def get_browser() -> str | None:
    """Find a browser; where there is none, ask Playwright for one, and then the system's packages."""
    if path := find_browser():
        return path
    for command in _ways_to_install():
        print("Getting a browser:", " ".join(command), flush=True)
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
    from playwright.sync_api import sync_playwright  # slow to import, and needed only here

    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def _starts(path: str) -> bool:
    """Whether the program runs at all: one whose libraries are missing does not."""
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=60, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


if __name__ == "__main__":
    sys.exit(None if get_browser() else HELP)
