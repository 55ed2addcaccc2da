"""Tests of the CSV export."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from consultations.models import AccessLogEntry, Note
from tests.helpers.factories import consultation
from tests.helpers.request_page import LIST

pytestmark = pytest.mark.django_db


def export(manager, **fields) -> list[str]:
    answer = manager.post(LIST + "export/", fields)
    assert answer.headers["Content-Type"].startswith("text/csv")
    return answer.content.decode().splitlines()


def test_an_export_has_no_contact_or_free_text_unless_asked(manager):
    asked = consultation(full_name="Zebedee Example", phone="618 555 0177", note="Side door.", topic="pain")
    Note.objects.create(consultation=asked, text="Nice voice.")
    without, contact, everything = (
        "\n".join(export(manager, **fields))
        for fields in ({}, {"with_contact": "on"}, {"with_contact": "on", "with_free_text": "on"})
    )
    assert asked.reference in without
    assert "Zebedee" not in without
    assert "Zebedee" in contact
    # Compare only digits, so that any format matches. Ten digits are too long to be part of a time by chance.
    assert "6185550177" not in re.sub(r"\D", "", without)
    assert "6185550177" in re.sub(r"\D", "", contact)
    for words in ("Side door.", "Chronic pain", "Nice voice."):
        assert words not in without + contact
        assert words in everything


@pytest.mark.parametrize("formula", ["=1+1", "+1 618 555 0100", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"])
def test_no_cell_of_an_export_is_a_formula(manager, formula):
    consultation(full_name=formula, note=formula)
    content = manager.post(LIST + "export/", {"with_contact": "on", "with_free_text": "on"}).content.decode()
    assert f'"\'{formula}"' in content
    assert f'"{formula}"' not in content


def test_an_export_is_logged_with_its_references(manager):
    inside, outside = consultation(), consultation(created_at=timezone.now() - timedelta(days=30))
    assert "Take the file" in manager.get(LIST + "export/").content.decode()
    assert not AccessLogEntry.objects.filter(action="export").exists()
    rows = export(manager, received_from=str(timezone.localdate() - timedelta(days=2)), with_free_text="on")
    assert len(rows) == 2
    assert outside.reference not in "".join(rows)
    entry = AccessLogEntry.objects.get(action="export")
    assert (entry.references, entry.detail) == (inside.reference, "with free text")
