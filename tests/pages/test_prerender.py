import re
import subprocess

import brotli
import pytest
from django.core.management import CommandError, call_command
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import path
from django.utils import timezone

from albany_site.built_pages import BuiltPages, came_by_https
from clinic import snapshot
from pages import build
from pages.management.commands import prerender
from pages.sitemaps import SITEMAPS
from tests.helpers.live_site import PROJECT


@pytest.fixture(scope="module")
def whole_build(tmp_path_factory):
    """Build every page and return the folder. Tests share the folder, so they must not change it."""
    folder = tmp_path_factory.mktemp("build")
    with override_settings(BUILD_DIR=folder):
        call_command("prerender", verbosity=0)
    return folder


@pytest.fixture
def built(settings, whole_build):
    settings.BUILD_DIR = whole_build
    forget()
    yield BuiltPages(django_answers, build.current_build())
    forget()


@pytest.fixture
def build_dir(settings, tmp_path, monkeypatch):
    """Yield an empty build folder, and make /about/ the only sitemap page that is prerendered."""
    settings.BUILD_DIR = tmp_path
    monkeypatch.setattr(prerender, "prerendered_paths", lambda: ["/about/"])
    forget()
    yield tmp_path
    forget()


def forget():
    """Reset the caches to the state of a new process."""
    build.forget()
    prerender._site.cache_clear()


def django_answers(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"rendered"]


class Asked:
    """The response of a WSGI application to one request."""

    def __init__(self, application, path, method="GET", scheme="http", **headers):
        environ = {"PATH_INFO": path, "REQUEST_METHOD": method, "wsgi.url_scheme": scheme} | headers
        self.body = b"".join(application(environ, self.start))

    def start(self, status, headers):
        self.status, self.headers = int(status[:3]), dict(headers)


def test_every_page_in_the_sitemap_except_the_form_is_prerendered(built, client):
    paths = set(prerender.prerendered_paths())
    assert len(paths) > 15
    assert paths | {"/consultation/"} == {
        section().location(item) for section in SITEMAPS.values() for item in section().items()
    }
    for each in paths:
        assert brotli.decompress(Asked(built, each, HTTP_ACCEPT_ENCODING="br").body) == client.get(each).content


def test_every_page_is_compressed_at_brotlis_highest_level(built, client):
    for each in prerender.prerendered_paths():
        smallest = brotli.compress(client.get(each).content)
        assert Asked(built, each, HTTP_ACCEPT_ENCODING="br").body == smallest


def test_only_pages_no_one_may_share_are_left_out_of_the_build(db, client):
    kept_out = [section() for section in SITEMAPS.values() if not section.prerendered]
    paths = [section.location(item) for section in kept_out for item in section.items()]
    assert paths
    assert {client.get(each)["Cache-Control"] for each in paths} == {"private, no-cache"}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("accept", ["", "br", "gzip"])
def test_a_prerendered_page_has_the_same_headers_as_a_rendered_one(built, client, method, accept):
    for each in ("/", "/ketamine-infusion-therapy/safety/"):
        plain = client.generic(method, each)
        answer = Asked(built, each, method=method, HTTP_ACCEPT_ENCODING=accept)
        expected = dict(plain.items()) | ({"Content-Encoding": accept} if accept else {})
        for own in ("X-Request-ID", "Content-Length"):  # these differ between requests or encodings
            expected.pop(own, None)
        length = int(answer.headers.pop("Content-Length"))
        assert answer.headers == expected
        assert answer.status == 200
        assert len(answer.body) == (length if method == "GET" else 0)
        assert length == len(Asked(built, each, HTTP_ACCEPT_ENCODING=accept).body)


def test_a_prerendered_page_answers_conditional_gets_like_django(built, client):
    tag = client.get("/")["ETag"]
    expected = client.get("/", headers={"If-None-Match": tag})
    expected.headers.pop("X-Request-ID", None)
    for held in (tag, f'"other", {tag}', tag.removeprefix("W/"), "*"):
        answer = Asked(built, "/", HTTP_IF_NONE_MATCH=held)
        assert (answer.status, answer.body) == (304, b"")
        assert answer.headers == dict(expected.items())
    assert Asked(built, "/", HTTP_IF_NONE_MATCH='W/"other"').status == 200


@pytest.mark.parametrize(
    ("path", "method"),
    [("/", "POST"), ("/about", "GET"), ("/consultation/", "GET"), ("/no-such-page/", "GET"), ("/404.html", "GET")],
)
def test_django_renders_everything_that_is_not_prerendered(built, path, method):
    assert Asked(built, path, method).body == b"rendered"


