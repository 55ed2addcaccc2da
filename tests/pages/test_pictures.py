"""Tests of how pages show the clinic's pictures, and of how the pictures are served and built."""

import json
import re

import pytest
from django.core.management import call_command

from albany_site.built_pages import BuiltPages
from clinic.models import Picture
from pages import build
from pages.management.commands import prerender
from tests.helpers.photographs import stored_row
from tests.pages.test_prerender import Asked, build_dir, django_answers

__all__ = ["build_dir"]  # a fixture
pytestmark = pytest.mark.django_db
PEOPLE = [{"name": "Example Ann", "title": "MD", "responsible": True}, {"name": "Example Bea", "title": "Nurse"}]
PLACES = {
    "/visit-us/": ("door_picture", "480", "320"),
    "/about/": ("room_picture", "480", "360"),
    "/ketamine-infusion-therapy/your-visit/": ("room_picture", "480", "360"),
}


def images(client, path: str) -> list[str]:
    return re.findall(r"<picture>.*?</picture>", client.get(path).content.decode())


@pytest.mark.parametrize("path", PLACES)
def test_a_page_shows_its_picture_with_size_and_alt_text(client, set_facts, path):
    fact, width, height = PLACES[path]
    row = stored_row(fact.removesuffix("_picture"), "A “green” door")
    set_facts(people=[], **{fact: row})
    (image,) = images(client, path)
    url = f"/pictures/{row['picture']}"
    assert f'srcset="{url}.480.webp 480w, {url}.webp 960w" sizes="480px"' in image
    assert f'src="{url}.jpg" width="{width}" height="{height}" alt="A “green” door"' in image


def test_each_person_is_shown_with_their_own_picture_or_none(client, set_facts):
    set_facts(people=PEOPLE, people_pictures={"Example Bea": stored_row("person", "Bea at a desk")})
    for path, size in (("/team/", 'width="240" height="300"'), ("/about/", 'width="120" height="150"')):
        (image,) = images(client, path)
        assert f'{size} alt="Bea at a desk" loading="lazy"' in image
        page = client.get(path).content.decode()
        # The portrait is right before or after its own person, who follows the other.
        start, end = sorted([page.index("Example Bea"), page.index(image)])
        assert page.index("Example Ann") < start
        assert "Example Ann" not in page[start:end]


def test_unset_pictures_leave_no_gap(client, set_facts):
    set_facts(people=PEOPLE)
    for path in (*PLACES, "/team/"):
        page = client.get(path).content.decode()
        assert "<img" not in page
        assert "<p></p>" not in page


def test_the_structured_data_names_only_pictures_that_the_page_shows(client, set_facts):
    rows = {kind: stored_row(kind) for kind in Picture.SHAPES}
    people = {"Example Ann": rows["person"], "Example Bea": rows["person"]}
    set_facts(people=PEOPLE, door_picture=rows["door"], room_picture=rows["room"], people_pictures=people)
    named = {}
    for path in ("/visit-us/", "/about/", "/team/", "/"):
        page = client.get(path).content.decode()
        data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page)[1])
        named[path] = {part["image"] for part in data["@graph"] if "image" in part}
        assert all(url.removeprefix("http://localhost:8000") in page.partition("</head>")[2] for url in named[path])
    assert [len(urls) for urls in named.values()] == [1, 2, 1, 0]


def test_a_picture_is_served_unchanged_and_may_be_kept_by_browsers(client, set_facts):
    row = stored_row("door")
    set_facts(door_picture=row)
    stored = Picture.objects.get(key=row["picture"])
    for rendition, (field, content_type) in Picture.RENDITIONS.items():
        response = client.get(f"/pictures/{row['picture']}.{rendition}")
        assert response.content == bytes(getattr(stored, field))
        assert response["Content-Type"] == content_type
        assert response["Cache-Control"] == "public, max-age=31536000, s-maxage=20, immutable"
        assert response["X-Content-Type-Options"] == "nosniff"


def test_a_picture_that_no_page_shows_is_not_served(client, set_facts):
    row, former = stored_row("person"), stored_row("person", color="lime")
    set_facts(people=PEOPLE, people_pictures={"Example Former": former, "Example Ann": row})
    key = row["picture"]
    assert client.get(f"/pictures/{key}.jpg").status_code == 200
    for path in (f"{former['picture']}.jpg", f"{stored_row('door')['picture']}.jpg", f"{key}.png", "x.jpg", f"{key}.x"):
        assert client.get(f"/pictures/{path}").status_code == 404


# --- In a build


def built() -> set[str]:
    """Make a build and return the paths of its pictures."""
    call_command("prerender", verbosity=0)
    return {path for path in build.look_for_newer_build().pages if path.startswith("/pictures/")}


def files(row: dict[str, str]) -> set[str]:
    return {f"/pictures/{row['picture']}.{rendition}" for rendition in Picture.RENDITIONS}


def test_a_build_serves_the_pictures_that_its_pages_show(build_dir, set_facts, client):
    row = stored_row("door")
    set_facts(door_picture=row)
    assert built() == files(row)
    for path in files(row):
        plain = client.get(path)
        answer = Asked(BuiltPages(django_answers, build.current_build()), path, HTTP_ACCEPT_ENCODING="br, gzip")
        assert answer.body == plain.content
        expected = {name: value for name, value in plain.items() if name not in ("X-Request-ID", "Content-Length")}
        assert answer.headers == expected | {"Content-Length": str(len(plain.content))}
        assert (build_dir / "pages" / path.lstrip("/")).read_bytes() == plain.content


def test_a_picture_is_kept_one_build_longer_than_its_page(build_dir, set_facts):
    first, second = stored_row("door"), stored_row("door", color="lime")
    set_facts(door_picture=first)
    assert built() == files(first)
    set_facts(door_picture=second)
    assert built() == files(first) | files(second)
    set_facts(phone="(618) 555-0100")
    assert built() == files(second)
    set_facts(door_picture={})
    assert built() == files(second)
    assert built() == set()


def test_a_new_release_keeps_the_pictures_that_cached_pages_show(build_dir, set_facts, monkeypatch):
    first, second = stored_row("door"), stored_row("door", color="lime")
    set_facts(door_picture=first)
    built()
    set_facts(door_picture=second)
    with monkeypatch.context() as newer:
        for module in (build, prerender):
            newer.setattr(module, "source_hash", lambda: "newer")
        assert built() == files(first) | files(second)


def test_a_build_without_the_database_has_its_pictures(build_dir, set_facts):
    row = stored_row("door")
    set_facts(door_picture=row)
    built()
    Picture._base_manager.all().delete()
    assert built() == files(row)


def test_a_picture_stored_while_pages_are_built_changes_nothing(build_dir, set_facts, monkeypatch):
    row = stored_row("door")
    set_facts(door_picture=row)
    ask = prerender.ask

    def store_and_ask(path):
        stored_row("door", color="lime")
        return ask(path)

    monkeypatch.setattr(prerender, "ask", store_and_ask)
    assert built() == files(row)
    assert Picture.objects.count() == 2
