"""Who is asking. TRUSTED_PROXY_HOPS alone decides whether anybody is believed about it."""

import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse


def address_of(request: HttpRequest) -> str:
    """The client's address: the one that the outermost of our own proxies saw.

    With no proxy of ours in front, or with a header that they cannot have written, it is whoever
    opened the connection. "" where that is unknown, as on a Unix socket.
    """
    direct = request.META.get("REMOTE_ADDR", "")
    hops = settings.TRUSTED_PROXY_HOPS
    forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    if not hops or len(forwarded) < hops:
        return direct
    try:
        return str(ipaddress.ip_address(forwarded[-hops]))
    except ValueError:
        return direct


def client_address(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: every view finds the address as `request.client_address`."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.client_address = address_of(request)
        return get_response(request)

    return middleware
