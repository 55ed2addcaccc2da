"""Tests of the complete production stack from outside."""

import itertools
import json
import re
import ssl
import subprocess
import time
from collections.abc import Callable
from urllib.request import HTTPCookieProcessor, HTTPSHandler, Request, build_opener

import pytest
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from tests.browser.staff import make_member
from tests.helpers.http_client import Visitor
from tests.helpers.photographs import phone_photograph
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


# --- A photograph, from the desk to the pages

PICTURES = "/staff/clinic/pictures/"
HANG_GUARD = 120  # seconds


_numbers = itertools.count()


class Manager:
    """A manager's browser, without the browser: it keeps cookies and sends forms as multipart."""

    def __init__(self, stack: Stack) -> None:
        context = ssl.create_default_context(cafile=stack.certificate)
        self.url, self.opener = stack.url, build_opener(HTTPSHandler(context=context), HTTPCookieProcessor())
        self.page = ""
        member = make_member(stack.webs[0], f"mora{next(_numbers)}", "Manager")
        self.open("/staff/login/")
        self.send(
            "/staff/login/", next=PICTURES, username=member.name, password=member.password, code=member.codes.pop()
        )

    def open(self, path: str, body: bytes | None = None) -> str:
        headers = {"Referer": self.url + path, "Content-Type": MULTIPART_CONTENT}
        with self.opener.open(Request(self.url + path, body, headers), timeout=60) as response:
            self.page = response.read().decode()
        return self.page

    def send(self, path: str, **fields: object) -> str:
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.page)[1]
        return self.open(path, encode_multipart(BOUNDARY, {"csrfmiddlewaretoken": token, **fields}))


class File:
    """A file as encode_multipart() takes it."""

    name = "IMG_0001.jpg"

    def __init__(self, data: bytes) -> None:
        self.data = data

    def read(self) -> bytes:
        return self.data


def until(is_so: Callable[[], bool]) -> float:
    """Wait until `is_so` returns true, and return the seconds that it took."""
    started = time.monotonic()
    while not is_so():
        assert time.monotonic() - started < HANG_GUARD
        time.sleep(0.2)
    return time.monotonic() - started


def test_a_12_megabyte_photograph_goes_live_through_nginx_and_back(stack, visitor):
    manager = Manager(stack)
    number = re.search(r'name="edition" value="(\d+)"', manager.open(PICTURES))[1]
    photograph = File(phone_photograph(12 * 1024 * 1024))
    typed = {"edition": number, "slot": "door_picture", "alt": "Example door", "do": "preview"}
    page = manager.send(PICTURES, file=photograph, **typed)
    key = re.search(r'name="picture" value="(\w+)"', page)[1]
    assert "Saved." in manager.send(PICTURES, **typed | {"picture": key, "do": "save"})

    image = f"/pictures/{key}.jpg"
    live = until(lambda: image in visitor.ask("/visit-us/").body)
    answer = visitor.ask(image)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "image/jpeg")
    assert "immutable" in answer.headers["Cache-Control"]
    left = [file for folder in ("bodies", "answers") for file in (stack.folder / folder).rglob("*") if file.is_file()]
    assert left == []

    manager.open("/staff/clinic/history/")
    manager.send(f"/staff/clinic/put-back/{number}/")
    gone = until(lambda: image not in visitor.ask("/visit-us/").body)
    print(f"The picture was live after {live:.1f} s, and gone {gone:.1f} s after it was put back.")  # noqa: T201


def test_nginx_takes_a_large_body_on_the_page_for_pictures_only(stack):
    manager = Manager(stack)
    with pytest.raises(OSError, match="413"):
        manager.send("/staff/clinic/", file=File(bytes(300_000)))
    manager.open(PICTURES)
    assert "This picture is larger than 12 MB" in manager.send(PICTURES, file=File(bytes(14 * 1024 * 1024)))
