"""How gunicorn serves the site: `gunicorn albany_site.wsgi` reads this file by itself.

`make bench` measures what comes of it; tests/browser/test_serving.py shows what is promised of slow
clients and of a reload.
"""

import os
import socket
import struct

from gunicorn.glogging import Logger

from albany_site.json_logging import LOGGING as logconfig_dict  # noqa: F401  gunicorn's own lines are JSON too

bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"

# A worker for each core: a prerendered page takes a sixth of a millisecond of it, and nothing waits. Two at
# least, so that one of them may start anew.
workers = max(2, os.cpu_count() or 2)
# They wait for the database and the disk. More of them serve no more pages: Python runs one at a time.
threads = 4
# A phone on a slow line asks for its next page seconds later, and is spared a handshake. No thread waits with it.
keepalive = 20

# Not preloaded: on SIGHUP every new worker reads the code, the settings and the build anew, while the old ones
# answer what they have begun.
preload_app = False
graceful_timeout = 30
# A worker that the master has not heard of for so long hangs, and is replaced.
timeout = 30
# Should anything leak, a worker is replaced long before it shows; not all of them at once.
max_requests = 100_000
max_requests_jitter = 20_000

# A request of ours fits many times over: an article's address, the headers of a browser, a signed receipt.
limit_request_line = 2048
limit_request_fields = 50
limit_request_field_size = 4096

# Nobody in front is believed about the scheme here: settings.TRUSTED_PROXY_HOPS alone decides that.
forwarded_allow_ips = ""
# A heartbeat on disk may stand still for as long as the disk is busy.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 gunicorn makes its own file there
# Else every gunicorn of a user writes to the same socket in the home folder.
control_socket_disable = True


class logger_class(Logger):
    """Writes no line about who asked for what, and so puts none together: for a page that is a good part of the work."""

    access_log_enabled = False


STALLED = 10  # seconds


def when_ready(server: object) -> None:
    """Give a client that stops half-way through a request, or stops reading, a limit; gunicorn has none.

    Without one, as many of them as there are threads would hold the site for as long as they like.
    Accepted sockets inherit it from the one that listens.
    """
    limit = struct.pack("ll", STALLED, 0)
    for listener in server.LISTENERS:
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
