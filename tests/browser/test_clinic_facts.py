"""Tests that pages, the form, receipts and emails show a change that a manager makes to the clinic's facts."""

import json
import re
import time
from collections.abc import Callable, Iterator
from datetime import date
from email.message import Message
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from clinic.snapshot import Clinic
from tests.browser.staff import make_member, sign_in
from tests.helpers.http_client import Visitor
from tests.helpers.live_site import FACTS, RunningSite
from tests.helpers.mail_server import Behavior, MailServer
from tests.helpers.structured_data import DataBlocks
from tools.stack import Worker

OLD, NEW = "(618) 555-0142", "(618) 555-0187"
WEEK = ["00:00-23:59"] * 7
PATIENT = {"email": "alex@example.com", "receipt_wanted": "on"}
# Every page must be right this many times in a row, because web processes switch to a new build at different times.
AGREEING_ROUNDS = 3
HANG_GUARD = 240  # seconds before a test gives up


@pytest.fixture(scope="module")
def mail_server():
    with MailServer(Behavior()) as server:
        yield server


@pytest.fixture(scope="module")
def clinic_site(tmp_path_factory, mail_server):
    facts = FACTS | {"phone": OLD, "hours": WEEK}
    settings = {"EMAIL_URL": f"smtp://127.0.0.1:{mail_server.port}", "TRUSTED_PROXY_HOPS": "1"}
    with RunningSite(tmp_path_factory.mktemp("clinic"), facts, **settings) as site:
        worker = Worker(site)
        worker.start()
        yield site
        worker.stop()


@pytest.fixture(scope="module")
def desk(clinic_site, browser) -> Iterator[Page]:
    """Yield a Playwright page where a manager is signed in and has opened "The clinic"."""
    context = browser.new_context(base_url=clinic_site.url)
    page = context.new_page()
    sign_in(page, make_member(clinic_site, "mora", "Manager"))
    page.get_by_role("link", name="The clinic: phone, hours, closures, announcement").click()
    expect(page.get_by_role("heading", name="The clinic", level=1)).to_be_visible()
    yield page
    context.close()


def public_addresses(site: RunningSite) -> list[str]:
    sitemap = Visitor(site.url).ask("/sitemap.xml").body
    return [urlsplit(address).path for address in re.findall("<loc>([^<]+)", sitemap)]


def holds(body: str, phone: str) -> bool:
    """Return whether `body` contains the phone number, as written or as digits only."""
    return phone in body or re.sub(r"\D", "", phone) in body


def stale(site: RunningSite, right: Callable[[str], bool]) -> list[str]:
    """Request every public page, a missing page and the form with an error. Return the paths that `right` rejects."""
    visitor = Visitor(site.url)
    answers = {path: visitor.ask(path) for path in public_addresses(site)}
    answers |= {"404": visitor.ask("/no-such-page/"), "422": visitor.send(full_name="")}
    expected = {"404": 404, "422": 422}
    assert {path: answer.status for path, answer in answers.items()} == {
        path: expected.get(path, 200) for path in answers
    }
    return [path for path, answer in answers.items() if not right(answer.body)]


def wait_until_everywhere(site: RunningSite, right: Callable[[str], bool]) -> None:
    """Wait until `right` accepts every page in AGREEING_ROUNDS consecutive rounds.

    Print how many seconds passed until the first of those rounds began.
    """
    started, agreeing, began = time.monotonic(), 0, 0.0
    while agreeing < AGREEING_ROUNDS:
        if not agreeing:
            began = time.monotonic()
        wrong = stale(site, right)
        agreeing = 0 if wrong else agreeing + 1
        if wrong:
            assert time.monotonic() - started < HANG_GUARD, wrong
            time.sleep(0.1)
    print(f"{began - started:.1f} seconds until every page showed the change")  # noqa: T201  `pytest -s` shows it


def wait_for_cost_page(site: RunningSite, right: Callable[[str], bool]) -> None:
    """Wait until `right` accepts the Cost page several times in a row, as each web process switches at its own time."""
    visitor, started = Visitor(site.url), time.monotonic()
    while not all(right(visitor.ask("/cost/").body) for _ in range(4 * AGREEING_ROUNDS)):
        assert time.monotonic() - started < HANG_GUARD
        time.sleep(0.1)


def promised_day(facts: dict) -> date:
    return Clinic.from_facts(facts).calendar.one_business_day_after(timezone.now()).date()


def without_tags(html: str) -> str:
    return re.sub("<[^>]*>", "", html)


def in_words(day: date) -> str:
    return f"{day:%A, %B} {day.day}"


def email_to(mail_server: MailServer, address: str) -> Message:
    for _ in range(HANG_GUARD * 10):
        if found := [mail for mail in mail_server.taken if address in mail["X-Recipients"]]:
            return found[-1]
        time.sleep(0.1)
    raise AssertionError(f"no email to {address}")


