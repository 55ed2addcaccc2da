"""Tests that the clinic's answers appear where they belong, apart from cited sentences, and leave no gap if unset."""

import html
import json
import re

import pytest
from django.conf import settings
from django.core.management import call_command
from django.template import TemplateSyntaxError, engines

from clinic.answers import NIGHT_NUMBER, QUESTIONS
from pages import build
from pages.articles import ARTICLES
from pages.management.commands import prerender
from pages.typeset import typeset
from tests.helpers.structured_data import data_of_every_page

NIGHT = "(618) 555-0101"
TEMPLATES = {path: path.read_text() for path in (settings.BASE_DIR / "templates").rglob("*.html")}
CALL_US = '{% include "includes/call_us.html" %}'
SAFETY_PAGES = tuple(
    slug
    for slug, article in ARTICLES.items()
    if CALL_US in TEMPLATES[settings.BASE_DIR / "templates" / article.template]
)


def every_answer() -> dict[str, str]:
    """Return an answer to every question, as facts. Each contains its question's key."""
    facts = {question.fact: f"Example answer about {key}." for key, question in QUESTIONS.items()}
    return facts | {"answer_night_number": NIGHT}


def words_of(key: str) -> str:
    return every_answer()[QUESTIONS[key].fact]


def page(client, slug: str) -> str:
    """Return an article's HTML from its heading on, without scripts, which are structured data."""
    whole = client.get(ARTICLES[slug].get_absolute_url()).content.decode()
    return re.sub(r"<script.*?</script>", "", whole.partition("<h1")[2], flags=re.DOTALL)


def text_of(markup: str) -> str:
    without_spans = re.sub(r"</?span[^>]*>", "", markup)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", without_spans)).split())


def keys_used(source: str) -> set[str]:
    tags = re.findall(r"{% (?:answer|our_answers) ([^%]+) %}", source)
    return set(re.findall(r'"([^"]+)"', " ".join(tags)))


def test_every_question_is_used_in_a_template_and_every_used_key_exists():
    assert set().union(*map(keys_used, TEMPLATES.values())) == set(QUESTIONS)


def test_there_are_fourteen_questions_with_fixed_keys():
    assert list(QUESTIONS) == [
        *("food", "length", "who-watches", "equipment", "night-number", "referral", "records", "companion"),
        *("comfort", "pregnancy-test", "pain-protocols", "follow-up", "cancellation", "community-care"),
    ]


@pytest.mark.parametrize("tag", ['"parking"', "food loud", ""])
def test_a_tag_with_an_unknown_key_is_an_error(tag):
    with pytest.raises(TemplateSyntaxError, match="takes the key of a question"):
        engines["django"].from_string(f"{{% load answers %}}{{% answer {tag} %}}{{% endanswer %}}")


def test_each_answer_appears_on_the_pages_that_the_desk_names(client, db, set_facts):
    set_facts(**every_answer())
    shown = {slug: page(client, slug) for slug in ARTICLES}
    for key, question in QUESTIONS.items():
        found = {ARTICLES[slug].nav for slug, text in shown.items() if words_of(key) in text}
        named = {article.nav for article in ARTICLES.values() if article.nav in question.appears}
        assert found == named, key


@pytest.mark.parametrize("slug", ARTICLES)
def test_an_answer_is_marked_and_apart_from_cited_sentences(client, db, set_facts, slug):
    set_facts(**every_answer())
    rest = page(client, slug)
    answers = re.findall(
        r'<div class="callout callout--note">\s*<p class="callout__word">At our clinic</p>.*?</div>', rest, re.DOTALL
    )
    assert [answer for answer in answers if 'class="cite"' in answer] == []
    for answer in answers:
        rest = rest.replace(answer, "")
    assert "Example answer" not in rest


def test_no_answer_tag_is_inside_a_paragraph():
    inside = re.compile(r"<p\b[^>]*>(?:(?!</p>).)*{% (?:answer|our_answers) ", re.DOTALL)
    assert [path.name for path, source in TEMPLATES.items() if inside.search(source)] == []


def test_an_answer_replaces_the_words_that_say_ask_us(client, db, set_facts):
    places = {
        ("questions", "length"): "Ask us how long you should plan for.",
        ("questions", "food"): "Ask us. Clinics have different rules",
        ("questions", "referral"): "Ask us about referral.",
        ("questions", "follow-up"): "Ask us how we would check for it.",
        ("safety", "who-watches"): "Ask us, and any clinic, how it is done there.",
        ("chronic-pain", "pain-protocols"): "Ask us what we offer before you decide.",
    }
    before = {slug: page(client, slug) for slug in ARTICLES}
    set_facts(**every_answer())
    for (slug, key), words in places.items():
        assert words in before[slug]
        after = page(client, slug)
        assert words not in after
        assert words_of(key) in after


