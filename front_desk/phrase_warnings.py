"""Warns a manager of phrases that promise or promote too much. A second press of Save keeps them.

The page sends back the hidden field `warned`, which holds the warnings that it showed: see admin/phrase_warning.html.
"""

import json
from typing import Any

from django.http import HttpRequest

from clinic.free_texts import free_texts
from clinic.phrases import forbidden_phrases

Warnings = dict[str, list[str]]  # the phrases, keyed by the label of the text


def warnings(before: dict[str, Any], after: dict[str, Any]) -> Warnings:
    """Return the forbidden phrases in the texts that differ between two versions of the facts."""
    known = set(free_texts(before).values())
    found = {label: forbidden_phrases(text) for label, text in free_texts(after).items() if text not in known}
    return {label: phrases for label, phrases in found.items() if phrases}


def shown(found: Warnings) -> dict[str, Any]:
    """Return the context of a page that shows the warnings, or {} if there are none."""
    return {"warnings": found, "warned": json.dumps(found)} if found else {}


def unconfirmed(request: HttpRequest, before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Return the context of a page that warns, or {} if the manager has been warned of every phrase."""
    found = warnings(before, after)
    try:
        warned = json.loads(request.POST.get("warned") or "{}")
        is_new = any(not set(phrases) <= set(warned.get(label, [])) for label, phrases in found.items())
    except (ValueError, AttributeError, TypeError, RecursionError):
        is_new = True  # not what this page sent
    return shown(found) if is_new else {}