def test_a_request_over_http_is_left_to_django_to_redirect(built, settings):
    settings.HTTPS = True
    assert Asked(built, "/").body == b"rendered"
    assert Asked(built, "/", scheme="https").body != b"rendered"


@pytest.mark.parametrize(
    ("trusted", "forwarded", "scheme", "is_https"),
    [
        (None, "https", "http", False),
        (None, None, "https", True),
        (("HTTP_X_FORWARDED_PROTO", "https"), "https", "http", True),
        (("HTTP_X_FORWARDED_PROTO", "https"), "http, https", "http", False),
        (("HTTP_X_FORWARDED_PROTO", "https"), "http", "https", False),
        (("HTTP_X_FORWARDED_PROTO", "https"), None, "http", False),
    ],
)
def test_https_is_detected_like_in_django(settings, rf, trusted, forwarded, scheme, is_https):
    settings.SECURE_PROXY_SSL_HEADER = trusted
    environ = {"wsgi.url_scheme": scheme} | ({"HTTP_X_FORWARDED_PROTO": forwarded} if forwarded else {})
    assert came_by_https(environ) == rf.get("/", **environ).is_secure() == is_https


# --- Pages that can't be prerendered


def keeps(request):
    return HttpResponse("ours")


def sets_a_cookie(request):
    response = HttpResponse("ours")
    response.set_cookie("taste", "oatmeal")
    return response


def holds_a_token(request):
    return HttpResponse('<input name="csrfmiddlewaretoken" value="fixed">')


def holds_a_key(request):
    holds_a_key.asked += 1
    return HttpResponse(f"your key is {holds_a_key.asked}")


holds_a_key.asked = 0


def is_not_to_be_stored(request):
    return HttpResponse("yours alone", headers={"Cache-Control": "no-store"})


def is_gone(request):
    return HttpResponse(status=410)


VIEWS = (keeps, sets_a_cookie, holds_a_token, holds_a_key, is_not_to_be_stored, is_gone)
urlpatterns = [path(f"{view.__name__}/", view) for view in VIEWS]


@pytest.mark.urls(__name__)
@pytest.mark.parametrize(
    ("view", "reason"),
    [
        (sets_a_cookie, "sets a cookie"),
        (holds_a_token, "contains a CSRF token"),
        (holds_a_key, "differs each time"),
        (is_not_to_be_stored, "must not be cached"),
        (is_gone, "returns 410, not 200"),
    ],
)
def test_a_page_that_cannot_be_shared_stops_the_build(build_dir, view, reason):
    forget()
    assert prerender.answer_for_everybody("/keeps/").content == b"ours"
    with pytest.raises(prerender.NotForEverybody, match=reason):
        prerender.answer_for_everybody(f"/{view.__name__}/")


def test_a_failed_build_keeps_the_old_one_and_cleans_up(build_dir, monkeypatch):
    call_command("prerender", verbosity=0)
    before = sorted(build_dir.iterdir())
    monkeypatch.setattr(prerender, "prerendered_paths", lambda: ["/about/", "/consultation/"])
    with pytest.raises(CommandError, match=r"/consultation/ .*CSRF token"):
        call_command("prerender")
    assert sorted(build_dir.iterdir()) == before
    assert set(build.current_build().pages) == {"/about/", "/away/", "404", *build.SERVER_ERRORS}


def test_a_build_is_a_new_folder_and_only_the_last_two_are_kept(build_dir):
    folders = []
    for _ in range(3):
        call_command("prerender", verbosity=0)
        folders.append((build_dir / "pages").resolve().name)
        if len(folders) == 1:
            worker = BuiltPages(django_answers, build.current_build())
    assert len(set(folders)) == 3
    assert {each.name for each in build_dir.iterdir()} == {"pages", "prerender.lock", *folders[1:]}
    assert Asked(worker, "/about/").status == 200, "a running web worker needed the files of its build"


def test_a_build_shows_the_current_facts_and_records_them(build_dir, set_facts):
    set_facts(phone="(618) 555-0199")
    call_command("prerender", verbosity=0)
    current = build.current_build()
    assert b"(618) 555-0199" in current.pages["/about/"].bodies[""]
    assert current.facts["phone"] == "(618) 555-0199"
    assert current.shown_hash == snapshot.shown_hash(snapshot.current(), timezone.now())


