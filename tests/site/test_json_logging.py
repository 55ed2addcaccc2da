import inspect
import json
import logging
import os
import re
import runpy
import subprocess
import sys

import gunicorn.arbiter
import gunicorn.sock
import pytest
from django.db import IntegrityError
from gunicorn.config import Config

from albany_site import OUR_APPS, middleware
from albany_site.json_logging import GUNICORN_LIFECYCLE, JsonFormatter, TerminalFormatter, logging_config
from tests.helpers.live_site import PROJECT, SETTINGS

WORDS = "Jordan Example cannot sleep"


@pytest.fixture
def lines():
    """Collect the JSON lines that the site logs during the test."""
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
def test_a_message_from_each_app_is_logged_in_full(app, lines):
    logging.getLogger(f"{app}.module").warning("the build in %s is old", "/var/cache")
    assert [json.loads(line)["message"] for line in lines] == ["the build in /var/cache is old"]


def test_a_request_is_logged_as_one_line_with_its_id_and_route(db, client, lines, monkeypatch):
    monkeypatch.setattr(middleware, "SLOW_SECONDS", 1000)
    response = client.get("/consultation/")
    (line,) = map(json.loads, lines)
    assert line["request_id"] == response.headers["X-Request-ID"]
    assert (line["route"], line["method"], line["status"]) == ("consultations:request", "GET", 200)
    assert line["message"] == "request"


def test_the_proxys_request_id_is_kept_and_any_other_text_is_not(db, client, lines):
    assert client.get("/about/", headers={"X-Request-ID": "0a" * 16}).headers["X-Request-ID"] == "0a" * 16
    client.get("/about/", headers={"X-Request-ID": WORDS})
    assert WORDS not in "".join(lines)


def test_no_log_line_contains_a_path(db, client, lines):
    assert client.get("/consultation/received/the-key-to-a-receipt/").status_code == 404
    assert lines
    assert "the-key-to-a-receipt" not in "".join(lines)
    assert {json.loads(line)["route"] for line in lines} == {"consultations:received"}


def test_a_failure_is_logged_by_type_and_location_without_user_input(db, client, lines, monkeypatch):
    def fail(self, **kwargs):
        raise IntegrityError(f"Failing row contains ({WORDS})")

    client.raise_request_exception = False
    monkeypatch.setattr("consultations.models.ConsultationRequest.save", fail)
    form = {"full_name": WORDS, "age_ok": "yes", "consent": "on", "asking_for": "myself", "contact_by": "email"}
    response = client.post("/consultation/", form | {"email": "jordan@example.com", "best_time": "any"})
    if response.status_code == 422:
        raise AssertionError(f"the form was rejected: {response.content.decode()}")
    assert "django.db.utils.IntegrityError" in "".join(lines)
    assert "tests/site/test_json_logging.py" in "".join(lines)
    assert WORDS not in "".join(lines)
    assert "jordan@" not in "".join(lines)


def test_a_slow_request_is_logged_as_a_warning(db, client, lines, monkeypatch):
    monkeypatch.setattr(middleware, "SLOW_SECONDS", 0)
    client.get("/about/")
    assert [(line["message"], line["level"]) for line in map(json.loads, lines)] == [("slow request", "WARNING")]


