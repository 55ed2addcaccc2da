"""Tests of requests for other hosts, in other charsets, with long bodies, and with mistyped addresses."""

import encodings.aliases
from io import BytesIO
from urllib.parse import unquote, urlencode

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import RequestFactory
from django.urls import reverse

from albany_site.front_door import FrontDoor
from consultations.models import ConsultationRequest
from tests.helpers.factories import sent_form

FORM = "/consultation/"


@pytest.mark.parametrize("host", ["www.clinic.example", "WWW.clinic.example:8443", "192.0.2.1", "[2001:db8::1]:80"])
@pytest.mark.parametrize(
    "path", ["/", "/about/?from=card", FORM, "/sitemap.xml", "/static/img/favicon.svg", "/nowhere"]
)
def test_another_host_leads_to_the_same_address_of_the_site(client, settings, host, path):
    answer = client.get(path, headers={"host": host})
    assert (answer.status_code, answer["Location"]) == (301, settings.SITE_URL + path)
    assert host not in str(answer.headers)


def test_a_port_that_a_proxy_left_out_or_added_makes_no_difference(client):
    assert client.get("/about/", headers={"host": "localhost:9999"}).status_code == 200


def test_a_path_of_another_host_leads_nowhere_else(client, settings):
    for path in ("//evil.example/", "/\\evil.example", "/@evil.example"):
        answer = client.get(path, headers={"host": "www.clinic.example"})
        assert answer["Location"].startswith(f"{settings.SITE_URL}/"), path


def test_a_health_check_from_this_machine_may_use_any_host(db, client):
    for host in ("127.0.0.1:8000", "[::1]", "albany"):
        assert "problems" in client.get("/healthz", headers={"host": host}).json()
        assert client.get("/healthz", headers={"host": host}, REMOTE_ADDR="192.0.2.7").status_code == 301


def asked(environ: dict) -> str:
    """Return which application the front door chose."""
    return FrontDoor(lambda environ, start: "site", lambda environ, start: "django")(environ, None)


@pytest.mark.parametrize(
    ("environ", "answers"),
    [
        ({"HTTP_HOST": "localhost"}, "site"),
        ({"HTTP_HOST": "localhost:8000"}, "site"),
        ({"HTTP_HOST": "www.clinic.example"}, "django"),
        ({"HTTP_HOST": ""}, "django"),
        ({}, "django"),
        ({"HTTP_HOST": "localhost", "CONTENT_TYPE": "text/html; charset=UTF-8"}, "site"),
        ({"HTTP_HOST": "localhost", "CONTENT_TYPE": "text/html; charset=rot13"}, "django"),
        ({"HTTP_HOST": "localhost", "PATH_INFO": "/static/css/x.css", "REQUEST_METHOD": "GET"}, "site"),
        ({"HTTP_HOST": "localhost", "PATH_INFO": "/static/css/x.css", "REQUEST_METHOD": "PUT"}, "django"),
    ],
)
def test_pages_and_files_are_served_to_our_host_in_utf8_alone(environ, answers):
    assert asked(environ) == answers


# --- Charsets

CODECS = [
    "rot13",
    "zlib",
    "idna",
    "undefined",
    "utf-7",
    "utf-16",
    "unicode_escape",
    "latin-1",
    "no-such-codec",
    "base64",
]


def through_the_door(address: str, content_type: str, body: bytes = b"") -> tuple[int, str]:
    """Send a request through the WSGI application. Return the response's status and body."""
    path, _, query = address.partition("?")
    environ = RequestFactory().generic("POST" if body else "GET", path, body).environ
    environ |= {"QUERY_STRING": query, "CONTENT_TYPE": content_type, "HTTP_HOST": "localhost"}
    statuses = []
    django = WSGIHandler()
    answer = FrontDoor(django, django)(environ, lambda status, headers, *_: statuses.append(int(status.split()[0])))
    return statuses[0], b"".join(answer).decode()


@pytest.mark.parametrize("charset", CODECS)
def test_a_charset_other_than_utf8_gets_a_400_page(db, charset):
    for written in (charset, charset.upper(), f'"{charset}"'):
        for path in ("/about/?a=b", "/healthz", FORM, "/staff/login/"):
            status, page = through_the_door(path, f"text/html; charset={written}")
            assert status == 400, path
            assert "We could not read that request" in page
        kind = f"application/x-www-form-urlencoded; charset={written}"
        assert through_the_door(FORM, kind, b"full_name=%ED%A0%80")[0] == 400


@pytest.mark.parametrize("parameter", ["charset", "boundary", "x"])
@pytest.mark.parametrize("encoded", ["no-such-codec''%41", "undefined''%41", "idna''%ff"])
def test_a_content_type_that_python_cannot_parse_gets_a_400_page(db, parameter, encoded):
    for path in ("/about/?a=b", "/healthz", FORM, "/staff/login/"):
        status, page = through_the_door(path, f"multipart/form-data; {parameter}*={encoded}")
        assert status == 400, path
        assert "We could not read that request" in page


