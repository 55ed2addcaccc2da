"""Run a temporary PostgreSQL server.

`python -m tools.postgresql COMMAND...` runs a command with TEST_DATABASE_URL set to a database on such a server.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Self

from tests.helpers.live_site import free_port
from tools.neighbours import program


class PostgreSQL:
    """A PostgreSQL cluster in a temporary folder, on a free port. Use it as a context manager.

    If run as root, start the server as the user postgres, because PostgreSQL refuses to run as root.
    """

    def __init__(self) -> None:
        self.programs = program("initdb").resolve().parent
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="albany-postgresql-"))
        self.data = self.folder / "data"

    def run(self, command: str, *arguments: str) -> None:
        # Write output to a file, because the server inherits the handle and would keep a pipe open.
        log = self.folder / "programs.log"
        as_postgres = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        with log.open("ab") as output:
            done = subprocess.run(
                [*as_postgres, str(self.programs / command), *arguments],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                check=False,
                timeout=60,
            )
        if done.returncode:
            raise RuntimeError(f"{command} failed\n{log.read_text()}")

    def start(self) -> None:
        options = f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories={self.folder}"
        self.run(
            "pg_ctl", "start", "--wait", "--pgdata", str(self.data), "--log", f"{self.folder}/server.log", "-o", options
        )

    def stop(self, mode: str = "fast") -> None:
        """Stop the server. The mode `immediate` is like a crash: the next start runs recovery."""
        self.run("pg_ctl", "stop", "--wait", "--pgdata", str(self.data), "--mode", mode)

    def new_database(self, name: str) -> str:
        """Create an empty database and return its DATABASE_URL."""
        self._client("createdb", name)
        return self.url(name)

    def drop_database(self, url: str) -> None:
        self._client("dropdb", "--force", url.rpartition("/")[2])

    def _client(self, program: str, *arguments: str) -> None:
        self.run(program, "--host", "127.0.0.1", "--port", str(self.port), "--username", "postgres", *arguments)

    def url(self, name: str) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/{name}"

    def __enter__(self) -> Self:
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
        self.run(
            "initdb", "--pgdata", str(self.data), "--username", "postgres", "--auth", "trust", "--encoding", "UTF8"
        )
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.stop("immediate")
        finally:
            shutil.rmtree(self.folder)


def main(command: list[str]) -> int:
    with PostgreSQL() as cluster:
        return subprocess.run(
            command, env=os.environ | {"TEST_DATABASE_URL": cluster.url("postgres")}, check=False
        ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
