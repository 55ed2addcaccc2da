"""Lists every page of the desk from its URL patterns, so that a new one cannot be forgotten."""

import re
from collections.abc import Iterator
from itertools import product
from typing import Any

from django.contrib import admin
from django.urls import URLPattern, URLResolver

DESK = "/staff/"
# Arguments to try for each kind. One that names nothing leads to an error page, which must wear our header, too.
TEXTS = ("safety", "consultations", "auth", "1")
UUID = "00000000-0000-0000-0000-000000000000"


def desk_paths(*known: int) -> list[str]:
    """Return the paths of the desk's pages, except signing in and out. `known` are keys that some pages know.

    The component sheet is not among them: it belongs to the public pages, and has their header.
    """
    keys = sorted({str(key) for key in known})
    found = {
        DESK + path
        for pattern in _patterns(admin.site.get_urls())
        for path in _filled(pattern, keys)
        if "logout" not in path and "login" not in path
    }
    return sorted(found)


def header_of(html: str) -> str:
    """Return the page's header without its CSRF token, which differs each time."""
    header = html.partition("<header")[2].partition("</header>")[0]
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", header)


def _patterns(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    for each in patterns:
        route = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _patterns(each.url_patterns, route)
        else:
            yield route


def _filled(route: str, keys: list[str]) -> Iterator[str]:
    """Yield the route with every combination of arguments."""
    parts = re.split(r"(<[^>]+>|\(\?P<\w+>[^)]*\))", route.removeprefix("^").removesuffix("$"))
    choices: list[Any] = [_values(part, keys) if index % 2 else [part] for index, part in enumerate(parts)]
    for chosen in product(*choices):
        yield "".join(chosen)


def _values(argument: str, keys: list[str]) -> list[str]:
    if argument.startswith("(?P"):
        inside = argument.partition(">")[2].removesuffix(")")
        return inside.split("|") if re.fullmatch(r"[\w|]+", inside) else ["nowhere/"]
    kind = argument.strip("<>").partition(":")[0] if ":" in argument else "str"
    if kind == "uuid":
        return [UUID]
    return keys if kind == "int" else [*keys, *TEXTS] if kind in ("str", "slug") else [*keys, "x"]
