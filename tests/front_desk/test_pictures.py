"""Tests of the desk page where managers add the clinic's pictures, and of the limit on what the site accepts."""

import html
import re

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import InMemoryUploadedFile, SimpleUploadedFile
from django.db import OperationalError
from django.test import Client

from clinic import snapshot
from clinic.models import Edition, Picture
from consultations.models import AccessLogEntry
from front_desk import pictures_admin, pictures_forms
from tests.front_desk.test_people import ANN, BEA, add, messages, names, opened, row
from tests.helpers.photographs import HEIC, halves, phone_photograph, photograph
from tests.helpers.staff_members import make_member, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.stored_facts]
PAGE, HISTORY = "/staff/clinic/pictures/", "/staff/clinic/history/"
MB = 1024 * 1024


def inputs(page: str) -> dict[str, str]:
    """Return the fields of the form for saving the previewed picture."""
    form = page.partition("<h2>Preview")[2].partition("</form>")[0]
    tags = (dict(re.findall(r'(\w+)="([^"]*)"', tag)) for tag in re.findall(r"<input[^>]*>", form))
    return {tag["name"]: html.unescape(tag.get("value", "")) for tag in tags if tag["name"] != "csrfmiddlewaretoken"}


def upload(client, slot: str = "door_picture", alt: str = "A green door", data: bytes | None = None, **fields):
    file = SimpleUploadedFile("IMG_0001.jpg", photograph() if data is None else data)
    number = Edition.newest().number if Edition.newest() else 0
    typed = {"edition": number, "slot": slot, "alt": alt, "file": file, "do": "preview"}
    return client.post(PAGE, typed | fields)


def save(client, preview, **fields: str):
    return client.post(PAGE, inputs(preview.content.decode()) | {"do": "save"} | fields)


def add_picture(client, *args, **fields) -> None:
    assert save(client, upload(client, *args, **fields)).status_code == 302


def facts() -> dict:
    return Edition.newest().facts if Edition.newest() else {}


def test_a_picture_is_previewed_and_then_saved_as_a_new_edition(manager, client):
    preview = upload(manager)
    assert preview.status_code == 200
    assert "This is a preview. Nothing was saved yet." in preview.content.decode()
    key = Picture.objects.get().key
    image = manager.get(f"{PAGE}{key}/")
    assert (image["Content-Type"], image["Cache-Control"]) == ("image/webp", "no-store")
    assert client.get(f"/pictures/{key}.jpg").status_code == 404
    assert Edition.objects.count() == 0

    assert save(manager, preview).status_code == 302
    assert facts() == {"door_picture": {"picture": key, "alt": "A green door"}}
    assert Edition.newest().summary == f"Picture of the door: “A green door” (picture {key[:8]}), was none"
    assert AccessLogEntry.objects.get(action="clinic").detail == "edition 1: Picture of the door"
    snapshot.refresh()
    assert f"/pictures/{key}.jpg" in client.get("/visit-us/").content.decode()
    assert client.get(f"/pictures/{key}.jpg").status_code == 200


def test_each_person_has_a_picture_until_they_leave(manager):
    add(manager, ANN, BEA)
    for person in names():
        add_picture(manager, f"person:{person}", f"This is {person}")
    assert {name: row["alt"] for name, row in facts()["people_pictures"].items()} == {
        "Example Ann": "This is Example Ann",
        "Example Bea": "This is Example Bea",
    }
    assert len({row["picture"] for row in facts()["people_pictures"].values()}) == 1
    assert Picture.objects.get().kind == "person"
    manager.post("/staff/clinic/people/", {"edition": Edition.newest().number} | _only_ann(manager))
    assert names() == ["Example Ann"]
    refused = upload(manager, "person:Example Bea")
    assert "no longer one of the clinic&#x27;s people" in refused.content.decode()
    add_picture(manager, "person:Example Ann", "Another text")
    assert set(facts()["people_pictures"]) == {"Example Ann"}


def _only_ann(client) -> dict[str, str]:
    return opened(client) | {"people-1-remove": "on"}


def rename(client, name: str, **parts: str):
    form = opened(client) | row(1, name=name, **parts)
    return client.post("/staff/clinic/people/", form)


