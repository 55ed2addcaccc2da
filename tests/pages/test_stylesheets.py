import re
from base64 import b64encode
from hashlib import sha256

import pytest

from pages.management.commands.prerender import prerendered_paths
from pages.stylesheets import FOLDER, SHARED, SINGLE, styles
from tests.helpers.live_site import PROJECT

STAFF_ONLY = {"staff"}


def test_the_list_of_stylesheets_matches_the_folder():
    assert {path.stem for path in (PROJECT / FOLDER).glob("*.css")} - STAFF_ONLY == {*SHARED, *SINGLE}


@pytest.mark.parametrize(("path", "count"), [("/", 2), ("/consultation/", 2), ("/about/", 1), ("/nowhere/", 1)])
def test_the_csp_allows_the_inlined_styles_by_hash(client, db, path, count):
    response = client.get(path)
    carried = re.findall(r"<style>(.*?)</style>", response.content.decode(), re.DOTALL)
    assert len(carried) == count
    policy = response["Content-Security-Policy"].partition("style-src 'self' ")[2].partition(";")[0]
    hashes = [f"'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'" for style in carried]
    assert set(hashes) <= set(policy.split())
    assert len(policy.split()) == 1 + len(SINGLE)


def test_no_page_uses_classes_styled_only_on_another_page(client, db):
    for name, path in (("home", "/"), ("forms", "/consultation/")):
        classes = set(re.findall(r"\.([a-z][\w-]*)", styles(name))) - set(
            re.findall(r"\.([a-z][\w-]*)", styles(*SHARED))
        )
        assert classes
        for other in {*prerendered_paths(), "/consultation/", "/consultation/under-18/"} - {path}:
            used = " ".join(re.findall(r'class="([^"]*)"', client.get(other).content.decode())).split()
            assert classes & set(used) == set(), other


def test_the_styles_load_no_other_file():
    assert not re.search(r"url\(|@import|</style", styles(*SHARED, *SINGLE))


def test_joining_stylesheets_removes_only_comments_and_whitespace():
    sources = "".join((PROJECT / FOLDER / f"{name}.css").read_text() for name in (*SHARED, *SINGLE))
    without_comments = re.sub(r"/\*.*?\*/", "", sources, flags=re.DOTALL)
    assert re.sub(r"\s", "", styles(*SHARED, *SINGLE)) == re.sub(r"\s", "", without_comments)
    assert "/*" not in styles(*SHARED, *SINGLE)


def test_with_debug_pages_link_to_their_stylesheets(client, settings):
    settings.DEBUG = True
    html = client.get("/").content.decode()
    assert re.findall(r'href="/static/css/(\w+)\.css"', html) == [*SHARED, "home"]
    assert "<style>" not in html
