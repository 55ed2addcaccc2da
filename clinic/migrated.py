"""Counts migrations that are not applied, and refuses a command that needs them."""

from django.core.management import CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def unapplied_migrations() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def require_migrated() -> None:
    """Raise CommandError if a migration is not applied."""
    if unapplied_migrations():
        raise CommandError("The database's tables are missing or out of date. Run `manage.py migrate` first.")
