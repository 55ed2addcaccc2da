"""Configures, serves and operates the site. This package imports the other apps; none of them imports it."""

# Our Django apps. INSTALLED_APPS, log redaction, the build hash and re-encryption use this list, among others.
OUR_APPS = ("albany_site", "front_desk", "consultations", "pages", "clinic")