def test_a_corrected_name_keeps_the_picture_in_the_same_edition(manager, client):
    add(manager, ANN, BEA)
    add_picture(manager, "person:Example Bea", "Example Bea at the window")
    key, number = facts()["people_pictures"]["Example Bea"]["picture"], Edition.newest().number
    answer = rename(manager, "Example Beatrice")
    assert Edition.newest().number == number + 1
    assert facts()["people_pictures"] == {
        "Example Beatrice": {"picture": key, "alt": "Example Beatrice at the window"},
    }
    assert (
        f"Pictures of people: Example Beatrice: “Example Beatrice at the window” (picture {key[:8]}), "
        "was the picture of Example Bea"
    ) in Edition.newest().summary
    assert "The picture of Example Bea is now shown as Example Beatrice." in messages(answer)
    snapshot.refresh()
    assert f"/pictures/{key}.jpg" in client.get("/team/").content.decode()


def test_someone_typed_over_another_person_does_not_get_their_picture(manager):
    add(manager, ANN, BEA)
    add_picture(manager, "person:Example Bea")
    answer = rename(manager, "Cal Person", title="Nurse")
    assert "people_pictures" not in facts()
    assert "The picture of Example Bea is no longer shown." in messages(answer)


def test_someone_added_in_the_place_of_a_removed_person_gets_no_picture(manager):
    add(manager, ANN, BEA)
    add_picture(manager, "person:Example Bea")
    form = opened(manager) | row(1, remove="on") | row(2, name="Example Beatrice", position="2")
    assert manager.post("/staff/clinic/people/", form).status_code == 302
    assert names() == ["Example Ann", "Example Beatrice"]
    assert "people_pictures" not in facts()


def test_a_name_typed_again_later_brings_no_picture_back(manager):
    add(manager, ANN, BEA)
    add_picture(manager, "person:Example Bea")
    manager.post("/staff/clinic/people/", _only_ann(manager))
    add(manager, BEA)
    assert "people_pictures" not in facts()


def test_a_picture_left_behind_by_an_older_edition_is_not_shown_with_a_name_typed_now(manager):
    add(manager, ANN, BEA)
    add_picture(manager, "person:Example Bea")
    left = facts() | {"people": facts()["people"][:1]}
    Edition.publish(left, "as older versions stored it", after=Edition.newest().number)
    add(manager, BEA)
    assert "people_pictures" not in facts()


def test_two_people_who_trade_names_keep_the_pictures_of_those_names(manager):
    add(manager, ANN, BEA)
    add_picture(manager, "person:Example Bea", "This is Example Bea")
    before = facts()["people_pictures"]
    form = opened(manager) | row(0, name="Example Bea") | row(1, name="Example Ann")
    assert manager.post("/staff/clinic/people/", form).status_code == 302
    assert facts()["people_pictures"] == before


def test_a_new_alt_text_needs_no_new_photograph(manager):
    add_picture(manager)
    row = facts()["door_picture"]
    typed = {"edition": 1, "slot": "door_picture", "picture": row["picture"], "alt": "The green door", "do": "save"}
    assert manager.post(PAGE, typed).status_code == 302
    assert facts()["door_picture"] == row | {"alt": "The green door"}


def test_a_picture_is_removed_and_put_back(manager):
    add_picture(manager)
    before = facts()
    assert manager.post(PAGE, {"edition": 1, "slot": "door_picture", "do": "remove"}).status_code == 302
    assert facts() == {}
    assert "none, was “A green door”" in manager.get(HISTORY).content.decode()
    manager.post("/staff/clinic/put-back/1/")
    assert facts() == before


def test_a_picture_without_alt_text_keeps_its_preview(manager):
    preview = upload(manager, alt=" ")
    page = preview.content.decode()
    assert preview.status_code == 422
    assert "Say in a few words what the picture shows" in page
    assert "<h2>Preview: The door</h2>" in page
    refused = save(manager, preview, alt="x" * 201)
    assert refused.status_code == 422
    assert inputs(refused.content.decode())["alt"] == "x" * 201
    assert save(manager, refused, alt="A door").status_code == 302


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "This file is empty. Choose another one."),
        (HEIC, "Your phone saved this as HEIC. Please send it as JPEG."),
        (b"%PDF-1.7", "a JPEG, PNG or WebP picture"),
        (b"<svg/>", "a JPEG, PNG or WebP picture"),
        (photograph()[:-2000], "damaged or incomplete"),
        (photograph(halves((100, 100))), "too small"),
        (bytes(12 * MB + 1), "larger than 12 MB"),
    ],
    ids=["empty", "HEIC", "PDF", "SVG", "truncated", "small", "large"],
)
def test_an_unusable_file_is_explained_beside_its_field(manager, data, sentence):
    response = upload(manager, data=data)
    page = response.content.decode()
    assert response.status_code == 422
    assert sentence in page.partition('id="upload_file_error"')[2].partition("</p>")[0]
    assert 'value="A green door"' in page
    assert '<option value="door_picture" selected>' in page
    assert Picture.objects.count() == 0


