import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError, transaction

from clinic.facts import FACTS, cleaned, differences
from clinic.migrated import require_migrated
from clinic.models import Edition


class Command(BaseCommand):
    help = "Load the clinic's facts from a JSON file into a running site. Facts that the file omits are unchanged."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help=f"a JSON object with any of these keys: {', '.join(FACTS)}")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        require_migrated()
        try:
            loaded = _read(file)
            with transaction.atomic():
                newest = Edition.newest()
                before = newest.facts if newest else {}
                _keep_the_start(loaded, before)
                after = {**before, **cleaned(loaded)}
                after = {key: value for key, value in after.items() if loaded.get(key, True)}
                lines = differences(before, after)
                if lines:
                    Edition.publish(after, "\n".join(lines), after=newest.number if newest else 0)
        except IntegrityError:
            raise CommandError("Another edition was saved at the same moment. Load the file again.") from None
        except (OSError, ValueError) as error:
            raise CommandError(f"{file} was not loaded: {error}") from error
        self.stdout.write("\n".join([*lines, f"{len(lines)} facts changed."]))


def _read(file: Path) -> dict[str, Any]:
    try:
        loaded = json.loads(file.read_text())
    except (ValueError, RecursionError) as error:
        raise CommandError(f"{file} was not loaded: it is not JSON ({error}).") from error
    if not isinstance(loaded, dict):
        raise CommandError(f"{file} was not loaded: it contains no JSON object.")
    return loaded


def _keep_the_start(loaded: dict[str, Any], before: dict[str, Any]) -> None:
    """Keep the announcement's start if the file names none and the rest is unchanged.

    Otherwise, loading a file again would store an edition.
    """
    announced, stored = loaded.get("announcement"), before.get("announcement")
    if (
        isinstance(announced, dict)
        and stored
        and not announced.get("since")
        and all(announced.get(part) == stored[part] for part in ("text", "until"))
    ):
        announced["since"] = stored["since"]
