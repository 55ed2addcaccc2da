"""The log: one line of JSON for each event, fit to be kept and to be shown to whoever helps with the server.

A line names a request by an id and by its route, never by its path, for the path of a receipt is a key. Our own
messages are ours to keep clean. Of other people's only the fixed words are kept: what they fill in may be a path,
an address, or a patient's words in a database's complaint. Of an exception its type and places are kept for the
same reason, not what it says.
"""

import json
import logging
import re
import traceback
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from albany_site import OUR_APPS

if TYPE_CHECKING:  # gunicorn's configuration reads this module before there is a Django
    from django.http import HttpRequest

PROJECT = Path(__file__).resolve().parent.parent

_QUOTED_PATH_OR_ADDRESS = re.compile(
    r"""'[^']*'|"[^"]*"|\S*[/\\@]\S*|\d+(?:\.\d+){3}(?::\d+)?|\S*:[0-9a-fA-F]*:\S*""",
)

current_request: ContextVar["HttpRequest | None"] = ContextVar("current_request", default=None)


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        request = getattr(record, "request", None) or current_request.get()
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _message(record),
            "request_id": getattr(request, "id", None),
            "route": getattr(getattr(request, "resolver_match", None), "view_name", None),
            "status": getattr(record, "status_code", None),
            **getattr(record, "figures", {}),
        }
        if record.exc_info and record.exc_info[1]:
            line["exceptions"] = list(_exceptions(record.exc_info[1]))
        return json.dumps({key: value for key, value in line.items() if value is not None})


def _message(record: logging.LogRecord) -> str:
    if record.name.partition(".")[0] in OUR_APPS:
        return record.getMessage()
    arguments = record.args if isinstance(record.args, tuple) else ()
    known = tuple(value if isinstance(value, int | float) else "…" for value in arguments)
    try:
        text = str(record.msg) % known if known else str(record.msg)
    except (TypeError, ValueError):
        text = str(record.msg)
    return _QUOTED_PATH_OR_ADDRESS.sub("…", " ".join(text.split()))


def _exceptions(error: BaseException | None) -> Iterator[dict[str, Any]]:
    """The exception and what caused it: the type of each and where it was raised, outermost call first."""
    while error is not None:
        places = [f"{_short(frame.filename)}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
        yield {"type": f"{type(error).__module__}.{type(error).__qualname__}", "places": places}
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _short(file: str) -> str:
    return file.removeprefix(f"{PROJECT}/").rpartition("site-packages/")[2]


LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "albany_site.json_logging.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        # Django's own handlers would print tracebacks and mail them with all that was posted.
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "gunicorn.error": {"handlers": [], "level": "INFO", "propagate": True},
    },
}