def multipart(kind: str, part: str, note: bytes = b"hello") -> tuple[bytes, str]:
    head = f'--xyz\r\nContent-Disposition: form-data; name="note"\r\nContent-Type: {part}\r\n\r\n'
    return head.encode() + note + b"\r\n--xyz--\r\n", f"multipart/form-data; boundary=xyz{kind}"


@pytest.mark.parametrize(
    ("kind", "part", "status"),
    [
        ("; charset=utf-7", "text/plain", 400),
        ("", "text/plain; charset=utf-7", 400),
        ("", "text/plain;\r\n charset=utf-16", 400),
        ("", 'text/plain; charset="ISO-8859-1"', 400),
        ("", "text/plain; charset*=idna''%ff", 400),
        ("", "text/plain; charset=utf-8", 422),
        ("; charset=utf-8", "text/plain", 422),
    ],
)
def test_each_part_of_a_form_must_be_utf8(client, db, kind, part, status):
    body, content_type = multipart(kind, part)
    assert client.generic("POST", FORM, body, content_type).status_code == status


def test_a_note_about_charsets_is_an_ordinary_note(client, db):
    note = "My letter said:\r\nContent-Type: text/plain; charset=utf-16\r\n\r\nand no more"
    assert client.post(FORM, sent_form(note=note)).status_code == 302
    assert "charset=utf-16" in ConsultationRequest.objects.get().note


def test_every_codec_of_python_is_refused_but_utf8(db):
    names = {name for name in encodings.aliases.aliases.values() if name != "utf_8"}
    assert len(names) > 80
    for name in sorted(names):
        assert through_the_door("/healthz?a=b", f"text/plain; charset={name}")[0] == 400


# --- Bodies


class Unread:
    def read(self, *arguments):
        raise AssertionError("the body was read")

    readline = read


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "text/plain"])
@pytest.mark.parametrize("path", [FORM, "/about/", "/staff/login/", "/nowhere/"])
def test_a_body_over_the_limit_is_refused_before_it_is_read(client, db, settings, kind, path):
    too_long = settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1
    extra = {"CONTENT_LENGTH": str(too_long), "CONTENT_TYPE": kind, "wsgi.input": Unread(), "REQUEST_METHOD": "POST"}
    answer = client.request(PATH_INFO=path, **extra)
    assert answer.status_code == 413
    assert "That was more than the form can take" in answer.content.decode()


class Stalled:
    def read(self, *arguments):
        raise TimeoutError("timed out")

    readline = read


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "text/plain"])
@pytest.mark.parametrize("path", [FORM, "/staff/login/", "/nowhere/"])
def test_a_form_that_stops_arriving_gets_a_400_page(client, db, kind, path):
    extra = {"CONTENT_LENGTH": "50", "CONTENT_TYPE": kind, "wsgi.input": Stalled(), "REQUEST_METHOD": "POST"}
    answer = client.request(PATH_INFO=path, **extra)
    assert answer.status_code == 400
    assert "We could not read that request" in answer.content.decode()


def test_a_form_of_which_only_a_part_arrives_is_not_stored(client, db):
    body = urlencode(sent_form(note="Ring twice, not before ten"), doseq=True).encode()
    kind, whole = "application/x-www-form-urlencoded", str(len(body))
    part = {"CONTENT_LENGTH": whole, "wsgi.input": BytesIO(body[:-9])}
    assert client.generic("POST", FORM, body, kind, **part).status_code == 400
    assert not ConsultationRequest.objects.exists()
    assert client.generic("POST", FORM, body, kind).status_code == 302


# --- Addresses as people type them


def ask(client, address: str):
    """Send a GET request with exactly this path, which the client would take for a host if it begins with //."""
    path, _, query = address.partition("?")
    return client.get("/", PATH_INFO=unquote(path), QUERY_STRING=query)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("/ABOUT/", "/about/"),
        ("/About", "/about/"),
        ("//about/", "/about/"),
        ("/about//", "/about/"),
        ("/about/)", "/about/"),
        ("/about/).", "/about/"),
        ("/about/%20", "/about/"),
        ("/about/,", "/about/"),
        ("/about/index.html", "/about/"),
        ("/index.php", "/"),
        ("/healthz/", "/healthz"),
        ("/Robots.txt", "/robots.txt"),
        ("/sitemap.xml/", "/sitemap.xml"),
        ("/Consultation/", "/consultation/"),
        ("/Ketamine-Infusion-Therapy/Safety?from=card", "/ketamine-infusion-therapy/safety/?from=card"),
    ],
)
def test_a_mistyped_address_leads_to_the_page_that_was_meant(client, typed, meant):
    answer = ask(client, typed)
    assert (answer.status_code, answer.headers.get("Location")) == (301, meant)


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example/",
        "//evil.example/about/",
        "/\\evil.example/",
        "/evil.example",
        "/STAFF/",
        "/consultation/Received/ABC/",
        "/abou/",
    ],
)
def test_an_address_that_means_no_public_page_is_404(client, db, path):
    answer = ask(client, path)
    assert answer.status_code == 404
    assert "Location" not in answer.headers


def test_a_form_sent_to_a_mistyped_address_is_not_redirected(client):
    assert client.post("/ABOUT/").status_code == 404
    assert reverse("pages:about") == "/about/"
