"""Tests of what gunicorn sends and takes with no nginx in front of it."""

import json
import socket
import tempfile
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.helpers.factories import ANSWERS
from tests.helpers.http_client import Visitor
from tests.helpers.live_site import RunningSite

pytestmark = pytest.mark.system

PHONE = "(618) 555-0100"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("alone")
    (folder / "uploads").mkdir()
    with RunningSite(folder, {"phone": PHONE}, TMPDIR=str(folder / "uploads")) as running:
        yield running


def raw(site: RunningSite, *parts: bytes) -> tuple[int, dict[str, str], str]:
    """Send raw bytes. Return the status, headers and body of the response."""
    answer = b""
    with closing(socket.create_connection(("localhost", site.port), timeout=20)) as line:
        try:
            for part in parts:
                line.sendall(part)
        except ConnectionError:
            pass  # the server answered before it read everything
        try:
            while received := line.recv(65536):
                answer += received
        except ConnectionError:
            pass
    head, _, body = answer.decode().partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    return int(first.split()[1]), dict(line.split(": ", 1) for line in lines), body


def head(site: RunningSite, first: str, *lines: str) -> bytes:
    return "\r\n".join([first, f"Host: localhost:{site.port}", "Connection: close", *lines, "", ""]).encode()


@pytest.mark.parametrize(
    ("status", "first", "lines"),
    [
        (400, "GET /about/ HTTP/9.9", []),
        (400, "GET /about/ HTTP/1.1", ["Bad Header: x"]),
        (400, "POST /about/ HTTP/1.1", ["Content-Length: many"]),
        (414, f"GET /about/?{'x' * 9000} HTTP/1.1", []),
        (431, "GET /about/ HTTP/1.1", [f"Cookie: x={'a' * 9000}"]),
        (431, "GET /about/ HTTP/1.1", ["X: y"] * 300),
        (413, "POST /consultation/ HTTP/1.1", ["Content-Length: 300000"]),
        (501, "POST /consultation/ HTTP/1.1", ["Transfer-Encoding: xchunked"]),
        (405, "PUT /static/img/favicon.svg HTTP/1.1", []),
        (405, "OPTIONS /static/img/favicon.svg HTTP/1.1", []),
    ],
)
def test_what_gunicorn_refuses_has_the_sites_look_and_headers(site, status, first, lines):
    found, headers, body = raw(site, head(site, first, *lines))
    assert found == status
    assert 'class="site-header"' in body
    assert PHONE in body
    _, page, _ = raw(site, head(site, "GET /about/ HTTP/1.1"))
    for name in ("Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy"):
        assert headers[name] == page[name]
    assert headers["Cache-Control"] == "no-store"


def test_gunicorn_takes_every_header_that_nginx_passes_on(site):
    cookie = f"Cookie: x={'a' * 7900}"
    for path in ("/about/", "/consultation/"):
        assert raw(site, head(site, f"GET {path} HTTP/1.1", cookie))[0] == 200
        assert raw(site, head(site, f"GET {path}?{'x' * 7900} HTTP/1.1"))[0] == 200


def test_a_large_file_is_refused_and_reaches_no_temporary_folder(site):
    boundary = "multipart/form-data; boundary=xyz"
    lines = [f"Content-Type: {boundary}", "Content-Length: 60000000"]
    start = b'--xyz\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'
    status, _, body = raw(site, head(site, "POST /consultation/ HTTP/1.1", *lines), start, *([b"x" * 100_000] * 30))
    assert status == 413
    assert "That was more than the form can take" in body
    for folder in (site.folder / "uploads", Path(tempfile.gettempdir())):
        assert [file for file in folder.glob("*.upload*") if file.stat().st_size > 1000] == []


def chunked(body: bytes, size: int = 1000) -> bytes:
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def test_a_form_sent_in_chunks_arrives_and_a_long_one_is_refused(site):
    fields, cookie = Visitor(site.url).open_form()
    body = urlencode(ANSWERS | fields | {"note": "in chunks"}, doseq=True).encode()
    lines = [f"Cookie: {cookie}", "Content-Type: application/x-www-form-urlencoded", "Transfer-Encoding: chunked"]
    status, headers, _ = raw(site, head(site, "POST /consultation/ HTTP/1.1", *lines), chunked(body))
    assert status == 302
    assert "/consultation/received/" in headers["Location"]
    status, _, page = raw(site, head(site, "POST /consultation/ HTTP/1.1", *lines), chunked(b"note=" + b"x" * 300_000))
    assert status == 413
    assert "That was more than the form can take" in page


@pytest.mark.parametrize("path", ["/", "/about/", "/consultation/", "/static/staticfiles.json", "/sitemap.xml"])
def test_another_host_or_charset_is_treated_alike_for_pages_and_files(site, path):
    for method in ("GET", "HEAD"):
        lines = [f"{method} {path}?a=b HTTP/1.1", "Host: www.clinic.example", "Connection: close", "", ""]
        status, headers, _ = raw(site, "\r\n".join(lines).encode())
        assert (status, headers["Location"]) == (301, f"{site.url}{path}?a=b")
    status, headers, body = raw(site, head(site, f"GET {path}?a=b HTTP/1.1", "Content-Type: text/plain; charset=rot13"))
    assert status == 400
    assert "We could not read that request" in body
    assert "X-Request-ID" in headers


def test_a_health_check_by_address_is_answered(site):
    lines = ["GET /healthz HTTP/1.1", f"Host: 127.0.0.1:{site.port}", "Connection: close", "", ""]
    _, _, body = raw(site, "\r\n".join(lines).encode())
    assert "problems" in json.loads(body)


def test_the_list_of_static_files_is_not_served(site):
    assert raw(site, head(site, "GET /static/staticfiles.json HTTP/1.1"))[0] == 404
