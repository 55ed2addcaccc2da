"""Tests of the error pages. The 429 and 503 pages are rendered directly, without causing those errors."""

import pytest
from django.core.exceptions import PermissionDenied
from django.template.loader import render_to_string
from django.urls import reverse

from pages.stylesheets import SHARED, styles


def assert_drawn(response, status: int, words: str) -> None:
    html = response.content.decode()
    assert response.status_code == status
    assert f"<h1>{words}</h1>" in html
    assert 'class="site-header"' in html
    assert 'href="tel:988"' in html


def test_the_404_page_links_to_existing_pages(client):
    response = client.get("/no-such-page/")
    assert_drawn(response, 404, "There is no page at this address")
    assert reverse("pages:safety") in response.content.decode()


@pytest.mark.parametrize(("method", "host"), [("post", "evil.example"), ("get", "evil.example/"), ("get", "a b")])
def test_a_wrong_host_gets_a_400_page(client, method, host):
    assert_drawn(getattr(client, method)("/", headers={"host": host}), 400, "We could not read that request")


@pytest.mark.parametrize("path", ["/accessibility/", "/static/img/favicon.svg", "/static/no-such-file.css"])
def test_posting_to_a_read_only_page_gets_a_405_page(client, path):
    response = client.post(path)
    assert_drawn(response, 405, "This page can’t accept a form")
    assert "GET" in response["Allow"]


def test_a_body_over_the_limit_gets_a_413_page(client, db, settings):
    too_much = {"message": "x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)}
    response = client.post(reverse("consultations:request"), too_much, content_type="application/x-www-form-urlencoded")
    assert_drawn(response, 413, "That was more than the form can take")


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (PermissionDenied, 403, "You can’t open this page"),
        (RuntimeError, 500, "Something went wrong on our side"),
    ],
)
def test_an_error_in_a_view_gets_our_error_page(client, monkeypatch, error, status, words):
    def fail(*arguments):
        raise error

    monkeypatch.setattr("pages.views.render_to_string", fail)
    client.raise_request_exception = False
    assert_drawn(client.get(reverse("pages:safety")), status, words)


def test_the_500_page_needs_no_context_database_or_built_files(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}
    html = render_to_string("500.html")
    assert "Something went wrong on our side" in html
    assert styles(*SHARED) in html


@pytest.mark.parametrize("status", [413, 429, 431, 503])
def test_a_page_that_asks_to_try_again_says_what_to_do(rf, status):
    html = render_to_string(f"{status}.html", request=rf.get("/consultation/"))
    assert "Please" in html
    assert "reference number" in html or "We do not have your request yet" in html
