import brotli
import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from albany_site.compression import best_encoding, compress_answers, drop_indentation


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
def test_a_browser_gets_the_best_encoding_that_it_allows(accept, encoding):
    assert best_encoding(accept) == encoding


def test_the_form_is_compressed(db, client):
    plain = client.get("/consultation/")
    compressed = client.get("/consultation/", headers={"Accept-Encoding": "br"})
    assert plain["Vary"] == compressed["Vary"] == "Cookie, Accept-Encoding"
    assert compressed["Content-Encoding"] == "br"
    assert int(compressed["Content-Length"]) == len(compressed.content)
    assert b"csrfmiddlewaretoken" in brotli.decompress(compressed.content)


def test_a_compressed_page_has_the_tag_of_the_plain_one_for_a_cache_holds_both(client):
    assert client.get("/", headers={"Accept-Encoding": "br"})["ETag"] == client.get("/")["ETag"]


def test_an_answer_that_may_repeat_what_was_sent_is_not_compressed(db, client):
    client.defaults["HTTP_ACCEPT_ENCODING"] = "br, gzip"
    answers = [
        client.post("/consultation/", {"full_name": "Robin Example"}),
        client.get("/consultation/?full_name=Robin"),
        client.get("/staff/login/"),
    ]
    assert all(len(answer.content) > 500 for answer in answers)
    assert [answer.get("Content-Encoding") for answer in answers] == [None, None, None]


def test_images_and_short_answers_are_left_as_they_are():
    request = RequestFactory().get("/", headers={"Accept-Encoding": "br"})
    image = HttpResponse(b"." * 5000, content_type="image/png")
    for answer in (image, HttpResponse("ok")):
        assert "Content-Encoding" not in compress_answers(lambda request, answer=answer: answer)(request)


def test_a_page_is_sent_without_its_indentation(client):
    html = client.get("/ketamine-infusion-therapy/safety/").content
    assert b"\n " not in html
    assert b"\n\n" not in html


def test_words_on_two_lines_stay_two_words():
    page = HttpResponse("<p>one\n      two</p>\n  <b>three</b>\n\n\t<i>four</i>")
    shorter = drop_indentation(lambda request: page)(RequestFactory().get("/"))
    assert shorter.content == b"<p>one\ntwo</p>\n<b>three</b>\n<i>four</i>"


@pytest.mark.parametrize("tag", ["textarea", "pre"])
def test_what_somebody_typed_keeps_its_spaces(tag):
    html = f"<{tag}>first\n   second\n\n third</{tag}>"
    answer = drop_indentation(lambda request: HttpResponse(html))(RequestFactory().get("/"))
    assert answer.content.decode() == html


def test_a_file_is_not_touched():
    answer = HttpResponse("a:\n  b", content_type="text/plain")
    assert drop_indentation(lambda request: answer)(RequestFactory().get("/")).content == b"a:\n  b"