def test_a_new_number_and_a_closure_appear_on_pages_and_in_emails(clinic_site, desk, mail_server):
    closed = promised_day({"hours": WEEK})
    closure = {"first": f"{closed}", "last": f"{closed}", "starts": "", "ends": "", "reason": ""}
    promised = promised_day({"hours": WEEK, "closures": [closure]})
    assert stale(clinic_site, lambda body: holds(body, OLD)) == []

    desk.get_by_label("Phone", exact=True).fill(NEW)
    desk.get_by_label("First day").first.fill(f"{closed}")
    desk.get_by_role("button", name="Save", exact=True).click()
    expect(desk.get_by_text("The public pages show it in about 10 seconds")).to_be_visible()
    wait_until_everywhere(clinic_site, lambda body: holds(body, NEW) and not holds(body, OLD))

    visitor = Visitor(clinic_site.url, "192.0.2.2")
    data = json.loads(DataBlocks(visitor.ask("/about/").body).blocks[0])
    described = next(part for part in data["@graph"] if part["@type"] == "MedicalClinic")
    assert described["telephone"] == NEW
    assert {part["validFrom"] for part in described["specialOpeningHoursSpecification"]} == {f"{closed}"}
    assert f"Closed {in_words(closed)}" in without_tags(visitor.ask("/about/").body)

    receipt = without_tags(visitor.ask(visitor.send(**PATIENT).headers["Location"]).body)
    email = email_to(mail_server, PATIENT["email"]).get_payload(decode=True).decode()
    assert f"will call you by {in_words(promised)}." in receipt
    for text in (receipt, email):
        assert f"by {in_words(promised)}" in text
        assert in_words(closed) not in text
        assert NEW in text
        assert not holds(text, OLD)


def test_restoring_the_old_number_works_while_the_mail_server_hangs(clinic_site, desk, mail_server):
    mail_server.behaviors.now = "hang"
    begun, taken = mail_server.begun, len(mail_server.taken)
    assert Visitor(clinic_site.url, "192.0.2.3").send(**PATIENT).status == 302
    for _ in range(HANG_GUARD * 10):
        if mail_server.begun > begun:
            break
        time.sleep(0.1)
    assert mail_server.begun > begun

    desk.goto("/staff/clinic/history/")
    desk.get_by_role("button", name="Put edition 1 back").click()
    expect(desk.get_by_text("The public pages show it in about 10 seconds")).to_be_visible()
    wait_until_everywhere(clinic_site, lambda body: holds(body, OLD) and not holds(body, NEW))
    assert len(mail_server.taken) == taken


def test_closing_today_is_announced_on_every_page_and_on_the_form(clinic_site, desk):
    today = timezone.localdate()
    desk.goto("/staff/clinic/")
    desk.get_by_label("Reason to show, if any").first.fill("Ice on the roads.")
    desk.get_by_role("button", name="Close today").click()
    expect(desk.get_by_text("The public pages show it in about 10 seconds")).to_be_visible()
    said = f"We’re closed today, {in_words(today)}. Ice on the roads."
    wait_until_everywhere(clinic_site, lambda body: said in without_tags(body))
    page = desk.context.new_page()
    page.goto("/consultation/")
    expect(page.locator(".announcement")).to_be_visible()
    page.close()


def test_a_price_appears_on_the_cost_page_and_is_taken_away_again(clinic_site, desk):
    shown = "Example infusion</dt><dd>$1,450</dd>"
    desk.goto("/staff/clinic/prices/")
    desk.get_by_label("Prices as of").fill(f"{timezone.localdate()}")
    desk.get_by_label("What it is for").first.fill("Example infusion")
    desk.get_by_label("Amount in dollars").first.fill("1,450")
    desk.get_by_role("button", name="Save", exact=True).click()
    expect(desk.get_by_text("The public pages show it in about 10 seconds")).to_be_visible()
    wait_for_cost_page(clinic_site, lambda body: shown in body)

    desk.goto("/staff/clinic/history/")
    desk.get_by_role("button", name=re.compile("Put edition")).first.click()
    wait_for_cost_page(clinic_site, lambda body: shown not in body)


def test_a_notice_appears_with_its_links_and_is_taken_away_again(clinic_site, desk):
    link = 'href="/notices/nondiscrimination/"'
    desk.goto("/staff/clinic/notices/nondiscrimination/")
    desk.get_by_label("Effective date").fill(f"{timezone.localdate()}")
    desk.get_by_label("Language").first.select_option("Spanish (Español)")
    desk.get_by_label("Text in Markdown").first.fill("# Ejemplo\n\nUn **ejemplo**")
    desk.get_by_role("button", name="Save", exact=True).click()
    expect(desk.get_by_text("The public pages show it in about 10 seconds")).to_be_visible()
    wait_for_cost_page(clinic_site, lambda body: link in body)
    page = Visitor(clinic_site.url).ask("/notices/nondiscrimination/")
    assert "<h2>Ejemplo</h2>\n<p>Un <strong>ejemplo</strong></p>" in page.body

    desk.goto("/staff/clinic/history/")
    desk.get_by_role("button", name=re.compile("Put edition")).first.click()
    expect(desk.get_by_text("The public pages show it in about 10 seconds")).to_be_visible()
    wait_for_cost_page(clinic_site, lambda body: link not in body)
    assert Visitor(clinic_site.url).ask("/notices/nondiscrimination/").status == 404
