"""Configures, serves and operates the site. It imports every app; no app imports it."""

# Our apps. Logging, the build hash, re-encryption and the import test read this list.
OUR_APPS = ("albany_site", "front_desk", "consultations", "pages", "clinic")
