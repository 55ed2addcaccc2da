"""Encrypted model fields, and keyed hashes to look up encrypted values.

A stored value is `v1.<key name>.<base64 of nonce and AES-256-GCM ciphertext>`. The column's name is the associated
data, so a value that was moved to another column does not decrypt. The functions are thread-safe.
"""

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Iterator
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.apps import apps
from django.conf import settings
from django.db import models

VERSION = "v1"
NONCE_BYTES = 12


class Unreadable:
    """The value of an encrypted field that the current keys cannot decrypt.

    It is not a str, so it can't be mistaken for a patient's words. Saving it keeps the stored ciphertext.
    """

    def __init__(self, token: str) -> None:
        self.token = token

    def __str__(self) -> str:
        return "cannot be read with the present keys"


def encrypt(text: str, column: str) -> str:
    """Encrypt the text with the first of FIELD_KEYS, and return a token that decrypts only for this column."""
    name, key = next(iter(settings.FIELD_KEYS.items()))
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, text.encode(), column.encode())
    return f"{VERSION}.{name}.{base64.b64encode(nonce + sealed).decode()}"


def decrypt(token: str, column: str) -> str | Unreadable:
    """Return the decrypted text, or Unreadable if the key is missing or the token is altered or from another column."""
    try:
        version, name, encoded = token.split(".")
        sealed = base64.b64decode(encoded, validate=True)
        if version != VERSION:
            return Unreadable(token)
        return (
            AESGCM(settings.FIELD_KEYS[name])
            .decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], column.encode())
            .decode()
        )
    except (KeyError, ValueError, binascii.Error, InvalidTag):
        return Unreadable(token)


def is_current(token: str) -> bool:
    """Return whether the token was encrypted with the first of FIELD_KEYS."""
    return token.startswith(f"{VERSION}.{next(iter(settings.FIELD_KEYS))}.")


class EncryptedField(models.TextField):
    """A text field that is stored encrypted. NULL means that the text was erased.

    `isnull` is the only lookup, because any other would compare with ciphertext and never match.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"null": True})

    @property
    def column_name(self) -> str:
        return self.model._meta.label_lower + "." + self.name

    def from_db_value(self, value: str | None, *_: object) -> str | Unreadable | None:
        return value if value is None else decrypt(value, self.column_name)

    def clean(self, value: object, model_instance: models.Model | None) -> object:
        return value if isinstance(value, Unreadable) else super().clean(value, model_instance)

    def get_prep_value(self, value: object) -> str | None:
        if isinstance(value, Unreadable):
            return value.token
        text = super().get_prep_value(value)
        return text if text is None or hasattr(text, "resolve_expression") else encrypt(text, self.column_name)

    def get_lookup(self, name: str) -> type[models.Lookup] | None:
        return super().get_lookup(name) if name == "isnull" else None

    def get_transform(self, name: str) -> None:
        return None

    def value_to_string(self, obj: models.Model) -> str:
        raise TypeError(f"{self.column_name} must not be serialized as plain text; use manage.py backup instead")


def encrypted_fields(model: type[models.Model]) -> list[EncryptedField]:
    return [field for field in model._meta.concrete_fields if isinstance(field, EncryptedField)]


def encrypted_models() -> Iterator[tuple[type[models.Model], list[EncryptedField]]]:
    """Yield each model of our apps that has encrypted fields, and its encrypted fields."""
    for app in settings.OUR_APPS:
        for model in apps.get_app_config(app).get_models():
            if fields := encrypted_fields(model):
                yield model, fields


def keyed_hashes(value: str, purpose: str) -> list[str]:
    """Return the value's HMAC under each of LOOKUP_KEYS, or [] for "". Store the first; look up with all.

    The HMAC covers `purpose`, so that the same value has different hashes in different columns.
    """
    if not value:
        return []
    message = f"{purpose}\0{value}".encode()
    return [hmac.new(key, message, hashlib.sha256).hexdigest()[:32] for key in settings.LOOKUP_KEYS.values()]


def keyed_hash(value: str, purpose: str) -> str:
    """Return the value's HMAC under the first of LOOKUP_KEYS, or "" for an empty value."""
    return next(iter(keyed_hashes(value, purpose)), "")
