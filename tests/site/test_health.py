from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.contrib.sessions.models import Session
from django.db import OperationalError
from django.utils import timezone

from albany_site import health
from consultations.models import Heartbeat, Notification
from tests.helpers.factories import consultation


@pytest.fixture
def well(db, monkeypatch):
    """Make the health check see a build and a recent heartbeat."""
    monkeypatch.setattr(health, "current_build", lambda: "a build")
    Heartbeat.beat()


def problems(client) -> set[str]:
    response = client.get("/healthz")
    assert "no-store" in response.headers["Cache-Control"]
    found = response.json()["problems"]
    assert response.status_code == (503 if found else 200)
    assert all(found.values())
    return set(found)


def test_a_working_site_is_healthy_and_the_check_leaves_no_row(well, client):
    assert problems(client) == set()
    assert not Session.objects.exists()


def test_a_database_that_rejects_writes_is_reported(well, client, monkeypatch):
    def refuse(**row):
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(Session.objects, "create", refuse)
    assert problems(client) == {"database"}


def test_a_failed_email_is_reported(well, client):
    Notification.objects.create(kind="new", slot="new:1", failed_at=timezone.now())
    assert problems(client) == {"outbox"}


def test_emails_retried_for_over_an_hour_are_reported(well, client):
    long_ago = timezone.now() - timedelta(hours=2)
    email = Notification.objects.create(kind="digest", slot="digest:1", created_at=long_ago)
    assert problems(client) == set()
    Notification.objects.filter(pk=email.pk).update(attempts=4)
    assert problems(client) == {"outbox"}


def test_a_receipt_that_fails_or_is_delayed_is_not_reported(well, client):
    long_ago = timezone.now() - timedelta(hours=2)
    Notification.objects.create(kind="receipt", slot="receipt:1", created_at=long_ago, attempts=4)
    Notification.objects.create(kind="receipt", slot="receipt:2", failed_at=long_ago, refused=True)
    assert problems(client) == set()


def test_a_refused_staff_address_is_reported_until_dismissed(well, client):
    email = Notification.objects.create(kind="new", slot="new:1", failed_at=timezone.now(), refused=True)
    assert problems(client) == {"outbox"}
    email.dismiss()
    assert problems(client) == set()


@pytest.mark.parametrize("lost", ["the oldest", "the newest"])
def test_a_request_that_the_keys_cannot_decrypt_is_reported(well, client, settings, lost):
    ours = settings.FIELD_KEYS
    for keys in ({"other": b"o" * 32}, ours) if lost == "the oldest" else (ours, {"other": b"o" * 32}):
        settings.FIELD_KEYS = keys
        request = consultation()
    settings.FIELD_KEYS = ours
    assert problems(client) == {"keys"}
    assert "FIELD_KEYS lacks the key" in health.problems()["keys"]
    assert request.full_name not in health.problems()["keys"]


def test_a_missing_worker_is_reported(well, client):
    Heartbeat.objects.update(seen_at=timezone.now() - timedelta(minutes=6))
    assert problems(client) == {"worker"}
    Heartbeat.objects.all().delete()
    assert problems(client) == {"worker"}


def test_a_missing_build_is_reported(well, client, monkeypatch):
    monkeypatch.setattr(health, "current_build", lambda: None)
    assert problems(client) == {"build"}


def test_a_full_disk_is_reported(well, client, monkeypatch, settings, tmp_path):
    settings.BUILD_DIR = tmp_path
    monkeypatch.setattr(health.shutil, "disk_usage", lambda folder: SimpleNamespace(free=1_000_000))
    assert problems(client) == {"disk"}


@pytest.mark.parametrize(
    ("address", "token", "shown"),
    [
        ("127.0.0.1", "", True),
        ("::1", "", True),
        ("192.0.2.7", "", False),
        ("", "", False),
        ("192.0.2.7", "Bearer right", True),
        ("192.0.2.7", "Bearer wrong", False),
    ],
)
def test_the_problems_are_shown_only_to_localhost_or_with_the_token(well, client, settings, address, token, shown):
    settings.HEALTH_TOKEN = "right"
    answer = client.get("/healthz", REMOTE_ADDR=address, headers={"Authorization": token}).json()
    assert answer["healthy"] is True
    assert ("problems" in answer) is shown


def test_an_empty_token_does_not_show_the_problems(well, client, settings):
    settings.HEALTH_TOKEN = ""
    assert (
        "problems" not in client.get("/healthz", REMOTE_ADDR="192.0.2.7", headers={"Authorization": "Bearer "}).json()
    )


def test_no_forwarded_header_makes_a_client_count_as_localhost(well, client, settings):
    headers = {"X-Forwarded-For": "127.0.0.1"}
    assert "problems" not in client.get("/healthz", REMOTE_ADDR="192.0.2.7", headers=headers).json()
    settings.TRUSTED_PROXY_HOPS = 1
    headers = {"X-Forwarded-For": "127.0.0.1, 192.0.2.7"}
    assert "problems" not in client.get("/healthz", headers=headers).json()


def test_pages_out_of_date_for_over_a_minute_are_reported(db, well, monkeypatch):
    monkeypatch.setattr(health, "seconds_behind", lambda: 59)
    assert health.problems() == {}
    monkeypatch.setattr(health, "seconds_behind", lambda: 61)
    assert "out of date" in health.problems()["build"]
