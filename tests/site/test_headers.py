import re

import pytest
from django.contrib.auth import get_user_model
from django.test import RequestFactory

from albany_site import headers, middleware
from tests.site.test_site import PRODUCTION, run_python

pytestmark = pytest.mark.django_db


def test_every_kind_of_response_has_the_security_headers(client):
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


def test_static_files_get_the_headers_django_adds_to_pages():
    code = """
import django
django.setup()
from django.http import HttpResponse
from django.middleware.security import SecurityMiddleware
from django.test import RequestFactory
from albany_site.headers import SECURITY_HEADERS
middleware = SecurityMiddleware(lambda request: HttpResponse())
sent = middleware.process_response(RequestFactory().get("/", secure=True), HttpResponse()).headers
for name in sorted(sent.keys() - {"Content-Type"}):
    print(name, sent[name] == SECURITY_HEADERS[name])
"""
    done = run_python("-c", code, DJANGO_SETTINGS_MODULE="albany_site.settings", **PRODUCTION)
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "Cross-Origin-Opener-Policy True",
        "Referrer-Policy True",
        "Strict-Transport-Security True",
        "X-Content-Type-Options True",
    ]


def test_the_csp_allows_only_named_sources():
    policy = headers.CONTENT_SECURITY_POLICY
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "nonce" not in policy
    assert not re.search(r"\*|https?:|data:|blob:", policy)
    assert {"base-uri 'none'", "object-src 'none'", "frame-ancestors 'none'"} <= set(policy.split("; "))


def test_a_page_is_publicly_cacheable_and_sets_no_cookie(client):
    response = client.get("/")
    assert response["Cache-Control"] == "public, max-age=30, s-maxage=20"
    assert response["Vary"] == "Accept-Encoding"
    assert not response.cookies
    assert "Access-Control-Allow-Origin" not in response


def test_a_page_is_the_same_for_signed_in_staff(client, admin_client):
    signed_in = admin_client.get("/")
    assert signed_in.content == client.get("/").content
    # The response renews the session cookie, so no shared cache may store it.
    assert signed_in.cookies
    assert signed_in["Cache-Control"] == "no-store"


def test_the_form_is_kept_for_going_back_alone(client, db):
    response = client.get("/consultation/")
    assert response["Cache-Control"] == "private, no-cache"
    assert "ETag" not in response


@pytest.mark.parametrize("path", ["/consultation/received/no-token/", "/staff/", "/staff/login/"])
def test_private_responses_are_not_cached(client, path):
    response = client.get(path)
    assert response["Cache-Control"] == "no-store"
    assert "ETag" not in response
    assert "Expires" not in response


def test_staff_pages_are_not_cached(admin_client):
    get_user_model().objects.create_user("nurse")
    response = admin_client.get("/staff/auth/user/", follow=True)
    assert response["Cache-Control"] == "no-store"


def test_an_error_is_not_cached(client):
    assert client.get("/nowhere/")["Cache-Control"] == "no-store"
    assert client.post("/")["Cache-Control"] == "no-store"


def test_a_matching_etag_gets_an_empty_304(client):
    first = client.get("/about/")
    again = client.get("/about/", headers={"If-None-Match": f'"other", {first["ETag"]}'})
    assert again.status_code == 304
    assert again.content == b""
    assert again["ETag"] == first["ETag"]
    assert again["Cache-Control"] == first["Cache-Control"]
    assert again["Vary"] == first["Vary"]


def test_another_pages_etag_gets_the_full_page(client):
    tag = client.get("/about/")["ETag"]
    assert client.get("/privacy/", headers={"If-None-Match": tag}).status_code == 200


def test_a_response_that_sets_or_varies_by_a_cookie_is_never_public():
    from django.http import HttpResponse

    cookie = HttpResponse()
    cookie.set_cookie("taste", "oatmeal")
    varies = HttpResponse(headers={"Vary": "Accept-Language, Cookie"})
    private = HttpResponse(headers={"Cache-Control": "private, max-age=60"})
    for answer in (cookie, varies, private):
        served = middleware.response_headers(lambda request, answer=answer: answer)(RequestFactory().get("/"))
        assert served["Cache-Control"] == "no-store"


def test_a_missing_slash_redirects_permanently_and_keeps_the_query(client):
    response = client.get("/ketamine-infusion-therapy/safety?from=card")
    assert response.status_code == 301
    assert response["Location"] == "/ketamine-infusion-therapy/safety/?from=card"


@pytest.mark.parametrize(
    ("url", "cache"),
    [("/static/css/site.0123456789ab.css", headers.IMMUTABLE), ("/static/css/site.css", headers.PUBLIC)],
)
def test_only_files_with_a_hash_in_their_name_are_cached_forever(tmp_path, url, cache):
    file = tmp_path / "site.css"
    file.write_text("body {}")
    found = {}
    headers.add_file_headers(found, str(file), url)
    assert found["Cache-Control"] == cache
    assert headers.SECURITY_HEADERS.items() <= found.items()
    assert found["ETag"] == headers.entity_tag(b"body {}")


def test_only_public_pages_may_be_prefetched(db, client, settings):
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
def test_private_pages_and_files_have_no_speculation_rules(client, path):
    assert "Speculation-Rules" not in client.get(path)
