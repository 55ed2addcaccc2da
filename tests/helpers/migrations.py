"""Migrates the database back and forth in tests, and stores requests as an earlier release did."""

from datetime import UTC, datetime

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

NOON = datetime(2026, 11, 20, 18, tzinfo=UTC)


def migrate(target):
    """Migrate to `target` and return the manager of its requests."""
    executor = MigrationExecutor(connection)
    executor.migrate(target)
    return executor.loader.project_state(target).apps.get_model("consultations", "ConsultationRequest").objects


def latest():
    return MigrationExecutor(connection).loader.graph.leaf_nodes("consultations")


def store(requests, **fields):
    """Store a request and return its primary key."""
    made_up = {"asking_for": "myself", "contact_by": "call", "consent_version": "made up", "due_at": NOON}
    return requests.create(**made_up | fields).pk
