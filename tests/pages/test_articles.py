"""Tests that the articles are complete, readable, cited, and free of claims that no trial supports."""

import re
from dataclasses import asdict
from html.parser import HTMLParser
from statistics import median
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.template import engines
from django.template.loader import render_to_string
from django.test import RequestFactory
from textstat import textstat

from clinic.phrases import forbidden_phrases
from pages.articles import ARTICLES, Article
from pages.templatetags.citations import Citations

LOCATION = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"
FOLDER = settings.BASE_DIR / "templates" / "articles"

LOWEST_GRADE = 5.0
HIGHEST_GRADE = 8.0
LOWEST_MEDIAN = 6.0
HIGHEST_MEDIAN = 7.0
HARD_SUBJECTS = {"how-it-works": 9.0}  # brain chemistry needs long words

# A sheet for someone who has had the infusion: there is nothing left to choose, and every line counts.
NOT_A_CHOICE = {"after-your-infusion"}

CRISIS_LINKS = {
    "911": "tel:911",
    "988": "tel:988",
    "838255": "sms:838255",
    "1-800-345-9049": "tel:+18003459049",
}


class Blocks(HTMLParser):
    """Parses a page into the text of its block elements, in order. Inline text belongs to the block around it.

    `leave_out` contains the tags and classes to skip.
    """

    INLINE = {"a", "abbr", "b", "cite", "em", "i", "span", "strong", "sub", "sup", "time"}
    EMPTY = {"br", "hr", "img", "input", "link", "meta", "path", "circle", "rect", "line", "use", "polygon"}

    def __init__(self, html: str, leave_out: set[str]) -> None:
        super().__init__()
        self.leave_out, self.texts, self._open, self._left_out = leave_out, [""], [], 0
        self.feed(html)
        self.close()
        self.texts = [" ".join(text.split()) for text in self.texts if text.strip()]

    def handle_starttag(self, tag, attributes):
        if tag in self.EMPTY:
            return
        out = bool(self.leave_out & {tag, *(dict(attributes).get("class") or "").split()})
        self._open.append((tag, out))
        self._left_out += out
        self._break(tag)

    def handle_startendtag(self, tag, attributes):
        """Ignore self-closing tags, which SVG uses."""

    def handle_endtag(self, tag):
        if tag in self.EMPTY:
            return
        opened, out = self._open.pop()
        assert opened == tag, f"<{opened}> closed by </{tag}>"
        self._left_out -= out
        self._break(tag)

    def handle_data(self, data):
        if not self._left_out:
            self.texts[-1] += data

    def _break(self, tag):
        if tag not in self.INLINE:
            self.texts.append("")


def reading_grade(html: str) -> float:
    """Return the Flesch-Kincaid grade of an article's prose: the higher of two measurements.

    Headings, lists of them, tables, drawings, sources and citations are left out, because short fragments would lower the grade.
    The end of a block counts as the end of a sentence. Short list items lower the grade too, but they may contain hard
    words, so one measurement includes every block, and the other includes only blocks that end with punctuation.
    """
    texts = Blocks(html, {"h2", "h3", "h4", "nav", "table", "svg", "cite", "sources", "callout__word"}).texts
    sentences = [text for text in texts if text.endswith((".", "!", "?", '"'))]
    return max(textstat.flesch_kincaid_grade(prose(texts)), textstat.flesch_kincaid_grade(prose(sentences)))


def prose(texts: list[str]) -> str:
    """Join the blocks, ending each with a period if needed. Remove decimal points, which would end a sentence."""
    whole = "\n".join(text if text.endswith((".", "!", "?")) else text.rstrip(':;,"') + "." for text in texts)
    return re.sub(r"(?<=\d)\.(?=\d)", "", whole)


@pytest.fixture(scope="module")
def bodies() -> dict[str, str]:
    """Return the HTML of each article, keyed by slug, without the surrounding page."""
    request = RequestFactory().get("/")
    return {
        slug: render_to_string(article.template, {"article": article, "citations": Citations()}, request)
        for slug, article in ARTICLES.items()
    }


def test_the_catalog_matches_the_folder_of_articles():
    assert {f"{slug}.html" for slug in ARTICLES} == {path.name for path in FOLDER.glob("*.html")}


