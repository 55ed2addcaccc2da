"""Exit with one line if PORT is not a free port, so that `make run` stops before it starts anything."""

import errno
import os
import socket
import sys


def problem_with(port: str) -> str:
    """Return why gunicorn could not listen on the port, and what to do; "" if it can."""
    if not port.isascii() or not port.isdigit() or not 1 <= int(port) <= 65535:
        return f"PORT must be a number from 1 to 65535, not {port!r}. Example: PORT=8123 make run"
    with socket.socket() as listener:
        # As gunicorn does, so that connections of a server that just stopped don't count.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", int(port)))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return f"Port {port} is in use. Stop the other server, or use another port: PORT=8123 make run"
            return f"Port {port} cannot be used ({error.strerror}). Use another port: PORT=8123 make run"
    return ""


if __name__ == "__main__":
    sys.exit(problem_with(os.environ.get("PORT", "8000")) or None)
