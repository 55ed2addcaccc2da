import brotli
import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from albany_site.compression import best_encoding
from albany_site.middleware import compress_responses


@pytest.mark.parametrize(
    ("accept", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("br; q=0.000, gzip;q=0", ""),
        ("*", "br"),
        ("*;q=0", ""),
        ("identity", ""),
        ("", ""),
        ("BR", "br"),
        ("brown", ""),
    ],
)
def test_a_browser_gets_the_best_encoding_it_accepts(accept, encoding):
    assert best_encoding(accept) == encoding


def test_the_form_is_compressed(db, client):
    plain = client.get("/consultation/")
    compressed = client.get("/consultation/", headers={"Accept-Encoding": "br"})
    assert plain["Vary"] == compressed["Vary"] == "Accept-Encoding"
    assert compressed["Content-Encoding"] == "br"
    assert int(compressed["Content-Length"]) == len(compressed.content)
    assert b"csrfmiddlewaretoken" in brotli.decompress(compressed.content)


def test_a_compressed_page_has_the_same_etag_as_the_plain_one(client):
    assert client.get("/", headers={"Accept-Encoding": "br"})["ETag"] == client.get("/")["ETag"]


def test_a_response_that_may_echo_its_request_is_not_compressed(db, client):
    client.defaults["HTTP_ACCEPT_ENCODING"] = "br, gzip"
    answers = [
        client.post("/consultation/", {"full_name": "Robin Example"}),
        client.get("/consultation/?full_name=Robin"),
        client.get("/staff/login/"),
    ]
    assert all(len(answer.content) > 500 for answer in answers)
    assert [answer.get("Content-Encoding") for answer in answers] == [None, None, None]


def test_images_and_short_responses_are_not_compressed():
    request = RequestFactory().get("/", headers={"Accept-Encoding": "br"})
    image = HttpResponse(b"." * 5000, content_type="image/png")
    for answer in (image, HttpResponse("ok")):
        assert "Content-Encoding" not in compress_responses(lambda request, answer=answer: answer)(request)
