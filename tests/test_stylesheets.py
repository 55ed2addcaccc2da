import re
from base64 import b64encode
from hashlib import sha256

from pages.stylesheets import FOLDER, SOURCES, stylesheet
from tests.running_site import PROJECT

NOT_OF_THE_PAGES = {"staff"}


def test_every_style_source_is_in_the_list_and_every_one_in_the_list_is_there():
    assert {path.stem for path in (PROJECT / FOLDER).glob("*.css")} - NOT_OF_THE_PAGES == set(SOURCES)


def test_the_policy_of_a_page_allows_the_styles_that_it_carries_and_no_others(client):
    response = client.get("/")
    styles = re.findall(r"<style>(.*?)</style>", response.content.decode(), re.DOTALL)
    assert len(styles) == 1
    hashed = b64encode(sha256(styles[0].encode()).digest()).decode()
    assert f"style-src 'self' 'sha256-{hashed}';" in response["Content-Security-Policy"]


def test_the_styles_load_nothing_for_that_would_be_one_more_round_trip():
    assert not re.search(r"url\(|@import|</style", stylesheet())


def test_joining_takes_away_comments_and_indentation_alone():
    sources = "".join((PROJECT / FOLDER / f"{name}.css").read_text() for name in SOURCES)
    without_comments = re.sub(r"/\*.*?\*/", "", sources, flags=re.DOTALL)
    assert re.sub(r"\s", "", stylesheet()) == re.sub(r"\s", "", without_comments)
    assert "/*" not in stylesheet()


def test_with_debug_an_edited_source_shows_without_a_build(client, settings):
    settings.DEBUG = True
    html = client.get("/").content.decode()
    assert re.findall(r'href="/static/css/(\w+)\.css"', html) == list(SOURCES)
    assert "<style>" not in html
