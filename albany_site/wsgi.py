import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from whitenoise import WhiteNoise

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "albany_site.settings")

application = get_wsgi_application()

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
