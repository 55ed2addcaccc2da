"""Keeps the manifest of static files out of the folder that is served."""

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):
    def __init__(self, *arguments: object, **options: object) -> None:
        super().__init__(*arguments, manifest_storage=FileSystemStorage(settings.BUILD_DIR), **options)
