"""Lighthouse's judgment of a page, as a mid-range phone on a slow 4G sees it."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

from tests.system.npm import installed, node
from tools.browser_path import find_browser

CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
LANDED_ON = (
    "/",
    "/ketamine-infusion-therapy/",
    "/ketamine-infusion-therapy/conditions/depression/",
    "/consultation/",
)
# How long the page keeps the phone busy. It is told from how long it keeps this machine busy, by the clock, and so
# says as much about what else the machine does.
BUSY = "total-blocking-time"


def judgments(url: str, folder: Path, attempts: int) -> Iterator[dict]:
    """Reports on a page, one after the other, without those of attempts that failed to see it load.

    Lighthouse now and then misses the start of a navigation (NO_NAVSTART).
    """
    lighthouse = installed("lighthouse") / "node_modules/lighthouse/cli/index.js"
    report = folder / "report.json"
    flags = "--headless=new --disable-gpu" + (" --no-sandbox" if os.geteuid() == 0 else "")
    arguments = [url, "--quiet", "--output=json", f"--output-path={report}", f"--chrome-flags={flags}"]
    arguments += [f"--only-categories={','.join(CATEGORIES)}"]
    for _ in range(attempts):
        report.unlink(missing_ok=True)
        node(lighthouse, *arguments, folder=folder, CHROME_PATH=find_browser())
        found = json.loads(report.read_text()) if report.exists() else {"runtimeError": "no report"}
        if "runtimeError" not in found:
            yield found


def scores(report: dict) -> dict[str, float]:
    """What it gives for each category, of 100."""
    return {name: report["categories"][name]["score"] * 100 for name in CATEGORIES}


def milliseconds(report: dict, audit: str) -> float:
    return report["audits"][audit]["numericValue"]
