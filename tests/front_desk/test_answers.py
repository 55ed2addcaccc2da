"""Tests that every stored answer is on the form, at the desk and in the export, and is erased if it is personal.

tests/consultations/test_privacy.py checks that the privacy page names every stored answer.
"""

import csv
from html import unescape
from io import StringIO

import pytest
from django.db import models

from consultations import retention
from consultations.encryption import encrypted_fields
from consultations.forms import ConsultationForm
from consultations.models import ConsultationRequest
from front_desk import labels
from front_desk.export import BYTE_ORDER_MARK, as_csv, header, optional_answers
from tests.helpers.factories import EVERY_ANSWER, sent_form
from tests.helpers.request_page import page_of

CONTENT = ConsultationRequest.CONTENT
ENCRYPTED = [field.name for field in encrypted_fields(ConsultationRequest)]


@pytest.fixture
def asked(db, client) -> ConsultationRequest:
    """Return a request sent through the public form, with an answer to every question."""
    answers = sent_form(**EVERY_ANSWER)
    mistakes = ConsultationForm(answers).errors
    assert not mistakes, f"add valid answers for {list(mistakes)} to EVERY_ANSWER in tests/helpers/factories.py"
    client.post("/consultation/", answers)
    return ConsultationRequest.objects.get()


def test_the_example_request_answers_every_question(asked):
    unanswered = [name for name in CONTENT if not labels.words_of(asked, name)]
    assert unanswered == [], f"add answers for {unanswered} to EVERY_ANSWER in tests/helpers/factories.py"


def test_each_visible_field_is_in_exactly_one_section_and_in_order():
    visible = [field.name for field in ConsultationForm().visible_fields() if field.name != "honeypot"]
    in_sections = [field.name for section in ConsultationForm().sections for field in section.questions]
    missing, unknown = set(visible) - set(in_sections), set(in_sections) - set(visible)
    assert not missing, f"add {missing} to ConsultationForm.SECTIONS"
    assert not unknown, f"define {unknown} as fields of ConsultationForm"
    assert in_sections == visible


def test_the_form_asks_for_every_stored_answer_and_stores_what_it_asks(db, client):
    page = client.get("/consultation/").content.decode()
    not_asked = [name for name in CONTENT if f' name="{name}"' not in page]
    assert not_asked == [], f"add {not_asked} to the fields and SECTIONS of ConsultationForm"
    questions = {field.html_name for section in ConsultationForm().sections for field in section.questions}
    not_stored = questions - set(CONTENT) - {"age_ok", "consent"}  # consent is stored as consent_at, age_ok not at all
    assert not_stored == set(), f"add {not_stored} to ConsultationRequest.CONTENT"


def traces(asked: ConsultationRequest) -> dict[str, str]:
    """Return the text that shows each answer on a page, in lowercase and keyed by field.

    It is the answer itself or, if the answer is yes, the field's label.
    """
    shown = {name: labels.words_of(asked, name) for name in CONTENT}
    label = {name: labels.FACT_LABELS.get(name) or asked.shown(name)[0] for name in CONTENT}
    return {name: (label[name] if words == "yes" else words).lower() for name, words in shown.items()}


def test_the_desk_shows_every_answer_until_it_is_erased(asked, desk):
    sought = traces(asked)
    before = unescape(desk.get(page_of(asked)).content.decode()).lower()
    missing = [name for name, words in sought.items() if words not in before]
    assert missing == [], f"remove {missing} from labels.SHOWN_ABOVE_FACTS, or show it above the facts"
    retention.erase(asked)
    after = unescape(desk.get(page_of(asked)).content.decode()).lower()
    assert [name for name, words in sought.items() if words in after] == []


def exported(asked, boxes=()):
    text = "".join(as_csv(ConsultationRequest.objects.filter(pk=asked.pk), boxes))
    return csv.DictReader(StringIO(text.removeprefix(BYTE_ORDER_MARK)))


def test_an_export_contains_every_answer(asked):
    [row] = exported(asked, optional_answers())
    missing = [name for name in CONTENT if row.get(header(name)) != labels.words_of(asked, name)]
    assert missing == [], f"add {missing} to the columns in front_desk/export.py"


def test_an_export_contains_encrypted_answers_only_on_request(asked):
    asked.closed_words = "Moved away"
    asked.save()
    [row] = exported(asked)
    assert [name for name in ENCRYPTED if labels.words_of(asked, name) in row.values()] == []
    assert [name for name in ENCRYPTED if header(name) in row] == []


def test_erasure_empties_every_answer_that_could_identify_someone(asked):
    retention.erase(asked)
    kept = [name for name in CONTENT if getattr(asked, name) is not None]
    fields = {name: ConsultationRequest._meta.get_field(name) for name in kept}
    free = [name for name, field in fields.items() if not field.choices and not isinstance(field, models.BooleanField)]
    assert free == [], f"make {free} an EncryptedField, because only choices and yes-or-no answers survive erasure"
    assert set(ENCRYPTED) & set(kept) == set()
