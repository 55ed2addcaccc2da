"""Runs the site like production: migrated, built, and served by gunicorn on a free local port."""

import fcntl
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import closing
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Self

import psycopg

PROJECT = Path(__file__).resolve().parents[2]
KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV", "CI")

SETTINGS = {
    "ENV_FILE": os.devnull,
    "SECRET_KEY": "for tests only, and known to everybody who reads them",
    "FIELD_KEYS": "test:dGVzdHMgb25seTogZW5jcnlwdHMgbm90aGluZyByZWE=",
    "LOOKUP_KEYS": "test:dGVzdHMgb25seTogZmluZHMgbm90aGluZyB0byBmaW4=",
    "SITE_URL": "http://localhost:8000",
    "BUILD_DIR": "var/no-build",
    # `make test-system` also runs the suite on PostgreSQL, and sets TEST_DATABASE_URL.
    "DATABASE_URL": os.environ.get("TEST_DATABASE_URL", "sqlite:///:memory:"),
    "EMAIL_URL": "memorymail://",
    "DEFAULT_FROM_EMAIL": "site@example.com",
    "STAFF_EMAILS": "staff@example.com",
    "STAFF_PATH": "staff",
}
# Plainly made up, but as long as a notice that fits on one sheet.
NOTICE = f"""# About this example

This is an example of a notice. It says nothing about any real clinic, and nobody should rely on it.

## What the example says

{"An example sentence stands here, about as long as one in a real notice. " * 4}

- **First example:** a point with [a link](https://example.com/notice)
- **Second example:** a point with [an address](mailto:notice@example.com)
- **Third example:** a point with [a number](tel:+16185550100)

## What the example asks

{"Another example sentence stands here, so that the notice fills a sheet. " * 5}

### A smaller heading

| Example | Example days |
| --- | --- |
| A copy of this example | 30 |
| A list of examples | 60 |
"""
# The clinic's facts, unless a test passes other facts.
FACTS = {
    "review_url": "https://g.page/r/example/review",
    "people": [
        {
            "name": "Example Person",
            "title": "MD",
            "role": "Sees you before each infusion",
            "training": "Example School of Medicine",
            "text": "Example text about a person who does not exist.",
            "license_url": "https://idfpr.illinois.gov/licenselookup/",
            "responsible": True,
        },
        {"name": "Example Nurse", "title": "Registered nurse", "role": "Stays with you"},
    ],
    "notice_privacy_practices": {"effective": "2026-07-01", "texts": [{"language": "en", "text": NOTICE}]},
    "notice_languages": {
        "effective": "2026-07-02",
        "texts": [
            {"language": "en", "text": "An example of a sentence about help with languages."},
            {"language": "es", "text": "# Ejemplo\n\nUn ejemplo de una frase sobre la ayuda con idiomas."},
            {"language": "ar", "text": "# مثال\n\nهذا مثال لجملة عن المساعدة اللغوية:\n\n- مثال أول\n- مثال ثان"},
        ],
    },
}
PICTURES_OF = "pictures_of"  # not a fact; see RunningSite.load_facts
EXAMPLE_PICTURES = """
import json
from front_desk.example_pictures import example_pictures
print(json.dumps(example_pictures(*{})))
"""


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def new_database_url(folder: Path, name: str) -> str:
    """Return the URL of an empty database.

    If TEST_DATABASE_URL is set, create the database on that server. Otherwise, use an SQLite file in `folder`.
    """
    server = os.environ.get("TEST_DATABASE_URL")
    if not server:
        return f"sqlite:///{folder / 'db.sqlite3'}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))
    return f"{server.rpartition('/')[0]}/{name}"


class RunningSite:
    """Context manager that migrates, builds and starts the site, and stops it at the end.

    The site's build, emails, log and SQLite database are in `folder`. `facts` replaces FACTS, and keyword arguments
    override environment variables.
    """

    project = PROJECT
    template: Path | None = None  # set by share_template()

    def __init__(self, folder: Path, facts: dict | None = None, **settings: str) -> None:
        self.folder = folder
        self.facts = FACTS if facts is None else facts
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.mail = folder / "mail"
        self.log = folder / "site.log"
        self.process: subprocess.Popen | None = None
        self.environment = (
            {name: os.environ[name] for name in KEPT if name in os.environ}
            | SETTINGS
            | {
                "SITE_URL": self.url,
                "DATABASE_URL": settings.get("DATABASE_URL") or new_database_url(folder, f"site_{self.port}"),
                "BUILD_DIR": str(folder / "build"),
                "EMAIL_URL": f"filemail:///{self.mail}",
                "PORT": str(self.port),
                **settings,
            }
        )

    def manage(self, *arguments: str, **options) -> str:
        """Run a management command and return what it prints. If it fails, raise AssertionError with its output."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=self.project,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            **options,
        )
        if done.returncode:
            raise AssertionError(f"manage.py {' '.join(arguments)}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def build(self) -> None:
        if self.template:
            self._copy_template()
        else:
            self.migrate_and_collect()
        self.load_facts(self.facts)
        self.manage("prerender")

    def migrate_and_collect(self) -> None:
        self.manage("migrate", "--verbosity", "0")
        self.manage("collectstatic", "--no-input", "--verbosity", "0")

    def _copy_template(self) -> None:
        shutil.copytree(self.template / "build", self.environment["BUILD_DIR"])
        database = self.folder / "db.sqlite3"
        if self.environment["DATABASE_URL"] == f"sqlite:///{database}":
            shutil.copy(self.template / database.name, database)
        else:
            self.manage("migrate", "--verbosity", "0")

    def load_facts(self, facts: dict) -> None:
        """Load the clinic's facts with manage.py load_facts. A list of names as `pictures_of` also adds all pictures."""
        if people := facts.get(PICTURES_OF):
            printed = self.manage("shell", "--verbosity", "0", "--command", EXAMPLE_PICTURES.format(people))
            facts = {key: value for key, value in facts.items() if key != PICTURES_OF} | json.loads(printed)
        file = self.folder / "facts.json"
        file.write_text(json.dumps(facts))
        self.manage("load_facts", str(file))

    def start(self) -> None:
        """Start gunicorn and wait for its first response, up to two minutes, because a busy machine is slow."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    shutil.which("gunicorn", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}"),
                    "albany_site.wsgi",
                ],
                cwd=self.project,
                env=self.environment,
                stdout=log,
                stderr=log,
            )
        for _ in range(1200):
            try:
                self.ask("/")
                return
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.1)
        self.stop()
        raise AssertionError(f"the site does not respond\n{self.log.read_text()}")

    def ask(self, path: str, **headers: str) -> tuple[HTTPResponse, bytes]:
        """Send a GET request. Return the response and its raw body, without following redirects."""
        with closing(HTTPConnection("localhost", self.port, timeout=90)) as connection:
            connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
            response = connection.getresponse()
            return response, response.read()

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=30)

    def __enter__(self) -> Self:
        self.build()
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def share_template(folder: Path) -> None:
    """Make later RunningSites in this process copy their static files and empty SQLite database from `folder`.

    The first process to lock the folder creates these files, while the others wait.
    """
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            RunningSite(folder, DATABASE_URL=f"sqlite:///{folder / 'db.sqlite3'}").migrate_and_collect()
            (folder / "done").touch()
    RunningSite.template = folder
