"""How gunicorn serves the site: `gunicorn albany_site.wsgi` reads this file by itself."""

import os

from albany_site.logs import LOGGING as logconfig_dict  # noqa: F401  gunicorn's own lines are JSON too

bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"
workers = 2
threads = 4
