"""Tests of the complete production stack from outside."""

import itertools
import json
import re
import socket
import ssl
import subprocess
import time
from collections.abc import Callable
from email import message_from_string
from http.client import HTTPException
from urllib.request import HTTPCookieProcessor, HTTPSHandler, Request, build_opener

import pytest
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from tests.browser.staff import make_member
from tests.helpers.factories import ANSWERS
from tests.helpers.http_client import Answer, Visitor
from tests.helpers.live_site import PROJECT
from tests.helpers.photographs import phone_photograph
from tests.helpers.waiting import until
from tools.neighbours import program
from tools.stack import Stack

pytestmark = pytest.mark.system

PHONE = "(618) 555-0100"
FORM_TYPE = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def stack(tmp_path_factory, postgresql):
    folder, database = tmp_path_factory.mktemp("stack"), postgresql.new_database("outside")
    with Stack(folder, postgresql, database, facts={"phone": PHONE}) as running:
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
        assert visitor.ask(path).headers["Strict-Transport-Security"] == "max-age=63072000"
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


def logged(stack: Stack) -> list[dict[str, str]]:
    """Return the lines of nginx's access log, oldest first."""
    return [json.loads(line) for line in (stack.folder / "albany.log").read_text().splitlines()]


def test_nginx_caches_pages_and_never_the_form(stack, visitor):
    for path in ("/about/", "/about/", "/consultation/", "/consultation/"):
        assert visitor.ask(path).status == 200
    # nginx logs a request after its response.
    until(lambda: [line["cache"] for line in logged(stack)[-4:]] == ["MISS", "HIT", "MISS", "MISS"], 10)


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
    before = len(logged(stack))
    visitor.ask("/consultation/received/the-key-to-a-receipt/?who=jordan")
    until(lambda: len(logged(stack)) > before, 10)
    for log in ("albany.log", "albany-error.log"):
        text = (stack.folder / log).read_text()
        for secret in ("the-key-to-a-receipt", "jordan", "127.0.0.1", "consultation"):
            assert secret not in text


# --- A photograph, from the desk to the pages

PICTURES = "/staff/clinic/pictures/"


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


# --- Hosts


@pytest.mark.parametrize("host", ["www.localhost", "127.0.0.1", "evil.example"])
@pytest.mark.parametrize("path", ["/", "/consultation", "/consultation/?a=b", "/static/img/favicon.svg", "/healthz"])
def test_nginx_redirects_every_other_host_to_the_site(stack, visitor, host, path):
    answer = visitor.ask(path, Host=host)
    assert (answer.status, answer.headers["Location"]) == (301, stack.url + path)
    assert host not in answer.body
    assert answer.headers.get_all("Strict-Transport-Security") == ["max-age=63072000"]
    plain = Visitor(f"http://localhost:{stack.nginx.http_port}", "").ask(path, Host=host)
    assert (plain.status, plain.headers["Location"]) == (301, stack.url + path)


def test_a_form_sent_to_another_host_gets_no_answer(visitor):
    with pytest.raises((OSError, HTTPException)):
        visitor.ask("/consultation/", {"note": "x"}, Host="evil.example")


def test_a_health_check_on_this_machine_needs_no_tls_and_no_host_name(stack):
    for host in ("127.0.0.1", "localhost"):
        answer = Visitor(f"http://{host}:{stack.webs[0].port}", "").ask("/healthz")
        assert "problems" in json.loads(answer.body)


def test_the_certificates_renewal_finds_its_challenge(stack):
    folder = stack.folder / "challenges/.well-known/acme-challenge"
    folder.mkdir(parents=True)
    (folder / "a-token").write_text("a-token.thumbprint")
    for host in ("localhost", "www.localhost"):
        answer = Visitor(f"http://localhost:{stack.nginx.http_port}", "").ask(
            "/.well-known/acme-challenge/a-token", Host=host
        )
        assert (answer.status, answer.body) == (200, "a-token.thumbprint")


# --- What nginx refuses itself

HEADERS = ["Strict-Transport-Security", "X-Content-Type-Options", "X-Frame-Options", "Content-Security-Policy"]


def refusals(stack: Stack) -> dict[int, Callable[[], Answer]]:
    """Return one request for each status that nginx sends itself."""
    # From an address of its own, so that its limit delays no other test.
    visitor = Visitor(stack.url, "", certificate=stack.certificate, source="127.7.0.3")
    return {
        400: lambda: visitor.ask("/about/", **{"Content-Length": "many"}),
        405: lambda: traced(stack),
        413: lambda: visitor.ask("/consultation/", {"note": "x" * 300_000}),
        414: lambda: visitor.ask("/about/?" + "x" * 9000),
        431: lambda: visitor.ask("/about/", Cookie="x=" + "a" * 9000),
        429: lambda: until_limited(visitor),
    }


def traced(stack: Stack) -> Answer:
    done = subprocess.run(
        ["curl", "-sk", "-i", "-X", "TRACE", f"{stack.url}/about/", "--http1.1"], capture_output=True, check=True
    )
    head, _, body = done.stdout.decode().partition("\r\n\r\n")
    status, _, headers = head.partition("\r\n")
    return Answer(int(status.split()[1]), message_from_string(headers), body)


def until_limited(visitor: Visitor) -> Answer:
    for _ in range(60):
        answer = visitor.ask("/consultation/", {"note": "x"})
        if answer.status == 429:
            return answer
    raise AssertionError("never limited")


