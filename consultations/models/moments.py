"""A DateTimeField for rows whose date was written by a wrong clock."""

from datetime import datetime
from typing import Any

from django.db import models

# In the first and the last year that Python knows, a date cannot be converted to local time or moved by a day.
SAFE_YEARS = {1: 2, 9999: 9998}


class Moment(models.DateTimeField):
    """A DateTimeField that reads an impossible year as the year beside it, so that no page fails because of it.

    To the database and migrations, it is a DateTimeField.
    """

    def from_db_value(self, value: datetime | None, *_: object) -> datetime | None:
        return value and value.replace(year=SAFE_YEARS.get(value.year, value.year))

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.DateTimeField", args, kwargs