third_party_messages = pytest.mark.parametrize(
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


@third_party_messages
def test_other_packages_messages_are_logged_without_their_values(message, arguments):
    line = formatted("another.library", message, *arguments)
    for secret in (WORDS, "192.0.2.7", "2001:db8", "jordan", "received"):
        assert secret not in line


def test_other_packages_fixed_words_and_numbers_are_logged():
    line = json.loads(formatted("gunicorn.error", "Worker (pid:%s) was sent SIGKILL!", 4711))
    assert line["message"] == "Worker (pid:4711) was sent SIGKILL!"


def test_gunicorn_never_builds_an_access_log_line():
    logger = runpy.run_path(str(PROJECT / "gunicorn.conf.py"))["logger_class"](Config())
    no_request = None  # reading an attribute of None raises AttributeError
    logger.access(no_request, no_request, no_request, no_request)
    with pytest.raises(AttributeError):
        logger.atoms(no_request, no_request, no_request, no_request)


def test_a_two_line_message_is_logged_as_one_line():
    assert "\n" not in formatted("another.library", "first\nsecond")
    assert "\n" not in formatted("consultations", "first\nsecond")


# --- On a terminal


def terminal_line(name: str, message: str, *arguments: object, **extra: object) -> str:
    """Return the line that a terminal shows, without its time."""
    record = logging.LogRecord(name, logging.WARNING, __file__, 1, message, arguments, None)
    vars(record).update(extra)
    return TerminalFormatter().format(record).partition(" ")[2]


def test_a_terminal_line_has_a_time_a_level_an_app_and_a_sentence():
    record = logging.LogRecord("consultations.rate_limit", logging.INFO, __file__, 1, "3 emails\nsent", (), None)
    assert re.fullmatch(r"\d\d:\d\d:\d\d INFO consultations: 3 emails sent", TerminalFormatter().format(record))


@pytest.mark.parametrize(
    ("message", "arguments", "sentence"),
    [
        ("Starting gunicorn %s", ("27.0.1",), "Starting gunicorn 27.0.1"),
        ("Listening at: %s (%s)", ("http://127.0.0.1:8000", 7), "Listening at: http://127.0.0.1:8000 (7)"),
        ("Handling signal: %s", ("int",), "Handling signal: int"),
    ],
)
def test_a_terminal_shows_gunicorns_lifecycle_messages_in_full(message, arguments, sentence):
    assert terminal_line("gunicorn.error", message, *arguments) == f"WARNING gunicorn: {sentence}"


def test_every_lifecycle_message_we_list_exists_in_gunicorn():
    source = "".join(inspect.getsource(module) for module in (gunicorn.arbiter, gunicorn.sock))
    assert [message for message in GUNICORN_LIFECYCLE if f'"{message}"' not in source] == []


@third_party_messages
@pytest.mark.parametrize("name", ["another.library", "gunicorn.error", "django.request"])
def test_a_terminal_shows_nothing_from_a_request(name, message, arguments):
    line = terminal_line(name, message, *arguments)
    for secret in (WORDS, "192.0.2.7", "2001:db8", "jordan", "received"):
        assert secret not in line
    assert "…" not in line


def test_a_terminal_shows_a_request_by_its_route_without_its_path(client, db, monkeypatch):
    monkeypatch.setattr(middleware, "SLOW_SECONDS", 1000)
    written = []
    handler = logging.Handler()
    handler.emit = lambda record: written.append(TerminalFormatter().format(record).partition(" ")[2])
    monkeypatch.setattr(logging.getLogger(), "handlers", [handler])
    client.get("/consultation/received/the-key-to-a-receipt/")
    client.get("/about/")
    assert [re.sub(r"\d+ ms", "5 ms", line) for line in written] == [
        "INFO albany_site: GET consultations:received, 404 in 5 ms",
        "WARNING django: Not Found",
        "INFO albany_site: GET pages:about, 200 in 5 ms",
    ]


def test_a_terminal_shows_a_failure_by_type_and_location():
    try:
        raise IntegrityError(f"Failing row contains ({WORDS})")
    except IntegrityError:
        line = terminal_line("django.request", "%s: %s", WORDS, exc_info=sys.exc_info())
    assert re.search(r"; django\.db\.utils\.IntegrityError at tests/site/test_json_logging\.py:\d+$", line)
    assert WORDS not in line


def test_a_terminal_gets_sentences_and_a_pipe_gets_json():
    code = "from albany_site.json_logging import LOGGING; print(LOGGING['formatters']['line']['()'])"
    environment = {"PATH": os.environ["PATH"]} | SETTINGS
    terminal, its_end = os.openpty()
    for stderr, formatter in ((subprocess.PIPE, "JsonFormatter"), (its_end, "TerminalFormatter")):
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=PROJECT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            check=False,
        )
        assert done.stdout.strip() == f"albany_site.json_logging.{formatter}"
    os.close(its_end)
    os.close(terminal)
    assert logging_config(terminal=True)["handlers"] == logging_config(terminal=False)["handlers"]
