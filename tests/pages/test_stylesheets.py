import re
from base64 import b64encode
from hashlib import sha256

import pytest
from django.templatetags.static import static

from pages.management.commands.prerender import prerendered_paths
from pages.stylesheets import FOLDER, PRINT, SHARED, SINGLE, styles
from tests.helpers.live_site import PROJECT

STAFF_ONLY = {"staff"}


def test_the_list_of_stylesheets_matches_the_folder():
    assert {path.stem for path in (PROJECT / FOLDER).glob("*.css")} - STAFF_ONLY == {*SHARED, *SINGLE, PRINT}


@pytest.mark.parametrize(("path", "count"), [("/", 3), ("/consultation/", 4), ("/review/", 2), ("/nowhere/", 2)])
def test_the_csp_allows_the_inlined_styles_by_hash(client, db, path, count):
    response = client.get(path)
    carried = re.findall(r"<style>(.*?)</style>", response.content.decode(), re.DOTALL)
    assert len(carried) == count
    policy = response["Content-Security-Policy"].partition("style-src 'self' ")[2].partition(";")[0]
    hashes = [f"'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'" for style in carried]
    assert set(hashes) <= set(policy.split())
    assert len(policy.split()) == 1 + len(SINGLE)


def test_no_page_uses_classes_styled_only_on_another_page(client, db):
    shared = classes_in(styles(*SHARED, PRINT))
    for path in {*prerendered_paths(), "/consultation/", "/consultation/under-18/", "/nowhere/"}:
        html = client.get(path).content.decode()
        carried = {name for name in SINGLE if f"<style>{styles(name)}</style>" in html}
        styled = shared.union(*(classes_in(styles(name)) for name in carried))
        elsewhere = set().union(*(classes_in(styles(name)) for name in set(SINGLE) - carried)) - styled
        used = " ".join(re.findall(r'class="([^"]*)"', html)).split()
        assert elsewhere
        assert elsewhere & set(used) == set(), path


def classes_in(css: str) -> set[str]:
    return set(re.findall(r"\.([a-z][\w-]*)", css))


def test_the_styles_load_no_other_file():
    assert not re.search(r"url\(|@import|</style", styles(*SHARED, *SINGLE, PRINT))


def test_only_paper_waits_for_the_print_rules(client, db):
    link = f'<link rel="stylesheet" href="{static(f"css/{PRINT}.css")}" media="print">'
    for path in {*prerendered_paths(), "/consultation/", "/nowhere/"}:
        html = client.get(path).content.decode()
        assert html.count(link) == html.count('rel="stylesheet"') == 1, path
    assert [name for name in (*SHARED, *SINGLE) if re.search(r"@media print\s*{", styles(name))] == []


def test_the_print_rules_leave_the_screen_as_it_is():
    css = styles(PRINT)
    assert css.startswith("@media print{")
    assert css.endswith("}}")
    assert css.count("@media") == 1


def test_joining_stylesheets_removes_only_comments_and_whitespace():
    sources = "".join((PROJECT / FOLDER / f"{name}.css").read_text() for name in (*SHARED, *SINGLE))
    without_comments = re.sub(r"/\*.*?\*/", "", sources, flags=re.DOTALL)
    assert re.sub(r"\s", "", styles(*SHARED, *SINGLE)) == re.sub(r"\s", "", without_comments)
    assert "/*" not in styles(*SHARED, *SINGLE)


def test_with_debug_pages_link_to_their_stylesheets(client, settings):
    settings.DEBUG = True
    html = client.get("/").content.decode()
    assert re.findall(r'href="/static/css/(\w+)\.css"', html) == [*SHARED, "home", "columns", PRINT]
    assert "<style>" not in html
