"""Gives the site's look to the responses that gunicorn sends itself, for requests that it can't read.

Gunicorn has no setting for these pages, so gunicorn.conf.py replaces the function that writes them.
"""

import socket
from http import HTTPStatus

from albany_site.headers import PRIVATE, SECURITY_HEADERS
from pages.build import current_build

OTHER = "400"  # the page for a status without one of its own


def error_response(status: int, reason: str) -> bytes:
    """Return a complete HTTP response. Its body is a page of the build, or one line of text if there is no build."""
    build = current_build()
    pages = build.pages if build else {}
    is_ours = status == HTTPStatus.INTERNAL_SERVER_ERROR  # unlike 501, for an encoding that gunicorn doesn't know
    page = None if is_ours else pages.get(f"{status}") or pages.get(OTHER)
    body = page.bodies[""] if page else f"{status} {reason}\n".encode()
    headers = SECURITY_HEADERS | {
        "Cache-Control": PRIVATE,
        "Connection": "close",
        "Content-Length": str(len(body)),
        "Content-Type": f"text/{'html' if page else 'plain'}; charset=utf-8",
    }
    lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def write_error(client: socket.socket, status: int, reason: str, message: str) -> None:
    """Send an error page. Leave out gunicorn's message, because it quotes what the client sent."""
    client.settimeout(5)
    client.sendall(error_response(status, reason))
    # Until the client has read the page, don't close the connection: closing with unread input resets it.
    client.shutdown(socket.SHUT_WR)
    client.settimeout(1)
    for _ in range(64):
        if not client.recv(65536):
            break
