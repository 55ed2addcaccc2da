import base64
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import FieldError
from django.core.serializers import serialize
from django.db import connection
from django.db.models import F
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from albany_site.keys import parse_keys
from consultations.encryption import Unreadable, decrypt, encrypt, keyed_hash
from consultations.models import ConsultationRequest
from tests.helpers.factories import consultation
from tests.helpers.spellings import spellings

OLD, NEW = b"o" * 32, b"n" * 32
COLUMN = "consultations.consultationrequest.full_name"


def stored(request: ConsultationRequest, column: str = "full_name") -> str:
    """Return the raw value of a request's column."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM consultations_consultationrequest WHERE id = %s", [request.pk])
        return cursor.fetchone()[0]


@given(st.text())
@hypothesis_settings(max_examples=30)
def test_any_text_decrypts_to_itself_and_encrypts_differently_each_time(text):
    token = encrypt(text, COLUMN)
    assert decrypt(token, COLUMN) == text
    assert token != encrypt(text, COLUMN)
    assert token.startswith("v1.test.")


def test_the_database_contains_no_plaintext_answers(db):
    request = consultation(
        full_name="Zebra Quagga", note="Okapi by relay", phone="618 555 0100", email="zebra@example.com"
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM consultations_consultationrequest")
        row = str(cursor.fetchall())
    # Each contains a space or an @. Base64 has neither, so no encrypted value can contain these words by chance.
    for word in ("Zebra ", " Quagga", "Okapi ", "618 555", "zebra@"):
        assert word not in row
    assert ConsultationRequest.objects.get(pk=request.pk).full_name == "Zebra Quagga"


def test_a_ciphertext_moved_to_another_column_is_unreadable(db):
    request = consultation(full_name="Zebra Quagga")
    ConsultationRequest.objects.update(note=F("full_name"))
    request.refresh_from_db()
    assert request.full_name == "Zebra Quagga"
    assert isinstance(request.note, Unreadable)


@pytest.mark.parametrize("change", ["v2", "", "v1.test.AAAA", "v1.gone.AAAA", "v1.test.%%%"])
def test_an_altered_token_is_unreadable(change):
    assert isinstance(decrypt(change, COLUMN), Unreadable)


def test_a_ciphertext_with_one_changed_bit_is_unreadable():
    version, name, encoded = encrypt("Zebra", COLUMN).split(".")
    changed = bytearray(base64.b64decode(encoded))
    changed[-1] ^= 1
    assert isinstance(decrypt(f"{version}.{name}.{base64.b64encode(changed).decode()}", COLUMN), Unreadable)


def test_an_old_key_still_decrypts_and_the_first_key_encrypts(db, settings):
    settings.FIELD_KEYS = {"old": OLD}
    request = consultation(full_name="Zebra")
    settings.FIELD_KEYS = {"new": NEW, "old": OLD}
    request.refresh_from_db()
    assert request.full_name == "Zebra"
    request.save(update_fields=["full_name"])
    assert stored(request).startswith("v1.new.")


def test_an_unreadable_value_says_so_and_survives_saving(db, settings):
    request = consultation(full_name="Zebra", note="Okapi", phone="618 555 0100")
    keys, before = settings.FIELD_KEYS, (stored(request), request.phone_hash)
    settings.FIELD_KEYS = {"other": OLD}
    request = ConsultationRequest.objects.get(pk=request.pk)
    assert str(request.full_name) == "cannot be read with the present keys"
    request.note = "readable"
    request.full_clean()
    request.save()
    assert (stored(request), request.phone_hash) == before
    settings.FIELD_KEYS = {"other": OLD} | keys
    request = ConsultationRequest.objects.get(pk=request.pk)
    assert (request.full_name, request.note) == ("Zebra", "readable")


def test_an_erased_value_is_null_and_can_be_queried(db):
    request = consultation(full_name="Zebra")
    ConsultationRequest.objects.update(full_name=None)
    assert ConsultationRequest.objects.get(full_name__isnull=True) == request


@pytest.mark.parametrize("lookup", ["full_name", "full_name__iexact", "full_name__contains", "full_name__in"])
def test_an_encrypted_column_cannot_be_searched(db, lookup):
    with pytest.raises(FieldError):
        list(ConsultationRequest.objects.filter(**{lookup: "Zebra"}))


def test_a_request_cannot_be_serialized_in_plain_text(db):
    with pytest.raises(TypeError, match=r"manage.py backup"):
        serialize("json", [consultation()])


def test_many_threads_can_encrypt_and_decrypt_at_once():
    def round_trip(number: int) -> bool:
        text = f"Zebra {number}"
        return decrypt(encrypt(text, COLUMN), COLUMN) == text

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(round_trip, range(2000)))


# --- Finding a request by phone number or email address


@pytest.mark.parametrize("typed", ["(618) 555-0100", "+1 618.555.0100", "6185550100", "618 555 0100 ext 7"])
def test_a_request_is_found_by_its_phone_number_however_it_is_typed(db, typed):
    request = consultation(phone="618-555-0100")
    consultation(phone="618-555-0101")
    assert list(ConsultationRequest.objects.with_contact(typed)) == [request]


def test_a_request_is_found_by_its_email_address_in_any_case(db):
    request = consultation(email="Zebra@Example.com")
    consultation(email="other@example.com")
    assert list(ConsultationRequest.objects.with_contact("zebra@example.COM ")) == [request]


def test_a_stored_address_with_an_invisible_character_is_found(db):
    request = consultation(email="zebra@example.com\u200b")
    assert list(ConsultationRequest.objects.with_contact("mailto:zebra@example.com")) == [request]


def test_a_request_with_two_numbers_is_found_by_the_first(db):
    request = consultation(phone="618-555-0133 / 0134")
    assert list(ConsultationRequest.objects.with_contact("(618) 555-0133")) == [request]


@given(stored=spellings(), typed_in=spellings())
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_any_spelling_of_a_phone_number_finds_the_same_person(db, stored, typed_in):
    request = consultation(phone=stored)
    assert request in ConsultationRequest.objects.with_contact(typed_in)


@pytest.mark.parametrize(
    "phone", ["618-555-0100", "(618) 555-0100", "+1 618 555 0100", "618 555 0100 x5", "6185550100 ext 5"]
)
def test_the_stored_hash_is_of_the_ten_national_digits(db, phone):
    assert consultation(phone=phone).phone_hash == keyed_hash("6185550100", "phone")


def test_an_empty_search_finds_no_request(db):
    consultation(phone="", email="")
    assert not ConsultationRequest.objects.with_contact("").exists()
    assert not ConsultationRequest.objects.with_contact("no number").exists()


def test_a_request_is_found_by_the_hash_of_an_old_lookup_key(db, settings):
    settings.LOOKUP_KEYS = {"old": OLD}
    request = consultation(phone="618-555-0100")
    settings.LOOKUP_KEYS = {"new": NEW, "old": OLD}
    assert list(ConsultationRequest.objects.with_contact("6185550100")) == [request]


# --- Parsing keys


def key(content: bytes = OLD) -> str:
    return base64.b64encode(content).decode()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (key(), "name:base64"),
        (f"Old:{key()}", "name:base64"),
        ("a:short", "not base64"),
        (f"a:{key(b'16 bytes of key.')}", "has 16 bytes and needs 32"),
        (f"a:{key()},a:{key(NEW)}", "twice"),
        (f"a:{key()},b:{key()}", "twice"),
    ],
)
def test_an_invalid_key_is_refused_and_not_shown(text, words):
    with pytest.raises(ValueError, match=words) as refusal:
        parse_keys(text)
    assert key() not in str(refusal.value)


def test_keys_keep_their_order():
    assert list(parse_keys(f"b:{key(NEW)}, a:{key()}")) == ["b", "a"]
