"""Run the production stack of deploy/ on this machine: nginx, PostgreSQL, and two web processes.

Each web process has its own build folder and worker, as if it ran on its own machine.

`python -m tools.stack` starts everything, prints the addresses, and stops everything on Ctrl-C.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from tests.helpers.live_site import PROJECT, RunningSite, free_port
from tools.neighbours import program
from tools.postgresql import PostgreSQL

MAIN = """
{user}
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx-start.log;
worker_processes 1;
events {{ worker_connections 1024; }}
http {{
    include /etc/nginx/mime.types;
    client_body_temp_path {folder}/bodies;
    proxy_temp_path {folder}/answers;
    fastcgi_temp_path {folder}/unused; uwsgi_temp_path {folder}/unused; scgi_temp_path {folder}/unused;
    access_log off;
    include {folder}/albany.conf;
    # A static file with the same certificate, for comparison.
    server {{
        listen 127.0.0.1:{file_port} ssl http2;
        ssl_certificate {certificate};
        ssl_certificate_key {key};
        root {folder}/files;
    }}
}}
"""


def temporary_certificate(folder: Path) -> tuple[Path, Path]:
    """Create a self-signed certificate for localhost. Return the paths of the certificate and its key."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        [program("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        + ["-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
        + ["-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )
    return certificate, key


class Nginx:
    """nginx with deploy/nginx.conf, adapted to this machine: ports, paths, the host name, and no IPv6."""

    def __init__(self, folder: Path, web_ports: tuple[int, int], build: Path) -> None:
        self.folder, self.web_ports, self.build = folder, web_ports, build
        self.port, self.http_port = free_port(), free_port()
        self.url = f"https://localhost:{self.port}"
        self.file_port = free_port()
        self.file_url = f"https://localhost:{self.file_port}"
        (folder / "files").mkdir()
        self.process: subprocess.Popen | None = None
        self.certificate, self.key = temporary_certificate(folder)

    def render(self) -> Path:
        text = (PROJECT / "deploy/nginx.conf").read_text()
        for here, there in {
            "    listen [::]:80 default_server;\n": "",
            "    listen [::]:443 ssl http2 default_server;\n": "",
            "listen 80 default_server;": f"listen 127.0.0.1:{self.http_port} default_server;",
            "listen 443 ssl http2": f"listen 127.0.0.1:{self.port} ssl http2",
            "127.0.0.1:8000": f"127.0.0.1:{self.web_ports[0]}",
            "127.0.0.1:8001": f"127.0.0.1:{self.web_ports[1]}",
            "/etc/letsencrypt/live/clinic.example/fullchain.pem": f"{self.certificate}",
            "/etc/letsencrypt/live/clinic.example/privkey.pem": f"{self.key}",
            "/var/cache/nginx-albany": f"{self.folder}/cache",
            "/var/log/nginx": f"{self.folder}",
            "/var/cache/albany": f"{self.build}",
            "/var/www/html": f"{self.folder}/challenges",
            "https://clinic.example": self.url,
            "clinic.example": "localhost",
        }.items():
            if here not in text:
                raise AssertionError(f"deploy/nginx.conf has no {here!r}")
            text = text.replace(here, there)
        (self.folder / "albany.conf").write_text(text)
        main = self.folder / "nginx.conf"
        user = "user root;" if os.geteuid() == 0 else ""
        here = {"folder": self.folder, "file_port": self.file_port, "certificate": self.certificate, "key": self.key}
        main.write_text(MAIN.format(user=user, **here))
        return main

    def command(self, *arguments: str) -> list[str]:
        return [f"{program('nginx')}", "-p", f"{self.folder}", "-c", f"{self.render()}", *arguments]

    def start(self) -> None:
        self.process = subprocess.Popen(self.command(), stderr=subprocess.DEVNULL)
        for _ in range(100):
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError(f"nginx is not responding\n{(self.folder / 'nginx-start.log').read_text()}")

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(timeout=20)


class Worker:
    """The worker process, started with the command of its systemd unit."""

    def __init__(self, site: RunningSite) -> None:
        self.site = site
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        with (self.site.folder / "worker.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "worker"],
                cwd=self.site.project,
                env=self.site.environment,
                stdout=log,
                stderr=log,
            )

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            self.process.wait(timeout=60)


class Stack:
    """Context manager that runs the complete stack. Extra keyword arguments override environment variables."""

    def __init__(
        self, folder: Path, cluster: PostgreSQL, database_url: str, facts: dict | None = None, **settings: str
    ) -> None:
        self.folder, self.cluster = folder, cluster
        ports = (free_port(), free_port())
        folders = [folder / f"web-{port}" for port in ports]
        # While the site is down, nginx shows a page from the build folder of the first web process.
        self.nginx = Nginx(folder, ports, folders[0] / "build")
        self.url, self.certificate = self.nginx.url, f"{self.nginx.certificate}"
        self.mail = folder / "mail"
        shared = {
            "SITE_URL": self.url,
            "DATABASE_URL": database_url,
            "EMAIL_URL": f"filemail:///{self.mail}",
            "TRUSTED_PROXY_HOPS": "1",
        } | settings
        self.webs = [
            RunningSite(own, facts, PORT=f"{port}", **shared) for own, port in zip(folders, ports, strict=True)
        ]
        for web, port in zip(self.webs, ports, strict=True):
            web.port = port
            web.folder.mkdir()
        self.workers = [Worker(web) for web in self.webs]

    def __enter__(self) -> Self:
        with ExitStack() as started:
            self.webs[0].build()
            for web in self.webs[1:]:  # build() on the first one migrated the database and loaded the facts
                web.manage("collectstatic", "--no-input", "--verbosity", "0")
                web.manage("prerender")
            for part in (*self.webs, *self.workers, self.nginx):
                started.callback(part.stop)
                part.start()
            self._end = started.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.close()


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    folder = Path(tempfile.mkdtemp(prefix="albany-stack-"))
    try:
        with PostgreSQL() as cluster, Stack(folder, cluster, cluster.new_database("albany")) as stack:
            print(f"\n  nginx:       {stack.url}/   (certificate: {stack.certificate})")
            for web in stack.webs:
                print(f"  web process: http://localhost:{web.port}/   (log: {web.log})")
            print(f"  PostgreSQL:  {cluster.url('albany')}")
            print(f"  emails:      {stack.mail}\n  Press Ctrl-C to stop.\n", flush=True)
            signal.pause()
    except KeyboardInterrupt:
        pass
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
