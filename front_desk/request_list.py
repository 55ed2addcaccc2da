"""The list of requests: its tabs, its filter by date, and its pages. None of them reads the whole table."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.dateparse import parse_date
from django.utils.functional import cached_property

from consultations.models import on_days
from front_desk import list_rows, queues

# The lists that can be narrowed by date, each with the field that sorts it. Lists of work are worked from the top.
DATED = {"all": "created_at", "ended": "closed_at"}


def chosen_queue(request: HttpRequest) -> str:
    """Return the queue in the query string, or Open if there is none of that name."""
    name = request.GET.get("queue", "open")
    return name if name in queues.QUEUES else "open"


class QueueFilter(admin.SimpleListFilter):
    """List filter that shows the queues above the list, as tabs or, on a phone, as one select."""

    title = "queue"
    template = "admin/queue_filter.html"
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        sizes = queues.queue_sizes(request.user)
        return [(name, f"{label} ({queues.shown_count(sizes[name])})") for name, label in queues.QUEUES.items()]

    def choices(self, changelist: "RequestList") -> Iterator[dict[str, Any]]:
        for name, label in self.lookup_choices:
            selected = name == changelist.queue
            yield {"name": name, "selected": selected, "query_string": f"?queue={name}", "display": label}

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(queues.queue(chosen_queue(request), request.user))


class DateFilter(admin.SimpleListFilter):
    """List filter with two date fields, for the lists in DATED."""

    title = "date"
    template = "admin/date_filter.html"
    parameter_name = "from"

    def __init__(self, request: HttpRequest, params: dict[str, list[str]], *args: Any) -> None:
        params.pop("to", None)  # the base class knows one parameter only
        super().__init__(request, params, *args)

    def expected_parameters(self) -> list[str]:
        return ["from", "to"]

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        queue = chosen_queue(request)
        try:
            self.days = {name: parse_date(request.GET.get(name, "")) for name in self.expected_parameters()}
        except ValueError as error:  # February 31
            raise IncorrectLookupParameters from error
        return [(queue, "Closed" if queue == "ended" else "Received")] if queue in DATED else []

    def choices(self, changelist: "RequestList") -> Iterator[dict[str, Any]]:
        for queue, label in self.lookup_choices:
            yield {"queue": queue, "display": label} | self.days

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(on_days(DATED[chosen_queue(request)], self.days["from"], self.days["to"]))


class CappedPaginator(Paginator):
    """Paginator that neither counts nor shows more than MOST_LISTED rows, so that a page is fast in a long table."""

    @cached_property
    def _counted(self) -> int:
        return queues.capped_count(self.object_list)

    @property
    def is_capped(self) -> bool:
        return self._counted > queues.MOST_LISTED

    @property
    def count(self) -> int:
        return min(self._counted, queues.MOST_LISTED)


class RequestList(ChangeList):
    """One page of a queue, in the queue's order."""

    def __init__(self, request: HttpRequest, *args: Any) -> None:
        self.queue = chosen_queue(request)
        super().__init__(request, *args)

    def get_ordering(self, request: HttpRequest, queryset: QuerySet) -> list[str]:
        return list(queues.order_of(self.queue))

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = list(list_rows.with_what_rows_show(self.result_list))
        self.rows = list_rows.rows(self.result_list, self.queue)
