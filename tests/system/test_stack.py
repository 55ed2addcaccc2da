"""Tests of the complete production stack from outside."""

import json
import subprocess

import pytest

from tests.helpers.http_client import Visitor
from tools.neighbours import program
from tools.stack import Stack

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def stack(tmp_path_factory, postgresql):
    with Stack(tmp_path_factory.mktemp("stack"), postgresql, postgresql.new_database("outside")) as running:
        yield running


@pytest.fixture
def visitor(stack):
    return Visitor(stack.url, "", certificate=stack.certificate)


def test_cookies_are_host_only_secure_and_hidden_from_scripts(stack, visitor):
    cookie = visitor.ask("/consultation/").headers["Set-Cookie"]
    assert cookie.startswith("__Host-csrftoken=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    settings = "from django.conf import settings as s; print(s.SESSION_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY)"
    assert stack.webs[0].manage("shell", "--verbosity", "0", "--command", settings).split() == [
        "__Host-sessionid",
        "True",
        "True",
    ]


def test_nginx_enforces_https_hsts_and_modern_tls(stack, visitor):
    for path in ("/", "/consultation/", "/no-such-page/"):
        policy = visitor.ask(path).headers["Strict-Transport-Security"]
        assert "max-age=63072000" in policy
        assert "includeSubDomains" in policy
    plain = Visitor(f"http://localhost:{stack.nginx.http_port}", "").ask("/about/?from=a-friend")
    assert (plain.status, plain.headers["Location"]) == (301, f"{stack.url}/about/?from=a-friend")
    assert "alert protocol version" in refused(stack, "-tls1_1")


def refused(stack: Stack, version: str) -> str:
    """Connect with only one TLS version, such as "-tls1_1". Return openssl's error output."""
    done = subprocess.run(
        [
            program("openssl"),
            "s_client",
            version,
            "-cipher",
            "ALL@SECLEVEL=0",
            "-connect",
            f"127.0.0.1:{stack.nginx.port}",
        ],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    return done.stderr


def test_no_file_outside_the_site_is_served(visitor):
    for path in ("/.git/HEAD", "/.env", "/manage.py", "/deploy/nginx.conf", "/var/db.sqlite3", "/static/../manage.py"):
        assert visitor.ask(path).status in (400, 404), path


def test_nginx_caches_pages_and_never_the_form(stack, visitor):
    for path in ("/about/", "/about/", "/consultation/", "/consultation/"):
        assert visitor.ask(path).status == 200
    lines = [json.loads(line) for line in (stack.folder / "albany.log").read_text().splitlines()]
    assert [line["cache"] for line in lines[-4:]] == ["MISS", "HIT", "MISS", "MISS"]


@pytest.mark.parametrize(
    ("accepted", "sent"), [("gzip, deflate, br", "br"), ("br;q=0, gzip", "gzip"), ("gzip", "gzip"), ("identity", None)]
)
def test_the_cache_gives_each_browser_an_encoding_it_accepts(visitor, accepted, sent):
    for _ in range(2):
        assert visitor.ask("/privacy/", **{"Accept-Encoding": accepted}).headers["Content-Encoding"] == sent


def test_nginx_ignores_a_clients_own_forwarded_header(stack, visitor):
    """The site lists problems at /healthz only for its own machine, so a list means that it saw our real address."""
    answer = visitor.ask("/healthz", **{"X-Forwarded-For": "192.0.2.7"})
    assert "problems" in json.loads(answer.body), "the client's header was trusted"


def test_nginx_logs_no_address_and_no_path(stack, visitor):
    visitor.ask("/consultation/received/the-key-to-a-receipt/?who=jordan")
    for log in ("albany.log", "albany-error.log"):
        text = (stack.folder / log).read_text()
        for secret in ("the-key-to-a-receipt", "jordan", "127.0.0.1", "consultation"):
            assert secret not in text
