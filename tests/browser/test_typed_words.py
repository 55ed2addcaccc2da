"""Tests that what a patient types is stored encrypted and shown only to staff and to the patient."""

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
from tests.helpers.factories import ANSWERS, REFERRAL
from tests.helpers.http_client import Visitor
from tests.helpers.live_site import RunningSite

# Each value is distinctive, so finding it anywhere means that its field leaked.
WORDS = {
    "full_name": "Zebraquagga",
    "practice": "Dikdik-Kudu",
    "direct_line": "618555 0164",
    "phone": "618555 0163",
    "email": "okapi.zorilla@example.com",
    "note": "Gerenuk-Addax",
}
# As stored, unless encrypted.
NEEDS = "spanish,large-print"
# Only a clinician can answer every question.
TYPED = REFERRAL | WORDS | {"needs": NEEDS.split(",")}
# What staff type stays in the request when they close it, and in the step when they reopen it.
CLOSED_WORDS = "Bongo-Eland"
CLOSE_AND_REOPEN = f"""
from django.contrib.auth.models import User
from consultations.models import ConsultationRequest
from consultations.statuses import Status
from front_desk.actions import Work, reopen, work_on
dana, asked = User.objects.get(username="dana"), ConsultationRequest.objects.filter(urgent=False).first()
work = Work(to=Status.CLOSED, reason="other", reason_words="{CLOSED_WORDS}")
closed = work_on(asked, dana, asked.version, work)
reopened = reopen(closed, dana, closed.version)
work_on(reopened, dana, reopened.version, work)
print([step.before for step in reopened.steps.all()])
"""
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
    """Return the complete database as bytes: a dump and, for SQLite, also the raw files."""
    url = site.environment["DATABASE_URL"]
    if url.startswith("sqlite"):
        path = site.folder / "db.sqlite3"
        # An open connection keeps the -wal and -shm files: the last one to close deletes them.
        with closing(sqlite3.connect(path)) as connection:
            dump = "\n".join(connection.iterdump()).encode()
            return dump + b"".join(file.read_bytes() for file in path.parent.glob("db.sqlite3*"))
    with psycopg.connect(url) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return b"".join(_contents(connection, table) for (table,) in tables)


def _contents(connection: psycopg.Connection, table: str) -> bytes:
    with connection.cursor().copy(f'COPY "{table}" TO STDOUT') as rows:
        return b"".join(bytes(row) for row in rows)


def use_the_form_in_every_way(site: RunningSite, page: Page) -> None:
    """Send the form with an error, without a CSRF token, from another site, and validly.

    Then correct the stored request, and open it at the desk.
    """
    visitor = Visitor(site.url)
    assert visitor.send(**TYPED, consent="").status == 422
    assert visitor.ask("/consultation/", ANSWERS | TYPED).status == 403
    assert visitor.ask("/consultation/", ANSWERS | TYPED, Origin="https://elsewhere.example").status == 403
    urgent = TYPED | {"note": f"{WORDS['note']} wants to die"}
    assert visitor.send(**urgent).status == 302
    hidden, cookie = visitor.open_form()
    form = ANSWERS | hidden | TYPED | {"receipt_wanted": "on"}
    receipt = visitor.ask("/consultation/", form, Cookie=cookie).headers["Location"]
    corrected = visitor.ask("/consultation/", form | {"voicemail_ok": "no"}, Cookie=cookie)
    assert corrected.headers["Location"] == receipt
    sign_in(page, make_member(site, "dana", "Front desk"))
    page.goto("/staff/consultations/consultationrequest/")
    page.locator("#result_list a, main table a").first.click()
    page.wait_for_load_state()
    assert WORDS["full_name"] in page.content(), "staff can read the request"
    assert CLOSED_WORDS in site.manage("shell", "--verbosity", "0", "--command", CLOSE_AND_REOPEN)


def test_no_email_log_url_cookie_session_or_dump_has_typed_words(own_site, browser):
    site = own_site
    context = browser.new_context(base_url=site.url)
    page = context.new_page()
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    use_the_form_in_every_way(site, page)
    site.manage("deliver_notifications", "--once")
    mails = "".join(file.read_text() for file in site.mail.iterdir())
    assert mails.count("Subject:") >= 5
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
    typed = (*WORDS.values(), NEEDS, CLOSED_WORDS)
    assert [(word, place) for place, text in places.items() for word in typed if word in text] == []


def ciphertexts_in(site: RunningSite) -> set[bytes]:
    """Return every encrypted value in the database."""
    return set(re.findall(rb"v1\.test\.[\w+/=]+", everything_stored(site)))


def ask_and_open_withdrawal(site: RunningSite) -> Callable[[], None]:
    """Send the form, open its withdrawal page, and return a function that confirms the withdrawal."""
    visitor = Visitor(site.url)
    hidden, cookie = visitor.open_form()
    receipt = visitor.ask("/consultation/", ANSWERS | hidden | WORDS, Cookie=cookie).headers["Location"]
    withdrawal_path = re.search(r'href="(/consultation/withdraw/[^"]+)"', visitor.ask(receipt).body)[1]

    def withdraw() -> None:
        assert visitor.ask(withdrawal_path, hidden, Cookie=cookie).headers["Location"] == receipt
        assert "Your request is withdrawn" in visitor.ask(receipt).body

    return withdraw


def test_a_withdrawal_leaves_no_ciphertext_in_any_database_file(own_site):
    before = ciphertexts_in(own_site)
    withdraw = ask_and_open_withdrawal(own_site)
    ciphertexts = ciphertexts_in(own_site) - before
    assert len(ciphertexts) >= len(WORDS)
    withdraw()
    assert not ciphertexts & ciphertexts_in(own_site)


@pytest.fixture
def sqlite_site(own_site, tmp_path):
    """Yield a site that uses SQLite, although the other sites may use PostgreSQL."""
    url = f"sqlite:///{own_site.folder / 'db.sqlite3'}"
    if own_site.environment["DATABASE_URL"] == url:
        yield own_site
        return
    with RunningSite(tmp_path, DATABASE_URL=f"sqlite:///{tmp_path / 'db.sqlite3'}") as site:
        yield site


def test_an_open_reader_delays_wal_cleanup_and_blocks_no_writer(sqlite_site):
    site, file = sqlite_site, sqlite_site.folder / "db.sqlite3"
    before = ciphertexts_in(site)
    with ThreadPoolExecutor() as pool:
        withdraw = ask_and_open_withdrawal(site)
        ciphertexts = ciphertexts_in(site) - before
        with closing(sqlite3.connect(file, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM consultations_consultationrequest").fetchone()
            withdrawal = pool.submit(withdraw)
            # The writer waits at most half as long for a lock as our settings allow.
            with closing(sqlite3.connect(file, isolation_level=None, timeout=4)) as writer:
                while not withdrawal.done():
                    writer.execute("BEGIN IMMEDIATE")
                    writer.execute("ROLLBACK")
                    time.sleep(0.05)
            withdrawal.result()
        assert ciphertexts & ciphertexts_in(site)
        site.manage("erase_old_requests")
        assert not ciphertexts & ciphertexts_in(site)
