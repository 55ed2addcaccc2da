"""The editions of the clinic's facts."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from clinic.append_only import AppendOnly


class Edition(AppendOnly):
    """One version of all the clinic's facts. The newest edition is the current one; the others are its history.

    Each edition's `number` is one more than the last and unique, so if two managers save at the same time, only one of
    them succeeds.
    """

    number = models.PositiveIntegerField(unique=True)
    saved_at = models.DateTimeField(default=timezone.now)
    # NULL for an edition that load_facts stored.
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    summary = models.TextField(help_text="What changed, one line for each fact.")
    facts = models.JSONField()

    class Meta:
        ordering = ["-number"]
        default_permissions = ()
        permissions = [("change_clinic", "Can change the clinic's facts")]

    def __str__(self) -> str:
        return f"edition {self.number}"

    @classmethod
    def newest(cls) -> "Edition | None":
        return cls.objects.first()

    @classmethod
    def publish(cls, facts: dict[str, Any], summary: str, *, after: int, by: Any = None) -> "Edition":
        """Store a new edition, numbered `after` + 1. Raises IntegrityError if that edition already exists."""
        return cls.objects.create(number=after + 1, facts=facts, summary=summary, saved_by=by)
