from types import SimpleNamespace

import pytest
from django.core import checks
from django.core.management import CommandError, call_command
from django.db import OperationalError

from albany_site import health
from albany_site.management.commands import deploy_check
from clinic import snapshot
from clinic.facts import FACTS, NEVER_MISSING
from clinic.snapshot import Clinic
from consultations.models import Heartbeat

READY = {
    "HTTPS": True,
    "SITE_URL": "https://clinic.albany.test",
    "EMAIL_BACKEND": "consultations.smtp.EmailBackend",
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
    """Apply valid production settings, with an environment file that only its owner can read."""
    for name, value in READY.items():
        setattr(settings, name, value)
    settings.ENV_FILE = str(tmp_path / "env")
    (tmp_path / "env").touch(0o600)
    settings.BUILD_DIR = tmp_path
    return settings


def warnings() -> set[str]:
    found = checks.run_checks(tags=[checks.Tags.security], include_deployment_checks=True)
    return {message.id for message in found if message.id.startswith("albany.")}


def test_a_ready_deployment_gets_no_warning(ready):
    assert warnings() == set()


@pytest.mark.parametrize(
    ("setting", "value", "warning"),
    [
        ("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend", "albany.W001"),
        ("EMAIL_USE_TLS", False, "albany.W002"),
        ("DEFAULT_FROM_EMAIL", "The clinic <site@example.com>", "albany.W003"),
        ("STAFF_EMAILS", ["desk@albany.localdomain", "staff@example.com"], "albany.W003"),
        ("STAFF_PATH", "admin/", "albany.W004"),
        ("HEALTH_TOKEN", "guess", "albany.W006"),
    ],
)
def test_each_deployment_mistake_gets_its_warning(ready, setting, value, warning):
    setattr(ready, setting, value)
    assert warnings() == {warning}


def test_a_world_readable_environment_file_gets_a_warning(ready, tmp_path):
    (tmp_path / "env").chmod(0o644)
    assert warnings() == {"albany.W005"}


def test_a_developers_machine_gets_no_deployment_warning(settings):
    assert warnings() == set()


def listed(capsys) -> tuple[str, str]:
    """Run deploy_check. Return the problems and the missing facts that it prints."""
    with pytest.raises(CommandError):
        call_command("deploy_check")
    return tuple(capsys.readouterr().out.split("Only the clinic can supply"))


def test_deploy_check_lists_every_missing_clinic_fact(db, ready, capsys):
    with snapshot.use(Clinic()):
        _, facts = listed(capsys)
    missing = [fact.label for key, fact in FACTS.items() if key not in NEVER_MISSING]
    assert [label for label in missing if f"- {label} (a manager" not in facts] == []
    assert "SECURITY_CONTACT" in facts


def test_deploy_check_says_which_dns_records_the_senders_domain_needs(db, ready, capsys):
    ready.DEFAULT_FROM_EMAIL = "Front desk <site@clinic.albany.test>"
    problems, _ = listed(capsys)
    by_hand = problems.partition("Check by hand")[2]
    assert "SPF: one TXT record at clinic.albany.test" in by_hand
    assert "allows mail.albany.test to send" in by_hand
    assert "SELECTOR._domainkey.clinic.albany.test" in by_hand
    assert "TXT record at _dmarc.clinic.albany.test" in by_hand


def test_the_deployment_guide_explains_each_record_deploy_check_names(settings):
    guide = (settings.BASE_DIR / "deploy" / "README.md").read_text()
    section = guide.partition("\n## Email\n")[2].partition("\n## ")[0]
    records = [line.partition(":")[0] for line in deploy_check.mail_to_check()][:-1]
    assert records == ["SPF", "DKIM", "DMARC"]
    assert [record for record in records if f"| {record} |" not in section] == []
    assert "[Email](#email)" in guide


def test_what_to_check_by_hand_keeps_no_machine_from_serving(db, ready, capsys, monkeypatch):
    monkeypatch.setattr(deploy_check, "problems_here", lambda: iter(()))
    call_command("deploy_check")
    printed = capsys.readouterr().out
    assert "DMARC" in printed
    assert "Ready to serve" in printed


def test_deploy_check_does_not_list_a_fact_that_is_set(db, ready, capsys, set_facts):
    set_facts(phone="(618) 555-0100")
    assert "- Phone (" not in listed(capsys)[1]


def test_a_set_variable_that_is_no_longer_read_is_reported(db, ready, capsys):
    ready.VARIABLES_NOT_READ = ["CLINIC_PHONE"]
    assert "CLINIC_PHONE is set but no longer read" in listed(capsys)[0]


def test_unverified_sources_take_one_line_and_are_listed_on_request(db, ready, capsys):
    unverified = deploy_check.unverified_references()
    _, facts = listed(capsys)
    assert f"details of {len(unverified)} sources" in facts
    call_command("deploy_check", "--sources")
    lines = capsys.readouterr().out
    assert lines.count("\n  - ") == len(unverified) > 5
    assert all(reference.key in lines and reference.key not in facts for reference in unverified)


def test_without_unverified_sources_deploy_check_mentions_none(db, ready, capsys, monkeypatch):
    monkeypatch.setattr(deploy_check, "unverified_references", list)
    assert "deploy_check --sources" not in "".join(listed(capsys))


def test_the_system_check_does_not_report_unverified_sources():
    assert deploy_check.unverified_references()
    assert [message for message in checks.run_checks() if "sources" in message.msg] == []


def test_deploy_check_lists_every_problem_on_this_machine(db, ready, capsys, monkeypatch):
    monkeypatch.setattr(health, "current_build", lambda: None)
    monkeypatch.setattr(health.shutil, "disk_usage", lambda folder: SimpleNamespace(free=1))
    problems, _ = listed(capsys)
    for words in ("manage.py prerender", "worker has never run", "MB of disk space is free"):
        assert words in problems


def test_an_unreachable_database_is_listed_without_a_traceback(ready, capsys, monkeypatch):
    def refuse():
        raise OperationalError("password authentication failed for user jordan")

    monkeypatch.setattr(deploy_check, "unapplied_migrations", refuse)
    problems, _ = listed(capsys)
    assert "does not respond (OperationalError)" in problems
    assert "jordan" not in problems


def test_a_machine_without_problems_is_ready_to_serve(db, ready, capsys, monkeypatch):
    monkeypatch.setattr(deploy_check.checks, "run_checks", lambda **_: [])
    monkeypatch.setattr(health, "current_build", lambda: "a build")
    Heartbeat.beat()
    call_command("deploy_check")
    assert "Ready to serve" in capsys.readouterr().out
