"""Tests of the references by which emails and logs name a request."""

from consultations.models import request
from tests.helpers.staff_members import make_member
from tools.bench.stored_requests import fill


def test_no_reference_spells_a_condition(monkeypatch):
    drawn = iter("3PTSD456" + "CRPS7893" + "K7MB4P9X")
    monkeypatch.setattr(request.secrets, "choice", lambda _: next(drawn))
    assert request.new_reference() == "K7MB4P9X"


def test_no_reference_can_spell_a_word():
    assert not set(request.REFERENCE_ALPHABET) & set("AEIOUY")
    assert set(request.new_reference()) <= set(request.REFERENCE_ALPHABET)


def test_made_up_requests_for_measurements_draw_again_what_is_taken(db, monkeypatch):
    member, drawn = make_member(), iter("K7MB4P9X" * 3 + "K7MB4P9C" + "K7MB4P9D")
    monkeypatch.setattr(request.secrets, "choice", lambda _: next(drawn))
    fill(3, member, "new")
    references = set(request.ConsultationRequest.objects.values_list("reference", flat=True))
    assert references == {"K7MB4P9X", "K7MB4P9C", "K7MB4P9D"}
