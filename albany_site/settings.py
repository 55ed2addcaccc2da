"""The settings. Values that differ between machines are read from environment variables, listed in .env.example.

A variable without a default is required, and every default is the safe choice.
"""

from datetime import timedelta
from pathlib import Path

import clinic
from albany_site import OUR_APPS, json_logging
from albany_site.email_addresses import parse_addresses, parse_sender
from albany_site.environment import read_environment
from albany_site.keys import check_keys_differ, parse_keys, parse_secret_key, parse_secret_keys
from albany_site.private_files import keep_private
from albany_site.security_contact import security_contact
from albany_site.service_urls import parse_build_folder, parse_database_url, parse_email_url, parse_site_url
from albany_site.staff_path import parse_staff_networks, parse_staff_path

BASE_DIR = Path(__file__).resolve().parent.parent

# --- What the environment says. Every problem with it is reported at once, by name.

env = read_environment(BASE_DIR / ".env")
ENV_FILE = str(env.file)

DEBUG = env.flag("DEBUG")
SECRET_KEY = env.parsed("SECRET_KEY", parse_secret_key)
# What earlier keys signed still opens.
SECRET_KEY_FALLBACKS = env.parsed("SECRET_KEY_FALLBACKS", parse_secret_keys, [], instead=[])
# New values use the first key of each variable. The other keys still read and find older values, so keys can be rotated
# while the site runs.
FIELD_KEYS = env.parsed("FIELD_KEYS", parse_keys, instead={})
LOOKUP_KEYS = env.parsed("LOOKUP_KEYS", parse_keys, instead={})
env.check(
    "SECRET_KEY, SECRET_KEY_FALLBACKS, FIELD_KEYS and LOOKUP_KEYS",
    lambda: check_keys_differ([SECRET_KEY, *SECRET_KEY_FALLBACKS], FIELD_KEYS, LOOKUP_KEYS),
)
_site = env.parsed("SITE_URL", parse_site_url)
# The number of our proxies in front of the site. Only their headers are trusted for the client's address and scheme.
TRUSTED_PROXY_HOPS = env.number("TRUSTED_PROXY_HOPS", default=0, least=0, most=10)
STAFF_PATH = env.parsed("STAFF_PATH", parse_staff_path)
STAFF_NETWORKS = env.parsed("STAFF_NETWORKS", parse_staff_networks, [])
HEALTH_TOKEN = env.text("HEALTH_TOKEN", default="")
# Where to report a security problem: an email address or an https link.
SECURITY_CONTACT = env.parsed("SECURITY_CONTACT", security_contact, "")
HSTS_SUBDOMAINS = env.flag("HSTS_SUBDOMAINS")
HSTS_PRELOAD = env.flag("HSTS_PRELOAD")
if HSTS_PRELOAD and not HSTS_SUBDOMAINS:
    env.problems.append("HSTS_PRELOAD needs HSTS_SUBDOMAINS=True, because the preload list includes all subdomains.")
_database = env.parsed("DATABASE_URL", parse_database_url)
_email = env.parsed("EMAIL_URL", parse_email_url)
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.parsed("DEFAULT_FROM_EMAIL", parse_sender)
STAFF_EMAILS = env.parsed("STAFF_EMAILS", parse_addresses)
RETENTION_DAYS = env.number("RETENTION_DAYS", default=180, least=1, most=36_500)
# Contains the collected static files and the prerendered pages.
BUILD_DIR = env.parsed("BUILD_DIR", lambda text: parse_build_folder(text, BASE_DIR), BASE_DIR / "var/build")
env.stop_if_invalid()

# --- The site and its URL

