"""Run Wagtail with a minimal page: the project that `wagtail start` creates, with a rich text field on its home page.

The project is installed once, under .cache/bench.
"""

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

from tests.helpers.live_site import PROJECT, free_port
from tools.bench.servers import WAGTAIL, Server, started

VERSION = "7.4.4"
CACHE = PROJECT / ".cache/bench"
ENVIRONMENT = CACHE / f"wagtail-{VERSION}"
GUNICORN = ["--config", "/dev/null", "--workers", "2", "--threads", "4", "--keep-alive", "20", "--no-control-socket"]
SETTINGS = {"DJANGO_SETTINGS_MODULE": "peer.settings.bench"}
FILES = {
    "peer/settings/bench.py": """
from .base import *
DEBUG = False
SECRET_KEY = "for measuring only"
ALLOWED_HOSTS = ["*"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
""",
    "home/models.py": """
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Page


class HomePage(Page):
    body = RichTextField(blank=True)
    content_panels = Page.content_panels + [FieldPanel("body")]
""",
    "home/templates/home/home_page.html": """{% extends "base.html" %}
{% load wagtailcore_tags %}
{% block content %}<h1>{{ page.title }}</h1>{{ page.body|richtext }}{% endblock content %}
""",
    "fill.py": """
import sys
from django.test import Client
from home.models import HomePage

wanted = int(open("length.txt").read())
home = HomePage.objects.get()


def length():
    return len(Client(headers={"host": "localhost"}).get("/").content)


home.body = ""
home.save_revision().publish()
home.body = (open("words.html").read() * 3)[: wanted - length()]
home.save_revision().publish()
assert abs(length() - wanted) < wanted / 50, length()
""",
}


def _run(*command: object, **options: object) -> None:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, **options)
    if done.returncode:
        raise RuntimeError(f"{command}\n{done.stdout}\n{done.stderr}")


def _project(words: str, length: int) -> Path:
    """Create the project if needed, and fill its page with `words` to about `length` bytes. Return its folder."""
    python, project = ENVIRONMENT / "bin/python", CACHE / f"peer-{VERSION}"
    if not (ENVIRONMENT / "installed").exists():
        _run(sys.executable, "-m", "venv", ENVIRONMENT)
        _run(python, "-m", "pip", "install", "--quiet", f"wagtail=={VERSION}", "gunicorn==27.0.1")
        (ENVIRONMENT / "installed").touch()
    environment = os.environ | SETTINGS
    if not (project / "made").exists():
        shutil.rmtree(project, ignore_errors=True)
        project.mkdir(parents=True)
        _run(ENVIRONMENT / "bin/wagtail", "start", "peer", project)
        for name, text in FILES.items():
            (project / name).write_text(text)
        _run(python, "manage.py", "makemigrations", "home", cwd=project, env=environment)
        _run(python, "manage.py", "migrate", cwd=project, env=environment)
        (project / "made").touch()
    (project / "words.html").write_text(words)
    (project / "length.txt").write_text(str(length))
    _run(python, "manage.py", "shell", "-c", (project / "fill.py").read_text(), cwd=project, env=environment)
    return project


@contextmanager
def wagtail(folder: Path, words: str, length: int):
    project, port = _project(words, length), free_port()
    command = [ENVIRONMENT / "bin/gunicorn", *GUNICORN, "--chdir", project, "--bind", f"127.0.0.1:{port}", "peer.wsgi"]
    with started([str(part) for part in command], port, folder / "wagtail.out", **SETTINGS) as process:
        yield Server(WAGTAIL, process, port)
