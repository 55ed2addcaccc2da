"""Tests of the front desk in a browser: the daily work, expired sessions, edit conflicts, CSP and accessibility."""

import csv
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener
from uuid import uuid4

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.staff import ask, fill_sign_in, make_member, sign_in
from tests.helpers.desk_pages import desk_paths
from tests.helpers.live_site import RunningSite

PEOPLE = {
    "Example Person One": "(618) 555-0101",
    "Example Person Two": "(618) 555-0102",
    "Example Person Three": "(618) 555-0103",
    "Example Person Four": "(618) 555-0104",
}
LIST = "/staff/consultations/consultationrequest/"
LISTEN = """
window.broken = [];
document.addEventListener("securitypolicyviolation", event =>
  window.broken.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """Yield a site for this module only, because other tests store requests on the shared site."""
    with RunningSite(tmp_path_factory.mktemp("desk")) as running:
        yield running


@pytest.fixture
def page(desk, browser):
    context = browser.new_context(base_url=desk.url)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def asked(desk, browser) -> dict[str, str]:
    """Send a request for each person in PEOPLE. Return the references, keyed by name."""
    context = browser.new_context(base_url=desk.url)
    references = {name: ask(context.new_page(), name, phone) for name, phone in PEOPLE.items()}
    context.close()
    return references


def test_staff_can_work_through_a_morning_at_the_desk(desk, page, asked):
    dana = make_member(desk, "dana", "Front desk")
    manager = make_member(desk, "mora", "Manager")
    sign_in(page, dana, dana.authenticator_code())
    expect(page).to_have_title("(4) Today | The Albany Clinic front desk")

    # Start with the oldest request. The call is not answered, and one click leads on to the next request.
    page.get_by_role("button", name="Start with next").click()
    expect(page.get_by_role("heading", name="Example Person One")).to_be_visible()
    expect(page.get_by_role("link", name="Call (618) 555-0101")).to_have_attribute("href", "tel:+16185550101")
    page.get_by_label("Note").fill("Called at nine, no answer. Named nobody.")
    page.get_by_label("Open the next request after saving").check()
    page.get_by_role("button", name="No answer", exact=True).click()
    expect(page.get_by_role("heading", name="Example Person Two")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="Saved. No answer. Follow up")).to_be_visible()
    expect(page.get_by_label("Open the next request after saving")).to_be_checked()

    # The wrong button: go back, undo it, and press the right one.
    page.get_by_role("link", name=asked["Example Person One"]).click()
    expect(page.locator(".request-head")).to_contain_text("Contacting")
    expect(page.locator(".history")).to_contain_text("Named nobody.")
    page.get_by_role("button", name="Undo: No answer.").click()
    expect(page.locator(".request-head")).to_contain_text("New")
    page.get_by_label("Open the next request after saving").uncheck()
    page.get_by_label("Next week").check()
    page.get_by_role("button", name="Left voicemail").click()
    expect(page.locator(".work")).to_contain_text("1 attempt, last: left voicemail, dana")

    # The second person calls back: find them by phone number and schedule the visit.
    page.get_by_role("link", name="Requests").click()
    page.get_by_label("Name, phone, email or reference").fill("618 555 0102")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("heading", name="Example Person Two")).to_be_visible()
    assert "555" not in page.url.removeprefix(desk.url)  # the port may contain it by chance
    page.get_by_role("button", name="Spoke", exact=True).click()
    page.get_by_role("button", name="Schedule", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Enter the day of the visit")
    page.get_by_label("Visit day").fill(f"{timezone.localdate() + timedelta(days=5)}")
    page.get_by_label("Time", exact=True).fill("10:30")
    page.get_by_role("button", name="Schedule", exact=True).click()
    expect(page.locator(".request-head")).to_contain_text("Scheduled")
    expect(page.locator(".request-head")).to_contain_text("10:30 a.m.")

    # Closing a request requires a reason.
    page.goto(LIST)
    page.get_by_role("link", name="Example Person Three").click()
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Choose why it is closed")
    page.get_by_label("Reason", exact=True).select_option("Not a candidate")
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.locator(".history")).to_contain_text("Closed: not a candidate.")
    expect(page.locator("main")).to_contain_text("Erase date")

    # Mark a request as spam by mistake, and undo it.
    page.goto(LIST)
    page.get_by_role("link", name="Example Person Four").click()
    page.get_by_label("Follow up on").press("Enter")  # must not press an outcome
    expect(page.get_by_role("alert")).to_contain_text("Write a note, or choose an outcome")
    page.get_by_role("button", name="Spam", exact=True).click()
    expect(page.locator(".request-head")).to_contain_text("Spam")
    page.get_by_role("button", name="Not spam").click()
    expect(page.locator(".request-head")).to_contain_text("New")

    # Someone calls with a new number: correct it.
    page.get_by_role("link", name="Correct contact details").click()
    page.get_by_label("Phone number").fill("618 555 0144")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="Call 618 555 0144")).to_be_visible()
    expect(page.locator(".history")).to_contain_text("Corrected by dana: phone.")

    # Log a request made by phone, and the call with it.
    page.goto(LIST)
    page.get_by_role("link", name="Log a phone request").click()
    page.get_by_label("Someone else").check()
    page.locator("input[name=age_ok][value=yes]").check()
    page.get_by_label("Their full name").fill("Example Person Five")
    page.get_by_label("Text message", exact=True).check()
    page.get_by_label("Phone number").fill("618-555-0105")
    page.get_by_label("They agreed").check()
    page.get_by_label("I spoke with them now").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Example Person Five")).to_be_visible()
    expect(page.locator(".request-head")).to_contain_text("In touch")
    expect(page.locator(".history")).to_contain_text("Submitted by phone")

    # Manager-only pages return 403.
    for path in (LIST + "export/", "/staff/consultations/accesslogentry/"):
        assert page.goto(path).status == 403
    page.goto("/staff/")
    page.get_by_role("button", name="Sign out").click()
    assert page.goto(LIST).url.startswith(desk.url + "/staff/login/")

    sign_in(page, manager, manager.authenticator_code())
    page.get_by_role("link", name="Export requests").click()
    page.get_by_label("With names").check()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    rows = csv.DictReader(Path(download.value.path()).read_text().splitlines())
    assert {row["full name"]: row["status"] for row in rows} == {
        "Example Person One": "Contacting",
        "Example Person Two": "Scheduled",
        "Example Person Three": "Closed",
        "Example Person Four": "New",
        "Example Person Five": "In touch",
    }
    page.goto("/staff/consultations/accesslogentry/")
    expect(page.locator("#result_list tbody tr").first).to_contain_text("Exported")
    expect(page.locator("#result_list tbody tr").first).to_contain_text("5 requests, received")


def test_on_paper_a_phone_link_is_text_and_no_banner_is_printed(desk, page, asked):
    sign_in(page, make_member(desk, "otto", "Front desk"))
    page.goto(LIST + "?queue=all")
    page.get_by_role("link", name="Example Person Four").click()
    page.get_by_label("Note").fill("Prefers mornings.")
    page.get_by_role("button", name="Save", exact=True).first.click()
    banner, link = page.get_by_text("Note saved."), page.locator('.button[href^="tel:"]')
    expect(banner).to_be_visible()
    page.emulate_media(media="print")
    expect(banner).to_be_hidden()
    expect(link).to_be_visible()
    expect(link).to_have_css("border-top-width", "0px")
    expect(link).to_have_css("background-color", "rgba(0, 0, 0, 0)")


def test_a_note_survives_an_expired_sign_in(desk, page, asked):
    lee = make_member(desk, "lee", "Front desk")
    sign_in(page, lee)
    page.goto(LIST + "?queue=all")
    page.get_by_role("link", name="Example Person One").click()
    page.get_by_label("Note").fill("Called back: after six, please.")
    desk.manage(
        "shell", "-v0", "-c", "from django.contrib.sessions.models import Session; Session.objects.all().delete()"
    )
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.locator("main")).to_contain_text("What you entered is still here, but not saved yet.")
    assert "after six" not in page.content()
    expect(page.get_by_label("Password")).to_have_count(0)  # the code is enough on this browser
    fill_sign_in(page, lee, lee.codes.pop())
    expect(page.locator("main")).to_contain_text("after six, please.")
    page.get_by_role("button", name="Save it now").click()
    expect(page.locator(".history")).to_contain_text("Called back: after six, please.")


def press_no_answer(page: Page) -> Callable[[], int]:
    """Return a function that posts "No answer" from the open page and returns the status code."""
    fields = {
        name: page.locator(f"#work-form [name={name}]").first.input_value()
        for name in ("csrfmiddlewaretoken", "version")
    }
    cookies = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in page.context.cookies())
    post = Request(
        page.url, urlencode(fields | {"attempt": "no-answer"}).encode(), {"Cookie": cookies, "Origin": base_of(page)}
    )

    def send() -> int:
        try:
            return build_opener(StayHere).open(post, timeout=30).status
        except HTTPError as answer:
            with answer:
                return answer.code

    return send


class StayHere(HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def base_of(page: Page) -> str:
    return "/".join(page.url.split("/")[:3])


def test_of_two_simultaneous_moves_one_succeeds_and_one_is_refused(desk, browser, asked):
    pages = []
    for name in ("ada", "ben"):
        page = browser.new_context(base_url=desk.url).new_page()
        sign_in(page, make_member(desk, name, "Front desk"))
        page.goto(LIST)
        page.get_by_role("link", name="Example Person One").click()
        pages.append(page)
    one = pages[0].url
    tries = pages[0].locator(".history__what", has_text="No answer.")
    before = tries.count()
    for _ in range(5):
        for page in pages:
            page.goto(one)
        with ThreadPoolExecutor() as both:
            statuses = list(both.map(lambda send: send(), [press_no_answer(page) for page in pages]))
        assert sorted(statuses) == [302, 409]
    pages[0].goto(one)
    expect(tries).to_have_count(before + 5)
    for page in pages:
        page.context.close()


def test_the_csp_listener_records_a_violation(page):
    page.add_init_script(LISTEN)
    page.goto("/staff/")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">x</p>')")
    assert page.evaluate("window.broken")[0].startswith("style-src")


def look_at(page: Page, path: str | None = None) -> list[str]:
    """Return the problems of the page at `path`, or of the open page, in words.

    Problems are CSP violations, horizontal scrolling, and serious or critical violations that axe-core finds.
    """
    if path:
        page.goto(path)
    page.wait_for_load_state()  # a click returns when the next page begins, which may not have an element yet
    found = [f"{page.url}: {word}" for word in page.evaluate("window.broken")]
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.append(f"{page.url}: is wider than the window")
    for rule in violations(page):
        if rule["impact"] in ("serious", "critical"):
            found += [f"{page.url}: {rule['id']} {node['html'][:120]}" for node in rule["nodes"]]
    return found


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_no_staff_page_violates_the_csp_or_an_accessibility_rule(desk, browser, asked, scheme, width):
    member = make_member(desk, f"robin-{scheme}", "Manager")
    context = browser.new_context(base_url=desk.url, color_scheme=scheme, viewport={"width": width, "height": 800})
    context.add_init_script(LISTEN)
    page = context.new_page()

    found = look_at(page, "/staff/")
    fill_sign_in(page, member, "zzzz-zzzz")
    found += look_at(page)
    fill_sign_in(page, member, member.codes.pop())  # may still be throttled after the wrong code
    if page.locator("#login-form").count():
        page.wait_for_timeout(1500)
        fill_sign_in(page, member, member.codes.pop())
    expect(page.get_by_role("heading", name="Today")).to_be_visible()
    found += look_at(page)

    own = ("call-sheet/", "month/", "guide/", "export/", "add/")
    for path in (LIST, LIST + "?queue=all", LIST + "?queue=mine", *(LIST + name for name in own)):
        found += look_at(page, path)
    page.get_by_role("button", name="Save").click()
    found += look_at(page)
    page.goto(LIST + "?queue=all")
    page.get_by_role("link", name="Example Person Four").click()
    found += look_at(page)
    one = page.url
    page.locator("#work-form").get_by_role("button", name="Save", exact=True).click()  # an error: nothing to save
    found += look_at(page)
    found += look_at(page, one.replace("change/", "erase/"))
    found += look_at(page, one.replace("change/", "contact/"))
    page.goto(one)
    page.get_by_role("button", name="Wrong number", exact=True).click()
    found += look_at(page)

    found += look_at(page, "/staff/clinic/")
    page.get_by_label("Phone", exact=True).fill("555")
    page.get_by_label("First day").first.fill("2020-01-01")
    page.get_by_label("Monday").fill("9-25")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was saved yet")
    found += look_at(page)
    page.get_by_label("Phone", exact=True).fill(f"(618) 555-01{width % 100:02}")
    page.get_by_label("First day").first.fill("")
    page.get_by_label("Monday").fill("9 am - 5 pm")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("The public pages show it in about 10 seconds")).to_be_visible()
    found += look_at(page, "/staff/clinic/history/")

    found += look_at(page, "/staff/clinic/answers/")
    page.get_by_label("May I eat or drink before?").fill("x" * 401)
    page.get_by_role("button", name="Save", exact=True).click()
    found += look_at(page)
    page.get_by_label("May I eat or drink before?").fill("It is a painless visit.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("press Save once more")
    found += look_at(page)
    found += look_at(page, "/staff/clinic/people/")
    page.locator("[name=people-0-license_url]").fill("https://clinic.example/")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was saved yet")
    found += look_at(page)
    found += look_at(page, "/staff/clinic/reviews/")
    found += look_at(page, "/staff/clinic/reviews/safety/")
    page.get_by_label("On", exact=True).fill("2020-01-01")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was saved yet")
    found += look_at(page)

    for path in (
        "/staff/consultations/accesslogentry/",
        "/staff/auth/user/",
        "/staff/auth/user/?is_active__exact=1",
        "/staff/consultations/",
        "/staff/auth/",
        "/staff/account/",
        "/staff/password_change/",
        "/staff/second-factor/",
    ):
        found += look_at(page, path)
    page.get_by_label("Your password, again").fill(member.password)
    page.get_by_role("button", name="Show a QR code").click()
    found += look_at(page)

    found += look_at(page, "/staff/auth/user/add/")
    page.get_by_label("Username").fill(f"nell-{scheme}")
    page.get_by_label("Front desk").check()
    page.get_by_label("Your own password").fill(member.password)
    page.get_by_role("button", name="Save", exact=True).click()
    found += look_at(page)
    page.goto("/staff/auth/user/")
    page.get_by_role("link", name=f"nell-{scheme}").click()
    found += look_at(page)
    page.get_by_role("link", name="Lost authenticator or password").click()
    found += look_at(page)

    page.get_by_role("button", name="Sign out").click()
    found += look_at(page)
    context.close()
    assert found == []


def test_a_note_survives_a_lockout(desk, page, asked):
    kim = make_member(desk, "kim", "Front desk")
    sign_in(page, kim)
    page.goto(LIST + "?queue=all")
    page.get_by_role("link", name="Example Person One").click()
    page.get_by_label("Note").fill("Prefers mornings, please.")
    desk.manage(
        "shell", "-v0", "-c", "from django.contrib.sessions.models import Session; Session.objects.all().delete()"
    )
    page.get_by_role("button", name="Save", exact=True).first.click()
    for _ in range(5):
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        page.get_by_label("Code").fill("zzzz-zzzz")
        with page.expect_navigation():
            page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Too many tries")).to_be_visible()
    expect(page.locator("main")).to_contain_text("What you entered is still here, but not saved yet.")
    desk.manage("axes_reset_username", "kim")
    desk.manage(
        "shell",
        "-v0",
        "-c",
        "from django_otp.plugins.otp_static.models import *; StaticDevice.objects.update(throttling_failure_count=0)",
    )
    fill_sign_in(page, kim, kim.codes.pop())
    page.get_by_role("button", name="Save it now").click()
    expect(page.locator(".history")).to_contain_text("Prefers mornings, please.")


@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_of_the_desk_wears_the_same_header(desk, browser, asked, width):
    member = make_member(desk, f"frame-{width}", "Manager")
    context = browser.new_context(base_url=desk.url, viewport={"width": width, "height": 800})
    page = context.new_page()
    sign_in(page, member)
    look = "() => { const header = document.querySelector('.desk-header');"
    look += " return header && [header.getBoundingClientRect().toJSON(), header.innerText]; }"
    page.goto("/staff/")
    expected, seen = page.evaluate(look), 0
    for path in desk_paths(1):
        page.goto(path)
        if "desk" not in page.title():
            continue
        seen += 1
        assert page.evaluate(look) == expected, path
        wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        assert not wide, path
    assert seen > 40
    context.close()


@pytest.fixture
def phone(desk, browser, asked):
    """Return a page of a phone's size, signed in."""
    context = browser.new_context(base_url=desk.url, viewport={"width": 390, "height": 844})
    page = context.new_page()
    sign_in(page, make_member(desk, f"pat-{uuid4().hex[:6]}", "Manager"))
    yield page
    context.close()