def test_a_build_is_skipped_if_the_newest_is_up_to_date(build_dir, set_facts, capsys):
    for _ in range(2):
        call_command("prerender", "--if-needed")
    assert "already shows" in capsys.readouterr().out
    set_facts(phone="(618) 555-0199")
    call_command("prerender", "--if-needed")
    assert "already shows" not in capsys.readouterr().out
    assert len(build.complete_builds()) == 2


def test_a_build_of_different_code_is_kept_but_never_served(build_dir, monkeypatch):
    call_command("prerender", verbosity=0)
    ours = build.newest_folder()
    monkeypatch.setattr(build, "source_hash", lambda: "other")
    assert build.newest_folder() is None
    monkeypatch.setattr(prerender, "source_hash", lambda: "other")
    call_command("prerender", verbosity=0)
    assert ours in build.complete_builds()
    monkeypatch.undo()
    assert build.newest_folder() == ours


def test_an_unfinished_build_is_not_served_and_is_removed(build_dir, monkeypatch):
    monkeypatch.setattr(prerender, "prerendered_paths", lambda: ["/about/"])
    unfinished = build_dir / "pages-99990101T000000-killed"
    unfinished.mkdir()
    assert build.newest_folder() is None
    call_command("prerender", verbosity=0)
    assert not unfinished.exists()


def test_a_web_process_switches_to_a_newer_build_without_a_restart(build_dir, set_facts):
    call_command("prerender", verbosity=0)
    served = BuiltPages(django_answers, build.current_build())
    before = Asked(served, "/about/").body
    set_facts(phone="(618) 555-0199")
    call_command("prerender", verbosity=0)
    assert Asked(served, "/about/").body == before
    served.switch_to(build.look_for_newer_build())
    assert b"(618) 555-0199" in Asked(served, "/about/").body


def test_a_build_is_outdated_until_it_shows_the_current_facts(build_dir, set_facts, monkeypatch):
    call_command("prerender", verbosity=0)
    build.current_build()
    build.note_lag(snapshot.shown_hash(snapshot.current(), timezone.now()))
    assert build.seconds_behind() == 0
    set_facts(phone="(618) 555-0199")
    wanted = snapshot.shown_hash(snapshot.current(), timezone.now())
    build.note_lag(wanted)
    assert build.seconds_behind() > 0
    call_command("prerender", verbosity=0)
    build.look_for_newer_build()
    build.note_lag(wanted)
    assert build.seconds_behind() == 0


def test_a_changed_template_changes_the_source_hash(settings, tmp_path):
    before = build.source_hash()
    settings.BASE_DIR = tmp_path / "copy"
    copied = (*settings.OUR_APPS, "templates", "static", "requirements.txt")
    settings.BASE_DIR.mkdir()
    subprocess.run(["cp", "-r", *(PROJECT / each for each in copied), settings.BASE_DIR], check=True)
    forget()
    assert build.source_hash() == before
    with (settings.BASE_DIR / "templates/articles/safety.html").open("a") as template:
        template.write("<p>One word more.</p>")
    forget()
    assert build.source_hash() != before


def test_every_setting_that_pages_read_is_part_of_the_build_hash():
    named = set()
    for file in (PROJECT / "pages").rglob("*.py"):
        named |= {word.split(".")[1] for word in re.findall(r"\bsettings\.[A-Z_]+", file.read_text())}
    in_headers = {"SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_HSTS_PRELOAD"}  # a build stores each page's headers
    assert named - {"BASE_DIR", "BUILD_DIR", "DEBUG", "OUR_APPS"} == set(build.SETTINGS) - in_headers


def test_without_a_build_pages_are_rendered_and_the_log_says_so(build_dir, caplog):
    assert build.current_build() is None
    assert "Run manage.py prerender" in caplog.text


def test_with_debug_prerender_refuses_to_build(build_dir, settings):
    settings.DEBUG = True
    with pytest.raises(CommandError, match="DEBUG"):
        call_command("prerender")


def test_a_build_does_not_reuse_the_previous_builds_404_page(client, built):
    build.current_build().pages["404"] = build.BuiltPage({}, {"": b"from the last build"})
    assert client.get("/nowhere/").content == b"from the last build"
    assert prerender.answer_for_everybody("404").content.startswith(b"<!doctype html>")


def test_a_missing_page_gets_the_prerendered_404(client, built):
    rendered = Client().get("/nowhere/")
    page = build.current_build().pages["404"]
    assert rendered.content == page.bodies[""]
    build.current_build().pages["404"] = build.BuiltPage(page.headers, {"": b"from the build"})
    answer = client.get("/nowhere/")
    assert (answer.status_code, answer.content) == (404, b"from the build")
    assert answer["Cache-Control"] == "no-store"
