"""What a visitor sees when something goes wrong, asked of the site where it can be made to happen."""

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


def test_an_address_that_is_not_there_leads_on_to_pages_that_are(client):
    response = client.get("/no-such-page/")
    assert_drawn(response, 404, "There is no page at this address")
    assert reverse("pages:safety") in response.content.decode()


def test_a_wrong_host_is_a_bad_request_with_a_page(client):
    assert_drawn(client.get("/", headers={"host": "evil.example"}), 400, "We could not read that request")


def test_a_page_that_is_only_read_says_so_when_something_is_posted_to_it(client):
    response = client.post(reverse("pages:accessibility"))
    assert_drawn(response, 405, "This address does not take what was sent")
    assert "GET" in response["Allow"]


def test_a_body_past_the_limit_is_told_to_be_shorter(client, db, settings):
    too_much = {"message": "x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)}
    response = client.post(reverse("consultations:request"), too_much, content_type="application/x-www-form-urlencoded")
    assert_drawn(response, 413, "That was more than the form can take")


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (PermissionDenied, 403, "This page is not open to you"),
        (RuntimeError, 500, "Something went wrong on our side"),
    ],
)
def test_an_error_in_a_view_is_answered_in_the_sites_own_look(client, monkeypatch, error, status, words):
    def fail(*arguments):
        raise error

    monkeypatch.setattr("pages.views.render_to_string", fail)
    client.raise_request_exception = False
    assert_drawn(client.get(reverse("pages:safety")), status, words)


def test_the_page_for_our_own_mistakes_needs_no_context_database_or_built_files(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}
    html = render_to_string("500.html")
    assert "Something went wrong on our side" in html
    assert styles(*SHARED) in html


@pytest.mark.parametrize("status", [429, 503])
def test_a_limit_and_a_stop_have_words_that_say_what_to_do(rf, status):
    html = render_to_string(f"{status}.html", request=rf.get("/consultation/"))
    assert "Please" in html
    assert "reference number" in html
