"""Tests of the reencrypt command, which moves stored data to the new keys while the site runs."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from consultations.encryption import Unreadable, encrypt
from consultations.models import ConsultationRequest, Correction, Note
from tests.helpers.factories import consultation

OLD, NEW = {"old": b"o" * 32}, {"new": b"n" * 32}
OLD_LOOKUP, NEW_LOOKUP = {"old": b"O" * 32}, {"new": b"N" * 32}


@pytest.fixture
def three(db, settings) -> list[ConsultationRequest]:
    """Store three requests with the old keys, put the new keys first in the settings, and return the requests."""
    settings.FIELD_KEYS, settings.LOOKUP_KEYS = OLD, OLD_LOOKUP
    requests = [consultation(full_name=f"Zebra {n}", phone=f"618 555 010{n}") for n in range(3)]
    Note.objects.create(consultation=requests[0], text="Okapi")
    Correction.objects.create(consultation=requests[0], before="Gnu")
    settings.FIELD_KEYS, settings.LOOKUP_KEYS = NEW | OLD, NEW_LOOKUP | OLD_LOOKUP
    return requests


def tokens() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT full_name, phone, note FROM consultations_consultationrequest ORDER BY id")
        return [token for row in cursor.fetchall() for token in row]


def test_after_reencrypt_the_old_keys_can_be_removed(three, settings, capsys):
    call_command("reencrypt")
    assert (
        capsys.readouterr().out == "17 texts re-encrypted and 3 hashes recomputed; the first key decrypts every text.\n"
    )
    settings.FIELD_KEYS, settings.LOOKUP_KEYS = NEW, NEW_LOOKUP
    names = [request.full_name for request in ConsultationRequest.objects.order_by("pk")]
    assert names == ["Zebra 0", "Zebra 1", "Zebra 2"]
    assert (Note.objects.get().text, Correction.objects.get().before) == ("Okapi", "Gnu")
    assert ConsultationRequest.objects.with_contact("(618) 555-0101").get() == three[1]


def test_a_second_reencrypt_changes_nothing(three, capsys):
    call_command("reencrypt")
    before = tokens()
    capsys.readouterr()
    call_command("reencrypt")
    assert capsys.readouterr().out.startswith("0 texts re-encrypted and 0 hashes recomputed")
    assert tokens() == before


def test_an_interrupted_reencrypt_resumes(three, monkeypatch, settings):
    command = "consultations.management.commands.reencrypt"
    times = iter(range(8))

    def interrupted(text: str, column: str) -> str:
        if next(times, None) is None:
            raise KeyboardInterrupt
        return encrypt(text, column)

    monkeypatch.setattr(f"{command}.encrypt", interrupted)
    monkeypatch.setattr(f"{command}.ROWS_AT_ONCE", 1)
    with pytest.raises(KeyboardInterrupt):
        call_command("reencrypt")
    monkeypatch.undo()
    settings.FIELD_KEYS, settings.LOOKUP_KEYS = NEW | OLD, NEW_LOOKUP | OLD_LOOKUP
    assert {token.split(".")[1] for token in tokens()} == {"old", "new"}
    call_command("reencrypt")
    assert {token.split(".")[1] for token in tokens()} == {"new"}


def test_reencrypt_does_not_overwrite_a_concurrent_change(three, monkeypatch):
    def change_it_first(text: str, column: str) -> str:
        if text == "Zebra 1":
            ConsultationRequest.objects.filter(pk=three[1].pk).update(full_name="Quagga")
        return encrypt(text, column)

    monkeypatch.setattr("consultations.management.commands.reencrypt.encrypt", change_it_first)
    call_command("reencrypt")
    assert ConsultationRequest.objects.get(pk=three[1].pk).full_name == "Quagga"


def test_reencrypt_skips_unreadable_values_and_fails_with_their_count(three, settings):
    settings.FIELD_KEYS = NEW
    before = tokens()
    with pytest.raises(CommandError, match=r"17 texts cannot be decrypted with the current keys"):
        call_command("reencrypt")
    assert tokens() == before
    assert isinstance(ConsultationRequest.objects.first().full_name, Unreadable)


def test_reencrypt_leaves_erased_values_erased(three):
    ConsultationRequest.objects.filter(pk=three[0].pk).update(full_name=None, phone=None, phone_hash="")
    call_command("reencrypt")
    request = ConsultationRequest.objects.get(pk=three[0].pk)
    assert (request.full_name, request.phone, request.phone_hash) == (None, None, "")
