"""Tests of requesting a consultation in a browser."""

import json
import re

import pytest
from playwright.sync_api import Locator, Page, expect

from consultations.forms import ConsultationForm
from tests.browser.places import unfold
from tests.helpers.factories import REFERRAL

TYPED = {"name": "Zebra Quagga", "phone": "(618) 555-0177", "email": "zebra@example.com", "note": "Okapi by relay"}
STORED = """
import json
from consultations.models import ConsultationRequest
request = ConsultationRequest.objects.get(reference={reference!r})
print(json.dumps([request.full_name, request.phone, request.email, request.note, request.status]))
"""
BEFORE = """
from consultations.models import Correction
print(Correction.objects.get(consultation__reference={reference!r}).before)
"""
REFERRED = """
import json
from consultations.models import ConsultationRequest
request = ConsultationRequest.objects.get(reference={reference!r})
print(json.dumps([request.practice, request.direct_line, request.patient_agreed, request.phone, request.needs]))
"""
PASS_DUE_TIME = """
from django.utils import timezone
from consultations.models import ConsultationRequest
ConsultationRequest.objects.filter(reference={reference!r}).update(due_at=timezone.now())
"""
NARROW = {"width": 320, "height": 700}
NAME_HINT = "If you’re asking for someone else, give us your name and contact details, not theirs"


def fill(page: Page) -> None:
    """Answer the required questions, and add an email address and a note."""
    page.get_by_label("Myself").check()
    page.get_by_role("group", name="18 or older?").get_by_label("Yes").check()
    page.get_by_label("Your full name").fill(TYPED["name"])
    page.get_by_label("Email", exact=True).check()
    page.get_by_label("Email address").fill(TYPED["email"])
    page.get_by_label("Phone call").check()
    page.get_by_label("Phone number").fill(TYPED["phone"])
    page.get_by_role("group", name="voicemail").get_by_label("No").check()
    unfold(page)
    page.get_by_label("Anything else we should know to reach you").fill(TYPED["note"])
    page.get_by_label("contact me").check()


def send(page: Page) -> None:
    page.get_by_role("button", name="Send request").click()


def reference_on(page: Page) -> str:
    expect(page.get_by_role("heading", level=1)).to_have_text("We have your request")
    return page.locator(".receipt strong").inner_text()


def test_error_summary_links_lead_to_each_mistake_until_the_form_is_sent(site, page):
    page.goto("/")
    page.get_by_role("main").get_by_role("link", name="Request a consultation").first.click()
    fill(page)
    page.get_by_label("Your full name").fill("")
    page.get_by_label("Phone number").fill("555")
    page.wait_for_timeout(3100)  # a form sent within three seconds looks like spam
    send(page)

    expect(page).to_have_title(re.compile("^Error: Request a consultation"))
    expect(page.locator(".error-summary")).to_be_focused()
    page.get_by_role("link", name="Enter your full name").click()
    expect(page.get_by_label("Your full name")).to_be_focused()
    expect(page.get_by_label("Your full name")).to_have_accessible_description("Enter your full name")
    page.keyboard.type(TYPED["name"])
    page.get_by_role("link", name="Enter a phone number with its area code").click()
    expect(page.get_by_label("Phone number")).to_be_focused()
    page.get_by_label("Phone number").fill(TYPED["phone"])
    expect(page.get_by_label("Anything else we should know to reach you")).to_have_value(TYPED["note"])
    send(page)

    reference = reference_on(page)
    stored = site.manage("shell", "--verbosity", "0", "--command", STORED.format(reference=reference))
    assert json.loads(stored) == [*(TYPED[name] for name in ("name", "phone", "email", "note")), "new"]
    site.manage("deliver_notifications", "--once")
    mails = [mail for mail in (file.read_text() for file in site.mail.iterdir()) if reference in mail]
    assert len(mails) == 1
    assert f"{site.url}/staff/consultations/consultationrequest/" in mails[0]
    for word in (*TYPED.values(), "Zebra"):
        assert word not in mails[0]
    # Search for all ten digits, because a Message-ID may contain a shorter part of the number by chance.
    assert "6185550177" not in re.sub(r"\D", "", mails[0])


