"""Exit with a one-line error if PORT is not free, so that `make run` stops before it starts anything."""

import errno
import os
import socket
import sys


def problem_with(port: str) -> str:
    """Return an error message if gunicorn cannot listen on the port, otherwise ""."""
    if not port.isascii() or not port.isdigit() or not 1 <= int(port) <= 65535:
        return f"PORT must be a number from 1 to 65535, not {port!r}. Example: PORT=8123 make run"
    with socket.socket() as listener:
        # Like gunicorn, ignore lingering connections of a server that just stopped.
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
