"""Tests of the evidence data, its charts, and the articles about conditions."""

import re
from html import unescape

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory

from pages import charts
from pages.articles import ARTICLES
from pages.evidence import EVIDENCE, Finding, Outcome
from pages.references import BIBLIOGRAPHY
from pages.templatetags.citations import Citations, articles_by_source

conditions = pytest.mark.parametrize("condition", EVIDENCE)
# Findings that do not favor ketamine.
DISSENT = {Finding.NONE, Finding.AGAINST, Finding.MIXED}


def article_html(slug: str, citations: Citations | None = None) -> str:
    context = {"article": ARTICLES[slug], "citations": citations or Citations()}
    return render_to_string(f"articles/{slug}.html", context, RequestFactory().get("/"))


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", re.sub(r"<sup.*?</sup>", "", html, flags=re.DOTALL))).split())


def rows(html: str) -> list[str]:
    """Return the HTML of the plot's rows, one per trial."""
    return re.findall(r"<li>\s*<p><b>.*?</li>", html, re.DOTALL)


# --- The data


def test_every_condition_has_an_article_and_only_known_sources():
    assert set(EVIDENCE) == {slug for slug, article in ARTICLES.items() if article.parent == "conditions"}
    sources = {item.source for evidence in EVIDENCE.values() for item in (*evidence.trials, *evidence.conclusions)}
    assert sources <= set(BIBLIOGRAPHY)


@conditions
def test_a_trial_with_numbers_has_an_outcome_whose_scale_fits_them(condition):
    for trial in EVIDENCE[condition].trials:
        figures = [value for value in (trial.ketamine, trial.compared, trial.compared_from) if value is not None]
        assert bool(figures) == bool(trial.outcome), trial.source
        assert all(0 <= value <= trial.outcome.top for value in figures), trial.source


@conditions
def test_exactly_the_trials_without_a_comparison_group_are_inconclusive(condition):
    for trial in EVIDENCE[condition].trials:
        alone = trial.comparison in ("None", "Before ketamine")
        assert alone == (trial.finding is Finding.UNKNOWN), trial.source


@conditions
def test_every_trial_has_a_summary_a_number_of_people_and_a_time(condition):
    for trial in EVIDENCE[condition].trials:
        assert trial.people > 0
        assert trial.when
        assert trial.words.endswith("."), trial.source


def test_no_evidence_is_graded_above_moderate_or_called_strong():
    assert {evidence.condition: evidence.steps for evidence in EVIDENCE.values() if evidence.steps > 2.5} == {}
    assert EVIDENCE["depression"].steps > max(EVIDENCE[name].steps for name in ("chronic-pain", "ptsd", "anxiety"))
    assert not [e.grade for e in EVIDENCE.values() if re.search(r"strong|proven|high", e.grade, re.IGNORECASE)]


# --- The charts


def test_a_bars_width_is_its_share_of_the_scale():
    assert 'width="55.4%"' in charts.bar(55.4, 100, "plot-drug")
    assert 'width="90%"' in charts.bar(18, 20, "plot-drug")
    assert 'width="0%"' in charts.bar(0, 20, "plot-drug")


def test_a_circles_area_is_proportional_to_its_number_of_people():
    def area(people: int) -> float:
        return float(re.search(r' r="([\d.]+)"', charts.circle(people, 403))[1]) ** 2

    assert area(400) / area(100) == pytest.approx(4, rel=0.05)
    assert area(7) >= 4  # still visible


def test_a_meter_fills_whole_and_half_steps():
    filled = re.search(r'class="plot-drug" d="([^"]+)"', charts.meter(2.5))[1]
    assert [float(width) for width in re.findall(r" 0h([\d.]+)v", filled)] == [10, 10, 5]


@pytest.mark.parametrize("count", [0, 1, 10, 41, 55, 100])
def test_a_chart_of_100_people_has_100_dots_and_highlights_the_count(count):
    def dots(kind: str) -> int:
        path = re.search(rf'people__{kind}" d="([^"]*)"', charts.hundred_people(count))[1]
        return sum(round(float(length) / 10) + 1 for length in re.findall(r"h([\d.]+)", path))

    assert (dots("yes"), dots("no")) == (count, 100 - count)


# --- The plot and its table


@conditions
def test_every_trial_has_a_row_in_the_plot_and_in_the_table(condition):
    trials = EVIDENCE[condition].trials
    html = article_html(condition)
    table = re.search(r"<details class=\"figure__table\">.*?</details>", html, re.DOTALL)[0]
    lines = re.findall(r"<tr>\s*<th scope=.row.*?</tr>", table, re.DOTALL)
    for trial, row, line in zip(trials, rows(html), lines, strict=True):
        assert f"{trial.reference.name}," in words(row).replace(" ,", ",")
        assert trial.people_words in words(row)
        assert trial.finding.words in words(row)
        assert trial.words in words(row)
        assert f"{trial.reference.name}, {trial.people}" in words(line)