SITE_URL = _site.url
HTTPS = _site.scheme == "https"
ALLOWED_HOSTS = [_site.host]
CSRF_TRUSTED_ORIGINS = [SITE_URL]
if TRUSTED_PROXY_HOPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# These variables are no longer read, because managers now enter the facts at the desk.
NOW_ENTERED_AT_THE_DESK = (
    "CLINIC_STREET",
    "CLINIC_POSTAL_CODE",
    "CLINIC_PHONE",
    "CLINIC_HOURS",
    "CLINIC_REVIEWER",
    "CLINIC_REVIEWER_TITLE",
    "GOOGLE_REVIEW_URL",
    "GOOGLE_PLACE_ID",
    "PRIVACY_PRACTICES_URL",
    "NONDISCRIMINATION_URL",
    "LANGUAGE_HELP_URL",
)
VARIABLES_NOT_READ = [name for name in NOW_ENTERED_AT_THE_DESK if env.has(name)]

# --- Apps and middleware

INSTALLED_APPS = [
    "front_desk.apps.StaffAdmin",  # Django's admin, with our AdminSite
    *OUR_APPS,
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "django.forms",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "axes",
]

# albany_site/middleware.py explains the order of our middleware.
MIDDLEWARE = [
    "albany_site.middleware.log_requests",
    "albany_site.middleware.client_address",
    "albany_site.middleware.compress_responses",
    "albany_site.middleware.response_headers",
    "albany_site.front_door.one_host",
    "albany_site.front_door.limit_body",
    "albany_site.front_door.whole_body",
    "albany_site.front_door.utf8_only",
    "django.middleware.security.SecurityMiddleware",  # redirects to https
    "albany_site.middleware.staff_networks",
    "albany_site.middleware.readable_cookies",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "albany_site.middleware.method_not_allowed",
    "albany_site.middleware.hidden_origin",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    # Must be last (innermost), so that the other middleware also processes its lockout page.
    "axes.middleware.AxesMiddleware",
]
# W002 asks for XFrameOptionsMiddleware, which doesn't cover files. headers.py sets X-Frame-Options on pages and files.
# W005 and W021 ask for HSTS on subdomains and for preloading, which are the clinic's decision.
SILENCED_SYSTEM_CHECKS = ["security.W002", "security.W005", "security.W021"]

ROOT_URLCONF = "albany_site.urls"
WSGI_APPLICATION = "albany_site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "pages.context_processors.site",
            ],
        },
    }
]
# Lets templates/django/forms/field.html override Django's template for form fields.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- The database

DATABASES = {"default": _database}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    if DATABASES["default"]["NAME"] != ":memory:":
        # Resolve a relative path against the project's folder, not the current directory.
        _file = BASE_DIR / DATABASES["default"]["NAME"]
        _file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        keep_private(_file)
        DATABASES["default"]["NAME"] = str(_file)
    # Seconds. Reusing a connection saves opening the file for every request. The time is short, because a restore may
    # replace the file.
    DATABASES["default"]["CONN_MAX_AGE"] = 10
    DATABASES["default"]["OPTIONS"] = {
        # synchronous=FULL because WAL with NORMAL can lose the latest commits in a power failure, and the database
        # has the only copy of a request. secure_delete overwrites deleted data with zeros.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;",
        # Take the write lock at BEGIN, because upgrading to the write lock later can fail instead of waiting.
        "transaction_mode": "IMMEDIATE",
        # Seconds to wait for the lock. After that, the form is shown again with an explanation. Must be less than the
        # timeout in deploy/nginx.conf, 12 seconds.
        "timeout": 8,
    }
