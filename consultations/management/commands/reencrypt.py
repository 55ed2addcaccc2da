from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import models, transaction
from django.db.models import ExpressionWrapper, F, Value
from tqdm import tqdm

from consultations.encryption import (
    EncryptedField,
    Unreadable,
    decrypt,
    encrypt,
    encrypted_models,
    is_current,
    keyed_hash,
)
from consultations.models import ConsultationRequest, bare_phone

ROWS_AT_ONCE = 50


class Command(BaseCommand):
    help = (
        "Writes anew, with the first of FIELD_KEYS and LOOKUP_KEYS, all that an older key wrote. The site may run "
        "meanwhile, if each of its processes has the new keys already. May be stopped and started again at any time; "
        "when it has ended well, the older keys can go."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.texts = self.hashes = self.unreadable = 0
        for model, fields in encrypted_models():
            with tqdm(desc=model._meta.verbose_name, total=model._base_manager.count(), disable=None) as progress:
                for batch in _batches(model, fields):
                    self._rewrite_all(model, fields, batch)
                    progress.update(len(batch))
        done = f"{self.texts} texts and {self.hashes} hashes written anew"
        if self.unreadable:
            raise CommandError(f"{done}; {self.unreadable} texts cannot be read with the present keys.")
        self.stdout.write(f"{done}; every text can be read with the first key.")

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
                anew = Value(encrypt(text, field.column_name), models.TextField())
                self.texts += unchanged.update(**{field.name: anew})


def _raw(field: EncryptedField) -> ExpressionWrapper:
    return ExpressionWrapper(F(field.name), models.TextField())


def _batches(model: type[models.Model], fields: list[EncryptedField]) -> Iterator[list[tuple]]:
    """Every row's key and stored texts, a few rows at a time: the site may write between two batches."""
    rows = model._base_manager.order_by("pk").values_list("pk", *map(_raw, fields))
    last = 0
    while batch := list(rows.filter(pk__gt=last)[:ROWS_AT_ONCE]):
        yield batch
        last = batch[-1][0]


def _with_token(model: type[models.Model], field: EncryptedField, pk: int, token: str | None) -> models.QuerySet:
    """The row, as long as nobody has written that field since we read it."""
    row = model._base_manager.filter(pk=pk)
    return (
        row.filter(**{f"{field.name}__isnull": True}) if token is None else row.alias(raw=_raw(field)).filter(raw=token)
    )


def _hash(name: str, text: str) -> str:
    return keyed_hash(bare_phone(text) if name == "phone" else text.lower(), name)
