"""Columns that the database holds encrypted, and keyed hashes to find some of them by.

A stored text is `v1.<key name>.<base64 of nonce and AES-256-GCM ciphertext>`, bound to the column that
it stands in: moved to another one it no longer opens. Nothing here is kept between two calls, so any
number of threads may read and write.
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
    """What stands in a field whose stored text the present keys do not open.

    It is no text, so nothing can mistake it for what somebody wrote, and saving it puts the stored
    text back unharmed.
    """

    def __init__(self, token: str) -> None:
        self.token = token

    def __str__(self) -> str:
        return "cannot be read with the present keys"


def encrypt(text: str, column: str) -> str:
    """The text as the first of FIELD_KEYS encrypts it for this column."""
    name, key = next(iter(settings.FIELD_KEYS.items()))
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, text.encode(), column.encode())
    return f"{VERSION}.{name}.{base64.b64encode(nonce + sealed).decode()}"


def decrypt(token: str, column: str) -> str | Unreadable:
    """What was encrypted for this column; Unreadable if the key is gone or anything was changed."""
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
    """Whether the first of FIELD_KEYS wrote it."""
    return token.startswith(f"{VERSION}.{next(iter(settings.FIELD_KEYS))}.")


class EncryptedField(models.TextField):
    """A text that only holders of FIELD_KEYS can read. NULL means that it was erased.

    It can be looked up by `isnull` alone: anything else would compare with ciphertext and find nothing.
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
        raise TypeError(f"{self.column_name} is not written to files in plain text; manage.py backup makes copies")


def encrypted_fields(model: type[models.Model]) -> list[EncryptedField]:
    return [field for field in model._meta.concrete_fields if isinstance(field, EncryptedField)]


def encrypted_models() -> Iterator[tuple[type[models.Model], list[EncryptedField]]]:
    """Yield each model of our apps that has encrypted fields, with those fields."""
    for app in settings.OUR_APPS:
        for model in apps.get_app_config(app).get_models():
            if fields := encrypted_fields(model):
                yield model, fields


def keyed_hashes(value: str, purpose: str) -> list[str]:
    """The value's hash under each of LOOKUP_KEYS, the one that writes first; "" has none.

    `purpose` keeps the hashes of two columns apart: equal values in both do not look alike.
    """
    if not value:
        return []
    message = f"{purpose}\0{value}".encode()
    return [hmac.new(key, message, hashlib.sha256).hexdigest()[:32] for key in settings.LOOKUP_KEYS.values()]


def keyed_hash(value: str, purpose: str) -> str:
    """The hash to store; "" for an empty value."""
    return next(iter(keyed_hashes(value, purpose)), "")