def test_a_form_without_its_cookie_keeps_its_answers_and_can_be_resent(page):
    page.goto("/consultation/")
    fill(page)
    page.context.clear_cookies()
    send(page)
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.get_by_role("heading", name="Please send it once more")).to_be_visible()
    expect(page.get_by_label("Your full name")).to_have_value(TYPED["name"])
    expect(page.get_by_label("Phone call")).to_be_checked()
    send(page)
    reference_on(page)


def test_a_double_click_on_send_stores_one_request(site, page):
    count = "from consultations.models import ConsultationRequest; print(ConsultationRequest.objects.count())"
    before = int(site.manage("shell", "--verbosity", "0", "--command", count))
    page.goto("/consultation/")
    fill(page)
    page.get_by_role("button", name="Send request").dblclick()
    reference_on(page)
    assert int(site.manage("shell", "--verbosity", "0", "--command", count)) == before + 1


@pytest.mark.parametrize("kept", ["kept in memory", "loaded again"])
def test_a_correction_after_going_back_keeps_one_request(site, playwright, browser_type_launch_args, kept):
    # Browsers that are short of memory load the page again. Playwright's do so by default.
    on = {"ignore_default_args": ["--disable-back-forward-cache"]} if kept == "kept in memory" else {}
    browser = playwright.chromium.launch(**browser_type_launch_args, **on)
    page = browser.new_page(base_url=site.url)
    page.goto("/consultation/")
    fill(page)
    send(page)
    reference = reference_on(page)
    page.go_back(wait_until="commit")
    expect(page.get_by_label("Your full name")).to_have_value(TYPED["name"])
    page.get_by_label("Phone number").fill("(618) 555-0178")
    send(page)
    assert reference_on(page) == reference
    assert TYPED["phone"] in site.manage("shell", "--verbosity", "0", "--command", BEFORE.format(reference=reference))
    browser.close()


@pytest.mark.browser_context_args(java_script_enabled=False, viewport=NARROW)
def test_a_wrong_number_on_the_receipt_is_changed_in_one_request_without_scripts(site, page):
    page.goto("/consultation/")
    fill(page)
    send(page)
    reference = reference_on(page)
    expect(page.get_by_text("the number ending in 0177")).to_be_visible()
    page.get_by_role("link", name="change your request").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Change your request")
    expect(page.get_by_label("Anything else we should know to reach you")).to_have_value(TYPED["note"])
    page.get_by_label("Phone number").fill("(618) 555-0178")
    send(page)
    assert reference_on(page) == reference
    expect(page.get_by_text("the number ending in 0178")).to_be_visible()
    stored = json.loads(site.manage("shell", "--verbosity", "0", "--command", STORED.format(reference=reference)))
    assert stored[:2] == [TYPED["name"], "(618) 555-0178"]


@pytest.mark.browser_context_args(java_script_enabled=False, viewport=NARROW)
def test_sending_and_withdrawing_work_without_scripts_on_a_narrow_phone(page):
    page.goto("/consultation/")
    assert page.locator("html").evaluate("element => element.scrollWidth") <= NARROW["width"]
    fill(page)
    send(page)
    receipt = reference_on(page)
    page.get_by_role("link", name="withdraw your request").click()
    page.get_by_role("button", name="Yes, withdraw it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your request is withdrawn")
    expect(page.get_by_text("What you wrote has been erased")).to_be_visible()
    assert receipt in page.locator(".receipt").inner_text()


@pytest.mark.browser_context_args(java_script_enabled=False, viewport=NARROW)
def test_a_clinician_refers_a_patient_without_scripts(site, page):
    page.goto("/consultation/")
    questions = [page.get_by_label(words) for words in ("Your practice", "Your direct line", "My patient agreed")]
    for question in questions:
        expect(question).to_be_hidden()
    fill(page)
    page.get_by_label("I am a clinician").check()
    for question in questions:
        expect(question).to_be_visible()
    expect(page.get_by_text("good faith estimate")).to_be_hidden()  # which is about the patient's insurance
    questions[0].fill(REFERRAL["practice"])
    questions[1].fill(REFERRAL["direct_line"])
    page.get_by_label("Phone number").fill("")
    page.get_by_label("Another language").check()
    page.get_by_label("Large print").check()
    send(page)
    page.get_by_role("link", name="Confirm that your patient agreed").click()
    expect(page.get_by_label("Large print")).to_be_checked()
    questions[2].check()
    send(page)
    stored = site.manage("shell", "--verbosity", "0", "--command", REFERRED.format(reference=reference_on(page)))
    assert json.loads(stored) == [REFERRAL["practice"], REFERRAL["direct_line"], True, "", "language,large-print"]


