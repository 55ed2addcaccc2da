"""Tests that each desk form of the clinic's facts answers an edition number that it never sent with a sentence."""

import html
import re

import pytest
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import resolve
from django.utils import timezone

from clinic.models import Edition, Picture
from clinic.picture_files import store
from clinic.pictures import DOOR
from tests.front_desk.test_people import fields
from tests.helpers.photographs import photograph

pytestmark = [pytest.mark.django_db, pytest.mark.stored_facts]
TODAY = timezone.localdate().isoformat()
CLINIC = "/staff/clinic/"
PICTURES = CLINIC + "pictures/"
# For each form, an input and what a manager types there.
FORMS = {
    CLINIC: ("street", "1 Example Street"),
    CLINIC + "answers/": ("answer_food", "Example food"),
    CLINIC + "people/": ("people-0-training", "Example School"),
    CLINIC + "prices/": ("prices-0-what", "Example visit"),
    CLINIC + "notices/languages/": ("texts-0-text", "Example words"),
    CLINIC + "reviews/safety/": ("day", TODAY),
    PICTURES: ("alt", "Example door"),
}
OTHERS = {
    CLINIC + "people/": {"people-0-name": "Example Ann", "people-0-title": "MD", "people-0-responsible": "on"},
    CLINIC + "prices/": {"as_of": TODAY, "prices-0-amount": "1"},
    CLINIC + "notices/languages/": {"effective": TODAY, "texts-0-language": "en"},
    CLINIC + "reviews/safety/": {"name": "Example Ann"},
    PICTURES: {"slot": DOOR, "do": "save"},
}
BUTTONS = {PICTURES: {"do": "save"}}
NUMBERS = [None, "", "-1", "7", "99999999", "9" * 10, "9" * 400, "x", "1.0", "²", "٣", " 0x1", "\x00"]
ANN = {"name": "Example Ann", "title": "MD", "responsible": True}


def shown_in(response) -> dict[str, str]:
    """Return the fields of the form. On the page of pictures, that is the preview's, if there is one."""
    preview, _, upload = response.content.decode().partition("<h2>Add or replace a picture</h2>")
    return fields(preview) or fields(upload)


def typed_into(client, path: str) -> dict[str, str]:
    name, value = FORMS[path]
    form = shown_in(client.get(path)) | OTHERS.get(path, {}) | {name: value}
    if path == PICTURES:
        form["picture"] = store(SimpleUploadedFile("door.jpg", photograph()), Picture.Kind.DOOR).key
    return {key: each for key, each in form.items() if key not in ("csrfmiddlewaretoken", "reason")}


def test_every_form_that_contains_an_edition_is_tried_here():
    names = {pattern.name for pattern in admin.site.get_urls() if getattr(pattern, "name", None)}
    ours = {name for name in names if name.startswith("clinic") and not name.startswith("clinic_clinic")}
    without_edition = (
        "history",
        "put_back",
        "close_today",
        "google_profile",
        "reviews",
        "notices",
        "notice_version",
        "picture",
    )
    tried = {resolve(path).url_name for path in FORMS}
    assert ours - {f"clinic_{name}" for name in without_edition} == tried


@pytest.mark.parametrize("editions", [0, 2])
@pytest.mark.parametrize("path", FORMS)
def test_an_edition_number_no_form_had_gets_a_sentence(manager, path, editions):
    for each in range(editions):
        Edition.publish({"people": [ANN | {"training": f"School {each}"}]}, "Example", after=each)
    name, value = FORMS[path]
    form = typed_into(manager, path)
    form.pop("edition")
    for number in NUMBERS:
        answer = manager.post(path, form | ({} if number is None else {"edition": number}))
        page = html.unescape(answer.content.decode())
        assert answer.status_code == 409, number
        assert "nothing was saved yet" in page, number
        assert "saved other changes" not in page, number
        again = shown_in(answer)
        assert (again[name], again["edition"]) == (value, str(editions)), number
    assert Edition.objects.count() == editions


@pytest.mark.parametrize("path", FORMS)
def test_after_that_sentence_a_second_press_saves_what_was_typed(manager, path):
    Edition.publish({"people": [ANN]}, "Example", after=0)
    form = typed_into(manager, path) | {"edition": "x"}
    again = {
        name: value
        for name, value in shown_in(manager.post(path, form)).items()
        if name not in ("csrfmiddlewaretoken", "reason")
    }
    assert manager.post(path, again | BUTTONS.get(path, {})).status_code == 302
    assert FORMS[path][1] in re.sub(r"\s+", " ", str(Edition.newest().facts))


@pytest.mark.parametrize("path", FORMS)
def test_an_unknown_number_and_an_error_in_the_form_give_the_errors_sentence(manager, path):
    name, _ = FORMS[path]
    wrong = {"street": "\N{SNOWMAN}", "day": "soon", "texts-0-text": "<b>"}.get(name, "x" * 700)
    answer = manager.post(path, typed_into(manager, path) | {"edition": "²", name: wrong})
    assert answer.status_code in (409, 422)
    assert "othing was saved yet" in answer.content.decode()
    assert not Edition.objects.exists()


@pytest.mark.parametrize("number", ["0", "7", "9" * 30])
def test_putting_back_an_edition_that_never_was_is_not_found(manager, number):
    assert manager.post(f"{CLINIC}put-back/{number}/").status_code == 404
    Edition.publish({"people": [ANN]}, "Example", after=0)
    assert manager.post(f"{CLINIC}put-back/{number}/").status_code == 404


@pytest.mark.parametrize("number", ["-1", "²", "x"])
def test_putting_back_what_is_no_number_is_not_found(manager, number):
    assert manager.post(f"{CLINIC}put-back/{number}/").status_code == 404
