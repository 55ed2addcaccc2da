"""Gunicorn's configuration, which `gunicorn albany_site.wsgi` loads automatically.

`make bench` measures its effect, and tests/browser/test_serving.py tests slow clients and reloads.
"""

import os
import socket
import struct
import sys

from gunicorn.glogging import Logger

from albany_site.json_logging import LOGGING as logconfig_dict  # noqa: F401  gunicorn logs like the site
from albany_site.private_files import PRIVATE_UMASK as umask  # noqa: F401  the database is private

port = os.environ.get("PORT") or "8000"
if not port.isdecimal():
    sys.exit(f"PORT must be a number from 1 to 65535, not {port!r}.")
bind = f"127.0.0.1:{port}"

# One worker per core, because serving prerendered pages is CPU-bound. At least two workers, so that one can serve
# while the other restarts.
workers = max(2, os.cpu_count() or 2)
# Threads help with requests that wait for the database. Because of the GIL, more threads wouldn't serve more pages.
threads = 4
# Seconds to keep an idle connection open, so that a slow phone needs no new handshake for the next page. An idle
# connection occupies no thread.
keepalive = 20

# Don't preload, so that SIGHUP can deploy a release: new workers load the new code, settings and build while the
# old workers finish their requests.
preload_app = False
graceful_timeout = 30
# Seconds without a heartbeat before the master replaces a hung worker.
timeout = 30
# Restart workers from time to time in case of a memory leak. The jitter keeps them from restarting together.
max_requests = 100_000
max_requests_jitter = 20_000

# Limits (bytes, count, bytes). deploy/nginx.conf passes on no header or address that is longer, so that its limits are
# the only ones for a visitor behind nginx.
limit_request_line = 8190
limit_request_fields = 200
limit_request_field_size = 8192

# Ignore X-Forwarded-Proto here. Django decides whether to trust it, from settings.TRUSTED_PROXY_HOPS.
forwarded_allow_ips = ""
# Keep heartbeat files in memory, because a busy disk can delay heartbeats past the timeout.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108  gunicorn creates its own file there
# The control socket is in the home directory, so all gunicorn instances of one user would share it.
control_socket_disable = True


class logger_class(Logger):
    """Gunicorn's logger without the access log, which would record each visitor's address and path."""

    access_log_enabled = False


STALL_LIMIT = 10  # seconds


def when_ready(server: object) -> None:
    """Set timeouts for clients that stop sending or reading, so that a few of them cannot occupy every thread.

    Gunicorn has no such setting. The timeouts are C timevals, set on the listening sockets. Accepted sockets inherit
    them.
    """
    limit = struct.pack("ll", STALL_LIMIT, 0)
    for listener in server.LISTENERS:
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)


def post_worker_init(worker: object) -> None:
    """Send the site's own pages for requests that gunicorn can't read."""
    from gunicorn import util

    from albany_site.gunicorn_errors import write_error

    util.write_error = write_error
