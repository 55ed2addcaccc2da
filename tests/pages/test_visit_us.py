"""Tests of the Visit us page, and that the clinic's name, address and phone are spelled alike everywhere."""

import html
import json
import re

import pypdfium2
import pytest
from django.core import mail
from django.urls import reverse

from clinic.models import Edition
from clinic.visit import DIRECTIONS
from consultations.forms import ConsultationForm
from tests.helpers.factories import sent_form
from tests.helpers.outbox import deliver_all
from tests.helpers.staff_members import make_member, sign_in
from tests.helpers.structured_data import DataBlocks, blocks_of_every_page
from tests.pages.test_articles import reading_grade

PATH = "/visit-us/"
WEEK = ["9 am - 5 pm"] * 5 + ["", ""]
CONTACT = {"street": "1 Example Street", "postal_code": "62901", "phone": "618.555.0100"}
NAME, ADDRESS, PHONE = "The Albany Clinic", "1 Example Street, Carbondale, Illinois 62901", "618.555.0100"


def main_part(client) -> str:
    return re.search(r"<main.*</main>", client.get(PATH).content.decode(), re.DOTALL)[0]


def words(client) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", re.sub(r"</?span[^>]*>", "", main_part(client)))).split())


def test_the_page_shows_each_fact_about_the_way_under_its_label(client, db, set_facts):
    set_facts(**CONTACT, **{key: f"Example {key}" for key in DIRECTIONS})
    page = main_part(client)
    for key, label in DIRECTIONS.items():
        assert f"<strong>{label}:</strong> Example {key}" in page
    assert 'href="https://www.google.com/maps/search/?' in page
    assert "<iframe" not in page


def test_a_fact_that_is_not_set_leaves_no_label_and_no_heading(client, db, set_facts):
    set_facts(parking="Example lot")
    page = main_part(client)
    for key, label in DIRECTIONS.items():
        assert (f"{label}:" in page) == (key == "parking")
    assert "When are we open?" not in page
    assert "google.com/maps" not in page
    assert not re.search(r"<(ul|li|p|strong|address)>\s*</", page)


def test_without_any_fact_the_page_still_helps(client, db):
    page, said = main_part(client), words(client)
    assert "We’re in Carbondale, Illinois." in said
    for url_name in ("consultations:request", "pages:your-visit", "pages:safety"):
        assert f'href="{reverse(url_name)}' in page
    assert '<a href="tel:711">711</a>' in page
    for part in ("Arrange your ride home", "at least 24 hours", "A list of all your medicines", "running late"):
        assert part in said
    assert "tel:+" not in page


def test_the_question_to_ask_on_the_form_has_its_label_there(client, db):
    quoted = re.search("“(.+?[?])”", words(client))[1]
    assert ConsultationForm.base_fields["note"].label.startswith(quoted)


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        (WEEK, "Call us at 618.555.0100 as soon as you can"),
        (WEEK, "We’re open Monday to Friday, 9 am to 5 pm."),
        (["9 am - 5 pm", "", "9 am - 1 pm", *[""] * 4], "See when we’re open"),
    ],
)
def test_someone_running_late_is_told_to_call_and_when(client, db, set_facts, hours, said):
    set_facts(**CONTACT, hours=hours)
    late = words(client).rpartition("What if you’re running late?")[2].partition("What should you bring?")[0]
    assert said.lower() in late.lower()


def test_the_page_lists_hours_and_closures(client, db, set_facts):
    set_facts(hours=WEEK)
    assert "Monday to Friday: 9 am to 5 pm" in words(client)


def test_relay_and_the_driving_rule_name_their_sources(client, db):
    page = main_part(client)
    assert re.search(r'711</a>[^<]*<sup class="cite">', page)
    assert re.search(r'at least <span class="whole">24 hours</span> after the infusion\.<sup class="cite">', page)
    sources = page.partition('class="sources"')[2]
    for part in ("47 CFR 64.603", "Ketamine hydrochloride injection", "Spravato"):
        assert part in sources


def test_the_page_reads_at_grade_5_to_8(client, db, set_facts):
    set_facts(**CONTACT, hours=WEEK)
    assert 5 <= reading_grade(main_part(client)) <= 8


def test_the_footer_and_about_link_to_the_page(client, db):
    about = client.get("/about/").content.decode()
    for part in (
        re.search("<footer.*</footer>", about, re.DOTALL)[0],
        re.search("<main.*</main>", about, re.DOTALL)[0],
    ):
        assert f'href="{PATH}"' in part


def test_the_menu_has_six_pages_and_the_button_in_order(client, db):
    header = re.search("<header.*?</header>", client.get("/").content.decode(), re.DOTALL)[0]
    assert re.findall(r"<(?:li|p)><a [^>]*>([^<]+)</a></", header) == [
        "Treatment",
        "Conditions",
        "Safety",
        "Cost",
        "Visit us",
        "Questions",
        "Request a consultation",
    ]


# --- One spelling