def test_titles_and_descriptions_fit_search_results_and_are_unique():
    articles = ARTICLES.values()
    assert [article.slug for article in articles if len(article.title) > 41] == []
    assert [article.slug for article in articles if not 70 <= len(article.description) <= 155] == []
    for name in ("slug", "path", "title", "nav", "description"):
        assert len({getattr(article, name) for article in articles}) == len(ARTICLES)


@pytest.mark.parametrize("name", ["published", "reviewed", "next_review"])
def test_an_article_without_one_of_its_dates_is_an_error(name):
    fields = asdict(ARTICLES["safety"])
    del fields[name]
    with pytest.raises(TypeError, match=name):
        Article(**fields)


def test_an_articles_dates_are_in_order():
    for article in ARTICLES.values():
        assert article.published <= article.reviewed < article.next_review


def test_every_article_begins_with_a_summary_of_three_to_five_items(bodies):
    lines = {}
    for slug, body in bodies.items():
        section, _, _ = body.partition("</section>")
        assert section.lstrip().startswith('<section class="in-short" aria-labelledby="in-short">'), slug
        assert '<h2 id="in-short">In short</h2>' in section, slug
        lines[slug] = section.count("<li>")
    assert {slug: count for slug, count in lines.items() if not 3 <= count <= 5} == {}


def test_every_article_says_off_label_right_after_its_summary(bodies):
    for slug, body in bodies.items():
        if slug in NOT_A_CHOICE:
            continue
        first = Blocks(body.partition("</section>")[2], {"cite", "callout__word"}).texts[0]
        assert "off-label" in first, f"{slug} continues with {first!r} after its summary"
        after = body.partition("</section>")[2].lstrip()
        assert after.startswith('<p class="callout callout--important"><strong class="callout__word">'), slug


@pytest.mark.parametrize("slug", ARTICLES)
def test_no_line_of_an_article_breaks_within_off_label(db, client, slug):
    html = client.get(ARTICLES[slug].get_absolute_url()).content.decode()
    text = html.partition('<div class="article__text">')[2].partition('<section class="sources')[0]
    words = re.findall(r'(class="whole">)?off-label(?![^<>]*>)', text, re.IGNORECASE)
    assert words or slug in NOT_A_CHOICE
    assert all(words)


def test_the_rule_about_work_and_children_is_the_same_on_every_page(bodies):
    rule = "Don't work, sign anything that matters, or look after a child alone until"
    with_rule = {slug for slug, body in bodies.items() if rule in " ".join(body.split())}
    assert with_rule == {"after-your-infusion", "family-and-friends", "safety", "your-visit"}
    assert {slug for slug, body in bodies.items() if "child alone" in body} == with_rule


def test_each_group_of_the_safety_checklist_says_its_answer_once(bodies):
    checklist = bodies["safety"].partition('id="who-should-not"')[2].partition('id="extra-care"')[0]
    groups = dict(re.findall(r'<h3>([^<]+)</h3>\s*<ul class="boxes[ \w-]*">(.*?)</ul>', checklist, re.DOTALL))
    assert [re.match(r"No|Usually no|We talk it over", title)[0] for title in groups] == [
        *("No", "Usually no", "Usually no", "Usually no", "We talk it over")
    ]
    assert all(2 <= conditions.count("<li>") <= 7 for conditions in groups.values())
    assert "sually no" not in "".join(groups.values())
    assert "You are pregnant" in next(iter(groups.values()))
    assert "It's not for you if" in bodies["overview"]
    assert "if you're pregnant" in bodies["overview"]


def test_every_table_of_an_article_has_a_title(bodies):
    bare = {slug for slug, body in bodies.items() if body.count("<table") != body.count("<caption")}
    assert bare == set()


def test_every_section_heading_has_an_id_and_no_id_repeats(bodies):
    for slug, body in bodies.items():
        assert len(re.findall(r"<h2\b", body)) == len(re.findall(r'<h2 id="[a-z0-9-]+">', body)), slug
        ids = re.findall(r'\bid="([^"]+)"', body)
        assert len(ids) == len(set(ids)), slug


@pytest.fixture(scope="module")
def grades(bodies) -> dict[str, float]:
    """Return the reading grade of each article for patients, keyed by slug."""
    return {slug: reading_grade(body) for slug, body in bodies.items() if not ARTICLES[slug].for_clinicians}


