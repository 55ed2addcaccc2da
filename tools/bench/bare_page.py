"""A minimal WSGI application for comparison: it returns the body and headers stored in the folder BENCH_ANSWER."""

import json
import os
from pathlib import Path

_folder = Path(os.environ["BENCH_ANSWER"])
_headers = [tuple(header) for header in json.loads((_folder / "headers.json").read_text())]
_body = (_folder / "page.br").read_bytes()


def application(environ, start_response):
    start_response("200 OK", _headers)
    return [_body]