def test_answers_for_clinicians_are_hidden_again_and_not_stored(site, page):
    page.goto("/consultation/")
    page.get_by_label("I am a clinician").check()
    page.get_by_label("your practice").fill(REFERRAL["practice"])
    expect(page.get_by_label("your direct line")).to_be_hidden()
    page.get_by_label("Phone call").check()
    page.get_by_label("your direct line").fill("not a number")
    fill(page)
    expect(page.get_by_label("your practice")).to_be_hidden()
    send(page)
    stored = site.manage("shell", "--verbosity", "0", "--command", REFERRED.format(reference=reference_on(page)))
    assert json.loads(stored) == ["", "", None, TYPED["phone"], ""]


@pytest.mark.browser_context_args(java_script_enabled=False, viewport=NARROW)
def test_from_the_due_time_on_a_patient_can_ask_again_without_scripts(site, page):
    page.goto("/consultation/")
    fill(page)
    send(page)
    reference = reference_on(page)
    button = page.get_by_role("button", name="No one has reached me yet")
    expect(button).to_have_count(0)
    site.manage("shell", "--verbosity", "0", "--command", PASS_DUE_TIME.format(reference=reference))
    page.reload()
    receipt = page.url
    button.click()
    expect(page.get_by_text("Your request is at the top of our list now.")).to_be_visible()
    assert page.url == receipt
    expect(button).to_have_count(0)


