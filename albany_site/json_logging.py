"""Log formatters: JSON lines for machines, and readable lines for a terminal.

Neither logs a visitor's address, the path of an HTTP request, or anything that a visitor types.

A log line identifies an HTTP request by its route's name, and in JSON also by its id, but never by its path, because a
receipt's path is a capability.

Messages from our own apps are logged unchanged, so our apps must not put request data into them. Messages from other
packages keep only their fixed text and numbers, because the rest may be a path, an address, or a patient's words
quoted in a database error. For the same reason, an exception is logged as its type and location, without its message.
"""

import json
import logging
import re
import sys
import traceback
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from albany_site import OUR_APPS

if TYPE_CHECKING:  # gunicorn.conf.py imports this module before Django is set up
    from django.http import HttpRequest

PROJECT = Path(__file__).resolve().parent.parent

_QUOTED_PATH_OR_ADDRESS = re.compile(
    r"""'[^']*'|"[^"]*"|\S*[/\\@]\S*|\d+(?:\.\d+){3}(?::\d+)?|\S*:[0-9a-fA-F]*:\S*""",
)
REDACTED = "…"
# Read before Django sets TZ to the clinic's time zone, so that every process logs in this machine's time zone.
LOCAL_ZONE = datetime.now(UTC).astimezone().tzinfo

# Gunicorn's own lifecycle messages. They never contain request data, so TerminalFormatter doesn't redact them.
GUNICORN_LIFECYCLE = {
    "Starting gunicorn %s",
    "Listening at: %s (%s)",
    "Using worker: %s",
    "Booting worker with pid: %s",
    "Handling signal: %s",
    "Hang up: %s",
    "Worker exiting (pid: %s)",
    "Worker (pid:%s) was sent %s!",
    "Shutting down: %s",
    "Connection in use: %s",
}

current_request: ContextVar["HttpRequest | None"] = ContextVar("current_request", default=None)


class JsonFormatter(logging.Formatter):
    """Formats each record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        request = _request_of(record)
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _message(record),
            "request_id": getattr(request, "id", None),
            "route": _route_of(request),
            "status": getattr(record, "status_code", None),
            **getattr(record, "figures", {}),
        }
        if error := _exception_of(record):
            line["exceptions"] = list(_exceptions(error))
        return json.dumps({key: value for key, value in line.items() if value is not None})


class TerminalFormatter(logging.Formatter):
    """Formats each record as one readable line, such as "12:03:04 INFO albany_site: GET pages:home, 200 in 4 ms"."""

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, LOCAL_ZONE).strftime("%H:%M:%S")
        if record.name == "gunicorn.error" and record.msg in GUNICORN_LIFECYCLE:
            text = record.getMessage()
        elif figures := getattr(record, "figures", None):
            text = _request_in_words(record, figures)
        else:
            text = _without_marks(_message(record)) or _status_in_words(record)
        if error := _exception_of(record):
            text += "".join(f"; {each['type']} at {(each['places'] or ['?'])[-1]}" for each in _exceptions(error))
        return f"{time} {record.levelname} {record.name.partition('.')[0]}: {' '.join(text.split())}"


def _request_in_words(record: logging.LogRecord, figures: dict[str, Any]) -> str:
    slow = "slow " if record.levelno >= logging.WARNING else ""
    route = _route_of(_request_of(record)) or "(no route)"
    return f"{slow}{figures['method']} {route}, {figures['status']} in {figures['milliseconds']} ms"


def _without_marks(message: str) -> str:
    """Remove the redaction marks: "Invalid request from …" becomes "Invalid request from"."""
    return re.sub(rf"[:,=\s]*(\w+=)?{REDACTED}", "", message).strip()


def _status_in_words(record: logging.LogRecord) -> str:
    """Return the status phrase, such as "Not Found", for a message that is empty after redaction."""
    status = getattr(record, "status_code", None)
    return HTTPStatus(status).phrase if status else "(message redacted)"


def _request_of(record: logging.LogRecord) -> "HttpRequest | None":
    return getattr(record, "request", None) or current_request.get()


def _route_of(request: "HttpRequest | None") -> str | None:
    return getattr(getattr(request, "resolver_match", None), "view_name", None)


def _message(record: logging.LogRecord) -> str:
    """Return the message. If another package logged it, redact everything that may come from a request."""
    if record.name.partition(".")[0] in OUR_APPS:
        return record.getMessage()
    arguments = record.args if isinstance(record.args, tuple) else ()
    safe = tuple(value if isinstance(value, int | float) else REDACTED for value in arguments)
    try:
        text = str(record.msg) % safe if safe else str(record.msg)
    except (TypeError, ValueError):
        text = str(record.msg)
    return _QUOTED_PATH_OR_ADDRESS.sub(REDACTED, " ".join(text.split()))


def _exception_of(record: logging.LogRecord) -> BaseException | None:
    return record.exc_info[1] if record.exc_info else None


def _exceptions(error: BaseException | None) -> Iterator[dict[str, Any]]:
    """For the exception and each of its causes, yield its type and its traceback's locations, outermost call first."""
    while error is not None:
        frames = traceback.extract_tb(error.__traceback__)
        places = [f"{_short(frame.filename)}:{frame.lineno}" for frame in frames]
        yield {"type": f"{type(error).__module__}.{type(error).__qualname__}", "places": places}
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _short(file: str) -> str:
    return file.removeprefix(f"{PROJECT}/").rpartition("site-packages/")[2]


def logging_config(*, terminal: bool) -> dict[str, Any]:
    """Return the logging configuration, which writes readable lines if `terminal` is true, or else JSON."""
    formatter = "TerminalFormatter" if terminal else "JsonFormatter"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": f"albany_site.json_logging.{formatter}"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": {
            # Remove Django's default handlers, which print tracebacks or email them along with the POST data.
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "gunicorn.error": {"handlers": [], "level": "INFO", "propagate": True},
            # fpdf2 embeds a font with it, which takes sixty lines.
            "fontTools": {"level": "WARNING"},
        },
    }


LOGGING = logging_config(terminal=sys.stderr.isatty())
