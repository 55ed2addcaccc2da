"""Tests of the desk's pages for the notices that this site hosts."""

import html
import re
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User

from clinic import snapshot
from clinic.models import Edition
from clinic.notices import LANGUAGES, TEXT_LENGTH
from front_desk.clinic_admin import to_do
from tests.front_desk.test_clinic import save as save_clinic
from tests.front_desk.test_people import fields
from tests.helpers.staff_members import PASSWORD, SIGN_IN, make_member, recovery_code, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.stored_facts]
LIST = "/staff/clinic/notices/"
PAGE = LIST + "privacy-practices/"
FACT = "notice_privacy_practices"
DAY = {"effective": "2026-07-01"}


def opened(client) -> dict[str, str]:
    return fields(client.get(PAGE).content.decode())


def text(number: int, words: str, language: str = "en") -> dict[str, str]:
    return {f"texts-{number}-language": language, f"texts-{number}-text": words}


def save(client, *typed: dict[str, str]):
    form = opened(client)
    for part in typed:
        form |= part
    return client.post(PAGE, form)


def stored() -> dict:
    return Edition.newest().facts[FACT]


def test_a_saved_notice_is_a_new_edition_with_its_author(manager):
    assert save(manager, DAY, text(0, "# Example\r\n\r\nWords")).status_code == 302
    assert stored() == DAY | {"texts": [{"language": "en", "text": "# Example\n\nWords"}]}
    edition = Edition.newest()
    assert edition.saved_by.username == "mora"
    assert edition.summary == (
        "Notice of privacy practices, on this site: in English, effective July 1, 2026, was not set"
    )
    assert save(manager).status_code == 302
    assert Edition.objects.count() == 1, "saving without a change created an edition"


def test_texts_are_added_changed_and_removed_by_language(manager):
    save(manager, DAY, text(0, "One"))
    save(manager, text(1, "Uno", "es"))
    save(manager, text(0, "Two"))
    assert [row["text"] for row in stored()["texts"]] == ["Two", "Uno"]
    save(manager, {"texts-0-remove": "on"})
    assert [row["language"] for row in stored()["texts"]] == ["es"]
    save(manager, {"texts-0-text": "", "effective": ""})
    assert FACT not in Edition.newest().facts


