"""Configuration, serving and operation of the site. Imports every app; no app imports it."""

# Every package of ours. Logging, the build hash, re-encryption and the import test read this list.
OUR_APPS = ("albany_site", "front_desk", "consultations", "pages", "clinic")
