"""Configures, serves and operates the site. This package imports the other apps; none of them imports it."""

# Our Django apps. Settings, log redaction, the build hash, re-encryption and tests all read this list.
OUR_APPS = ("albany_site", "front_desk", "consultations", "pages", "clinic")