def test_on_a_phone_the_first_request_is_visible_and_one_select_has_the_queues(phone):
    phone.goto(LIST + "?queue=all")
    first = phone.locator("#first-request")
    expect(first).to_be_visible()
    row = phone.locator("#result_list tbody tr").first.bounding_box()
    assert row["y"] + row["height"] < 844
    expect(phone.locator("nav.queues")).to_be_hidden()
    phone.get_by_label("Queue", exact=True).select_option("mine")
    phone.locator(".queue-select").get_by_role("button", name="Show").click()  # the list of days has another
    phone.wait_for_url("**queue=mine")
    expect(phone.get_by_role("heading", name="Requests: Mine")).to_be_visible()


def test_on_a_phone_the_start_of_the_day_is_visible_without_scrolling(phone):
    phone.goto("/staff/")
    start = phone.get_by_role("link", name="Go to requests").bounding_box()
    assert start["y"] + start["height"] < 844


@pytest.mark.parametrize("width", [1280, 1024, 768, 390])
def test_the_tiles_of_today_fill_every_row(phone, width):
    phone.set_viewport_size({"width": width, "height": 844})
    phone.goto("/staff/")
    rows = Counter(tile.bounding_box()["y"] for tile in phone.locator(".today > li").all())
    assert len(rows) > 1
    assert len(set(rows.values())) == 1, rows