def test_html_in_an_answer_is_escaped(client, db, set_facts):
    set_facts(answer_food="Bring <b>water</b> & <script>alert(1)</script>")
    whole = client.get(ARTICLES["questions"].get_absolute_url()).content.decode()
    assert "Bring &lt;b&gt;water&lt;/b&gt; &amp; &lt;script&gt;" in whole
    assert "<script>alert" not in whole


def test_unset_answers_leave_no_gap(client, db):
    for slug in ARTICLES:
        text = page(client, slug)
        assert "At our clinic" not in text, slug
        assert re.findall(r"<(p|h2|h3|div|li|strong|ul|section)\b[^>]*>\s*</\1>", text) == [], slug
        assert re.findall(r"</h3>\s*<h[23]", text) == [], slug


def test_the_questions_page_asks_each_answered_question_once(client, db, set_facts):
    set_facts(**every_answer())
    headings = re.findall(r"<h3[^>]*>([^<]+)</h3>", html.unescape(page(client, "questions")))
    assert {each.text: headings.count(typeset(each.text)) for each in QUESTIONS.values()} == dict.fromkeys(
        (each.text for each in QUESTIONS.values()), 1
    )


def test_the_pages_about_a_visit_and_its_risks_say_call_us():
    assert set(SAFETY_PAGES) >= {"your-visit", "after-your-infusion", "safety"}


@pytest.mark.parametrize("slug", SAFETY_PAGES)
def test_every_call_us_on_a_safety_page_gives_the_night_number(client, db, set_facts, slug):
    source = (settings.BASE_DIR / "templates" / ARTICLES[slug].template).read_text()
    calls = source.count(CALL_US)
    assert re.findall(r"call us\b", source, re.IGNORECASE) == []
    set_facts(phone="(618) 555-0100", **every_answer())
    said = re.findall(
        r'Call us at <a href="tel:\+16185550100">\(618\) 555-0100</a> '
        r'\(when we’re closed: <a href="tel:\+16185550101">\(618\) 555-0101</a>\)',
        page(client, slug),
    )
    assert len(said) == calls


@pytest.mark.parametrize("slug", SAFETY_PAGES)
@pytest.mark.parametrize("night", ["", NIGHT])
def test_a_safety_page_names_911_988_and_the_opening_hours(client, db, set_facts, slug, night):
    set_facts(hours=["9 am - 5 pm"] * 5 + ["9 am - 12 pm", ""], answer_night_number=night)
    words = text_of(page(client, slug))
    after = words.partition("We’re open Monday to Friday, 9 am to 5 pm; Saturday, 9 am to 12 pm.")[2][:500]
    for help_line in ("When we’re closed", "988", "911", "emergency room"):
        assert help_line in after
    assert (NIGHT in after) == bool(night)


def test_structured_data_has_questions_only_where_the_clinic_answers_them(client, db, set_facts):
    set_facts(**every_answer())
    pages = data_of_every_page(client)
    faq = {path: [part for part in data["@graph"] if part["@type"] == "FAQPage"] for path, data in pages.items()}
    path = ARTICLES["questions"].get_absolute_url()
    assert {each for each, parts in faq.items() if parts} == {path}
    asked = faq[path][0]["mainEntity"]
    assert [(each["name"], each["acceptedAnswer"]["text"]) for each in asked] == [
        (question.text, words_of(key)) for key, question in QUESTIONS.items()
    ]
    shown = text_of(page(client, "questions"))
    assert [
        each for each in asked if typeset(each["name"]) not in shown or each["acceptedAnswer"]["text"] not in shown
    ] == []
    assert '"FAQPage"' in json.dumps(pages[path])


def test_without_answers_no_page_has_an_faq(client, db):
    assert "FAQPage" not in json.dumps(data_of_every_page(client))


def test_an_answer_is_on_the_pages_of_the_next_build(db, settings, tmp_path, monkeypatch, set_facts):
    path = ARTICLES["questions"].get_absolute_url()
    settings.BUILD_DIR = tmp_path
    monkeypatch.setattr(prerender, "prerendered_paths", lambda: [path])

    def built() -> bytes:
        call_command("prerender", verbosity=0)
        return build.look_for_newer_build().pages[path].bodies[""]

    build.forget()
    try:
        assert words_of("food").encode() not in built()
        set_facts(**every_answer())
        assert words_of("food").encode() in built()
        set_facts(answer_food="")
        assert words_of("food").encode() not in built()
    finally:
        build.forget()
        prerender._site.cache_clear()


def test_the_night_number_is_a_number_that_can_be_dialed(client, db, set_facts):
    set_facts(**every_answer())
    assert f'<a href="tel:+16185550101">{NIGHT}</a>' in page(client, "questions")
    with pytest.raises(ValueError, match="can be dialed"):
        set_facts(answer_night_number="call the front desk")
    assert QUESTIONS[NIGHT_NUMBER].fact == "answer_night_number"