def test_articles_stay_within_their_reading_grade(grades):
    assert len(grades) == len(ARTICLES) - 1
    assert {slug: grade for slug, grade in grades.items() if grade > HARD_SUBJECTS.get(slug, HIGHEST_GRADE)} == {}
    # Below this, sentences no longer connect, and sound curt.
    assert {slug: grade for slug, grade in grades.items() if grade < LOWEST_GRADE} == {}


def test_the_median_reading_grade_of_the_articles_is_6_to_7(grades):
    assert LOWEST_MEDIAN <= median(grades.values()) <= HIGHEST_MEDIAN, grades


def test_headings_fragments_and_decimals_do_not_lower_the_grade():
    sentence = "<p>The physician administers intravenous medication over approximately forty minutes.</p>"
    grade = reading_grade(sentence)
    assert reading_grade(sentence + "<h2 id='a'>Why is it so?</h2>" * 9) == grade
    assert reading_grade(sentence + "<nav><a href='#a'>Why is it so?</a></nav>" * 9) == grade
    assert reading_grade(sentence + "<ul><li>the cat sat on it</li></ul>" * 9) == grade
    assert reading_grade(sentence + "<ul><li>electroconvulsive therapeutic interventions</li></ul>") > grade
    assert "27.5" not in prose(["Half had relapsed after 27.5 days."])


def test_citations_follow_the_punctuation():
    before = [path.name for path in FOLDER.glob("*.html") if re.search(r"\{% cite [^%]+%\}[.,;:]", path.read_text())]
    assert before == []


# What is as wide as text and margin: every list with a class but rows, and every box.
WIDE = 'table|figure|ul(?= class="(?!rows"))|div(?= class="callout)'


@pytest.mark.parametrize("slug", [slug for slug in ARTICLES if slug != "references"])  # it has only rows
def test_no_note_for_the_margin_is_inside_a_table_figure_box_or_wide_list(db, client, slug):
    html = client.get(ARTICLES[slug].get_absolute_url()).content.decode()
    html = re.sub(r'<section class="in-short".*?</section>', "", html, flags=re.DOTALL)
    wide = re.findall(rf"<({WIDE})\b(.*?)</\1>", html, re.DOTALL)
    assert wide
    assert [block for _, block in wide if 'class="note"' in block] == []


@pytest.mark.parametrize("slug", ["depression", "safety", "your-visit"])
def test_the_margin_names_each_source_once_in_every_section(db, client, slug):
    html = client.get(ARTICLES[slug].get_absolute_url()).content.decode()
    # Key figures name their sources themselves.
    html = re.sub(r'<aside class="keys".*?</aside>', "", html, flags=re.DOTALL)
    sections = html.partition('<div class="article__text">')[2].partition('<section class="sources')[0].split("<h2")
    named = [re.findall(r'<small class="note" aria-hidden="true"><b>(\d+)</b>', section) for section in sections]
    assert all(len(numbers) == len(set(numbers)) for numbers in named)
    assert sum(map(len, named)) > len({number for numbers in named for number in numbers})
    for section, numbers in zip(sections, named, strict=True):
        # Those of the summary, of steps, of rows and of plain lists have notes.
        wide = "table|figure" if 'id="in-short"' in section else WIDE
        narrow = re.sub(r'<div class="figure plot">.*?</div>', "", section, flags=re.DOTALL)
        narrow = re.sub(rf"<({wide})\b.*?</\1>", "", narrow, flags=re.DOTALL)
        assert set(numbers) == set(re.findall(r'href="#source-(\d+)"', narrow))


def test_citing_a_source_outside_the_bibliography_is_an_error():
    template = engines["django"].from_string('{% load citations %}{% cite "nobody-1900" %}')
    with pytest.raises(KeyError, match="nobody-1900"):
        template.render({"citations": Citations()})


def test_every_number_of_people_has_a_citation_in_the_same_block():
    figure = re.compile(r"(?<!of )\b\d[\d,]* (?:of 100|people|trials|volunteers|veterans)\b")
    blocks = re.compile(r"<(p|li|dd|td)\b[^>]*>(.*?)</\1>", re.DOTALL)
    bare = [
        (path.name, text.strip()[:80])
        for path in FOLDER.glob("*.html")
        for _, text in blocks.findall(path.read_text())
        if figure.search(text) and "{% cite" not in text
    ]
    assert bare == []


