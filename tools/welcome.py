"""Print where the site is served, and how to sign in: `python -m tools.welcome`, or with `demo` for the demo."""

import sys

from albany_site.settings import SITE_URL, STAFF_PATH, VARIABLES_NOT_READ

DEMO = "Sign in with the login above. Every request is made up, and no email is sent."
OWN_SITE = """\
To sign in, run `make staff` in another terminal. It creates an account and shows its password.
  To see a desk full of made-up requests, run `make demo` instead of `make run`.
  Accounts, lost authenticators and lockouts: "For the clinic's staff and owner" in README.md."""


def welcome(*, demo: bool) -> str:
    """Return the addresses of the site and its front desk, and how to sign in."""
    return f"""
  The site:        {SITE_URL}/
  The front desk:  {SITE_URL}/{STAFF_PATH}

  {DEMO if demo else OWN_SITE}

  Press Ctrl-C to stop.
"""


if __name__ == "__main__":
    print(welcome(demo="demo" in sys.argv))
    for name in VARIABLES_NOT_READ:
        print(f"  {name} is set but no longer read: enter that fact at the desk, under The clinic.\n")
