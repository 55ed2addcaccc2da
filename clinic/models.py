"""The editions of the clinic's facts, and the pictures that they name."""

from typing import Any, ClassVar

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


class Picture(AppendOnly):
    """A photograph in the sizes that pages show. The key is a hash of the kind and the content.

    A picture is public while the current edition names it. clinic.pictures.remove_unused() deletes pictures that no
    edition names.
    """

    class Kind(models.TextChoices):
        DOOR = "door"
        ROOM = "room"
        PERSON = "person"

    # Width and height in pixels: 3:2, 4:3 and 4:5.
    SHAPES: ClassVar = {Kind.DOOR: (960, 640), Kind.ROOM: (960, 720), Kind.PERSON: (960, 1200)}
    # Keyed by the end of the URL: the field and the content type.
    RENDITIONS: ClassVar = {
        "480.webp": ("webp_480", "image/webp"),
        "webp": ("webp_960", "image/webp"),
        "jpg": ("jpeg_960", "image/jpeg"),
    }

    key = models.CharField(max_length=32, primary_key=True)
    kind = models.CharField(max_length=10, choices=Kind)
    webp_480 = models.BinaryField()
    webp_960 = models.BinaryField()
    jpeg_960 = models.BinaryField()
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"picture {self.key[:8]}"
