"""The site's settings, with fixed environment variables, a fast password hasher and unhashed static files."""

import os

from tests.helpers.live_site import SETTINGS

os.environ |= SETTINGS

from albany_site.settings import *

ALLOWED_HOSTS = ["localhost", "testserver"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
