"""Tests in a browser that text which staff type is never lost, doubled or another's, and that any text fits the page."""

from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.staff import Member, fill_sign_in, make_member, sign_in
from tests.helpers.live_site import RunningSite

LIST = "/staff/consultations/consultationrequest/"
LONG = "Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunte"  # over 60 letters without a place to break
ARABIC = "اسم مثال طويل جدا لشخص غير موجود"
HEBREW = "הערה לדוגמה (618) 555-0177, אחרי שש."
STORE = """
from tests.helpers.factories import consultation, fill
from consultations.models import Note
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    with RunningSite(tmp_path_factory.mktemp("desk")) as running:
        yield running


@pytest.fixture
def context(desk, browser: Browser):
    context = browser.new_context(base_url=desk.url, viewport={"width": 390, "height": 844})
    yield context
    context.close()


def run(desk: RunningSite, code: str) -> str:
    return desk.manage("shell", "--verbosity", "0", "--command", STORE + code).strip()


def store(desk: RunningSite, name: str) -> str:
    """Store a request, and return the address of its page."""
    key = run(desk, f"print(consultation(full_name={name!r}).pk)")
    return f"{LIST}{key}/change/"


def save(page: Page) -> None:
    page.locator("#work-form").get_by_role("button", name="Save", exact=True).click()
    page.wait_for_load_state()


def is_wide(page: Page) -> bool:
    page.wait_for_load_state()
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


# --- Second saves


def test_a_note_saved_again_after_back_is_stored_once(desk, context):
    page, one = context.new_page(), store(desk, "Example Back")
    sign_in(page, make_member(desk, "bea", "Front desk"))
    page.goto(one)
    page.get_by_label("Note").fill("Called at nine.")
    save(page)
    expect(page.get_by_text("Note saved.")).to_be_visible()
    page.go_back()
    page.wait_for_load_state()
    page.get_by_label("Note").fill("Called at nine.")
    save(page)
    expect(page.locator(".history").get_by_text("Called at nine.")).to_have_count(1)


def test_back_after_an_outcome_shows_the_plan_as_it_is_now(desk, context):
    page, one = context.new_page(), store(desk, "Example Plan")
    sign_in(page, make_member(desk, "gil", "Front desk"))
    page.goto(one)
    page.get_by_label("Assigned to").select_option("Unassigned")  # so that the browser has something to put back
    page.get_by_label("Next week").check()
    page.get_by_role("button", name="No answer", exact=True).click()
    expect(page.locator(".work")).to_contain_text("1 attempt")
    day = page.get_by_label("Follow up on").input_value()
    page.go_back()
    page.wait_for_load_state()
    expect(page.locator(".work")).to_contain_text("1 attempt")
    expect(page.get_by_label("Assigned to").locator("option:checked")).to_have_text("gil")
    expect(page.get_by_label("Follow up on")).to_have_value(day)
    expect(page.get_by_label("Next week")).not_to_be_checked()
    page.get_by_label("Note").fill("It rang out.")
    save(page)
    expect(page.get_by_role("status").filter(has_text="saved")).to_have_text("Note saved.")


def test_a_note_survives_a_look_at_another_page(desk, context):
    page, one = context.new_page(), store(desk, "Example Look")
    sign_in(page, make_member(desk, "ivy", "Front desk"))
    page.goto(one)
    page.get_by_label("Note").fill("Prefers noon.")
    page.get_by_role("link", name="Requests").click()
    page.wait_for_url("**/consultationrequest/")
    page.go_back()
    expect(page.get_by_label("Note")).to_have_value("Prefers noon.")


def test_a_second_save_of_a_phone_request_after_back_corrects_it(desk, context):
    page = context.new_page()
    sign_in(page, make_member(desk, "pia", "Front desk"))
    page.goto(LIST + "add/")
    page.get_by_label("Someone else").check()
    page.locator("input[name=age_ok][value=yes]").check()
    page.get_by_label("Their full name").fill("Example Phoned")
    page.get_by_label("Email", exact=True).check()
    page.get_by_label("Email address").fill("one@example.com")
    page.get_by_label("They agreed").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="one@example.com")).to_be_visible()
    stored = page.url
    page.go_back()
    page.wait_for_load_state()
    expect(page.get_by_label("Their full name")).to_have_value("Example Phoned")
    page.get_by_label("Email address").fill("two@example.com")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="two@example.com")).to_be_visible()
    assert page.url == stored
    expect(page.locator(".history")).to_contain_text("Corrected by pia: email.")


# --- A sign-out in another tab


def type_and_sign_out_elsewhere(context: BrowserContext, desk: RunningSite, author: Member, note: str) -> Page:
    """Type a note in one tab, sign out in another, and press Save in the first. Return the first."""
    page, other = context.new_page(), context.new_page()
    sign_in(page, author)
    page.goto(store(desk, f"Example of {author.name}"))
    page.get_by_label("Note").fill(note)
    other.goto("/staff/")
    other.get_by_role("button", name="Sign out").click()
    expect(other.get_by_role("heading", name="Signed out")).to_be_visible()
    save(page)
    expect(page.locator("main")).to_contain_text("What you entered is still here, but not saved yet.")
    assert note not in page.content()
    return page


def test_a_note_survives_a_sign_out_in_another_tab(desk, context):
    sol = make_member(desk, "sol", "Front desk")
    page = type_and_sign_out_elsewhere(context, desk, sol, "Prefers mornings.")
    fill_sign_in(page, sol, sol.codes.pop())
    expect(page.locator("main")).to_contain_text("Prefers mornings.")
    page.get_by_role("button", name="Save it now").click()
    expect(page.locator(".history")).to_contain_text("Prefers mornings.")


def test_a_colleague_who_signs_in_next_neither_reads_nor_saves_the_note(desk, context):
    uma, vic = (make_member(desk, name, "Front desk") for name in ("uma", "vic"))
    page = type_and_sign_out_elsewhere(context, desk, uma, "Prefers evenings.")
    fill_sign_in(page, vic, vic.codes.pop())
    expect(page.locator("main")).to_contain_text("Only uma can open it.")
    assert "Prefers evenings." not in page.content()
    page.get_by_role("button", name="Let uma sign in").click()
    fill_sign_in(page, uma, uma.codes.pop())
    page.get_by_role("button", name="Save it now").click()
    expect(page.locator(".history__line").first).to_contain_text("Prefers evenings.")
    expect(page.locator(".history__line").first).to_contain_text("uma")


def test_what_was_typed_for_the_clinic_survives_a_sign_out_in_another_tab(desk, context):
    page, other = context.new_page(), context.new_page()
    mia = make_member(desk, "mia", "Manager")
    sign_in(page, mia)
    page.goto("/staff/clinic/answers/")
    page.get_by_label("May I eat or drink before?").fill("Example answer.")
    other.goto("/staff/")
    other.get_by_role("button", name="Sign out").click()
    expect(other.get_by_role("heading", name="Signed out")).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    fill_sign_in(page, mia, mia.codes.pop())
    page.get_by_role("button", name="Save it now").click()
    expect(page.get_by_label("May I eat or drink before?")).to_have_value("Example answer.")
    expect(page.get_by_text("The public pages show it in about 10 seconds")).to_be_visible()


# --- Any text fits, in its own direction


@pytest.fixture
def signed_in(desk, context):
    page = context.new_page()
    sign_in(page, make_member(desk, f"ali-{uuid4().hex[:6]}", "Manager"))
    return page


@pytest.mark.parametrize("name", [ARABIC, LONG])
def test_a_name_of_any_script_or_length_fits_every_page_of_its_request(desk, signed_in, name):
    page, phone = signed_in, "(618) 555-0177"
    fields = f"full_name={name!r}, phone={phone!r}, note={LONG + ' ' + HEBREW!r}, closed_words={LONG!r}"
    made = f"Note.objects.create(consultation=one, kind='note', text={LONG + ' ' + HEBREW!r})"
    key = run(desk, f"one = consultation({fields})\n{made}\nprint(one.pk)")
    for path in ("?queue=all", "call-sheet/?queue=all", f"{key}/change/", f"{key}/contact/", f"{key}/erase/"):
        page.goto(LIST + path)
        assert not is_wide(page), path
    page.goto(LIST)
    page.get_by_label("Name, phone, email or reference").fill(name[:12])
    page.get_by_role("button", name="Search").click()
    page.wait_for_load_state()
    assert not is_wide(page)


def direction(page: Page, selector: str) -> str:
    return page.locator(selector).first.evaluate("element => getComputedStyle(element).direction")


def test_what_people_wrote_runs_in_its_own_direction_beside_our_words(desk, signed_in):
    page = signed_in
    made = f"Note.objects.create(consultation=one, kind='note', text={HEBREW!r})"
    key = run(desk, f"one = consultation(full_name={ARABIC!r}, note={HEBREW!r})\n{made}\nprint(one.pk)")
    page.goto(f"{LIST}{key}/change/")
    assert direction(page, "h1 bdi") == direction(page, ".facts bdi:text('555-0177')") == "rtl"
    assert direction(page, ".history .written:text('555-0177')") == "rtl"
    assert direction(page, "h1") == direction(page, ".facts dt") == "ltr"
    page.get_by_label("Note").fill(HEBREW)
    assert direction(page, "#id_note") == "rtl"
    page.goto(LIST + "?queue=all")
    assert direction(page, f"#result_list a[href*='/{key}/']") == "rtl"


def test_the_pages_of_a_list_of_thousands_fit_and_lead_on(desk, signed_in):
    page = signed_in
    run(desk, "fill(3000)")
    page.goto(LIST + "?queue=all")
    pager = page.locator(".paginator")
    expect(pager).to_contain_text("More than 1000.")
    assert not is_wide(page)
    for link in pager.locator("a").all():
        box = link.bounding_box()
        assert min(box["width"], box["height"]) >= 24
    first = page.locator("#first-request").get_attribute("href")
    pager.get_by_role("link", name="2", exact=True).click()
    page.wait_for_url("**p=2**")
    assert page.locator("#first-request").get_attribute("href") != first
    expect(pager.locator(".this-page")).to_have_text("2")
    assert not is_wide(page)
