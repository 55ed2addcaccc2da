"""Start the site and its peers, each on its own port."""

import getpass
import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from tests.helpers.live_site import PROJECT, RunningSite, free_port

# The names of the servers in the results.
NGINX = "nginx, one worker, a file with the same bytes"
BARE = "bare gunicorn, the same bytes and headers"
OURS = "our article"
RENDERED = "our article, rendered per request"
WAGTAIL = "Wagtail, a minimal page of the same length"
FORM = "our form, stored with its email"
FEW = "our form, 4 clients"
FEW_BEFORE = "the form of the edition before, 4 clients"
BARE_FORM = "a bare ModelForm storing one row"


@dataclass(frozen=True)
class Server:
    """A server, and the HTTP request to send to it: a POST if `body` is set. `process` is the master's PID.

    `stored` is the SQLite file and the table that each POST adds a row to.
    """

    name: str
    process: int
    port: int
    path: str = "/"
    body: str = ""
    cookie: str = ""
    connections: int = 64
    stored: tuple[Path, str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.path}"

    @property
    def headers(self) -> dict[str, str]:
        own = {"Host": f"localhost:{self.port}", "Accept-Encoding": "br"}
        form = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        return own | form if self.body else own


@contextmanager
def started(command: list[str], port: int, log: Path, **environment: str):
    """Context manager that runs a server, and yields its PID once it responds."""
    with log.open("ab") as output:
        process = subprocess.Popen(command, cwd=PROJECT, env=os.environ | environment, stdout=output, stderr=output)
    try:
        wait_for(port, process, log)
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)


def wait_for(port: int, process: subprocess.Popen, log: Path) -> None:
    """Wait up to 30 seconds for the first response, of any status."""
    for _ in range(1500):
        try:
            connection = HTTPConnection("localhost", port, timeout=20)
            connection.request("GET", "/")
            connection.getresponse().read()
            connection.close()
            return
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.02)
    raise RuntimeError(f"no response on port {port}\n{log.read_text()}")


def answer_of(site: RunningSite, path: str) -> tuple[list[tuple[str, str]], bytes]:
    """Return a page's headers and its brotli-compressed body.

    Headers that every server sets (Server, Date, Connection) are left out.
    """
    response, body = site.ask(path, Accept_Encoding="br")
    own = {"server", "date", "connection"}
    return [(name, value) for name, value in response.getheaders() if name.lower() not in own], body


@contextmanager
def nginx(folder: Path, headers: list[tuple[str, str]], body: bytes):
    """Run nginx with one worker that serves `body` as a file, with the same headers."""
    port = free_port()
    (folder / "page").write_bytes(body)
    by_itself = ("Content-Type", "Content-Length", "ETag")
    quoted = {name: value.replace('"', '\\"') for name, value in headers if name not in by_itself}
    added = " ".join(f'add_header {name} "{value}";' for name, value in quoted.items())
    temporary = " ".join(f"{kind}_temp_path {folder};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(
        f"""daemon off; user {getpass.getuser()}; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
        events {{ worker_connections 512; }}
        http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 10000000; {temporary}
          types {{ }} default_type "text/html; charset=utf-8";
          server {{ listen 127.0.0.1:{port}; listen [::1]:{port}; root {folder};
            location / {{ try_files /page =404; {added} }} }} }}"""
    )
    command = ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "nginx.log")]
    with started(command, port, folder / "nginx.out") as process:
        yield Server(NGINX, process, port)


def bare_settings(folder: Path) -> str:
    """Write gunicorn.conf.py without its hooks, which read the site's settings, and return the file's path."""
    file = folder / "bare_gunicorn.py"
    hooks = ("on_starting", "post_worker_init")
    file.write_text(f"""import runpy
ours = runpy.run_path({str(PROJECT / "gunicorn.conf.py")!r})
globals().update({{name: value for name, value in ours.items() if name not in {hooks}}})
""")
    return str(file)


@contextmanager
def bare_gunicorn(folder: Path, headers: list[tuple[str, str]], body: bytes):
    """Run gunicorn with our options and a minimal WSGI application."""
    port = free_port()
    (folder / "headers.json").write_text(json.dumps(headers))
    (folder / "page.br").write_bytes(body)
    command = [sys.executable, "-m", "gunicorn", "--config", bare_settings(folder), "tools.bench.bare_page"]
    with started(command, port, folder / "bare.out", PORT=str(port), BENCH_ANSWER=str(folder)) as process:
        yield Server(BARE, process, port)


@contextmanager
def bare_form(folder: Path):
    """Run Django with one form and nothing else. Its database is `folder`/bare.sqlite3."""
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--config",
        bare_settings(folder),
        "--preload",
        "tools.bench.bare_form",
    ]  # preload, so that only the master creates the table
    database = str(folder / "bare.sqlite3")
    with started(command, port, folder / "form.out", PORT=str(port), BENCH_DATABASE=database) as process:
        yield Server(BARE_FORM, process, port, stored=(folder / "bare.sqlite3", "bench_message"))


def get(port: int, path: str) -> tuple[dict[str, str], str]:
    """Return a response's headers and text."""
    connection = HTTPConnection("localhost", port, timeout=20)
    connection.request("GET", path)
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return dict(response.getheaders()), text