def test_the_form_offers_every_language_by_both_names(manager):
    page = html.unescape(manager.get(PAGE).content.decode())
    assert [each for each in LANGUAGES.values() if f"{each.name} ({each.own_name})" not in page] == []


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        (text(0, "One\n\n<script>alert(1)</script>"), "Line 3: HTML like “<script>alert(1)</script>”"),
        (text(0, "One\n[two](javascript:alert(1))"), "Line 2: A link must start with https://"),
        (text(0, "x" * (TEXT_LENGTH + 1)), "Use 40,000 characters or fewer; this has 40,001."),
        (text(0, "Words", ""), "Choose the language of this text."),
        (text(0, "Words", "xx"), "Select a valid choice"),
        (text(0, "Words") | {"effective": ""}, "Enter the date on which this notice takes effect."),
        (text(0, "Words") | {"effective": "soon"}, "Enter a date like"),
        (text(0, ""), "empty this date too"),
        (text(0, "Words") | text(1, "More") | {"texts-TOTAL_FORMS": "2"}, "two texts in English"),
    ],
)
def test_an_invalid_notice_gets_a_sentence_and_stays_in_the_form(manager, typed, complaint):
    answer = save(manager, DAY, typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert complaint in html.unescape(page)
    again = fields(page)
    assert {name: again[name] for name in typed if typed[name] != "xx"} == {
        name: value for name, value in typed.items() if value != "xx"
    }
    assert not Edition.objects.exists()


def test_a_conflicting_edit_of_a_notice_is_refused_and_keeps_the_input(manager):
    save(manager, DAY, text(0, "One"))
    second = sign_in(make_member("mona", "Manager"))
    stale = opened(second)
    save(manager, text(0, "Two"))
    answer = second.post(PAGE, stale | text(0, "Three\n\n- <3"))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "mora saved other changes" in page
    assert "Notice of privacy practices, on this site: text in English changed" in page
    assert stored()["texts"][0]["text"] == "Two"
    assert second.post(PAGE, fields(page)).status_code == 302
    assert stored()["texts"][0]["text"] == "Three\n\n- <3"


def test_the_preview_shows_the_notice_as_its_page_does_and_saves_nothing(manager, client):
    page = save(manager, DAY, text(0, "# Example\n\n**Words**"), {"preview": ""}).content.decode()
    shown = '<div lang="en" dir="ltr"><h2>Example</h2>\n<p><strong>Words</strong></p>\n</div>'
    assert "Nothing was saved yet" in page
    assert shown in page
    assert not Edition.objects.exists()
    assert manager.post(PAGE, fields(page)).status_code == 302
    snapshot.refresh()
    assert shown in client.get("/notices/privacy-practices/").content.decode()


def test_the_preview_of_an_emptied_notice_says_there_is_no_page(manager):
    assert "the site would have no such page" in save(manager, {"preview": ""}).content.decode()


def test_the_desk_shows_how_each_earlier_version_read(manager):
    save(manager, DAY, text(0, "First words"))
    save_clinic(manager, phone="(618) 555-0100")
    save(manager, text(0, "Second words"))
    save(manager, {"effective": "", "texts-0-remove": "on"})
    links = [f"{PAGE}{number}/" for number in (3, 1)]
    for page in (manager.get(PAGE), manager.get("/staff/clinic/history/")):
        assert re.findall(rf'href="({PAGE}\d+/)"', page.content.decode()) == links
    assert "<p>Second words</p>" in manager.get(links[0]).content.decode()
    assert "<p>First words</p>" in manager.get(links[1]).content.decode()
    assert [manager.get(f"{PAGE}{number}/").status_code for number in (2, 4, 9, 10**30)] == [404] * 4


def test_putting_an_edition_back_restores_its_notice(manager):
    save(manager, DAY, text(0, "First words"))
    save(manager, text(0, "Second words"))
    manager.post("/staff/clinic/put-back/1/")
    assert stored()["texts"][0]["text"] == "First words"


def test_the_list_says_where_each_notice_is(manager):
    save(manager, DAY, text(0, "Words"))
    save_clinic(manager, nondiscrimination_url="https://example.com/notice")
    page = manager.get(LIST).content.decode()
    assert "On this site, effective July 1, 2026, in English." in page
    assert "A document elsewhere" in page
    assert page.count("Not set.") == 1


def test_a_hosted_notice_is_not_missed_as_a_link(manager):
    assert "Notice of privacy practices" in to_do()
    save(manager, DAY, text(0, "Words"))
    assert "Notice of privacy practices" not in to_do()
    assert "Notice of nondiscrimination" in to_do()


def test_only_managers_can_open_the_notices(desk, manager, client):
    save(manager, DAY, text(0, "Words"))
    for path in (LIST, PAGE, PAGE + "1/"):
        assert desk.get(path).status_code == 403
        assert client.get(path).status_code == 302
    assert desk.post(PAGE, opened(manager) | text(0, "Others")).status_code == 403
    assert stored()["texts"][0]["text"] == "Words"


def test_an_unknown_notice_is_not_found(manager):
    assert manager.get(LIST + "parking/").status_code == 404
    assert manager.get(LIST + "parking/1/").status_code == 404


def test_the_longest_notice_survives_the_end_of_the_session(manager):
    longest = "字" * 20_000
    typed = opened(manager) | DAY | text(0, longest, "zh-Hant") | text(1, longest, "zh-Hans")
    typed |= {"texts-TOTAL_FORMS": "2"}
    manager.logout()
    page = manager.post(PAGE, typed).content.decode()
    kept = re.search(r'name="kept" value="([^"]{20,})"', page)[1]
    code = recovery_code(User.objects.get(username="mora"))
    sign_in_form = {"username": "mora", "password": PASSWORD, "code": code, "kept": kept}
    # A browser sends this form encoded in the URL's way.
    answer = manager.post(SIGN_IN, urlencode(sign_in_form), content_type="application/x-www-form-urlencoded")
    restored = answer.content.decode()
    assert answer.status_code == 200
    assert 'enctype="multipart/form-data"' in restored
    again = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', restored))
    again.pop("csrfmiddlewaretoken", None)
    assert manager.post(PAGE, again).status_code == 302
    assert [row["text"] for row in stored()["texts"]] == [longest] * 2
