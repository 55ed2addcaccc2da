import json
import logging
import runpy

import pytest
from django.db import IntegrityError
from gunicorn.config import Config

from albany_site import OUR_APPS, middleware
from albany_site.json_logging import JsonFormatter
from tests.helpers.live_site import PROJECT

WORDS = "Jordan Example cannot sleep"


@pytest.fixture
def lines():
    """What the site logs during the test, each line read as JSON."""
    written = []
    handler = logging.Handler()
    handler.emit = lambda record: written.append(handler.format(record))
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.addHandler(handler)
    yield written
    root.removeHandler(handler)


def formatted(name: str, message: str, *arguments: object, **extra: object) -> str:
    record = logging.LogRecord(name, logging.WARNING, __file__, 1, message, arguments, None)
    vars(record).update(extra)
    return JsonFormatter().format(record)


@pytest.mark.parametrize("app", OUR_APPS)
def test_a_message_of_each_app_is_logged_in_full(app, lines):
    logging.getLogger(f"{app}.module").warning("the build in %s is old", "/var/cache")
    assert [json.loads(line)["message"] for line in lines] == ["the build in /var/cache is old"]


def test_a_request_is_one_line_with_its_id_and_route(db, client, lines):
    response = client.get("/consultation/")
    (line,) = map(json.loads, lines)
    assert line["request_id"] == response.headers["X-Request-ID"]
    assert (line["route"], line["method"], line["status"]) == ("consultations:request", "GET", 200)
    assert line["message"] == "request"


def test_a_proxy_and_the_site_call_a_request_by_one_id_and_nobody_writes_their_own_words_there(db, client, lines):
    assert client.get("/about/", headers={"X-Request-ID": "0a" * 16}).headers["X-Request-ID"] == "0a" * 16
    client.get("/about/", headers={"X-Request-ID": WORDS})
    assert WORDS not in "".join(lines)


def test_a_path_is_in_no_line_for_the_path_of_a_receipt_is_a_key(db, client, lines):
    assert client.get("/consultation/received/the-key-to-a-receipt/").status_code == 404
    assert lines
    assert "the-key-to-a-receipt" not in "".join(lines)
    assert {json.loads(line)["route"] for line in lines} == {"consultations:received"}


def test_a_failure_is_logged_by_its_type_and_place_and_says_nothing_that_was_typed(db, client, lines, monkeypatch):
    def fail(self, **kwargs):
        raise IntegrityError(f"Failing row contains ({WORDS})")

    client.raise_request_exception = False
    monkeypatch.setattr("consultations.models.ConsultationRequest.save", fail)
    form = {"full_name": WORDS, "age_ok": "yes", "consent": "on", "asking_for": "myself", "contact_by": "email"}
    response = client.post("/consultation/", form | {"email": "jordan@example.com", "best_time": "any"})
    if response.status_code == 422:
        raise AssertionError(f"the form was not complete: {response.content.decode()}")
    assert "django.db.utils.IntegrityError" in "".join(lines)
    assert "tests/site/test_json_logging.py" in "".join(lines)
    assert WORDS not in "".join(lines)
    assert "jordan@" not in "".join(lines)


def test_a_slow_request_is_named_slow(db, client, lines, monkeypatch):
    monkeypatch.setattr(middleware, "SLOW_SECONDS", 0)
    client.get("/about/")
    assert [(line["message"], line["level"]) for line in map(json.loads, lines)] == [("slow request", "WARNING")]


@pytest.mark.parametrize(
    ("message", "arguments"),
    [
        (f"Invalid request from ip=192.0.2.7: Invalid Method {WORDS!r}", ()),
        ("Error handling request %s", (f"/consultation/received/{WORDS}",)),
        ("Not Found: /consultation/received/192.0.2.7", ()),
        ("login failure by %(who)s", ({"who": WORDS},)),
        (f"mail to jordan@example.com refused: '{WORDS}'", ()),
        ("client 2001:db8::7 went away", ()),
    ],
)
def test_what_others_fill_into_their_messages_is_left_out(message, arguments):
    line = formatted("another.library", message, *arguments)
    for secret in (WORDS, "192.0.2.7", "2001:db8", "jordan", "received"):
        assert secret not in line


def test_what_others_say_in_fixed_words_and_numbers_is_kept():
    line = json.loads(formatted("gunicorn.error", "Worker (pid:%s) was sent SIGKILL!", 4711))
    assert line["message"] == "Worker (pid:4711) was sent SIGKILL!"


def test_gunicorn_puts_no_line_together_about_who_came():
    logger = runpy.run_path(str(PROJECT / "gunicorn.conf.py"))["logger_class"](Config())
    nobody = None  # who reads anything of this request fails
    logger.access(nobody, nobody, nobody, nobody)
    with pytest.raises(AttributeError):
        logger.atoms(nobody, nobody, nobody, nobody)


def test_a_message_of_two_lines_is_one_line():
    assert "\n" not in formatted("another.library", "first\nsecond")
    assert "\n" not in formatted("consultations", "first\nsecond")