def test_no_public_page_contains_a_forbidden_phrase(db, client):
    sitemap = ElementTree.fromstring(client.get("/sitemap.xml").content)
    paths = [urlsplit(location.text).path for location in sitemap.iter(LOCATION)]
    assert len(paths) > 15
    said = []
    for path in paths:
        # Sources are skipped, because their authors chose the words of their titles.
        words = " ".join(Blocks(client.get(path).content.decode(), {"script", "style", "sources"}).texts)
        said += [(path, phrase) for phrase in forbidden_phrases(words)]
    assert said == []


@pytest.mark.parametrize(
    "claim",
    [
        "Ketamine is an FDA-approved ketamine therapy",
        "non-addictive",
        "A miracle",
        "It can rewire and reset your brain",
        "works when nothing else does",
        "Safer than antidepressants",
        "60-80% of patients",
        "a painless visit",
    ],
)
def test_the_forbidden_phrases_catch_common_marketing_claims(claim):
    assert forbidden_phrases(claim)


@pytest.mark.parametrize("word", ["the pain lessens", "a breaking through-line", "rewards", "a reset button"])
def test_the_forbidden_phrases_allow_plain_words(word):
    assert forbidden_phrases(word) == []


def test_the_history_timeline_draws_the_years_it_lists(bodies):
    listed = {int(year) for year in re.findall(r'timeline__when">\D*(\d{4})', bodies["history"])}
    described = {int(year) for year in re.findall(r"\d{4}", re.search(r"<desc.*?</desc>", bodies["history"])[0])}
    assert described == listed

    def year(place: str) -> int:
        return round(1960 + (float(place) - 1) * 66 / 98)  # 1960 is at 1%, 2026 at 99%

    drawn = {year(place) for place in re.findall(r'<circle cx="([\d.]+)%"', bodies["history"])}
    assert drawn - {1992} == listed - {1990}  # "early 1990s" is drawn at 1992
    labels = re.findall(r'<text x="([\d.]+)%"[^>]*>(?:Early )?(\d{4})s?: ', bodies["history"])
    assert [name for _, name in labels] == ["1962", "1970", "1990", "2000", "1999", "2019"]
    named = [int(name.replace("1990", "1992")) for _, name in labels]
    assert [year(place) for place, _ in labels] == named
    large = re.findall(r'<circle cx="([\d.]+)%" cy="\d+" r="1.3%"', bodies["history"])
    assert sorted(map(year, large)) == sorted(named)
    lines = {year(place) for place in re.findall(r'<line x1="([\d.]+)%" y1="0"', bodies["history"])}
    assert lines == set(range(1960, 2021, 10))


def test_every_article_for_patients_except_the_sources_has_questions_to_ask_us(bodies):
    without = {
        slug
        for slug, body in bodies.items()
        if not re.search(r'<ul class="write-in(?: write-in--line)?">\s*<li>', body)
    }
    assert without == {"references", "for-clinicians"}


def test_the_questions_page_answers_25_questions_and_has_room_for_notes(bodies):
    # The id is inside the details, because browsers open closed details only for a fragment inside them.
    answered = r'<details(?: open)?>\s*<summary><h3>([^<]+\?)</h3></summary>\s*<div id="[a-z0-9-]+">\s*<p>'
    questions = re.findall(answered, bodies["questions"])
    assert len(questions) >= 25
    assert len(questions) == len(set(questions)) == bodies["questions"].count("<h3")
    assert '<ul class="write-in">' in bodies["questions"]


def test_the_crisis_block_dials_the_numbers_it_prints(bodies):
    block = render_to_string("includes/crisis_block.html")
    for number, address in CRISIS_LINKS.items():
        assert f'<a href="{address}">{number}</a>' in block
    assert '<a href="sms:988">988</a>' in block
    for address, number in re.findall(r'<a href="(?:tel|sms):([^"]+)">([^<]+)</a>', block):
        assert address.removeprefix("+1") == number.replace("-", "").removeprefix("1")
    assert [slug for slug in ("safety", "questions") if block not in bodies[slug]] == []


def test_every_drawing_has_a_text_alternative_or_is_hidden(bodies):
    for slug, body in bodies.items():
        for drawing in re.findall(r"<svg\b.*?</svg>", body, re.DOTALL):
            named = re.search(r'aria-labelledby="([^"]+)"', drawing) or re.search(r'aria-hidden="true"', drawing)
            assert named, f"{slug}: {drawing[:80]}"
            ids = named[1].split() if named.re.groups else []
            assert [name for name in ids if f'id="{name}"' not in drawing] == [], slug