@conditions
def test_every_number_in_the_plot_equals_the_table_and_the_data(condition):
    html = article_html(condition)
    table = re.search(r"<details class=\"figure__table\">.*?</details>", html, re.DOTALL)[0]
    lines = re.findall(r"<tr>\s*<th scope=.row.*?</tr>", table, re.DOTALL)
    for trial, row, line in zip(EVIDENCE[condition].trials, rows(html), lines, strict=True):
        values = [value for value in (trial.ketamine, trial.compared) if value is not None]
        drawn = [float(width) for width in re.findall(r'<rect class="[^"]+" width="([\d.]+)%"', row)]
        assert drawn == [pytest.approx(100 * value / trial.outcome.top, abs=0.1) for value in values]
        shown = [text for text in (trial.ketamine_shown, trial.compared_shown) if text]
        assert re.findall(r"</svg><b>(.*?)</b>", row) == shown
        assert all(text in words(line) for text in shown)


@conditions
def test_the_overview_shows_every_trial_in_the_column_of_its_finding(condition):
    html = article_html(condition)
    overview = re.search(r'<table class="overview">.*?</table>', html, re.DOTALL)[0]
    people = re.findall(r"</svg>(\d+)</span>", overview)
    once = {(group.name, trial.source, trial.finding) for group in EVIDENCE[condition].groups for trial in group.trials}
    assert len(people) == len(once)
    assert set(people) == {str(trial.people) for trial in EVIDENCE[condition].trials}
    columns = list(
        zip(*(re.findall(r"<td>(.*?)</td>", row, re.DOTALL) for row in overview.split("<tbody>")[1:]), strict=True)
    )
    assert len(columns) == 4
    against = {str(trial.people) for trial in EVIDENCE[condition].trials if trial.finding is Finding.AGAINST}
    assert {number for cell in columns[2] for number in re.findall(r"</svg>(\d+)", cell)} == against


def test_people_are_shown_as_whole_numbers_and_points_as_published():
    assert Outcome("", "of 100", 100).show(55.4) == "55 of 100"
    assert Outcome("", "of 10", 10).show(2.7) == "2.7 of 10"
    assert Outcome("", "points", 20).show(14) == "14 points"


def test_the_charts_of_100_people_show_the_numbers_of_their_trials():
    html = article_html("benefits-and-limits")
    shown = re.findall(r"<b>([\w ]+: \d+ of 100)</b>", html)
    assert shown == ["Ketamine: 55 of 100", "ECT: 41 of 100", "Ketamine: 60 of 100", "Placebo: 50 of 100"]


# --- The condition pages


@conditions
def test_a_condition_page_shows_its_grade_in_words_and_a_comparison(condition):
    html = article_html(condition)
    assert EVIDENCE[condition].grade in words(html)
    assert EVIDENCE[condition].why in words(html)
    assert [trial for trial in EVIDENCE[condition].trials if trial.compared is not None]
    assert 'class="plot-comparison"' in html


@conditions
def test_risks_follow_benefits_under_a_heading_of_the_same_level(condition):
    headings = re.findall(r'<(h\d) id="([a-z-]+)"', article_html(condition))
    benefits, risks = headings.index(("h2", "benefits")), headings.index(("h2", "risks"))
    assert risks == benefits + 1


@conditions
def test_a_condition_page_covers_unknowns_options_and_no_treatment(condition):
    ids = re.findall(r'<h2 id="([a-z-]+)"', article_html(condition))
    for section in ("evidence", "daily-life", "unknown", "options", "no-treatment", "next"):
        assert section in ids
    assert '<ul class="write-in">' in article_html(condition)


@conditions
def test_a_condition_page_cites_sources_that_do_not_favor_ketamine(condition):
    citations = Citations()
    article_html(condition, citations)
    dissenting = {trial.source for trial in EVIDENCE[condition].trials if trial.finding in DISSENT}
    assert dissenting
    assert dissenting <= set(citations.by_key)


def test_the_evidence_meter_renders_without_citations():
    html = render_to_string("includes/evidence_meter.html", {"evidence": EVIDENCE["ptsd"], "drawing": charts.meter(1)})
    assert EVIDENCE["ptsd"].grade in html


# --- Citations


def test_a_source_is_listed_with_exactly_the_articles_that_cite_it():
    for slug, article in ARTICLES.items():
        citations = Citations()
        article_html(slug, citations)
        assert {key for key, citing in articles_by_source().items() if article in citing} == set(citations.by_key), slug


def test_every_source_in_the_bibliography_is_cited():
    assert set(BIBLIOGRAPHY) - set(articles_by_source()) == set()


def test_the_sources_page_lists_every_source_with_the_articles_citing_it():
    html = article_html("references")
    listed = re.search(r'<ol class="bibliography.*?</ol>', html, re.DOTALL)[0]
    entries = re.findall(r"<li>(.*?)</li>", listed, re.DOTALL)
    assert len(entries) == len(BIBLIOGRAPHY)
    for key, articles in articles_by_source().items():
        [entry] = [entry for entry in entries if BIBLIOGRAPHY[key].title in unescape(entry)]
        assert re.findall(r'<a href="(/[^"]+)"', entry) == [article.get_absolute_url() for article in articles], key
        assert all(field in entry for field in BIBLIOGRAPHY[key].unverified)