@pytest.mark.browser_context_args(viewport={"width": 375, "height": 667})
def test_an_urgent_receipt_shows_988_and_911_on_the_first_screen(page):
    page.goto("/consultation/")
    fill(page)
    page.get_by_label("Anything else we should know to reach you").fill("I don't want to live anymore")
    send(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Please don’t wait for us")
    help_now = page.get_by_role("region", name="Please don’t wait for us")
    for link in ("tel:988", "sms:988", "tel:911"):
        expect(help_now.locator(f'a[href="{link}"]').first).to_be_in_viewport()
    expect(page.get_by_role("heading", name="We have your request")).to_be_visible()


def test_a_person_under_18_gets_a_page_that_explains_why(page):
    page.goto("/consultation/")
    page.get_by_role("group", name="18 or older?").get_by_label("No").check()
    send(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("This form is for adults")
    for name in ("Call 988", "Text 988", "Call 911"):
        expect(page.get_by_role("main").get_by_role("link", name=name)).to_be_visible()


def test_people_cannot_see_or_focus_the_honeypot(page):
    page.goto("/consultation/")
    honeypot = page.locator("[name=kettle]")
    hiding_place = page.locator(".off-screen").bounding_box()
    assert (hiding_place["width"], hiding_place["height"]) <= (1, 1)
    assert honeypot.evaluate("field => getComputedStyle(field).display") != "none"  # bots would recognize it
    expect(page.get_by_role("textbox", name="Leave this empty")).to_have_count(0)
    page.get_by_label("Your full name").focus()
    for _ in range(20):
        page.keyboard.press("Shift+Tab")
        expect(honeypot).not_to_be_focused()


@pytest.mark.parametrize("width", [390, 1280])
def test_the_first_answer_is_within_the_first_640_pixels(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto("/consultation/")
    page.locator(".announcement").evaluate("announcement => announcement.remove()")
    assert page.get_by_label("Myself").bounding_box()["y"] <= 640


def test_a_checkbox_and_its_label_share_a_box_below_the_hint(page):
    page.goto("/consultation/")
    box, label = page.locator("#id_receipt_wanted"), page.get_by_text("Send me a confirmation by email")
    hint = page.get_by_text("It has only your reference number")
    (_, top, height), (_, label_top, label_height) = map(place_of, (box, label))
    assert top + height / 2 == pytest.approx(label_top + label_height / 2, abs=2)
    assert place_of(hint)[1] + place_of(hint)[2] <= label_top
    assert hint.evaluate("hint => getComputedStyle(hint).borderTopStyle") == "none"


def place_of(element: Locator) -> tuple[float, float, float]:
    """Return an element's left edge, top edge and height."""
    box = element.bounding_box()
    return box["x"], box["y"], box["height"]


def test_questions_that_another_answer_makes_needless_are_hidden(page):
    page.goto("/consultation/")
    names = ("phone", "voicemail_ok", "best_time", "email")
    phone, voicemail, time, email = (page.locator(f"[name={name}]").first for name in names)
    for chosen, shown in (
        (None, []),
        ("Phone call", [phone, voicemail, time]),
        ("Text message", [phone]),
        ("Email", [email]),
    ):
        if chosen:
            page.get_by_label(chosen, exact=True).check()
        for question in (phone, voicemail, time, email):
            expect(question).to_be_visible(visible=question in shown)
    page.get_by_label("Phone call").check()
    page.get_by_label("Send me a confirmation").check()
    expect(email).to_be_visible()


def test_the_words_of_a_question_follow_the_answers_before_it(page):
    page.goto("/consultation/")
    age = page.get_by_role("group", name="18 or older?")
    page.get_by_label("Someone else").check()
    expect(age.locator("legend")).to_have_text("Is the person who would be treated 18 or older?", use_inner_text=True)
    expect(page.get_by_text(NAME_HINT)).to_be_visible()
    page.get_by_label("Myself").check()
    expect(age.locator("legend")).to_have_text("Are you 18 or older?", use_inner_text=True)
    expect(page.get_by_text(NAME_HINT)).to_be_hidden()
    page.get_by_label("I am a clinician").check()
    expect(age.locator("legend")).to_have_text("Is your patient 18 or older?", use_inner_text=True)
    page.get_by_label("Phone call").check()
    needed = page.locator(".without-has")
    assert needed.count() == 7
    assert not any(words.is_visible() for words in needed.all())


def test_text_messages_only_is_no_choice_beside_a_call_unless_it_was_chosen_before(page):
    page.goto("/consultation/")
    unfold(page)
    texts_only = page.get_by_label("Text messages only")
    page.get_by_label("Phone call").check()
    expect(texts_only).to_be_hidden()
    page.get_by_label("Text message", exact=True).check()
    texts_only.check()
    page.get_by_label("Phone call").check()
    expect(texts_only).to_be_visible()


@pytest.mark.parametrize(
    ("fold", "question"),
    [
        ("A relay service, large print or step-free access", "Large print"),
        ("What to talk about, or a note", "Anything else we should know"),
    ],
)
def test_each_kind_of_optional_question_is_named_and_a_click_away(page, fold, question):
    page.goto("/consultation/")
    expect(page.get_by_label(question)).to_be_hidden()
    page.get_by_text(fold).click()
    expect(page.get_by_label(question)).to_be_visible()
    page.get_by_text(fold).click()
    expect(page.get_by_label(question)).to_be_hidden()


def test_an_interpreter_is_asked_for_in_the_open_and_stored_with_other_needs(page):
    page.goto("/consultation/")
    expect(page.get_by_label("Español")).to_be_visible()
    page.get_by_label("Español").check()
    page.get_by_role("button", name="Send request").click()
    page.locator(".error-summary").wait_for()
    expect(page.get_by_label("Español")).to_be_checked()
    expect(page.get_by_label("Step-free access")).to_be_hidden()
    unfold(page)
    page.get_by_label("Step-free access").check()
    assert page.locator("[name=needs]:checked").evaluate_all("ticks => ticks.map(tick => tick.value)") == [
        "spanish",
        "step-free",
    ]


def test_the_form_has_its_crisis_block_in_place_of_the_bar_also_with_errors(page):
    page.goto("/consultation/")
    for state in (".lede", ".error-summary"):
        page.locator(state).wait_for()
        expect(page.locator(".crisis-bar")).to_have_count(0)
        for call in ("Call 988", "Text 988", "Call 911"):
            expect(page.locator(".callout--urgent").get_by_role("link", name=call)).to_be_in_viewport()
        page.get_by_role("button", name="Send request").click()


def test_several_topics_can_be_chosen_and_anxiety_without_ptsd(page):
    page.goto("/consultation/")
    unfold(page)
    page.get_by_label("Chronic pain").check()
    page.get_by_label("Anxiety").check()
    expect(page.get_by_label("Chronic pain")).to_be_checked()
    expect(page.get_by_label("PTSD")).not_to_be_checked()


def test_a_question_that_is_answered_stays_visible(page):
    page.goto("/consultation/")
    fill(page)
    voicemail = page.get_by_role("group", name="voicemail")
    page.get_by_label("Text message", exact=True).check()
    expect(voicemail.get_by_label("No")).to_be_visible()
    expect(page.get_by_label("Email address")).to_be_visible()
    page.get_by_label("Email", exact=True).check()
    expect(page.get_by_label("Phone number")).to_be_visible()
    page.get_by_label("Phone number").fill("")
    expect(page.get_by_label("Phone number")).to_be_hidden()


def test_an_error_shows_the_question_that_another_answer_would_hide(page):
    page.goto("/consultation/")
    fill(page)
    page.get_by_label("Text message", exact=True).check()
    page.locator("[name=voicemail_ok]:checked").evaluate("button => { button.value = 'perhaps'; }")
    send(page)
    page.get_by_role("link", name="Choose one of the answers").click()
    expect(page.get_by_role("group", name="voicemail")).to_be_visible()
    expect(page.locator("[name=voicemail_ok]").first).to_be_focused()
    expect(page.locator("[name=voicemail_ok]:checked")).to_have_count(0)


@pytest.mark.browser_context_args(bypass_csp=True)
def test_a_browser_without_has_shows_every_question(page):
    def without_has(route):
        response = route.fetch()
        route.fulfill(response=response, body=re.sub(r"[^{}]*:has\([^{}]*\{[^{}]*\}", "", response.text()))

    page.route("**/consultation/", without_has)
    page.goto("/consultation/")
    assert ":has(" not in page.content()
    unfold(page)
    questions = page.locator("form .field")
    expect(questions).to_have_count(len(ConsultationForm().visible_fields()) - 1)  # the honeypot is no question
    for question in questions.all():
        expect(question).to_be_visible()


def test_a_question_with_an_error_has_a_border_in_the_color_of_danger(page):
    page.goto("/consultation/")
    send(page)
    page.locator(".error-summary").wait_for()
    danger = page.locator(".error-summary").evaluate("summary => getComputedStyle(summary).borderTopColor")
    expect(page.get_by_label("Your full name")).to_have_css("border-top-color", danger)
    options = page.locator(".field--error label", has=page.locator("[type=radio]"))
    assert set(options.evaluate_all("all => all.map(one => getComputedStyle(one).borderTopColor)")) == {danger}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_text_field_has_the_color_and_border_of_the_boxes_of_options(page, scheme):
    """A tint made people think that a field was disabled."""
    page.emulate_media(color_scheme=scheme)
    page.goto("/consultation/")
    parts = "one => { const s = getComputedStyle(one); return [s.borderTopColor, s.borderTopWidth, s.borderTopStyle]; }"
    field, option = page.get_by_label("Your full name"), page.locator("label:has([value=myself])")
    assert field.evaluate(parts) == option.evaluate(parts)
    card = page.locator(".step").first
    assert style(field, "background-color") == style(card, "background-color")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_error_summary_does_not_look_like_the_crisis_block(page, scheme):
    page.emulate_media(color_scheme=scheme)
    page.goto("/consultation/")
    send(page)
    page.locator(".error-summary").wait_for()
    looks = [
        {name: style(page.locator(part), name) for name in ("border-top-color", "border-top-width", "background-color")}
        for part in (".error-summary", ".callout--urgent")
    ]
    assert [name for name in looks[0] if looks[0][name] == looks[1][name]] == []
    calls = page.locator(".calls .button")
    expect(calls).to_have_count(3)
    for call in calls.all():
        ground = style(call, "background-color")
        assert ground not in (looks[1]["background-color"], "rgba(0, 0, 0, 0)")
    expect(page.locator(".callout--urgent details")).not_to_have_attribute("open", "")


def style(element: Locator, name: str) -> str:
    return element.evaluate("(element, name) => getComputedStyle(element).getPropertyValue(name)", name)


def test_someone_in_danger_sees_one_crisis_block_above_the_form(page):
    page.goto("/consultation/")
    unfold(page)
    page.get_by_label("Anything else we should know to reach you").fill("I don't want to live anymore")
    send(page)
    page.locator(".error-summary").wait_for()
    expect(page.locator(".callout--urgent")).to_have_count(1)


@pytest.mark.parametrize("width", [390, 1280])
def test_a_hint_is_nearer_to_its_label_than_to_its_field(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto("/consultation/")
    page.get_by_label("I am a clinician").check()
    page.get_by_label("Phone call").check()
    unfold(page)
    spaces = page.locator("form .field:not(.field--tick)").evaluate_all(SPACES)
    with_hint, without = ([space for space in spaces if bool(space["hint"]) == kind] for kind in (True, False))
    assert len(with_hint) > 5
    without_names = {space["name"].partition("?")[0].strip() for space in without}
    assert without_names == {
        *("Who are you asking for", "How should we contact you", "When is a good time"),
        "Would you like an interpreter",
    }
    assert {space["name"]: space for space in with_hint if not 0 <= space["above"] <= 3 < space["below"]} == {}
    assert {round(space["below"]) for space in spaces} == {8}


# For each visible question: the space above its hint, and the space above its field or its options.
SPACES = """fields => fields.filter(field => field.checkVisibility()).map(field => {
  const label = field.querySelector("legend, :scope > label").getBoundingClientRect();
  const hint = field.querySelector(".field__hint")?.getBoundingClientRect();
  const options = field.querySelector(":scope > div label") || field.querySelector("input, textarea");
  const top = options.getBoundingClientRect().top;
  return {
    name: field.textContent.trim().slice(0, 30),
    hint: Boolean(hint),
    above: hint && hint.top - label.bottom,
    below: top - (hint || label).bottom,
  };
})"""


def test_a_hint_of_two_lines_is_nearly_as_wide_as_its_field(page):
    page.goto("/consultation/")
    unfold(page)
    field = page.get_by_label("Anything else we should know to reach you").bounding_box()
    hint = page.get_by_text("call, for example, in up to").bounding_box()
    assert hint["width"] >= field["width"] * 0.85


def test_the_form_and_what_is_beside_it_are_at_most_two_cards_margins_apart(page):
    page.goto("/consultation/")
    card, aside = (page.locator(part).first.bounding_box() for part in (".step", "main aside"))
    assert 32 <= aside["x"] - (card["x"] + card["width"]) <= 112


@pytest.mark.parametrize("width", [390, 1280])
def test_a_phone_has_no_drawing_below_send(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto("/consultation/")
    expect(page.locator("main aside .drawing")).to_be_visible(visible=width == 1280)


def test_optional_questions_are_folded_until_one_has_an_answer(page):
    page.goto("/consultation/")
    note = page.get_by_label("Anything else we should know to reach you")
    expect(note).to_be_hidden()
    send(page)
    page.locator(".error-summary").wait_for()
    expect(note).to_be_hidden()
    unfold(page)
    note.fill(TYPED["note"])
    send(page)
    page.locator(".error-summary").wait_for()
    expect(note).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_sky_of_a_receipt_fades_into_the_page_under_a_sun_or_a_moon(page, scheme):
    page.emulate_media(color_scheme=scheme)
    page.goto("/consultation/")
    fill(page)
    send(page)
    reference_on(page)
    assert style(page.locator(".receipt"), "background-image").endswith(
        f"{style(page.locator('body'), 'background-color')})"
    )
    amber = "rgb(232, 161, 95)"
    expect(page.locator(".receipt circle.sun")).to_have_css(
        "fill", amber if scheme == "light" else "rgb(243, 220, 171)"
    )
    page.goto("/")
    expect(page.locator(".day li:last-child .sun")).to_have_css("fill", amber)
    others = page.locator(".day li:not(:last-child) circle.sun")
    fills = set(others.evaluate_all("all => all.map(one => getComputedStyle(one).fill)"))
    assert (fills == {amber}) == (scheme == "light")
    assert len(fills) == 1


def test_a_printed_receipt_names_the_numbers_for_a_crisis(page):
    page.goto("/consultation/")
    fill(page)
    send(page)
    reference_on(page)
    page.emulate_media(media="print")
    for call in ("Call 988", "Text 988", "Call 911"):
        button = page.locator(".calls").get_by_text(call)
        expect(button).to_be_visible()
        expect(button).to_have_css("color", "rgb(0, 0, 0)")
        expect(button).to_have_css("background-color", "rgba(0, 0, 0, 0)")
