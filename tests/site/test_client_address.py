from ipaddress import ip_address

import pytest
from django.test import RequestFactory, override_settings
from hypothesis import given
from hypothesis import strategies as st

from albany_site.middleware import address_of


@pytest.mark.parametrize(
    ("hops", "forwarded", "expected"),
    [
        (0, "203.0.113.7", "192.0.2.1"),
        (1, "203.0.113.7", "203.0.113.7"),
        (1, "198.51.100.9, 203.0.113.7", "203.0.113.7"),
        (2, "198.51.100.9, 203.0.113.7, 10.0.0.1", "203.0.113.7"),
        (1, "2001:DB8::1", "2001:db8::1"),
        (1, "203.0.113.7:4711", "203.0.113.7"),
        (1, '"203.0.113.7"', "203.0.113.7"),
        (1, "[2001:db8::1]:4711", "2001:db8::1"),
        (1, '"[2001:db8::1]:4711"', "2001:db8::1"),
        (1, "[2001:db8::1]", "2001:db8::1"),
        (1, "fe80::1%eth0", "fe80::1"),
        (1, "::ffff:203.0.113.7", "203.0.113.7"),
        (1, "not an address", ""),
        (1, "unknown", ""),
        (1, "203.0.113.7:4711:1", ""),
        (1, "203.0.113.700", ""),
        (1, "203.0.113.7,", ""),
        (1, "", "192.0.2.1"),
        (2, "203.0.113.7", ""),
    ],
)
def test_only_our_proxies_are_trusted_to_name_the_clients_address(settings, hops, forwarded, expected):
    settings.TRUSTED_PROXY_HOPS = hops
    request = RequestFactory(REMOTE_ADDR="192.0.2.1").get("/", headers={"X-Forwarded-For": forwarded})
    assert address_of(request) == expected


def test_every_view_can_read_the_clients_address(client, settings):
    settings.TRUSTED_PROXY_HOPS = 1
    answer = client.get("/", headers={"X-Forwarded-For": "203.0.113.7"})
    assert answer.wsgi_request.client_address == "203.0.113.7"


@given(st.text(), st.integers(0, 3))
def test_a_client_has_a_valid_address_or_none_whatever_a_proxy_sends(forwarded, hops):
    request = RequestFactory(REMOTE_ADDR="192.0.2.1").get("/")
    request.META["HTTP_X_FORWARDED_FOR"] = forwarded
    with override_settings(TRUSTED_PROXY_HOPS=hops):
        address = address_of(request)
    assert address == "" or str(ip_address(address)) == address
