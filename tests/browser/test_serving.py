"""How gunicorn serves the built site: the same headers on every kind of answer, slow clients, https, a reload."""

import os
import re
import signal
import socket
import threading
import time
from contextlib import ExitStack

import pytest

from tests.running_site import RunningSite

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
    """A static file as pages link to it, named by its hash."""
    html = site.ask("/")[1].decode()
    return re.search(r'"(/static/[^"]+\.svg)"', html)[1]


def test_pages_files_and_what_is_rendered_carry_the_same_security_headers(site, style_file):
    page, file, form = (site.ask(path)[0] for path in (ARTICLE, style_file, "/consultation/"))
    assert {answer.status for answer in (page, file, form)} == {200}
    for name in SECURITY:
        assert page.headers[name] == file.headers[name] == form.headers[name] is not None
    for answer in (page, file, form):
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert "Strict-Transport-Security" not in answer.headers, "this site is asked by plain http"


def test_each_kind_of_answer_is_kept_for_as_long_as_it_is_good(site, style_file):
    page, file, form = (site.ask(path)[0].headers for path in (ARTICLE, style_file, "/consultation/"))
    assert page["Cache-Control"] == "public, max-age=300, stale-while-revalidate=86400"
    assert file["Cache-Control"] == "public, max-age=31536000, immutable"
    assert form["Cache-Control"] == "no-store"
    assert page["Vary"] == "Accept-Encoding"
    assert "Set-Cookie" not in page
    assert "Set-Cookie" not in file


def test_a_page_and_a_file_are_sent_once_to_whoever_keeps_them(site, style_file):
    for path in (ARTICLE, style_file):
        tag = site.ask(path)[0].headers["ETag"]
        again, body = site.ask(path, If_None_Match=tag)
        assert (again.status, body) == (304, b"")
        assert again.headers["ETag"] == tag


def test_a_missing_slash_costs_one_permanent_redirect_that_keeps_the_query(site):
    answer, _ = site.ask(ARTICLE.rstrip("/") + "?from=card")
    assert (answer.status, answer.headers["Location"]) == (301, ARTICLE + "?from=card")


@pytest.fixture
def https_site(tmp_path):
    site = RunningSite(tmp_path, TRUSTED_PROXY_HOPS="1")
    site.environment["SITE_URL"] = f"https://localhost:{site.port}"
    with site:
        yield site


def test_under_https_everything_asked_for_plainly_is_redirected_and_the_proxy_alone_is_believed(https_site):
    for path in (ARTICLE, "/consultation/?from=card", "/nowhere/"):
        plain, _ = https_site.ask(path)
        assert (plain.status, plain.headers["Location"]) == (301, f"https://localhost:{https_site.port}{path}")
        assert https_site.ask(path, X_Forwarded_Proto="http")[0].status == 301
    for path, status in ((ARTICLE, 200), ("/consultation/", 200), ("/nowhere/", 404)):
        secure, _ = https_site.ask(path, X_Forwarded_Proto="https")
        assert secure.status == status
        assert secure.headers["Strict-Transport-Security"].startswith("max-age=63072000; includeSubDomains")


def test_without_a_proxy_nobody_is_believed_about_the_scheme(tmp_path):
    site = RunningSite(tmp_path)
    site.environment["SITE_URL"] = f"https://localhost:{site.port}"
    with site:
        for path in (ARTICLE, "/consultation/"):
            assert site.ask(path, X_Forwarded_Proto="https")[0].status == 301


def test_clients_that_stop_half_way_do_not_hold_the_site(site):
    """More of them than there are threads, each with half a request: somebody else waits until they are let go."""
    threads = 4 * max(2, os.cpu_count())
    with ExitStack() as stack:
        for _ in range(threads + 4):
            client = stack.enter_context(socket.create_connection(("localhost", site.port)))
            client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        assert site.ask(ARTICLE)[0].status == 200


def test_a_reload_brings_the_new_build_and_fails_no_request(tmp_path):
    settings = tmp_path / "settings.env"
    settings.write_text("CLINIC_PHONE=(618) 555-0101\n")
    with RunningSite(tmp_path, ENV_FILE=str(settings)) as site:
        assert b"555-0101" in site.ask("/")[1]
        statuses, seen, over = [], set(), threading.Event()

        def visit():
            while not over.is_set():
                answer, body = site.ask("/")
                statuses.append(answer.status)
                seen.update(re.findall(rb"555-01\d\d", body))
                time.sleep(0.01)  # or the visitors would take the processor from the build

        visitors = [threading.Thread(target=visit) for _ in range(4)]
        for visitor in visitors:
            visitor.start()
        settings.write_text("CLINIC_PHONE=(618) 555-0199\n")
        site.manage("collectstatic", "--no-input", "--verbosity", "0")
        site.manage("prerender")
        log_before = site.log.stat().st_size
        os.kill(site.process.pid, signal.SIGHUP)
        until = time.monotonic() + 30
        while b"555-0199" not in seen and time.monotonic() < until:
            time.sleep(0.1)
        time.sleep(3)  # the old workers finish and leave
        seen.clear()
        time.sleep(1)
        over.set()
        for visitor in visitors:
            visitor.join()
        assert seen == {b"555-0199"}
        assert len(statuses) > 100
        assert set(statuses) == {200}
        # On a busy machine the first workers may still start while the settings change, and see an old build.
        assert b"not served" not in site.log.read_bytes()[log_before:]
