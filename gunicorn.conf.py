"""How gunicorn serves the site: `gunicorn albany_site.wsgi` reads this file by itself."""

import os

bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"
workers = 2
threads = 4
