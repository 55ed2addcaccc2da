"""Run Lighthouse on a page, simulating a mid-range phone on slow 4G."""

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
# This audit depends on the machine's load, because Lighthouse calculates it from measured CPU time.
BUSY = "total-blocking-time"


def judgments(url: str, folder: Path, attempts: int) -> Iterator[dict]:
    """Run Lighthouse `attempts` times. Yield the reports of the successful runs.

    A run can fail because Lighthouse misses a navigation (NO_NAVSTART).
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
    """Return the score of each category, from 0 to 100."""
    return {name: report["categories"][name]["score"] * 100 for name in CATEGORIES}


def milliseconds(report: dict, audit: str) -> float:
    return report["audits"][audit]["numericValue"]
