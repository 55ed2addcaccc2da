"""Tests of what `manage.py restore` prints about the clinic's facts."""

import json

import pytest

from albany_site.management.commands.restore import facts_restored
from clinic.models import Edition
from pages import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def shown(settings, tmp_path):
    """Yield a function that creates a build with the given edition and facts."""
    settings.BUILD_DIR = tmp_path
    build.forget()

    def record(edition: int, **facts: str) -> None:
        folder = tmp_path / "pages-20260101T000000-made-up"
        folder.mkdir()
        made = {"source_hash": build.source_hash(), "edition": edition, "facts": facts}
        (folder / build.RECORD).write_text(json.dumps(made))

    yield record
    build.forget()


@pytest.mark.parametrize(
    ("edition", "phone", "said"),
    [
        (7, "(618) 555-0187", "facts went back from edition 7, which the pages still show, to edition 1, saved 20"),
        (1, "(618) 555-0187", "facts changed from edition 1, which the pages still show, to edition 1, saved 20"),
        (1, "(618) 555-0142", "facts are those of edition 1, saved 20"),
        (7, "(618) 555-0142", "facts are those of edition 1, saved 20"),
    ],
)
def test_a_restore_reports_whether_the_clinics_facts_changed(shown, edition, phone, said):
    Edition.publish({"phone": "(618) 555-0142"}, "", after=0)
    shown(edition, phone=phone)
    assert said in facts_restored()


def test_a_restore_reports_that_no_facts_were_saved(shown):
    assert facts_restored() == "The clinic's facts are those of no edition."
    shown(3, phone="(618) 555-0187")
    assert "went back from edition 3, which the pages still show, to no edition." in facts_restored()
