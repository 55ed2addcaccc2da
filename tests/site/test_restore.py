"""Tests of what `manage.py restore` prints about the facts, and of the files that it and `backup` refuse."""

import errno
import json
import tempfile
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

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


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("nowhere", "nowhere is missing. Name a file made by manage.py backup."),
        ("", "is a folder. Name a file made by manage.py backup."),
        ("words", "words is not a readable backup: it is damaged, or manage.py backup did not make it."),
    ],
)
def test_a_restore_checks_the_file_before_the_database(tmp_path, name, complaint):
    (tmp_path / "words").write_text("Not a backup")
    with pytest.raises(CommandError) as refused:
        call_command("restore", str(tmp_path / name))
    assert str(refused.value).endswith(complaint)
    assert "\n" not in str(refused.value)


def test_a_backup_in_a_folder_closed_to_this_user_is_refused_in_words(tmp_path, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "is_file", refuse)
    with pytest.raises(CommandError, match="in a folder that this user can't open. Name a file"):
        call_command("restore", str(tmp_path / "backup.tar"))


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("", "is a folder. Name a new file in it."),
        ("nowhere/backup", "nowhere. Create it, or choose another one."),
        ("words", "already exists. A backup never replaces a file; choose another name."),
        ("words/backup", "words. Create it, or choose another one."),
        ("x" * 300, "can't be written: File name too long."),
    ],
)
def test_a_backup_that_cannot_be_written_says_why(tmp_path, name, complaint):
    (tmp_path / "words").write_text("")
    with pytest.raises(CommandError) as refused:
        call_command("backup", str(tmp_path / name))
    assert str(refused.value).endswith(complaint)
    assert [path.name for path in tmp_path.iterdir()] == ["words"]


def test_a_backup_into_a_full_or_read_only_folder_says_why(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(tempfile, "TemporaryDirectory", refuse)
    with pytest.raises(CommandError, match="backup can't be written: Permission denied"):
        call_command("backup", str(tmp_path / "backup"))


def test_a_restore_reports_that_no_facts_were_saved(shown):
    assert facts_restored() == "The backup contains no clinic facts."
    shown(3, phone="(618) 555-0187")
    assert "went back from edition 3, which the pages still show, to no edition." in facts_restored()