@pytest.mark.parametrize("status", [400, 405, 413, 414, 431, 429])
def test_what_nginx_refuses_has_the_sites_look_and_phone_number(stack, status):
    answer = refusals(stack)[status]()
    assert answer.status == status
    assert 'class="site-header"' in answer.body
    assert PHONE in answer.body
    assert answer.headers["Cache-Control"] == "no-store"
    page = Visitor(stack.url, "", certificate=stack.certificate).ask("/about/")
    for name in HEADERS[:3]:
        assert answer.headers.get_all(name) == page.headers.get_all(name), name
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


UNREADABLE = {
    "no host": ["GET /about/ HTTP/1.1"],
    "a host that is none": ["GET /about/ HTTP/1.1", "Host: a b"],
    "two hosts": ["GET /about/ HTTP/1.1", "Host: localhost", "Host: evil.example"],
    "a length that is none": ["POST /about/ HTTP/1.1", "Host: evil.example", "Content-Length: many"],
    "an unknown version": ["GET /about/ HTTP/9.9", "Host: localhost"],
    "an unknown encoding": ["POST /about/ HTTP/1.1", "Host: localhost", "Transfer-Encoding: gzip"],
    "a condition": ["GET /about/ HTTP/1.1", "Host: localhost", 'If-Match: "x"'],
    "a date": ["GET /about/ HTTP/1.1", "Host: localhost", "If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT"],
}


@pytest.mark.parametrize("lines", UNREADABLE.values(), ids=UNREADABLE)
def test_what_nginx_cannot_read_gets_the_sites_page_whatever_the_host(stack, lines):
    context = ssl.create_default_context(cafile=stack.certificate)
    with (
        socket.create_connection(("localhost", stack.nginx.port), timeout=30) as line,
        context.wrap_socket(line, server_hostname="localhost") as secure,
    ):
        secure.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode())
        answer = b"".join(iter(lambda: secure.recv(65536), b"")).decode()
    head, _, body = answer.partition("\r\n\r\n")
    assert head.startswith("HTTP/1.1 400 ")
    assert 'class="site-header"' in body
    assert PHONE in body
    for name in HEADERS:
        assert f"{name}: " in head


@pytest.mark.parametrize("size", [5000, 7900])
@pytest.mark.parametrize("path", ["/about/", "/consultation/", "/sitemap.xml", "/no-such-page/"])
def test_large_cookies_and_addresses_of_other_sites_reach_the_page(visitor, path, size):
    expected = 404 if "no-such" in path else 200
    assert visitor.ask(path, Cookie="x=" + "a" * size).status == expected
    assert visitor.ask(f"{path}?{'x' * (size - 100)}").status == expected
    many = {f"X-Header-{number}": "a" * 100 for number in range(60)}
    assert visitor.ask(path, **many).status == expected


def test_the_sites_own_cookies_pass_among_large_ones_of_others(visitor):
    fields, cookie = visitor.open_form()
    wanted = ANSWERS | fields | {"note": "with a large cookie"}
    answer = visitor.ask("/consultation/", wanted, Cookie=f"a={'a' * 3000}; {cookie}; b={'b' * 3000}")
    while answer.status == 429:  # the test of the limits used this address
        time.sleep(1)
        answer = visitor.ask("/consultation/", wanted, Cookie=f"a={'a' * 3000}; {cookie}; b={'b' * 3000}")
    assert answer.status == 302


# --- Limits


def statuses(visitor: Visitor, path: str, count: int, cookie: str) -> set[int]:
    return {visitor.ask(path, {"x": "y"}, Cookie=cookie).status for _ in range(count)}


def test_signed_in_staff_are_limited_by_session_and_visitors_by_address(stack):
    def session(number: int) -> str:
        return f"__Host-sessionid={number:032d}"

    office = Visitor(stack.url, certificate=stack.certificate, source="127.7.0.1")
    for number in range(3):  # more than an address may send without a session
        assert 429 not in statuses(office, "/staff/login/", 25, session(number))
    assert 429 in statuses(office, "/staff/login/", 70, session(1))
    assert 429 not in statuses(office, "/staff/login/", 5, session(9))
    assert 429 in statuses(office, "/staff/login/", 30, "")
    guest = Visitor(stack.url, certificate=stack.certificate, source="127.7.0.2")
    assert 429 in {status for number in range(40) for status in statuses(guest, "/consultation/", 1, session(number))}


# --- The cache


def test_addresses_that_end_like_an_encoding_share_no_cached_page(visitor):
    for accepted in ("br", "gzip"):
        assert visitor.ask("/privacy/", **{"Accept-Encoding": accepted}).headers["Content-Encoding"] == accepted
        assert visitor.ask(f"/privacy/{accepted}").status == 404


def test_a_release_that_empties_the_cache_shows_the_new_page_at_once(stack, visitor):
    assert PHONE in visitor.ask("/visit-us/").body
    for web in stack.webs:
        web.load_facts({"phone": "(618) 555-0111"})
        web.manage("prerender")
    command = re.search(r"find /var/cache/nginx-albany (.*)", (PROJECT / "deploy/release").read_text())[1]
    subprocess.run(["find", stack.folder / "cache", *command.split()], check=True)
    deadline = time.monotonic() + 60
    while any("555-0111" not in web.ask("/visit-us/", X_Forwarded_Proto="https")[1].decode() for web in stack.webs):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    subprocess.run(["find", stack.folder / "cache", *command.split()], check=True)
    assert "555-0111" in visitor.ask("/visit-us/").body
    while "555-0111" not in (answer := visitor.ask("/about/?" + "x" * 9000)).body:
        assert time.monotonic() < deadline, answer.body
        time.sleep(0.2)
