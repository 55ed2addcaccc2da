"""A minimal Django site for comparison: one model, its ModelForm, and SQLite in WAL mode with synchronous=FULL."""

import os

from django.conf import settings

settings.configure(
    SECRET_KEY="for measuring only",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    MIDDLEWARE=["django.middleware.common.CommonMiddleware", "django.middleware.csrf.CsrfViewMiddleware"],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": os.environ["BENCH_DATABASE"],
            "OPTIONS": {
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
            },
        }
    },
)

from django import forms
from django.core.wsgi import get_wsgi_application
from django.db import connection, models
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template import engines
from django.urls import path

application = get_wsgi_application()


class Message(models.Model):
    key = models.CharField(max_length=36, unique=True)
    name = models.CharField(max_length=100)
    phone = models.CharField(max_length=40)
    note = models.TextField()

    class Meta:
        app_label = "bench"

    def __str__(self):
        return self.key


class MessageForm(forms.ModelForm):
    class Meta:
        model = Message
        fields = ("key", "name", "phone", "note")


def message(request):
    form = MessageForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        return redirect("/sent/")
    page = engines["django"].from_string("<form method=post>{% csrf_token %}{{ form }}</form>")
    return HttpResponse(page.render({"form": form}, request))


urlpatterns = [path("", message)]

if "bench_message" not in connection.introspection.table_names():
    with connection.schema_editor() as schema:
        schema.create_model(Message)
connection.close()
