"""The whole of deploy/ together: what somebody meets who comes from outside."""

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


def test_cookies_are_for_this_host_alone_and_out_of_reach_of_scripts(stack, visitor):
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


def test_what_nginx_serves_is_strict_about_transport(stack, visitor):
    for path in ("/", "/consultation/", "/no-such-page/"):
        policy = visitor.ask(path).headers["Strict-Transport-Security"]
        assert "max-age=63072000" in policy
        assert "includeSubDomains" in policy
    plain = Visitor(f"http://localhost:{stack.nginx.http_port}", "").ask("/about/?from=a-friend")
    assert (plain.status, plain.headers["Location"]) == (301, f"{stack.url}/about/?from=a-friend")
    assert "alert protocol version" in refused(stack, "-tls1_1")


def refused(stack: Stack, version: str) -> str:
    """What the server answers to a client that speaks no newer TLS than this."""
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


def test_nothing_of_the_machine_is_served(visitor):
    for path in ("/.git/HEAD", "/.env", "/manage.py", "/deploy/nginx.conf", "/var/db.sqlite3", "/static/../manage.py"):
        assert visitor.ask(path).status in (400, 404), path


def test_a_page_is_served_from_the_cache_of_nginx_and_the_form_never_is(stack, visitor):
    for path in ("/about/", "/about/", "/consultation/", "/consultation/"):
        assert visitor.ask(path).status == 200
    lines = [json.loads(line) for line in (stack.folder / "albany.log").read_text().splitlines()]
    assert [line["cache"] for line in lines[-4:]] == ["MISS", "HIT", "MISS", "MISS"]


@pytest.mark.parametrize(
    ("accepted", "sent"), [("gzip, deflate, br", "br"), ("br;q=0, gzip", "gzip"), ("gzip", "gzip"), ("identity", None)]
)
def test_the_cache_gives_each_browser_an_encoding_that_it_knows(visitor, accepted, sent):
    for _ in range(2):
        assert visitor.ask("/privacy/", **{"Accept-Encoding": accepted}).headers["Content-Encoding"] == sent


def test_nobody_talks_nginx_into_another_address(stack, visitor):
    """/healthz gives its reasons to this machine alone, which we are, whatever we say."""
    answer = visitor.ask("/healthz", **{"X-Forwarded-For": "192.0.2.7"})
    assert "problems" in json.loads(answer.body), "the header was believed, and not the connection"


def test_neither_log_of_nginx_holds_an_address_or_a_path(stack, visitor):
    visitor.ask("/consultation/received/the-key-to-a-receipt/?who=jordan")
    for log in ("albany.log", "albany-error.log"):
        text = (stack.folder / log).read_text()
        for secret in ("the-key-to-a-receipt", "jordan", "127.0.0.1", "consultation"):
            assert secret not in text
