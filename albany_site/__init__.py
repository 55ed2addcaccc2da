"""Configures, serves and operates the site. This package imports the other apps; none of them imports it."""

# Our apps. Logging, the build hash, re-encryption and the import test use this list.
OUR_APPS = ("albany_site", "front_desk", "consultations", "pages", "clinic")
