"""Requests the built site's pages and static files over HTTP."""

import re
from urllib.parse import urlsplit
from xml.etree import ElementTree

LOCATION = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"


def test_every_page_and_every_static_file_it_names_is_served(page):
    sitemap = ElementTree.fromstring(page.request.get("/sitemap.xml").text())
    paths = [urlsplit(location.text).path for location in sitemap.iter(LOCATION)]
    answers = {path: page.request.get(path) for path in paths}
    assert {path: answer.status for path, answer in answers.items() if answer.status != 200} == {}
    files = {file for answer in answers.values() for file in re.findall(r'"(/static/[^"#?]+)"', answer.text())}
    assert files
    statuses = {file: page.request.get(file).status for file in files}
    assert {file: status for file, status in statuses.items() if status != 200} == {}