def test_a_form_without_a_file_or_a_subject_says_so(manager):
    page = manager.post(PAGE, {"edition": 0, "slot": "", "alt": "A door", "do": "preview"}).content.decode()
    assert "Choose what the picture shows." in page
    assert "Choose a photograph." in page
    assert 'value="A door"' in page


@pytest.mark.parametrize("key", ["../x", "0" * 32, "", "é"])
def test_a_picture_that_is_not_stored_cannot_be_saved(manager, key):
    response = manager.post(PAGE, {"edition": 0, "slot": "door_picture", "picture": key, "alt": "A", "do": "save"})
    assert response.status_code == 422
    assert facts() == {}


def test_a_second_manager_is_told_what_changed_and_keeps_the_picture(manager):
    preview = upload(manager)
    other = sign_in(make_member("noor", "Manager"))
    add_picture(other, "room_picture", "An armchair")
    conflict = save(manager, preview)
    page = conflict.content.decode()
    assert conflict.status_code == 409
    assert "noor saved other changes" in page
    assert "“An armchair”" in page
    assert save(manager, conflict).status_code == 302
    assert set(facts()) == {"door_picture", "room_picture"}
    late = manager.post(PAGE, {"edition": 1, "slot": "door_picture", "do": "remove"})
    assert "nothing was removed" in " ".join(map(str, get_messages(late.wsgi_request)))
    assert set(facts()) == {"door_picture", "room_picture"}


def test_only_managers_see_the_page_and_its_pictures(desk, client):
    assert desk.get(PAGE).status_code == 403
    assert upload(desk).status_code == 403
    assert desk.get(f"{PAGE}{'0' * 32}/").status_code == 403
    assert client.get(PAGE).status_code == 302
    assert Picture.objects.count() == 0


def test_a_full_disk_is_explained_and_the_public_pages_stay(manager, client, monkeypatch):
    def full(*arguments, **options):
        raise OperationalError("database or disk is full")

    preview = upload(manager)
    steps = ((pictures_forms, "store", upload), (pictures_admin, "publish", lambda desk: save(desk, preview)))
    for module, place, call in steps:
        with monkeypatch.context() as broken:
            broken.setattr(module, place, full)
            response = call(manager)
        assert response.status_code == 503
        assert "could not be stored just now" in response.content.decode()
        assert "A green door" in response.content.decode()
    assert client.get("/visit-us/").status_code == 200
    assert save(manager, preview).status_code == 302


# --- Limits


def test_a_photograph_of_12_megabytes_stays_in_memory(manager, monkeypatch):
    kinds = []
    original = pictures_forms.store

    def watch(file, kind):
        kinds.append(type(file))
        return original(file, kind)

    monkeypatch.setattr(pictures_forms, "store", watch)
    assert upload(manager, data=phone_photograph(int(11.9 * MB))).status_code == 200
    assert kinds == [InMemoryUploadedFile]


@pytest.mark.parametrize("path", ["/consultation/", "/staff/clinic/", "/staff/login/", f"{PAGE}x/", "/", "/no-such/"])
def test_every_other_address_refuses_a_body_over_256_kilobytes(manager, path):
    file = SimpleUploadedFile("large.jpg", bytes(300_000))
    response = manager.post(path, {"file": file})
    assert response.status_code == 413
    assert "That was more than the form can take" in response.content.decode()


def test_a_body_too_large_for_the_page_is_explained_beside_the_field(manager):
    response = manager.post(PAGE, {"file": SimpleUploadedFile("large.jpg", bytes(13 * MB))}, follow=True)
    page = response.content.decode()
    assert "larger than 12 MB" in page.partition('id="upload_file_error"')[2].partition("</p>")[0]


def test_a_session_that_ends_before_an_upload_keeps_what_was_typed():
    response = upload(Client(), alt="Only Mora wrote this", data=phone_photograph(2 * MB))
    assert response.status_code == 403
    assert 'name="kept"' in response.content.decode()
    assert Picture.objects.count() == 0
