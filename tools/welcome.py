"""Print where `make run` serves the site, and how to sign in."""

from albany_site.settings import SITE_URL, STAFF_PATH, VARIABLES_NOT_READ

print(f"""
  The site:        {SITE_URL}/
  The front desk:  {SITE_URL}/{STAFF_PATH}

  To sign in, run `make staff` in another terminal. It creates an account and shows its password.
  To see a desk full of made-up requests, run `make demo` instead of `make run`.
  Accounts, lost authenticators and lockouts: "For the clinic's staff and owner" in README.md.

  Press Ctrl-C to stop.
""")
for name in VARIABLES_NOT_READ:
    print(f"  {name} is set but no longer read: enter that fact at the desk, under The clinic.\n")
