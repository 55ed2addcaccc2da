"""Parses STAFF_PATH and STAFF_NETWORKS: the path of the staff pages, and the networks that see them."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_network

# The first part of each public address. A test compares this with the URL patterns.
PUBLIC = {
    "about",
    "accessibility",
    "away",
    "consultation",
    "cost",
    "favicon.ico",
    "feed.atom",
    "healthz",
    "ketamine-infusion-therapy",
    "notices",
    "pictures",
    "privacy",
    "review",
    "robots.txt",
    "sitemap.xml",
    "speculation-rules.json",
    "static",
    "team",
    "visit-us",
    ".well-known",
}


def parse_staff_path(text: str) -> str:
    """Return the path with a slash at its end only. Raises ValueError."""
    path = text.strip("/")
    if not re.fullmatch(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*", path):
        raise ValueError("must be a word of letters, digits and hyphens, such as staff")
    if path.split("/")[0].lower() in PUBLIC:
        raise ValueError(f"must not begin like a public page: {path.split('/')[0]!r} is one")
    return path + "/"


def parse_staff_networks(text: str) -> list[IPv4Network | IPv6Network]:
    """Return the networks of a list separated by commas. Raises ValueError."""
    return [_as_clients_have_it(ip_network(part.strip())) for part in text.split(",")]


def _as_clients_have_it(network: IPv4Network | IPv6Network) -> IPv4Network | IPv6Network:
    """Return the IPv4 network inside one such as ::ffff:192.0.2.0/120, because clients have IPv4 addresses there."""
    inside = getattr(network.network_address, "ipv4_mapped", None)
    return ip_network((inside, network.prefixlen - 96)) if inside and network.prefixlen >= 96 else network
