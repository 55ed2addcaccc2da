"""A background thread in each web process that keeps the clinic's facts and the built pages current.

Once a second, the thread reads the newest edition of the facts, and switches to the newest build of the current code.
HTTP requests don't wait for the thread.
"""

import logging
import threading
import time

from django.db import connection
from django.utils import timezone

from albany_site.built_pages import BuiltPages
from clinic import snapshot
from pages import build

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_LOOKS = 1.0


class Refresher:
    """Refreshes the facts and pages of one process."""

    def __init__(self, pages: BuiltPages) -> None:
        self.pages = pages

    def start(self) -> None:
        """Start the thread. Until the thread has read an edition, the facts recorded in the build are used."""
        if current := build.current_build():
            snapshot.start_from(current.facts, current.edition)
        snapshot.leave_refreshing_to_a_thread()
        threading.Thread(target=self._run, name="refresher", daemon=True).start()

    def _run(self) -> None:
        while True:
            try:
                self.look()
            except Exception:
                logger.exception("the pages and facts could not be refreshed; retrying")
            time.sleep(SECONDS_BETWEEN_LOOKS)

    def look(self) -> None:
        try:
            snapshot.refresh()
        finally:
            # Return the connection to the pool. On SQLite, close the file, because a restore may replace it.
            connection.close()
        newest = build.look_for_newer_build()
        if newest:
            self.pages.switch_to(newest)
        build.note_lag(snapshot.shown_hash(snapshot.current(), timezone.now()))
