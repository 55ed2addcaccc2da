"""gunicorn's configuration. `gunicorn albany_site.wsgi` reads this file by itself.

`make bench` measures its effect, and tests/browser/test_serving.py tests slow clients and reloads.
"""

import os
import socket
import struct

from gunicorn.glogging import Logger

from albany_site.json_logging import LOGGING as logconfig_dict  # noqa: F401  gunicorn logs as the site does

bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"

# One worker per core, because prerendered pages need CPU and wait for nothing. At least two, so that one serves
# while the other restarts.
workers = max(2, os.cpu_count() or 2)
# Threads help requests that wait for the database. More would not serve more pages, because of Python's GIL.
threads = 4
# Seconds to keep an idle connection open, so a slow phone needs no new handshake for the next page. An idle
# connection holds no thread.
keepalive = 20

# Without preloading, SIGHUP deploys a release: new workers load the new code, settings and build while the old
# ones finish their requests.
preload_app = False
graceful_timeout = 30
# Seconds without a heartbeat before the master replaces a hung worker.
timeout = 30
# Replace workers from time to time in case something leaks memory. The jitter keeps them from restarting together.
max_requests = 100_000
max_requests_jitter = 20_000

# Bytes and counts well above what any browser sends, signed receipt paths included.
limit_request_line = 2048
limit_request_fields = 50
limit_request_field_size = 4096

# Trust no proxy's X-Forwarded-Proto here. settings.TRUSTED_PROXY_HOPS decides that.
forwarded_allow_ips = ""
# Heartbeat files in memory, because a busy disk can delay them past the timeout.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108  gunicorn creates its own file there
# Otherwise all of a user's gunicorns share one control socket in the home folder.
control_socket_disable = True


class logger_class(Logger):
    """gunicorn's logger without the access log, which would record every visitor's address and path."""

    access_log_enabled = False


STALL_LIMIT = 10  # seconds


def when_ready(server: object) -> None:
    """Time out clients that stop sending or reading, so that a few of them cannot hold every thread.

    gunicorn has no such limit. Accepted sockets inherit it from the listening socket; `limit` is a C timeval.
    """
    limit = struct.pack("ll", STALL_LIMIT, 0)
    for listener in server.LISTENERS:
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
