"""Locks the database for longer than an HTTP request waits. The form comes back filled in, and is accepted later."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from tests.helpers.factories import ANSWERS
from tests.helpers.http_client import Visitor
from tests.helpers.live_site import RunningSite


@contextmanager
def locked(site: RunningSite) -> Iterator[None]:
    url = site.environment["DATABASE_URL"]
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")
        connection.close()
    else:
        with psycopg.connect(url) as connection:
            connection.execute("LOCK TABLE consultations_consultationrequest IN EXCLUSIVE MODE")
            yield


def test_a_locked_database_keeps_the_form_and_a_retry_stores_it(tmp_path, database):
    with RunningSite(tmp_path, facts={"phone": "(618) 555-0142"}, **database) as site:
        visitor = Visitor(site.url, timeout=60)
        hidden, cookie = visitor.open_form()
        form = ANSWERS | hidden | {"note": "Okapi"}
        with locked(site):
            began = time.monotonic()
            refused = visitor.ask("/consultation/", form, Cookie=cookie)
            waited = time.monotonic() - began
        taken = visitor.ask("/consultation/", form, Cookie=cookie)
    print(f"the visitor waited {waited:.0f} s for {refused.status}, and a second attempt gave {taken.status}")
    assert (refused.status, taken.status) == (503, 302)
    for words in (
        "We could not store your request",
        "Alex Example",
        "Okapi",
        "(618) 555-0142",
        hidden["submission_key"],
    ):
        assert words in refused.body
