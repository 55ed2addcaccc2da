import re

import pytest
from django.contrib.auth import get_user_model
from django.test import RequestFactory

from albany_site import headers, middleware

pytestmark = pytest.mark.django_db


def test_every_kind_of_answer_carries_the_security_headers(client):
    answers = [
        client.get("/"),
        client.get("/nowhere/"),
        client.get("/about"),
        client.get("/consultation/"),
        client.post("/consultation/", {}),
        client.post("/about/"),
        client.get("/staff/"),
        client.get("/staff/login/"),
        client.get("/review/qr.svg"),
    ]
    assert [answer.status_code for answer in answers] == [200, 404, 301, 200, 422, 405, 302, 200, 200]
    for answer in answers:
        assert headers.SECURITY_HEADERS.items() <= dict(answer.headers).items()


def test_nothing_that_is_not_named_may_load_or_run():
    policy = headers.CONTENT_SECURITY_POLICY
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "nonce" not in policy
    assert not re.search(r"\*|https?:|data:|blob:", policy)
    assert {"base-uri 'none'", "object-src 'none'", "frame-ancestors 'none'"} <= set(policy.split("; "))


def test_a_page_may_be_kept_by_any_cache_and_sets_no_cookie(client):
    response = client.get("/")
    assert response["Cache-Control"] == "public, max-age=300, stale-while-revalidate=86400"
    assert response["Vary"] == "Accept-Encoding"
    assert not response.cookies
    assert "Access-Control-Allow-Origin" not in response


def test_a_page_is_the_same_for_a_signed_in_member_of_staff(client, admin_client):
    signed_in = admin_client.get("/")
    assert signed_in.content == client.get("/").content
    # Each click of theirs renews the session's cookie, which no cache may hand to another.
    assert signed_in.cookies
    assert signed_in["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/consultation/", "/consultation/received/no-token/", "/staff/", "/staff/login/"])
def test_nothing_of_one_visitor_is_kept_by_a_cache(client, path):
    response = client.get(path)
    assert response["Cache-Control"] == "no-store"
    assert "ETag" not in response
    assert "Expires" not in response


def test_staff_pages_are_not_kept_by_a_cache(admin_client):
    get_user_model().objects.create_user("nurse")
    response = admin_client.get("/staff/auth/user/", follow=True)
    assert response["Cache-Control"] == "no-store"


def test_an_error_is_not_kept_by_a_cache(client):
    assert client.get("/nowhere/")["Cache-Control"] == "no-store"
    assert client.post("/")["Cache-Control"] == "no-store"


def test_a_browser_that_holds_the_page_is_told_so_in_few_bytes(client):
    first = client.get("/about/")
    again = client.get("/about/", headers={"If-None-Match": f'"other", {first["ETag"]}'})
    assert again.status_code == 304
    assert again.content == b""
    assert again["ETag"] == first["ETag"]
    assert again["Cache-Control"] == first["Cache-Control"]
    assert again["Vary"] == first["Vary"]


def test_a_browser_that_holds_another_page_gets_this_one(client):
    tag = client.get("/about/")["ETag"]
    assert client.get("/privacy/", headers={"If-None-Match": tag}).status_code == 200


def test_an_answer_that_sets_a_cookie_or_varies_by_cookie_is_never_public():
    from django.http import HttpResponse

    cookie = HttpResponse()
    cookie.set_cookie("taste", "oatmeal")
    varies = HttpResponse(headers={"Vary": "Accept-Language, Cookie"})
    private = HttpResponse(headers={"Cache-Control": "private, max-age=60"})
    for answer in (cookie, varies, private):
        served = middleware.response_headers(lambda request, answer=answer: answer)(RequestFactory().get("/"))
        assert served["Cache-Control"] == "no-store"


def test_a_missing_slash_costs_one_permanent_redirect_that_keeps_the_query(client):
    response = client.get("/ketamine-infusion-therapy/safety?from=card")
    assert response.status_code == 301
    assert response["Location"] == "/ketamine-infusion-therapy/safety/?from=card"


@pytest.mark.parametrize(
    ("url", "cache"),
    [("/static/css/site.0123456789ab.css", headers.IMMUTABLE), ("/static/css/site.css", headers.PUBLIC)],
)
def test_a_file_is_kept_for_good_only_if_its_name_carries_its_hash(tmp_path, url, cache):
    file = tmp_path / "site.css"
    file.write_text("body {}")
    found = {}
    headers.add_file_headers(found, str(file), url)
    assert found["Cache-Control"] == cache
    assert headers.SECURITY_HEADERS.items() <= found.items()
    assert found["ETag"] == headers.entity_tag(b"body {}")


def test_only_pages_that_are_the_same_for_everybody_may_be_fetched_ahead(db, client, settings):
    response = client.get("/")
    rules = client.get(response["Speculation-Rules"].strip('"'))
    assert rules["Content-Type"] == "application/speculationrules+json"
    (rule,) = rules.json()["prefetch"]
    patterns = rule["where"]["href_matches"]
    assert {"/", "/ketamine-infusion-therapy/*"} <= set(patterns)
    for path in ("/consultation/", "/consultation/received/key/", f"/{settings.STAFF_PATH}", "/review/qr.svg"):
        assert not [each for each in patterns if path == each or (each.endswith("*") and path.startswith(each[:-1]))]
    assert rule["eagerness"] == "moderate"
    assert settings.STAFF_PATH.strip("/") not in rules.content.decode()


@pytest.mark.parametrize("path", ["/consultation/", "/nowhere/", "/staff/login/", "/review/qr.svg", "/sitemap.xml"])
def test_what_is_no_page_for_everybody_fetches_nothing_ahead(client, path):
    assert "Speculation-Rules" not in client.get(path)
