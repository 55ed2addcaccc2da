#!/usr/bin/env python
"""Runs Django's management commands. `python manage.py help` lists them."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from albany_site.private_files import PRIVATE_UMASK

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "albany_site.settings")
    os.umask(PRIVATE_UMASK)
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(str(error))  # names each setting to fix, so a traceback would only hide it
    except KeyboardInterrupt:
        sys.exit(130)  # exit without a traceback, with the shell's status for Ctrl-C
