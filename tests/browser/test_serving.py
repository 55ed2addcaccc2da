"""Tests of how gunicorn serves the built site: headers, caching, https, slow clients and reloads."""

import os
import re
import signal
import socket
import threading
import time
from contextlib import ExitStack

import pytest

from tests.helpers.live_site import RunningSite

ARTICLE = "/ketamine-infusion-therapy/safety/"
SECURITY = {
    "Content-Security-Policy",
    "Cross-Origin-Embedder-Policy",
    "Cross-Origin-Opener-Policy",
    "Cross-Origin-Resource-Policy",
    "Permissions-Policy",
    "Referrer-Policy",
    "X-Content-Type-Options",
    "X-Frame-Options",
}


@pytest.fixture(scope="module")
def style_file(site):
    """Return the path of an SVG file that the home page uses. The file's name contains a hash."""
    html = site.ask("/")[1].decode()
    return re.search(r'"(/static/[^"]+\.svg)"', html)[1]


def test_pages_files_and_the_form_have_the_same_security_headers(site, style_file):
    page, file, form = (site.ask(path)[0] for path in (ARTICLE, style_file, "/consultation/"))
    assert {answer.status for answer in (page, file, form)} == {200}
    for name in SECURITY:
        assert page.headers[name] == file.headers[name] == form.headers[name] is not None
    for answer in (page, file, form):
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert "Strict-Transport-Security" not in answer.headers, "the request was plain http"


def test_pages_files_and_the_form_have_their_own_cache_lifetimes(site, style_file):
    page, file, form = (site.ask(path)[0].headers for path in (ARTICLE, style_file, "/consultation/"))
    assert page["Cache-Control"] == "public, max-age=30, s-maxage=20"
    assert file["Cache-Control"] == "public, max-age=31536000, immutable"
    assert form["Cache-Control"] == "private, no-cache"
    assert page["Vary"] == "Accept-Encoding"
    assert "Set-Cookie" not in page
    assert "Set-Cookie" not in file


def test_a_conditional_get_of_a_page_or_a_file_returns_304(site, style_file):
    for path in (ARTICLE, style_file):
        tag = site.ask(path)[0].headers["ETag"]
        again, body = site.ask(path, If_None_Match=tag)
        assert (again.status, body) == (304, b"")
        assert again.headers["ETag"] == tag


def test_a_missing_slash_takes_one_permanent_redirect_and_keeps_the_query(site):
    answer, _ = site.ask(ARTICLE.rstrip("/") + "?from=card")
    assert (answer.status, answer.headers["Location"]) == (301, ARTICLE + "?from=card")


@pytest.fixture(scope="module")
def built_https_site(tmp_path_factory):
    """Return a site that is built for https, but not started."""
    site = RunningSite(tmp_path_factory.mktemp("https"))
    site.environment["SITE_URL"] = f"https://localhost:{site.port}"
    site.build()
    return site


@pytest.fixture
def https_site(built_https_site, request):
    """Yield the https site, started with the number of trusted proxies that the test is parametrized with."""
    built_https_site.environment["TRUSTED_PROXY_HOPS"] = str(request.param)
    built_https_site.start()
    yield built_https_site
    built_https_site.stop()


@pytest.mark.parametrize("https_site", [1], indirect=True)
def test_behind_a_proxy_plain_http_is_redirected_and_https_gets_hsts(https_site):
    for path in (ARTICLE, "/consultation/?from=card", "/nowhere/"):
        plain, _ = https_site.ask(path)
        assert (plain.status, plain.headers["Location"]) == (301, f"https://localhost:{https_site.port}{path}")
        assert https_site.ask(path, X_Forwarded_Proto="http")[0].status == 301
    for path, status in ((ARTICLE, 200), ("/consultation/", 200), ("/nowhere/", 404)):
        secure, _ = https_site.ask(path, X_Forwarded_Proto="https")
        assert secure.status == status
        assert secure.headers["Strict-Transport-Security"] == "max-age=63072000"


@pytest.mark.parametrize("https_site", [0], indirect=True)
def test_without_a_trusted_proxy_x_forwarded_proto_is_ignored(https_site):
    for path in (ARTICLE, "/consultation/"):
        assert https_site.ask(path, X_Forwarded_Proto="https")[0].status == 301


def test_clients_that_stall_mid_request_do_not_block_the_site(site):
    """There are more stalled clients than threads, so the next visitor may wait until the clients time out."""
    threads = 4 * max(2, os.cpu_count())
    with ExitStack() as stack:
        for _ in range(threads + 4):
            client = stack.enter_context(socket.create_connection(("localhost", site.port)))
            client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        assert site.ask(ARTICLE)[0].status == 200


def test_a_reload_serves_the_new_build_and_fails_no_request(tmp_path):
    with RunningSite(tmp_path, facts={"phone": "(618) 555-0101"}) as site:
        assert b"555-0101" in site.ask("/")[1]
        statuses, seen, over = [], set(), threading.Event()

        def visit():
            while not over.is_set():
                answer, body = site.ask("/")
                statuses.append(answer.status)
                seen.update(re.findall(rb"555-01\d\d", body))
                time.sleep(0.01)  # leave CPU time for the build

        visitors = [threading.Thread(target=visit) for _ in range(4)]
        for visitor in visitors:
            visitor.start()
        site.load_facts({"phone": "(618) 555-0199"})
        site.manage("collectstatic", "--no-input", "--verbosity", "0")
        site.manage("prerender")
        log_before = site.log.stat().st_size
        os.kill(site.process.pid, signal.SIGHUP)
        until = time.monotonic() + 30
        while b"555-0199" not in seen and time.monotonic() < until:
            time.sleep(0.1)
        time.sleep(3)  # the old workers finish and exit
        seen.clear()
        time.sleep(1)
        over.set()
        for visitor in visitors:
            visitor.join()
        assert seen == {b"555-0199"}
        assert len(statuses) > 100
        assert set(statuses) == {200}
        # Ignore what was logged before SIGHUP, because on a busy machine the first workers may start during the build.
        assert b"No prerendered pages" not in site.log.read_bytes()[log_before:]
