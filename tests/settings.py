"""The site's own settings with fixed values, and quicker passwords."""

import os

os.environ |= {
    "ENV_FILE": os.devnull,
    "SECRET_KEY": "for tests only " * 4,
    "SITE_URL": "http://localhost:8000",
    "DATABASE_URL": "sqlite:///:memory:",
    "EMAIL_URL": "memorymail://",
    "DEFAULT_FROM_EMAIL": "site@example.com",
    "STAFF_EMAILS": "staff@example.com",
    "STAFF_PATH": "staff",
    "GOOGLE_REVIEW_URL": "https://g.page/r/example/review",
}

from albany_site.settings import *

ALLOWED_HOSTS = ["localhost", "testserver"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
# Without it WhiteNoise warns of every folder that is not built, and a warning fails a test.
WHITENOISE_AUTOREFRESH = True