def test_on_a_phone_every_bar_of_the_month_is_beside_its_words(phone):
    phone.goto(LIST + "month/")
    for row in phone.locator(".weeks--answers tbody tr").all():
        words, bar = row.locator("th").bounding_box(), row.locator(".weeks__bar").bounding_box()
        assert bar["width"] > 60, row.inner_text()
        assert words["y"] <= bar["y"] < words["y"] + words["height"], row.inner_text()


def test_an_error_on_a_request_leads_to_its_field(phone):
    phone.goto(LIST + "?queue=all")
    phone.get_by_role("link", name="Example Person Three").click()
    phone.get_by_role("button", name="Save", exact=True).last.click()
    phone.get_by_role("link", name="Write a note, or choose an outcome").click()
    expect(phone.get_by_label("Note")).to_be_focused()


def test_on_a_phone_the_outcome_buttons_stay_within_reach(phone):
    phone.goto(LIST + "?queue=all")
    phone.get_by_role("link", name="Example Person Two").click()
    expect(phone.get_by_role("heading", name="Example Person Two")).to_be_visible()
    spoke = phone.get_by_role("button", name="Spoke", exact=True)
    for _ in range(2):
        box = spoke.bounding_box()
        assert 844 * 0.7 < box["y"] < box["y"] + box["height"] <= 844
        phone.evaluate("window.scrollTo(0, document.body.scrollHeight / 2)")
    # Nothing is hidden behind them: neither what has the focus, nor the end of the page.
    bar = phone.locator(".outcomes").bounding_box()["y"]
    assert bar > 844 / 2
    phone.get_by_role("button", name="Save and next").focus()
    focused = phone.get_by_role("button", name="Save and next").bounding_box()
    assert focused["y"] + focused["height"] <= bar
    phone.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    last = phone.locator(".panels--request > :last-child").bounding_box()
    assert last["y"] + last["height"] <= bar
    spoke.click()
    expect(phone.get_by_role("status").filter(has_text="Spoke.")).to_be_visible()


