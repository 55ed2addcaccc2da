"""The site's settings, with email timeouts, leases and retries of a few seconds."""

from albany_site.settings import *

EMAIL_TIMEOUT = 1
MAIL_LIMIT_SECONDS = 3
MAIL_LEASE_SECONDS = 6
MAIL_RETRY_SECONDS = [1] * 100
