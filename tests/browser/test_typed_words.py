"""What somebody types is in the encrypted columns, on the pages of whoever may read it, and nowhere else."""

import re
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psycopg
import pytest
from playwright.sync_api import Page

from tests.browser.staff import make_member, sign_in
from tests.helpers.factories import ANSWERS
from tests.helpers.http_client import Visitor
from tests.helpers.live_site import RunningSite

# Each word stands in one field, and could stand there alone.
WORDS = {
    "full_name": "Zebraquagga",
    "phone": "618555 0163",
    "email": "okapi.zorilla@example.com",
    "note": "Gerenuk-Addax",
}
SESSIONS = """
from django.contrib.sessions.models import Session
for session in Session.objects.all():
    print(session.get_decoded())
"""


@pytest.fixture(scope="module")
def own_site(tmp_path_factory):
    with RunningSite(tmp_path_factory.mktemp("typed")) as running:
        yield running


def everything_stored(site: RunningSite) -> bytes:
    """The database as somebody would find it who stole the files, and as a dump would write it."""
    url = site.environment["DATABASE_URL"]
    if url.startswith("sqlite"):
        path = site.folder / "db.sqlite3"
        files = b"".join(file.read_bytes() for file in path.parent.glob("db.sqlite3*"))
        return files + "\n".join(sqlite3.connect(path).iterdump()).encode()
    with psycopg.connect(url) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return b"".join(_contents(connection, table) for (table,) in tables)


def _contents(connection: psycopg.Connection, table: str) -> bytes:
    with connection.cursor().copy(f'COPY "{table}" TO STDOUT') as rows:
        return b"".join(bytes(row) for row in rows)


def walk_every_way(site: RunningSite, page: Page) -> None:
    """A form with a mistake, one that is too old, one that is taken, a correction, and a receipt by mail."""
    visitor = Visitor(site.url)
    assert visitor.send(**WORDS, consent="").status == 422
    assert visitor.ask("/consultation/", ANSWERS | WORDS).status == 403
    assert visitor.ask("/consultation/", ANSWERS | WORDS, Origin="https://elsewhere.example").status == 403
    hidden, cookie = visitor.open_form()
    form = ANSWERS | hidden | WORDS | {"receipt_wanted": "on"}
    receipt = visitor.ask("/consultation/", form, Cookie=cookie).headers["Location"]
    corrected = visitor.ask("/consultation/", form | {"voicemail_ok": "no"}, Cookie=cookie)
    assert corrected.headers["Location"] == receipt
    sign_in(page, make_member(site, "dana", "Front desk"))
    page.goto("/staff/consultations/consultationrequest/")
    page.locator("#result_list a, main table a").first.click()
    assert WORDS["full_name"] in page.content(), "staff can read it: the words have been where they belong"


def test_the_typed_words_are_nowhere_but_where_they_belong(own_site, browser):
    site = own_site
    context = browser.new_context(base_url=site.url)
    page = context.new_page()
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    walk_every_way(site, page)
    site.manage("deliver_notifications", "--once")
    mails = "".join(file.read_text() for file in site.mail.iterdir())
    assert mails.count("Subject:") >= 2
    another = Visitor(site.url)
    places = {
        "mails": mails.replace(f"To: {WORDS['email']}", ""),
        "log": site.log.read_text(),
        "addresses": " ".join(addresses),
        "cookies": str(context.cookies()),
        "web sessions": site.manage("shell", "--verbosity", "0", "--command", SESSIONS),
        "another's pages": "".join(another.ask(path).body for path in ("/consultation/", "/nowhere/")),
        "another's errors": another.send(full_name="").body + another.ask("/consultation/", {}).body,
        "database": everything_stored(site).decode(errors="replace"),
    }
    context.close()
    assert all(places.values())
    assert [(word, place) for place, text in places.items() for word in WORDS.values() if word in text] == []


def sealed_in(site: RunningSite) -> set[bytes]:
    """Every encrypted value that can be found in what is stored."""
    return set(re.findall(rb"v1\.test\.[\w+/=]+", everything_stored(site)))


def ask_and_prepare_to_take_back(site: RunningSite) -> Callable[[], None]:
    """Send the form, open the page on which it can be withdrawn, and return what withdraws it."""
    visitor = Visitor(site.url)
    hidden, cookie = visitor.open_form()
    receipt = visitor.ask("/consultation/", ANSWERS | hidden | WORDS, Cookie=cookie).headers["Location"]
    way_back = re.search(r'href="(/consultation/withdraw/[^"]+)"', visitor.ask(receipt).body)[1]

    def take_back() -> None:
        assert visitor.ask(way_back, hidden, Cookie=cookie).headers["Location"] == receipt
        assert "Your request is withdrawn" in visitor.ask(receipt).body

    return take_back


def test_what_a_patient_takes_back_is_not_even_encrypted_in_any_file_of_the_database(tmp_path):
    with RunningSite(tmp_path) as site:
        take_back = ask_and_prepare_to_take_back(site)
        sealed = sealed_in(site)
        assert len(sealed) >= len(WORDS)
        take_back()
        assert not sealed & sealed_in(site)


def test_taking_back_holds_up_no_writer_while_somebody_reads_and_the_nightly_command_makes_up_for_it(tmp_path):
    file = tmp_path / "db.sqlite3"  # PostgreSQL keeps its log to itself
    with RunningSite(tmp_path, DATABASE_URL=f"sqlite:///{file}") as site, ThreadPoolExecutor() as pool:
        take_back = ask_and_prepare_to_take_back(site)
        sealed = sealed_in(site)
        with closing(sqlite3.connect(file, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM consultations_consultationrequest").fetchone()
            taken_back = pool.submit(take_back)
            # The writer gives up after half as long as SQLite would make it wait for the reader.
            with closing(sqlite3.connect(file, isolation_level=None, timeout=4)) as writer:
                while not taken_back.done():
                    writer.execute("BEGIN IMMEDIATE")
                    writer.execute("ROLLBACK")
                    time.sleep(0.05)
            taken_back.result()
        assert sealed & sealed_in(site)
        site.manage("erase_old_requests")
        assert not sealed & sealed_in(site)
