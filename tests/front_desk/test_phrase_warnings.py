"""Tests that the desk warns of forbidden phrases in every free text, and saves them on the second press."""

import html

import pytest
from django.utils import timezone

from clinic.facts import FACTS
from clinic.free_texts import FREE_TEXTS, WITHOUT_FREE_TEXT
from clinic.models import Edition
from tests.front_desk.test_people import fields

pytestmark = [pytest.mark.django_db, pytest.mark.stored_facts]
CLINIC = "/staff/clinic/"
SOON = timezone.localdate().isoformat()
PERSON = {"people-0-name": "Example Ann", "people-0-title": "MD", "people-0-responsible": "on"}
PRICE = {"as_of": SOON, "prices-0-what": "Example visit", "prices-0-amount": "1"}
NOTICE = {"effective": SOON, "texts-0-language": "en"}
ANNOUNCED = {"announcement_until": "2090-01-01T12:00"}
CLOSED = {"closures-0-first": SOON}
# Each free text: the form, the input, the other inputs that it needs, and its label in the warning.
TEXTS = [
    (CLINIC, "landmark", {}, "Landmark"),
    (CLINIC, "entrance", {}, "Entrance"),
    (CLINIC, "parking", {}, "Parking"),
    (CLINIC, "step_free_route", {}, "Step-free route"),
    (CLINIC, "transit", {}, "Buses and trains"),
    (CLINIC, "announcement_text", ANNOUNCED, "Announcement"),
    (CLINIC, "closures-0-reason", CLOSED, f"Closure on {SOON}"),
    (CLINIC + "answers/", "answer_food", {}, "May I eat or drink before?"),
    (CLINIC + "people/", "people-0-role", PERSON, "Example Ann, role"),
    (CLINIC + "people/", "people-0-training", PERSON, "Example Ann, training"),
    (CLINIC + "people/", "people-0-text", PERSON, "Example Ann, in a few words"),
    (CLINIC + "prices/", "prices-0-what", PRICE, "Price 1"),
    (CLINIC + "prices/", "prices-0-note", PRICE, "Price 1"),
    (CLINIC + "notices/languages/", "texts-0-text", NOTICE, "Language help, English"),
]


def typed_into(client, path: str, **others: str) -> dict[str, str]:
    return inputs(client.get(path).content.decode()) | others


def inputs(page: str) -> dict[str, str]:
    return {name: value for name, value in fields(page).items() if name not in ("csrfmiddlewaretoken", "reason")}


def test_every_fact_is_either_checked_for_phrases_or_has_no_free_text():
    assert set(FREE_TEXTS) | WITHOUT_FREE_TEXT == set(FACTS)
    assert set(FREE_TEXTS) & WITHOUT_FREE_TEXT == set()


@pytest.mark.parametrize(("path", "name", "others", "label"), TEXTS, ids=[each[1] for each in TEXTS])
def test_a_forbidden_phrase_is_saved_only_on_the_second_press(manager, path, name, others, label):
    warned = manager.post(path, typed_into(manager, path) | others | {name: "A miracle."})
    page = warned.content.decode()
    assert warned.status_code == 200
    assert f"<li>{label} “miracle”</li>" in html.unescape(page)
    assert "press Save once more" in page
    assert not Edition.objects.exists()
    assert manager.post(path, inputs(page)).status_code == 302
    assert "A miracle." in str(Edition.newest().facts)
    again = manager.post(path, typed_into(manager, path))
    assert again.status_code == 302, "a saved text is warned of again"


@pytest.mark.parametrize(("path", "name", "others", "label"), TEXTS, ids=[each[1] for each in TEXTS])
def test_a_plain_text_is_saved_on_the_first_press(manager, path, name, others, label):
    assert manager.post(path, typed_into(manager, path) | others | {name: "Plain words."}).status_code == 302
    assert "Plain words." in str(Edition.newest().facts)


@pytest.mark.parametrize("warned", ["x", "[]", "1", '{"Parking": 1}', '{"Entrance": ["miracle"]}', "[" * 100_000])
def test_an_invented_confirmation_does_not_save(manager, warned):
    typed = typed_into(manager, CLINIC, parking="A miracle.", warned=warned)
    assert manager.post(CLINIC, typed).status_code == 200
    assert not Edition.objects.exists()


def test_a_text_that_another_fact_already_has_is_not_warned_of_again(manager):
    Edition.publish({"parking": "A miracle."}, "Example", after=0)
    assert manager.post(CLINIC, typed_into(manager, CLINIC, street="1 Example Street")).status_code == 302


def test_closing_today_warns_of_the_reason_first(manager):
    path = CLINIC + "close-today/"
    page = manager.post(path, {"reason": "A miracle."}).content.decode()
    assert "“miracle”" in page
    assert "press Close today once more" in page
    assert not Edition.objects.exists()
    again = {"warned": fields(page)["warned"], "reason": fields(page)["reason"]}
    assert again["reason"] == "A miracle."
    assert manager.post(path, again).status_code == 302
    assert "A miracle." in Edition.newest().facts["closures"][0]["reason"]


def test_the_preview_of_an_answer_and_of_a_notice_names_the_phrases_too(manager):
    for path, name, others in (
        (CLINIC + "answers/", "answer_food", {}),
        (CLINIC + "notices/languages/", "texts-0-text", NOTICE),
    ):
        page = manager.post(path, typed_into(manager, path) | others | {name: "A miracle.", "preview": ""})
        assert "“miracle”" in page.content.decode()
    assert not Edition.objects.exists()
