from ipaddress import ip_network

import pytest

from albany_site.staff_path import parse_staff_networks


@pytest.mark.parametrize(
    ("address", "status"), [("192.0.2.7", 200), ("2001:db8::7", 200), ("198.51.100.7", 404), ("", 404)]
)
def test_the_staff_pages_are_served_only_to_the_configured_networks(db, client, settings, address, status):
    settings.STAFF_NETWORKS = [ip_network("192.0.2.0/24"), ip_network("2001:db8::/32")]
    assert client.get("/staff/login/", REMOTE_ADDR=address).status_code == status
    assert client.get("/about/", REMOTE_ADDR=address).status_code == 200


def test_a_network_of_mapped_addresses_is_the_ipv4_network_inside(db, client, settings):
    settings.STAFF_NETWORKS = parse_staff_networks("::ffff:192.0.2.0/120, 2001:db8::/32")
    for address in ("192.0.2.7", "::ffff:192.0.2.7", "2001:db8::7"):
        assert client.get("/staff/login/", REMOTE_ADDR=address).status_code == 200, address
    assert client.get("/staff/login/", REMOTE_ADDR="192.0.3.7").status_code == 404


def test_without_configured_networks_the_staff_pages_are_open_to_all(db, client):
    assert client.get("/staff/login/", REMOTE_ADDR="198.51.100.7").status_code == 200


@pytest.mark.parametrize(
    "path", ["/staff", "/staff/", "/staff/login/", "/staff/?next=/", "/STAFF/", "/staff/no-such-page"]
)
@pytest.mark.parametrize("method", ["get", "head", "post"])
def test_outside_the_networks_a_staff_page_is_like_any_missing_page(db, client, settings, path, method):
    settings.STAFF_NETWORKS = [ip_network("192.0.2.0/24")]
    elsewhere = "/no-such-thing/" + ("?next=/" if "?" in path else "")
    found, missing = (getattr(client, method)(each, REMOTE_ADDR="198.51.100.7") for each in (path, elsewhere))
    for answer in (found, missing):
        del answer.headers["X-Request-ID"]
    assert found.status_code == 404
    assert found.content == missing.content
    assert dict(found.headers) == dict(missing.headers)


def test_the_staff_address_without_a_slash_is_in_no_shared_cache(db, client):
    assert client.get("/staff")["Cache-Control"] == "no-store"