def test_every_page_and_its_structured_data_spell_the_address_and_phone_alike(client, db, set_facts):
    set_facts(**CONTACT)
    for path, page in blocks_of_every_page(client).items():
        shown = " ".join(page.words.split())
        assert f"{NAME} {ADDRESS} {PHONE}" in shown, path
        [clinic] = [part for part in json.loads(page.blocks[0])["@graph"] if part["@type"] == "MedicalClinic"]
        parts = clinic["address"]
        spelled = (
            f"{parts['streetAddress']}, {parts['addressLocality']}, {parts['addressRegion']} {parts['postalCode']}"
        )
        assert (clinic["name"], spelled, clinic["telephone"]) == (NAME, ADDRESS, PHONE), path


@pytest.mark.parametrize("path", ["/", "/about/", PATH])
def test_an_address_block_spells_the_address_like_the_footer(client, db, set_facts, path):
    set_facts(**CONTACT)
    block = re.search("<address>(.*?)</address>", client.get(path).content.decode(), re.DOTALL)[1]
    lines = [line.strip() for line in block.split("<br>")]
    assert (lines[0], ", ".join(lines[1:])) == (NAME, ADDRESS)


def test_a_zip_code_is_shown_only_after_a_street(client, db, set_facts):
    set_facts(postal_code="62901")
    for path in ("/", "/about/", PATH):
        assert "62901" not in client.get(path).content.decode(), path


def test_the_counter_card_spells_the_address_and_phone_alike(client, db, set_facts):
    set_facts(**CONTACT)
    with pypdfium2.PdfDocument(client.get("/review/card.pdf").content) as card:
        lines = card[0].get_textpage().get_text_range().splitlines()
    assert lines[-3:] == [NAME, ADDRESS, PHONE]


def test_the_receipt_email_spells_the_address_and_phone_alike(client, db, set_facts):
    set_facts(**CONTACT)
    client.post("/consultation/", sent_form(email="alex@example.com", receipt_wanted="on"))
    deliver_all()
    [receipt] = [message for message in mail.outbox if message.to == ["alex@example.com"]]
    assert receipt.body.rstrip().endswith(f"\n{NAME}\n{ADDRESS}\n{PHONE}")
    assert f"call {PHONE}." in receipt.body


def profile(client) -> dict[str, list[str]]:
    page = re.search("<main.*</main>", client.get("/staff/clinic/google-profile/").content.decode(), re.DOTALL)[0]
    rows = re.findall(r"<h2>(.+?)</h2>\s*<p>(.+?)</p>", page, re.DOTALL)
    return {label: html.unescape(lines).split("<br>") for label, lines in rows}


def test_the_google_profile_sheet_spells_every_fact_like_the_pages(db, settings):
    settings.SITE_URL = "https://clinic.example"
    Edition.publish({**CONTACT, "hours": ["09:00-17:00"] * 5 + ["", ""]}, "", after=0)
    rows = profile(sign_in(make_member("mora", "Manager")))
    assert list(rows) == ["Name", "Address", "Phone", "Hours", "Website"]
    assert (rows["Name"], ", ".join(rows["Address"]), rows["Phone"]) == ([NAME], ADDRESS, [PHONE])
    assert rows["Hours"][0] == "Monday 9 am to 5 pm"
    assert rows["Hours"][5:] == ["Saturday closed", "Sunday closed"]
    assert rows["Website"] == ["https://clinic.example/"]


def test_the_google_profile_sheet_says_which_facts_are_missing(db):
    rows = profile(sign_in(make_member("mora", "Manager")))
    assert [label for label, lines in rows.items() if "Not set yet" in lines[0]] == ["Address", "Phone", "Hours"]


def test_only_managers_see_the_google_profile_sheet(client, db):
    assert client.get("/staff/clinic/google-profile/").status_code == 302
    assert sign_in(make_member("dana")).get("/staff/clinic/google-profile/").status_code == 403


def test_structured_data_of_the_page_has_the_hours_and_the_map(client, db, set_facts):
    set_facts(**CONTACT, hours=WEEK)
    graph = json.loads(DataBlocks(client.get(PATH).content.decode()).blocks[0])["@graph"]
    [clinic] = [part for part in graph if part["@type"] == "MedicalClinic"]
    assert clinic["openingHours"] == ["Mo-Fr 09:00-17:00"]
    assert clinic["hasMap"].startswith("https://www.google.com/maps/")


@pytest.mark.parametrize("phone", ["", CONTACT["phone"]])
def test_every_call_us_on_visit_us_gives_the_night_number(client, db, set_facts, phone):
    night = '<a href="tel:+16185550101">(618) 555-0101</a>'
    set_facts(phone=phone)
    assert night not in main_part(client)
    set_facts(answer_night_number="(618) 555-0101")
    parts = re.split("<h2", main_part(client))
    told = {re.search('id="([^"]+)"', part)[1] for part in parts[1:] if night in part}
    assert told == {"reach-us", "late"} | ({"where"} if phone else set())
    for part in parts:
        assert (night in part) or not re.search(r"\b[Cc]all us\b", part)


def test_someone_unwell_finds_911_even_without_any_fact(client, db):
    assert 'in an emergency, call <a href="tel:911">911</a>' in main_part(client).partition('id="late"')[2]


def test_the_page_itself_tells_the_address_only_once(client, db, set_facts):
    set_facts(**CONTACT)
    assert main_part(client).count(CONTACT["street"]) == 1
