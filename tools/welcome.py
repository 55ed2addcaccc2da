"""Print where `make run` serves the site."""

from albany_site.settings import SITE_URL, STAFF_PATH

print(f"""
  The site:   {SITE_URL}/
  For staff:  {SITE_URL}/{STAFF_PATH}   (make staff makes an account)
  Press Ctrl-C to stop.
""")
