"""Tests of the references by which emails and logs name a request."""

from consultations.models import request


def test_no_reference_spells_a_condition(monkeypatch):
    drawn = iter("3PTSD456" + "CRPS7893" + "K7MB4P9X")
    monkeypatch.setattr(request.secrets, "choice", lambda _: next(drawn))
    assert request.new_reference() == "K7MB4P9X"


def test_no_reference_can_spell_a_word():
    assert not set(request.REFERENCE_ALPHABET) & set("AEIOUY")
    assert set(request.new_reference()) <= set(request.REFERENCE_ALPHABET)
