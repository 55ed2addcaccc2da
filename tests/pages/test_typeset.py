import re

import pytest
from django.urls import reverse

from pages.sitemaps import PageSitemap
from pages.typeset import typeset

NOT_TEXT = re.compile(r"<(script|style|textarea)\b.*?</\1>|<[^>]*>", re.DOTALL)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<p>We don\'t "cure".</p>', "<p>We don’t “cure”.</p>"),
        ("We don&#x27;t say &quot;cure&quot;.", "We don’t say “cure”."),
        ("<p>'No,' (\"no\").</p>", "<p>‘No,’ (“no”).</p>"),
        ('<p><b>"Yes</b>," <a href="/x">they</a>\'re</p>', '<p><b>“Yes</b>,” <a href="/x">they</a>’re</p>'),
        ('<li>a</li><li>"b"</li>', "<li>a</li><li>“b”</li>"),
        ("<p>\"'No' (\"a\"; 'b')\"</p>", "<p>“‘No’ (“a”; ‘b’)”</p>"),
        ("&quot;&#x27;No&#x27;&quot;", "“‘No’”"),
        ("patients' days, five years' use", "patients’ days, five years’ use"),
    ],
)
def test_quotation_marks_curl_toward_what_they_quote(html, expected):
    assert typeset(html) == expected


@pytest.mark.parametrize(
    "html",
    [
        """<input value="don't" title='a "b"'>""",
        "<textarea>don't</textarea>",
        """<script>let a = "b's"</script>""",
        """<style>a { content: "'" }</style>""",
        '<code>"don\'t"</code>',
        """<!-- don't "touch" -->""",
    ],
)
def test_attributes_code_and_what_a_visitor_typed_stay_as_they_are(html):
    assert typeset(html) == html


@pytest.mark.parametrize(
    "whole",
    ["55 of 100", "9 am to 5:30 pm", "3 weeks", "1,522 people", "week 2", "November 26", "S-ketamine", "0 points"],
)
def test_an_expression_stays_on_one_line(whole):
    assert typeset(f"<p>In {whole}, then.</p>") == f'<p>In <span class="whole">{whole}</span>, then.</p>'


def test_nothing_in_a_title_or_a_drawing_gets_an_element_of_its_own():
    html = "<title>After 3 weeks</title><svg><title>Week 2</title><text>55 of 100</text></svg>"
    assert typeset(html) == html


@pytest.mark.parametrize(
    "path", [*map(PageSitemap().location, PageSitemap().items()), "/consultation/", "/no-such-page/"]
)
def test_no_public_page_has_a_typewriters_quotation_mark_in_its_text(client, db, path):
    html = client.get(path).content.decode()
    text = NOT_TEXT.sub(" ", html)
    assert re.findall(r".{20}(?:['\"]|&quot;|&#x27;|&#39;).{20}", text) == []


def test_an_error_message_of_the_form_has_no_typewriters_apostrophe(client, db):
    html = client.post(reverse("consultations:request"), {"asking_for": "self"}).content.decode()
    assert "Tell us who you’re" in html or "Tell us how we should contact you" in html
    assert not re.search(r"\w(?:'|&#x27;)\w", NOT_TEXT.sub(" ", html))
