from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from consultations import retention
from consultations.models import AccessLogEntry, Note
from tests.made_up import consultation
from tests.staff_members import make_member

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["note", "entry"])
def row(request):
    author = make_member()
    if request.param == "note":
        return Note.objects.create(request=consultation(), author=author, text="Left a voicemail.")
    return AccessLogEntry.objects.create(user=author, action=AccessLogEntry.Action.VIEW, request=consultation())


def test_a_note_and_a_log_entry_are_neither_changed_nor_deleted_once_written(row):
    for attempt in (row.save, row.delete, row.__class__.objects.all().delete):
        with pytest.raises(TypeError):
            attempt()
    with pytest.raises(TypeError):
        row.__class__.objects.update(pk=1)
    assert row.__class__.objects.count() == 1


def test_the_text_of_a_note_is_not_readable_in_the_database():
    Note.objects.create(request=consultation(), author=make_member(), text="Prefers the side door.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM consultations_note")
        assert "side door" not in cursor.fetchone()[0]


def test_erasing_a_request_empties_the_words_of_its_notes_and_keeps_who_wrote_when():
    asked = consultation()
    Note.objects.create(request=asked, author=make_member(), text="Prefers the side door.")
    retention.erase(asked)
    note = Note.objects.get()
    assert (note.text, note.author.username) == (None, "dana")


def test_the_log_is_kept_for_six_years_and_no_longer():
    now, dana = timezone.now(), make_member()
    for age in (1, 6 * 366 - 1, 6 * 366 + 1):
        AccessLogEntry.objects.create(user=dana, action="list", at=now - timedelta(days=age), detail=str(age))
    call_command("erase_old_requests", dry_run=True)
    assert AccessLogEntry.objects.count() == 3
    call_command("erase_old_requests")
    assert {entry.detail for entry in AccessLogEntry.objects.all()} == {"1", str(6 * 366 - 1)}
