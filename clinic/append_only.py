"""A base class for models whose rows are added and read, but never changed or deleted."""

from typing import Any

from django.db import models


class AppendOnlyQuerySet(models.QuerySet):
    """A queryset whose update() and delete() raise TypeError.

    Erasure and re-encryption bypass this queryset through `_base_manager`. AccessLogQuerySet.forget() deletes entries.
    """

    def update(self, **values: Any) -> int:
        raise TypeError(f"{self.model._meta.verbose_name_plural} are never changed")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise TypeError(f"{self.model._meta.verbose_name_plural} are never deleted")


class AppendOnly(models.Model):
    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError(f"{self._meta.verbose_name_plural} are never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError(f"{self._meta.verbose_name_plural} are never deleted")
