from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import models, transaction
from django.db.models import ExpressionWrapper, F, Value
from tqdm import tqdm

from clinic import typed
from consultations.batches import ROWS_AT_ONCE, give_way
from consultations.encryption import (
    EncryptedField,
    Unreadable,
    decrypt,
    encrypt,
    encrypted_models,
    is_current,
    keyed_hash,
)
from consultations.models import ConsultationRequest


class Command(BaseCommand):
    help = (
        "Re-encrypt texts with the first of FIELD_KEYS, and recompute hashes with the first of LOOKUP_KEYS. The site "
        "may keep running if all its processes have the new keys. Safe to interrupt and run again. After the command "
        "has succeeded, remove the older keys."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.texts = self.hashes = self.unreadable = 0
        for model, fields in encrypted_models():
            with tqdm(desc=model._meta.verbose_name, total=model._base_manager.count(), disable=None) as progress:
                for batch in _batches(model, fields):
                    self._rewrite_all(model, fields, batch)
                    give_way()
                    progress.update(len(batch))
        done = f"{self.texts} texts re-encrypted and {self.hashes} hashes recomputed"
        if self.unreadable:
            raise CommandError(f"{done}; {self.unreadable} texts cannot be decrypted with the current keys.")
        self.stdout.write(f"{done}; the first key decrypts every text.")

    @transaction.atomic
    def _rewrite_all(self, model: type[models.Model], fields: list[EncryptedField], batch: list[tuple]) -> None:
        for pk, *tokens in batch:
            self._rewrite(model, fields, pk, tokens)

    def _rewrite(self, model: type[models.Model], fields: list[EncryptedField], pk: int, tokens: list) -> None:
        for field, token in zip(fields, tokens, strict=True):
            text = "" if token is None else decrypt(token, field.column_name)
            if isinstance(text, Unreadable):
                self.unreadable += 1
                continue
            unchanged = _with_token(model, field, pk, token)
            if field.name in ("phone", "email") and model is ConsultationRequest:
                hashed = _hash(field.name, text)
                self.hashes += unchanged.exclude(**{f"{field.name}_hash": hashed}).update(
                    **{f"{field.name}_hash": hashed}
                )
            if token is not None and not is_current(token):
                reencrypted = Value(encrypt(text, field.column_name), models.TextField())
                self.texts += unchanged.update(**{field.name: reencrypted})


def _raw(field: EncryptedField) -> ExpressionWrapper:
    return ExpressionWrapper(F(field.name), models.TextField())


def _batches(model: type[models.Model], fields: list[EncryptedField]) -> Iterator[list[tuple]]:
    """Yield primary keys and ciphertexts in small batches, so that the site can write between batches."""
    rows = model._base_manager.order_by("pk").values_list("pk", *map(_raw, fields))
    last = 0
    while batch := list(rows.filter(pk__gt=last)[:ROWS_AT_ONCE]):
        yield batch
        last = batch[-1][0]


def _with_token(model: type[models.Model], field: EncryptedField, pk: int, token: str | None) -> models.QuerySet:
    """Return a queryset that matches the row only if the field still contains `token` (optimistic locking)."""
    row = model._base_manager.filter(pk=pk)
    return (
        row.filter(**{f"{field.name}__isnull": True}) if token is None else row.alias(raw=_raw(field)).filter(raw=token)
    )


def _hash(name: str, text: str) -> str:
    return keyed_hash(typed.phone_key(text) if name == "phone" else typed.email_key(text), name)
