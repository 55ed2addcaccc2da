"""STAFF_NETWORKS: from where the staff pages can be reached. To everybody else they are not there."""

import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase


def only_from_staff_networks(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable:
    """Middleware: the staff pages answer 404 to whoever comes from elsewhere."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if settings.STAFF_NETWORKS and request.path.startswith(f"/{settings.STAFF_PATH}"):
            _require_staff_network(request.client_address)
        return get_response(request)

    return middleware


def _require_staff_network(address: str) -> None:
    try:
        client = ipaddress.ip_address(address)
    except ValueError:
        raise Http404("nobody knows where this comes from") from None
    if not any(client in network for network in settings.STAFF_NETWORKS):
        raise Http404("the staff pages are for other networks")
