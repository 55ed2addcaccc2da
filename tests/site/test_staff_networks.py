from ipaddress import ip_network

import pytest


@pytest.mark.parametrize(
    ("address", "status"), [("192.0.2.7", 200), ("2001:db8::7", 200), ("198.51.100.7", 404), ("", 404)]
)
def test_the_staff_pages_are_served_only_to_the_configured_networks(db, client, settings, address, status):
    settings.STAFF_NETWORKS = [ip_network("192.0.2.0/24"), ip_network("2001:db8::/32")]
    assert client.get("/staff/login/", REMOTE_ADDR=address).status_code == status
    assert client.get("/about/", REMOTE_ADDR=address).status_code == 200


def test_without_configured_networks_the_staff_pages_are_open_to_all(db, client):
    assert client.get("/staff/login/", REMOTE_ADDR="198.51.100.7").status_code == 200