@pytest.mark.parametrize(("width", "beside"), [(390, False), (960, True), (1280, True)])
def test_the_request_follows_the_contact_and_the_update_is_beside_them_only_on_a_wide_screen(phone, width, beside):
    phone.set_viewport_size({"width": width, "height": 844})
    phone.goto(LIST + "?queue=all")
    phone.get_by_role("link", name="Example Person Three").click()
    boxes = {name: phone.locator(f"#{name}").bounding_box() for name in ("contact", "answers", "work", "history")}
    tops = {name: box["y"] for name, box in boxes.items()}
    assert boxes["contact"]["x"] == boxes["answers"]["x"]
    assert tops["contact"] < tops["answers"] < tops["history"]
    assert (tops["work"] == tops["contact"]) is beside
    assert beside or tops["answers"] < tops["work"] < tops["history"]
    order = phone.locator(".panels--request h2").evaluate_all("headings => headings.map(heading => heading.id)")
    assert order == ["contact", "answers", "work", "history"]


def test_the_skip_link_focuses_the_first_request(phone):
    phone.goto(LIST + "?queue=all")
    phone.keyboard.press("Tab")
    phone.keyboard.press("Enter")
    expect(phone.locator("#first-request")).to_be_focused()


def test_a_call_sheet_is_printed_with_its_rows_alone_and_in_black(phone):
    phone.set_viewport_size({"width": 720, "height": 1000})  # a letter page in CSS pixels
    phone.goto(LIST + "call-sheet/?queue=all")
    phone.emulate_media(media="print")
    expect(phone.locator(".desk-header")).to_be_hidden()
    expect(phone.locator(".call-sheet thead")).to_be_visible()
    expect(phone.locator(".call-sheet tbody tr").first).to_have_css("display", "table-row")
    for cell in ("th a", "td:nth-child(2)", "td:nth-child(3)"):
        expect(phone.locator(f".call-sheet tbody {cell}").first).to_have_css("color", "rgb(0, 0, 0)")
    assert not phone.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