else:
    DATABASES["default"] |= {
        # Must be zero, because the pool keeps connections open. The health check replaces dead connections.
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": DATABASES["default"].get("OPTIONS", {})
        | {
            # If the pool has no free connection for 5 seconds, the form is shown again with an explanation.
            "pool": {"min_size": 1, "max_size": 8, "timeout": 5},
            "connect_timeout": 5,
            # Release the locks of a process that hangs partway through a transaction.
            "options": "-c lock_timeout=5s -c idle_in_transaction_session_timeout=30s",
        },
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Email

EMAIL_BACKEND = _email["EMAIL_BACKEND"]
EMAIL_HOST = _email["EMAIL_HOST"]
EMAIL_PORT = _email["EMAIL_PORT"]
EMAIL_HOST_USER = _email["EMAIL_HOST_USER"]
EMAIL_HOST_PASSWORD = _email["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS = _email["EMAIL_USE_TLS"]
EMAIL_USE_SSL = _email["EMAIL_USE_SSL"]
EMAIL_FILE_PATH = _email["EMAIL_FILE_PATH"]
EMAIL_TIMEOUT = 10  # seconds for each read; Django's default is no timeout, so a hung mail server would hang the worker
# Seconds for a whole delivery, so that a mail server that sends a byte now and then does not hang the worker either.
MAIL_LIMIT_SECONDS = 30

# --- Keeping and erasing requests

SPAM_RETENTION_DAYS = 30
OPEN_TOO_LONG_DAYS = 90
# Seconds until a worker's lease on an email expires. Then another worker may send the email, so the lease must last
# longer than MAIL_LIMIT_SECONDS.
MAIL_LEASE_SECONDS = 120
# Seconds to wait after each failed attempt, almost 16 hours in total. If the last attempt also fails, the desk lists
# the email as failed.
MAIL_RETRY_SECONDS = [30, 120, 600, 1800, 3600, 7200, 14400, 28800]

# --- Language, time, files

LANGUAGE_CODE = "en-us"
USE_I18N = False
TIME_ZONE = "America/Chicago"

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "pages.social_cards.SocialCardFinder",
]
STATIC_ROOT = BUILD_DIR / "static"
STORAGES = {
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "albany_site.static_storage.StaticStorage"
    },
}

# --- Logging

if not DEBUG:
    LOGGING = json_logging.LOGGING

# --- Transport, headers, cookies and limits

# headers.py derives the security headers of every response, including files, from these settings.
SECURE_SSL_REDIRECT = HTTPS
SECURE_SSL_HOST = _site.netloc  # not the host that the client sent
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # a health check on this machine has no TLS
SECURE_HSTS_SECONDS = 63072000 if HTTPS else 0  # two years
# Off unless set, because other sites of the clinic's domain may not have https, and the preload list forgets slowly.
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS and HSTS_SUBDOMAINS
SECURE_HSTS_PRELOAD = HTTPS and HSTS_PRELOAD
# With "no-referrer", browsers send "Origin: null" with our own forms, and Django's CSRF check rejects that.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-sessionid" if HTTPS else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if HTTPS else "csrftoken"
KNOWN_BROWSER_COOKIE_NAME = "__Host-desk" if HTTPS else "desk"
CSRF_COOKIE_HTTPONLY = True
# In the session, because the cookie that Django would use has no __Host- prefix.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_FAILURE_VIEW = "front_desk.site.csrf_failure"
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
# The page for the clinic's pictures alone accepts more: a photograph of 12 MB, and one that is a little too large, so
# that the page can say so. Files stay in memory, because what is uploaded reaches no temporary file.
LARGEST_UPLOAD = 13 * 1024 * 1024
UPLOAD_PATH = f"/{STAFF_PATH}clinic/pictures/"
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = LARGEST_UPLOAD
DATA_UPLOAD_MAX_NUMBER_FIELDS = 300  # enough for the clinic's facts with two dozen closures

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# --- Staff sign-in

AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
SESSION_COOKIE_AGE = 15 * 60  # seconds of inactivity until staff must sign in again
# Each request restarts the 15 minutes. Visitors still get no cookie, because their session is empty.
SESSION_SAVE_EVERY_REQUEST = True
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
OTP_TOTP_ISSUER = clinic.NAME
OTP_ADMIN_HIDE_SENSITIVE_DATA = True

# Lock out each username at each address separately. If usernames were locked out everywhere, anyone could lock out a
# colleague. If addresses were locked out for every username, one person could lock out the entire clinic.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # a lockout ends when its page says so
AXES_LOCKOUT_CALLABLE = "front_desk.site.locked_out"
AXES_SENSITIVE_PARAMETERS = ["username", "password", "code", "kept", "csrfmiddlewaretoken"]
AXES_CLIENT_STR_CALLABLE = "front_desk.lockout.sign_in_name"
AXES_USERNAME_CALLABLE = "front_desk.lockout.username_tried"
AXES_CLIENT_IP_CALLABLE = "front_desk.lockout.network"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
