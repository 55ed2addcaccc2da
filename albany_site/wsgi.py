import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from whitenoise import WhiteNoise

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "albany_site.settings")

application = get_wsgi_application()

if not settings.DEBUG:
    from albany_site.headers import add_file_headers

    # Around Django, not inside it: a file costs a third of what it would as middleware.
    application = WhiteNoise(
        application,
        root=settings.STATIC_ROOT,
        prefix=settings.STATIC_URL,
        allow_all_origins=False,
        add_headers_function=add_file_headers,
    )
