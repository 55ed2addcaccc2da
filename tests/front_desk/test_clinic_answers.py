"""Tests of the desk page where managers answer what only the clinic can answer."""

import html
import re

import pytest

from clinic.answers import QUESTIONS
from clinic.models import Edition
from consultations.models import AccessLogEntry
from tests.front_desk.test_clinic import save as save_clinic
from tests.helpers.staff_members import make_member, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.stored_facts]
PAGE = "/staff/clinic/answers/"
PROMISE = "It is a painless visit."


def opened(client) -> dict[str, str]:
    return fields(client.get(PAGE).content.decode())


def fields(page: str) -> dict[str, str]:
    """Return the form's fields with their values, as a browser would send them."""
    tags = [dict(re.findall(r'([\w-]+)="([^"]*)"', tag)) for tag in re.findall(r"<input[^>]*>", page)]
    values = {tag["name"]: tag.get("value", "") for tag in tags if tag.get("name", "csrfmiddlewaretoken")[0] in "aew"}
    values |= dict(re.findall(r'<textarea name="(\w+)"[^>]*>\n([^<]*)<', page))
    return {name: html.unescape(value) for name, value in values.items()}


def save(client, **typed):
    return client.post(PAGE, opened(client) | typed)


def facts() -> dict:
    return Edition.newest().facts


def test_a_saved_answer_is_a_new_edition_with_its_author(manager):
    assert save(manager, answer_food="  Eat nothing\nfor 6 hours. ").status_code == 302
    edition = Edition.newest()
    assert edition.facts == {"answer_food": "Eat nothing for 6 hours."}
    assert edition.saved_by.username == "mora"
    assert edition.summary == "Answer to “May I eat or drink before?”: “Eat nothing for 6 hours.”, was not set"
    assert AccessLogEntry.objects.get(action="clinic").detail == "edition 1: Answer to “May I eat or drink before?”"


def test_the_form_asks_every_question_and_says_where_the_answer_appears(manager):
    page = html.unescape(manager.get(PAGE).content.decode())
    assert set(opened(manager)) == {"edition", "warned", *(question.fact for question in QUESTIONS.values())}
    assert [each for each in QUESTIONS.values() if each.text not in page or each.appears not in page] == []


def test_the_answers_page_and_the_clinic_page_keep_each_others_facts(manager):
    save_clinic(manager, phone="(618) 555-0100")
    save(manager, answer_food="Eat nothing.")
    save_clinic(manager, street="1 Example Street")
    save(manager, answer_length="Plan for 3 hours.")
    assert facts() == {
        "phone": "(618) 555-0100",
        "street": "1 Example Street",
        "answer_food": "Eat nothing.",
        "answer_length": "Plan for 3 hours.",
    }
    save(manager, answer_food="")
    assert "answer_food" not in facts()


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ({"answer_food": "x" * 401}, "Use 400 characters or fewer; this has 401."),
        ({"answer_night_number": "call the front desk"}, "can be dialed"),
    ],
)
def test_invalid_input_gets_an_error_message_and_stays_in_the_form(manager, typed, complaint):
    answer = save(manager, **({"answer_records": "Bring <b>them</b>."} | typed))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert complaint in page
    again = fields(page)
    assert again["answer_records"] == "Bring <b>them</b>."
    assert {name: again[name] for name in typed} == typed
    assert not Edition.objects.exists()


def test_a_promising_phrase_is_saved_only_on_the_second_press(manager):
    warned = save(manager, answer_food="Nothing.", answer_comfort=PROMISE)
    page = html.unescape(warned.content.decode())
    assert warned.status_code == 200
    assert "What can I bring to be comfortable? “painless”" in page
    assert not Edition.objects.exists()
    assert manager.post(PAGE, fields(warned.content.decode())).status_code == 302
    assert facts() == {"answer_food": "Nothing.", "answer_comfort": PROMISE}
    assert save(manager, answer_food="Nothing to eat.").status_code == 302, "a saved answer is warned of again"


def test_another_promising_phrase_is_warned_of_too(manager):
    again = fields(save(manager, answer_comfort=PROMISE).content.decode())
    second = manager.post(PAGE, again | {"answer_comfort": "A miracle."})
    assert "“miracle”" in second.content.decode()
    assert not Edition.objects.exists()
    assert manager.post(PAGE, again | {"answer_comfort": "Music."}).status_code == 302
    assert facts() == {"answer_comfort": "Music."}


@pytest.mark.parametrize("warned", ["x", "[]", '{"What can I bring to be comfortable?": 1}', "1"])
def test_an_invented_confirmation_is_not_accepted(manager, warned):
    assert save(manager, answer_comfort=PROMISE, warned=warned).status_code == 200
    assert not Edition.objects.exists()


def test_the_preview_shows_the_answer_as_pages_do_and_saves_nothing(manager, client):
    page = save(manager, answer_companion="Yes, <b>one</b> adult.", preview="").content.decode()
    shown = re.search(r'<div class="callout callout--note">.*?</div>', page, re.DOTALL)[0]
    assert "Nothing was saved yet" in page
    assert not Edition.objects.exists()
    assert "Yes, &lt;b&gt;one&lt;/b&gt; adult." in shown
    assert manager.post(PAGE, fields(page)).status_code == 302
    from clinic import snapshot

    snapshot.refresh()
    assert shown in client.get("/ketamine-infusion-therapy/your-visit/").content.decode()


def test_a_conflicting_edit_of_the_answers_is_refused_and_keeps_the_input(manager):
    save(manager, answer_food="Eat nothing.", answer_length="Plan for 2 hours.")
    second = sign_in(make_member("mona", "Manager"))
    stale = opened(second)
    save(manager, answer_food="Eat lightly.")
    answer = second.post(PAGE, stale | {"answer_length": "Plan for 3 hours."})
    page = html.unescape(answer.content.decode())
    assert answer.status_code == 409
    assert "mora saved other changes" in page
    assert "“May I eat or drink before?”: “Eat lightly.”, was “Eat nothing.”" in page
    assert facts() == {"answer_food": "Eat lightly.", "answer_length": "Plan for 2 hours."}
    assert second.post(PAGE, fields(answer.content.decode())).status_code == 302
    assert facts() == {"answer_food": "Eat lightly.", "answer_length": "Plan for 3 hours."}


def test_only_managers_can_open_the_answers(desk, client):
    assert desk.get(PAGE).status_code == 403
    assert desk.post(PAGE, {"answer_food": "Nothing."}).status_code == 403
    assert client.get(PAGE).status_code == 302
    assert not Edition.objects.exists()


def test_an_answer_typed_before_the_session_ended_is_kept(manager):
    typed = opened(manager) | {"answer_food": "Eat nothing."}
    manager.logout()
    page = manager.post(PAGE, typed).content.decode()
    assert re.search(r'name="kept" value="[^"]{20,}"', page)
    assert "Eat nothing." not in page


def test_the_start_page_counts_the_questions_without_an_answer(manager):
    assert "14 of the 14 questions" in manager.get("/staff/").content.decode()
    save(manager, answer_food="Eat nothing.")
    assert "13 of the 14 questions" in manager.get("/staff/").content.decode()
