from dataclasses import fields
from types import SimpleNamespace

import pytest
from django.core import checks
from django.core.management import CommandError, call_command
from django.db import OperationalError

from albany_site import health
from albany_site.management.commands import deploy_check
from clinic.snapshot import Clinic
from consultations.models import Heartbeat

READY = {
    "HTTPS": True,
    "SITE_URL": "https://clinic.albany.test",
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "EMAIL_HOST": "mail.albany.test",
    "EMAIL_USE_TLS": True,
    "EMAIL_USE_SSL": False,
    "DEFAULT_FROM_EMAIL": "site@albany.localdomain",
    "STAFF_EMAILS": ["desk@albany.localdomain"],
    "STAFF_PATH": "k7mb/",
    "HEALTH_TOKEN": "",
}


@pytest.fixture
def ready(settings, tmp_path):
    """Settings that a deployment may have, with a file of keys that only its owner reads."""
    for name, value in READY.items():
        setattr(settings, name, value)
    settings.ENV_FILE = str(tmp_path / "env")
    (tmp_path / "env").touch(0o600)
    settings.BUILD_DIR = tmp_path
    return settings


def complaints() -> set[str]:
    found = checks.run_checks(tags=[checks.Tags.security], include_deployment_checks=True)
    return {message.id for message in found if message.id.startswith("albany.")}


def test_a_ready_deployment_is_not_complained_of(ready):
    assert complaints() == set()


@pytest.mark.parametrize(
    ("setting", "value", "complaint"),
    [
        ("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend", "albany.W001"),
        ("EMAIL_USE_TLS", False, "albany.W002"),
        ("DEFAULT_FROM_EMAIL", "The clinic <site@example.com>", "albany.W003"),
        ("STAFF_EMAILS", ["desk@albany.localdomain", "staff@example.com"], "albany.W003"),
        ("STAFF_PATH", "admin/", "albany.W004"),
        ("HEALTH_TOKEN", "guess", "albany.W006"),
    ],
)
def test_what_a_deployment_must_not_get_wrong_is_complained_of(ready, setting, value, complaint):
    setattr(ready, setting, value)
    assert complaints() == {complaint}


def test_keys_that_everybody_may_read_are_complained_of(ready, tmp_path):
    (tmp_path / "env").chmod(0o644)
    assert complaints() == {"albany.W005"}


def test_a_developers_machine_is_not_complained_of(settings):
    assert complaints() == set()


def listed(capsys) -> tuple[str, str]:
    """What is to mend, and what only the clinic can say."""
    with pytest.raises(CommandError):
        call_command("deploy_check")
    return tuple(capsys.readouterr().out.split("Only the clinic can say"))


def test_the_list_names_every_fact_that_the_clinic_has_not_given(db, ready, capsys):
    ready.CLINIC = Clinic()
    _, to_say = listed(capsys)
    sources = to_say.count("a source to look up once")
    assert sources == len(deploy_check.unverified_references())
    unknown = [field.name for field in fields(Clinic) if not getattr(Clinic(), field.name)]
    assert "phone" in unknown
    # Street and postal code are one line; every other fact has its own.
    assert to_say.count("\n  - ") - sources == len(unknown) - 1


def test_the_list_names_what_is_not_well_on_this_machine(db, ready, capsys, monkeypatch):
    monkeypatch.setattr(health, "current_build", dict)
    monkeypatch.setattr(health.shutil, "disk_usage", lambda folder: SimpleNamespace(free=1))
    to_mend, _ = listed(capsys)
    for words in ("manage.py prerender", "worker has never been seen", "MB are free"):
        assert words in to_mend


def test_a_database_that_does_not_answer_is_a_line_of_the_list_and_no_traceback(ready, capsys, monkeypatch):
    def refuse():
        raise OperationalError("password authentication failed for user jordan")

    monkeypatch.setattr(deploy_check, "_unapplied_migrations", refuse)
    to_mend, _ = listed(capsys)
    assert "does not answer (OperationalError)" in to_mend
    assert "jordan" not in to_mend


def test_a_machine_that_lacks_nothing_is_ready_to_serve(db, ready, capsys, monkeypatch):
    monkeypatch.setattr(deploy_check.checks, "run_checks", lambda **_: [])
    monkeypatch.setattr(health, "current_build", lambda: {"/": None})
    Heartbeat.beat()
    call_command("deploy_check")
    assert "Ready to serve" in capsys.readouterr().out
