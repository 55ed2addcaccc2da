"""The base of the desk's lists: filters that are named, values that are checked, and no stock page."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ERROR_FLAG
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.dateparse import parse_date, parse_datetime

from consultations.going_back import keep_for_back

Accepts = Callable[[str], bool]
YEARS = range(1900, 3000)  # years that every database can compare in every time zone
LARGEST_KEY = 2**31 - 1


def is_moment(value: str) -> bool:
    """Return whether a filter's value is a day, or a day and a time, of a year that databases can compare."""
    try:
        parsed = parse_datetime(value) or parse_date(value)
    except ValueError:  # February 31
        return False
    return parsed is not None and parsed.year in YEARS


def is_moment_or_empty(value: str) -> bool:
    return not value or is_moment(value)


def is_key(value: str) -> bool:
    return value.isascii() and value.isdecimal() and len(value) <= 10 and int(value) <= LARGEST_KEY


class DeskAdmin(admin.ModelAdmin):
    """Base class of the desk's model pages.

    `named_lookups` lists what an address may filter by, each with a check of the value. Django would accept every
    lookup of the model's own columns, with which anyone could guess, for example, a password's hash.
    """

    named_lookups: dict[str, Accepts] = {}

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        accepts = self.named_lookups.get(lookup)
        if accepts is None:
            return False
        if not accepts(value):
            raise IncorrectLookupParameters
        return True

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if ERROR_FLAG in request.GET:  # where Django redirects from a value that it cannot use
            messages.warning(request, "The filter in that address can't be used, so this list is not filtered by it.")
            return redirect(request.path)
        return super().changelist_view(request, extra_context)

    def render_change_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        page = super().render_change_form(request, *args, **kwargs)
        return keep_for_back(page) if request.method == "POST" else page

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Redirect to the object's page. What staff did is in the access log, not in Django's."""
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", object_id)
