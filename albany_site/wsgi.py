import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application
from whitenoise import WhiteNoise

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "albany_site.settings")

from albany_site.front_door import FrontDoor

GUNICORN_STOPS = 3  # the exit status after which gunicorn stops instead of starting the worker again

try:
    application = get_wsgi_application()
except ImproperlyConfigured as error:
    sys.stderr.write(f"{error}\n")  # names each setting to fix, so a traceback would only hide it
    sys.exit(GUNICORN_STOPS)

django = application

if not settings.DEBUG:
    from albany_site.built_pages import BuiltPages
    from albany_site.headers import add_file_headers
    from albany_site.refresher import Refresher
    from pages.build import current_build

    # WhiteNoise and BuiltPages are WSGI middleware around Django, because serving a file from Django middleware takes
    # three times as long.
    application = WhiteNoise(
        application,
        root=settings.STATIC_ROOT,
        prefix=settings.STATIC_URL,
        allow_all_origins=False,
        add_headers_function=add_file_headers,
    )
    application = BuiltPages(application, current_build())
    Refresher(application).start()

application = FrontDoor(application, django)
