"""Tests of the evidence data, its charts, and the articles about conditions."""

import re
from html import unescape

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import RequestFactory

from pages import charts
from pages.articles import ARTICLES
from pages.evidence import (
    EVIDENCE,
    KETAMINE_OPTIONS,
    NO_COUNT,
    OPTION_CHARTS,
    OPTION_USES,
    OPTIONS,
    SIDE_EFFECTS,
    Certainty,
    Drug,
    Finding,
    Outcome,
    Route,
)
from pages.intervals import wilson_interval
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
    """Return the HTML of the chart's rows, one per trial."""
    return re.findall(r'<tr>\s*<th scope="row">.*?</tr>', html, re.DOTALL)


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


def test_no_evidence_is_graded_above_low_or_called_strong():
    assert {e.condition: e.certainty for e in EVIDENCE.values() if e.certainty > Certainty.LOW} == {}
    assert not [e.grade for e in EVIDENCE.values() if re.search(r"strong|proven|high", e.grade, re.IGNORECASE)]


def test_a_certainty_has_one_of_four_whole_levels_with_fixed_words():
    words = ["Very low certainty", "Low certainty", "Moderate certainty", "High certainty"]
    assert {int(certainty): certainty.words for certainty in Certainty} == dict(enumerate(words, start=1))


@conditions
def test_a_grade_is_that_of_the_review_it_names_or_says_why_not(condition):
    evidence = EVIDENCE[condition]
    named = {item.source: item.certainty for item in evidence.conclusions}.get(evidence.graded_by)
    assert named == evidence.certainty or re.search(r"\bbecause\b", evidence.basis)
    assert evidence.basis.endswith(".")
    assert "\n" not in evidence.basis


@conditions
def test_the_grades_words_and_meter_come_from_its_certainty(condition):
    evidence = EVIDENCE[condition]
    html = article_html(condition)
    meters = re.findall(r'<p class="evidence-meter">.*?</p>', html, re.DOTALL)
    meter = meters[-1]
    assert f"<b>{evidence.certainty.words}</b>" in meter
    assert f"{evidence.certainty.value} of 4 steps" in meter
    assert re.search(r'class="plot-drug" d="([^"]+)"', meter)[1].count("M") == evidence.certainty


@pytest.mark.parametrize("slug", ["overview", "conditions"])
def test_a_page_about_every_use_draws_one_meter_because_all_have_the_same_grade(slug):
    html = article_html(slug)
    assert html.count('<p class="evidence-meter">') == 1
    assert {evidence.certainty.value for evidence in EVIDENCE.values()} == {1}
    assert re.search(r"All four uses (?:are on the lowest|get one step)", words(html))
    for condition, evidence in EVIDENCE.items():
        card = next(
            card for card in re.findall(r'<li class="card">.*?</li>', html, re.DOTALL) if f"/{condition}/" in card
        )
        assert f"Evidence, 1 of 4 steps: {evidence.grade}" in words(card)


@conditions
def test_only_a_superior_result_favors_a_treatment(condition):
    for trial in EVIDENCE[condition].trials:
        asked_only_no_worse = re.search(r"no worse|at least as good", trial.words)
        assert bool(asked_only_no_worse) == (trial.finding is Finding.AS_GOOD), trial.source
        if trial.outcome and trial.compared is not None and trial.finding in (Finding.FOR, Finding.AGAINST):
            assert (trial.ketamine > trial.compared) == (trial.finding is Finding.FOR), trial.source


@conditions
def test_no_more_people_are_analyzed_than_randomized(condition):
    for trial in EVIDENCE[condition].trials:
        if trial.analyzed and trial.randomized:
            assert trial.analyzed <= trial.randomized, trial.source


@conditions
def test_a_trial_that_randomized_nobody_has_nothing_to_compare(condition):
    for trial in EVIDENCE[condition].trials:
        if trial.finding is Finding.UNKNOWN:
            assert trial.randomized is None, trial.source


def test_another_drug_or_route_is_named_in_the_row():
    named = {
        (trial.source, trial.drug_words)
        for condition, evidence in EVIDENCE.items()
        for trial in evidence.trials
        if (trial.drug, trial.route) != (Drug.RACEMIC, Route.VEIN)
        and trial.drug_words in words("".join(rows(section(condition, "evidence"))))
    }
    assert named == {
        ("sigtermans-2009", "S-ketamine by vein"),
        ("noppers-2011-fibromyalgia", "S-ketamine by vein"),
        ("loo-2023", "Ketamine under the skin"),
        ("glue-2017", "Ketamine under the skin"),
        ("glue-2018", "Ketamine under the skin"),
        ("glue-2020", "Ketamine under the skin"),
    }


def test_a_sentence_about_a_trial_of_s_ketamine_names_the_drug():
    trials = {trial.source for e in EVIDENCE.values() for trial in e.trials if trial.drug is Drug.S_KETAMINE}
    cited = re.compile(r'\{% cite "(?:' + "|".join(sorted(trials | {"noppers-2011-liver"})) + ")")
    paragraphs = [
        (path.name, block)
        for path in (settings.BASE_DIR / "templates").rglob("*.html")
        for block in re.findall(r"<(?:p|li)\b[^>]*>(.*?)</(?:p|li)>", path.read_text(), re.DOTALL)
        if cited.search(block)
    ]
    assert len(paragraphs) > 5
    assert [item for item in paragraphs if "S-ketamine" not in item[1]] == []


# --- The charts


def lanes(drawing: str) -> dict[str, tuple[float, float]]:
    """Return the place of each mark on the scale, and its height."""
    found = re.findall(r'class="(dot|ring|square)" c?x="([\d.]+)%" c?y="([\d.]+)"', drawing)
    return {mark: (float(x), float(y)) for mark, x, y in found}


def test_a_dot_and_a_ring_are_where_their_numbers_are_on_the_scale():
    drawing = charts.dot_and_ring(55.4, 41.2)
    assert {mark: x for mark, (x, _) in lanes(drawing).items()} == {"dot": 55.4, "ring": 41.2}
    assert re.findall(r">(\d+)</text>", drawing) == ["55", "41"]


@pytest.mark.parametrize(("drug", "compared"), [(27, 26), (17, 17), (22, 29), (99, 94), (71, 0), (29, 10)])
def test_a_dot_and_a_ring_have_lanes_of_their_own_and_never_overlap(drug, compared):
    drawing = charts.dot_and_ring(drug, compared)
    radius = {mark: int(size) for mark, size in re.findall(r'class="(\w+)"[^>]* r="(\d+)"', drawing)}
    (_, dot_y), (_, ring_y) = lanes(drawing)["dot"], lanes(drawing)["ring"]
    assert ring_y - dot_y >= radius["ring"] + radius["dot"] + 2
    assert ring_y + radius["ring"] < int(re.search(r'height="(\d+)"', drawing)[1])
    assert radius == {"ring": 6, "dot": 7}


def test_each_number_is_in_the_lane_of_its_mark_beyond_the_end_of_the_scale():
    drawing = charts.dot_and_ring(55.4, 41.2)
    numbers = re.findall(r'<text x="100%" y="(\d+)" dx="2em" dy=".35em">(\d+)</text>', drawing)
    assert [(float(y), number) for y, number in numbers] == [
        (lanes(drawing)["dot"][1], "55"),
        (lanes(drawing)["ring"][1], "41"),
    ]


def test_the_lanes_are_as_high_as_the_lines_of_the_scale_are_apart():
    css = (settings.BASE_DIR / "static/css/charts.css").read_text()
    assert f"transparent 0 {charts.LANE}px)" in css


# --- The likely ranges


def drawn_ranges(drawing: str) -> list[tuple[float, float]]:
    """Return the ends of each line on the scale."""
    return [(float(x1), float(x2)) for x1, x2 in re.findall(r'<line x1="([\d.]+)%" x2="([\d.]+)%"', drawing)]


@conditions
def test_a_range_is_drawn_and_told_exactly_where_the_size_of_the_group_is_known(condition):
    for trial, row in zip(EVIDENCE[condition].trials, rows(section(condition, "evidence")), strict=True):
        groups = ((trial.ketamine, trial.ketamine_people), (trial.compared, trial.compared_people))
        expected = [wilson_interval(round(of_100 * n / 100), n) for of_100, n in groups if n]
        drawn = expected if EVIDENCE[condition].is_charted else []
        assert drawn_ranges(row) == [pytest.approx(ends, abs=0.051) for ends in drawn], trial.source
        told = re.findall(r"\(likely range (\d+) to (\d+)\)", words(row))
        assert told == [(f"{low:.0f}", f"{high:.0f}") for low, high in expected], trial.source


def test_the_size_of_a_group_fits_the_published_number_and_the_size_of_the_trial():
    checked = 0
    for trial in (trial for evidence in EVIDENCE.values() for trial in evidence.trials):
        groups = ((trial.ketamine, trial.ketamine_people), (trial.compared, trial.compared_people))
        for of_100, people in groups:
            if people is not None:
                checked += 1
                assert trial.counts_people, trial.source
                assert people <= trial.people, trial.source
                # Some whole number of people gives the published number, which is rounded.
                assert round(100 * round(of_100 * people / 100) / people) == round(of_100), trial.source
        sizes = [people for _, people in groups if people is not None]
        if len(sizes) == 2 and trial.analyzed:
            assert sum(sizes) == trial.analyzed, trial.source
    assert checked > 20


def test_the_range_of_a_small_trial_is_longer_than_that_of_a_large_one():
    def length(source: str) -> float:
        low, high = next(t for t in EVIDENCE["depression"].trials if t.source == source).ranges[0]
        return high - low

    assert length("zarate-2006") > 2.5 * length("anand-2023")


def test_ranges_are_explained_below_their_table_and_not_before_its_first_row():
    charted = [section(condition, "evidence") for condition in EVIDENCE] + [article_html("overview")]
    for html in (*charted, section("safety", "side-effects")):
        table, _, below = html.rpartition("</table>")
        if html is charted[-1]:
            table, _, below = html.partition("Four trials that show")[2].partition("</table>")
        method = "the fewer, the wider (our own 95 percent interval, by Wilson's method)"
        assert method in words(below)
        assert method not in words(table)


def test_a_chart_with_ranges_names_them_in_its_legend_after_at_most_two_sentences():
    charts_of = [section(slug, "evidence") for slug, evidence in EVIDENCE.items() if evidence.is_charted]
    captions = [part for html in charts_of for part in re.findall(r"<caption>.*?</caption>", html, re.DOTALL)]
    assert len(captions) == 2
    for caption in captions:
        assert words(caption).endswith("likely range")
        assert words(caption).count(".") <= 2


@conditions
def test_a_chart_says_why_a_number_has_no_range_exactly_if_one_has_none(condition):
    numbers_without = [
        trial.source
        for trial in EVIDENCE[condition].trials
        if trial.counts_people
        and (trial.ketamine_people is None or (trial.compared is not None and trial.compared_people is None))
    ]
    told = "we don't know how many people were in the group" in words(section(condition, "evidence"))
    assert told == bool(numbers_without)


def test_in_every_chart_a_dot_is_ketamine():
    compared = [option.comparison for option in OPTIONS if option.marks == ("square", "dot")]
    assert compared == ["with ketamine"]
    assert {option.marks for option in OPTIONS if option.comparison != "with ketamine"} == {("square", "ring")}
    drawing = charts.dot_and_ring(63, 46, ("square", "dot"))
    assert {mark: x for mark, (x, _) in lanes(drawing).items()} == {"square": 63, "dot": 46}


def test_a_trial_that_compared_nothing_has_a_dot_without_a_ring():
    drawing = charts.dot_and_ring(71, None)
    assert 'class="dot"' in drawing
    assert 'class="ring"' not in drawing
    assert "<line" not in drawing


@pytest.mark.parametrize("steps", [0, 1, 4])
def test_a_meter_fills_whole_steps(steps):
    filled = re.search(r'class="plot-drug" d="([^"]*)"', charts.meter(steps))[1]
    assert [float(width) for width in re.findall(r" 0h([\d.]+)v", filled)] == [10] * steps


@pytest.mark.parametrize("count", [0, 1, 10, 41, 55, 100])
def test_a_chart_of_100_people_has_100_dots_and_highlights_the_count(count):
    def dots(kind: str) -> int:
        path = re.search(rf'people__{kind}" d="([^"]*)"', drawing)[1]
        return sum(round(float(length) / 10) + 1 for length in re.findall(r"h([\d.]+)", path))

    drawing = charts.hundred_people(count, is_drug=True)
    assert (dots("yes"), dots("no")) == (count, 100 - count)
    drawing = charts.hundred_people(count, is_drug=False)
    assert (dots("ring"), dots("hole"), dots("no")) == (count, count, 100 - count)
    assert "people__yes" not in drawing


# --- The table that is the chart


@conditions
def test_every_trial_has_a_row_with_its_people_and_what_it_found(condition):
    for trial, row in zip(EVIDENCE[condition].trials, rows(section(condition, "evidence")), strict=True):
        assert trial.reference.name in words(row)
        assert trial.people_words in words(row)
        assert f"{trial.finding.mark} {trial.finding.words}" in words(row)
        assert trial.words in words(row)


@conditions
def test_every_number_in_the_chart_equals_the_data(condition):
    for trial, row in zip(EVIDENCE[condition].trials, rows(section(condition, "evidence")), strict=True):
        values = [value for value in (trial.ketamine, trial.compared) if value is not None]
        is_drawn = EVIDENCE[condition].is_charted and trial.outcome and trial.outcome.top == 100
        of_100 = values if is_drawn else []
        scales = "".join(re.findall(r'<svg class="marks" height=.*?</svg>', row))
        drawn = {float(place) for place in re.findall(r'<circle class="\w+" cx="([\d.]+)%"', scales)}
        assert drawn == set(of_100), trial.source
        assert set(re.findall(r">(\d+)</text>", row)) == {f"{value:.0f}" for value in of_100}, trial.source
        shown = [text for text in (trial.ketamine_shown, trial.compared_shown) if text]
        assert all(text in words(row) for text in shown), trial.source


@conditions
def test_a_result_without_numbers_says_so_in_its_row(condition):
    for trial, row in zip(EVIDENCE[condition].trials, rows(section(condition, "evidence")), strict=True):
        if EVIDENCE[condition].is_charted:
            unseen = "The summary gives no number for each group." in row
            assert unseen == (trial.outcome is None), trial.source
        assert trial.numbers_words in words(row), trial.source
        # A figure of 100 belongs in the chart first: in words it may only be added to one.
        assert trial.outcome or " of 100" not in trial.words, trial.source


def test_trials_that_found_a_gain_and_trials_that_found_none_both_show_figures():
    trials = [trial for evidence in EVIDENCE.values() for trial in evidence.trials]
    found = [bool(trial.outcome) for trial in trials if trial.finding is Finding.FOR]
    none = [bool(trial.outcome) for trial in trials if trial.finding in DISSENT]
    assert sum(found) >= len(found) / 2
    assert sum(none) >= len(none) / 2


@pytest.mark.parametrize(("finding", "color"), [(Finding.FOR, "evergreen"), (Finding.AGAINST, "clay")])
def test_a_findings_color_means_for_or_against_ketamine(finding, color):
    css = (settings.BASE_DIR / "static/css/charts.css").read_text()
    assert re.search(rf"\.finding--{finding.name.lower()} \{{\s*color: var\(--{color}\);", css)
    trials = [trial for evidence in EVIDENCE.values() for trial in evidence.trials]
    html = "".join(article_html(condition) for condition in EVIDENCE)
    colored = html.count(f'class="finding finding--{finding.name.lower()}"')
    assert colored == sum(trial.finding is finding for trial in trials)


def test_the_side_effects_are_sorted_and_drawn_where_their_numbers_are():
    html = section("safety", "side-effects")
    shown = re.findall(
        r'<th scope="row">([^<]+)</th><td class="trials__plot[^"]*">(<svg.*?</svg>)<span class="visually-hidden">([^<]+)',
        html,
    )
    assert [unescape(name) for name, _, _ in shown] == [effect.name for effect in SIDE_EFFECTS]
    assert len(shown) == 15
    counts = [effect.ketamine_count for effect in SIDE_EFFECTS]
    assert counts == sorted(counts, reverse=True)
    assert not any("uicid" in effect.name for effect in SIDE_EFFECTS)  # a serious risk, told in words
    for effect, (_, drawing, told) in zip(SIDE_EFFECTS, shown, strict=True):
        assert {mark: x for mark, (x, _) in lanes(drawing).items()} == {"dot": effect.ketamine, "ring": effect.ect}
        expected = [wilson_interval(effect.ketamine_count, 91), wilson_interval(effect.ect_count, 90)]
        assert drawn_ranges(drawing) == [pytest.approx(ends, abs=0.051) for ends in expected]
        (low, high), (ect_low, ect_high) = expected
        assert told == (
            f"{effect.ketamine} of 100 (likely range {low:.0f} to {high:.0f}), "
            f"{effect.ect} with ECT (likely range {ect_low:.0f} to {ect_high:.0f})"
        )


def test_the_text_names_every_side_effect_that_came_more_often_with_ect():
    html = section("safety", "side-effects")
    told = re.search(r"With ECT, more people had [^.]+", words(html))[0]
    more = [effect.ect for effect in SIDE_EFFECTS if effect.ect > effect.ketamine]
    assert [int(number) for number in re.findall(r"(\d+) of 100", told)] == more
    assert "The dots are the 91 people" in words(html)
    assert "The rings are 90 people who had ECT" in words(html)


def test_people_are_shown_as_whole_numbers_and_points_as_published():
    assert Outcome("", "of 100", 100).show(55.4) == "55 of 100"
    assert Outcome("", "of 10", 10).show(2.7) == "2.7 of 10"
    assert Outcome("", "points", 20).show(14) == "14 points"


def test_the_charts_of_100_people_show_the_numbers_of_their_trials():
    html = article_html("benefits-and-limits")
    shown = re.findall(r"<b>(\d+ of 100)</b> ([\w ]+)</p>", html)
    assert shown == [
        *(("64 of 100", "Ketamine"), ("28 of 100", "Midazolam")),
        *(("60 of 100", "Ketamine"), ("50 of 100", "Placebo")),
        *(("55 of 100", "Ketamine"), ("41 of 100", "ECT")),
        *(("46 of 100", "Ketamine"), ("63 of 100", "ECT")),
    ]


@conditions
def test_the_margin_shows_a_trial_that_did_not_favor_ketamine(condition):
    html = article_html(condition)
    margin = words(re.search(r'<aside class="keys".*?</aside>', html, re.DOTALL)[0])
    assert [words for words in ("Worse than ", *(f.words for f in DISSENT)) if words in margin]
    for trial in EVIDENCE[condition].trials:
        shown = trial.people_words in margin and trial.when in margin
        if shown and trial.outcome and trial.compared is not None:
            figures = [trial.outcome.number(value) for value in (trial.ketamine, trial.compared)]
            compared = trial.comparison if trial.comparison.isupper() else trial.comparison.lower()
            drug = {Drug.RACEMIC: "ketamine", Drug.S_KETAMINE: "S-ketamine"}[trial.drug]
            assert f"{figures[0]} {drug} {figures[1]} {compared}" in margin, trial.source


def options_tables(slug: str) -> list[str]:
    return re.findall(r'<table class="trials boxes">.*?</table>', article_html(slug), re.DOTALL)


def test_every_other_treatment_has_a_result_a_harm_and_their_sources():
    shown = [row for table in options_tables("overview") for row in rows(table)]
    listed = [option for use in OPTION_USES for option in (*KETAMINE_OPTIONS, *OPTIONS) if option.use == use]
    assert len(shown) == len(listed) >= 10
    for option, row in zip(listed, shown, strict=True):
        cells = re.findall(r"<t[hd]\b.*?</t[hd]>", row, re.DOTALL)
        assert [words(cell) for cell in cells] == [option.name, option.result, option.harms]
        assert [cell.count('class="cite"') for cell in cells] == [0, 1, 1]


@pytest.mark.parametrize("slug", ["depression", "chronic-pain", "ptsd", "anxiety", "safety", "overview"])
def test_a_cell_that_a_phone_shows_below_another_names_its_column(slug):
    tables = re.findall(r'<table class="trials.*?</table>', article_html(slug), re.DOTALL)
    named = 0
    for table in tables:
        heads = [words(head) for head in re.findall(r'<th scope="col"[^>]*>.*?</th>', table, re.DOTALL)]
        for row in rows(table):
            cells = re.findall(r"<t[hd]\b.*?</t[hd]>", row, re.DOTALL)
            labels = {
                at: label[1] for at, cell in enumerate(cells) if (label := re.search(r'data-head="([^"]+)"', cell))
            }
            assert all(f"{heads[at]}: " == label for at, label in labels.items())
            named += len(labels)
            # A drawing and a finding are clear without the name of their column.
            drawn = "trials__plot" in row or "trials__scale" in table or "finding" in row
            assert drawn or len(labels) == len(cells) - 1, row
    assert named


def test_the_overview_tells_how_each_other_treatment_may_work_below_its_table():
    told = re.findall(r"<li><b>.*?</li>", section("overview", "other-choices"), re.DOTALL)
    assert [words(item) for item in told] == [f"{option.name}: {option.how}" for option in OPTIONS]
    assert [item for item in told if item.count('class="cite"') != 1] == []


def test_each_table_of_the_overview_begins_with_ketamine():
    assert [words(rows(table)[0]).startswith("Ketamine by IV") for table in options_tables("overview")] == [True] * 4


def test_the_chart_of_treatments_draws_the_numbers_of_ketamine_first_and_of_each_other():
    listed = [option for option in (*KETAMINE_OPTIONS, *OPTIONS) if option.use == "depression"]
    [table] = options_tables("depression")
    for option, row in zip(listed, rows(table), strict=True):
        assert all(text in words(row) for text in (option.name, option.charted, option.harms))
        assert (NO_COUNT in words(row)) == (option.better is None)
        drawn = {float(place) for place in re.findall(r'<(?:circle|rect) class="\w+" c?x="([\d.]+)%"', row)}
        assert drawn == {value for value in (option.better, option.compared) if value is not None}
    assert [option.name for option in listed if "dot" in option.marks] == ["Ketamine by IV", "ECT"]


def test_the_tables_of_the_overview_have_three_columns_of_words():
    found = re.findall(r'<details class="figure plot".*?</details>', article_html("overview"), re.DOTALL)
    assert len(found) == len(OPTION_USES)
    for part in found:
        heads = re.findall(r'<th scope="col">([^<]+)', part)
        assert heads == ["Treatment", "What it did", "What can go wrong"]
        assert not re.search(r"<svg|trials__scale", part)


def test_the_chart_of_other_treatments_explains_its_numbers():
    [table] = options_tables("depression")
    assert re.findall(r'<th scope="col"[^>]*>([^<]+)', table) == [
        "Treatment",
        "Result, each in its own trials",
        "What can go wrong",
    ]
    assert "Of 100 people, how many" in words(re.search(r"<caption>.*?</caption>", table, re.DOTALL)[0])


@pytest.mark.parametrize("option", [*KETAMINE_OPTIONS, *OPTIONS])
def test_a_cell_of_the_other_treatments_is_short(option):
    assert len(option.how.split()) <= 10
    assert len(option.result.split()) <= 16
    assert len(option.harms.split()) <= 16


@pytest.mark.parametrize("option", [*KETAMINE_OPTIONS, *OPTIONS])
def test_a_result_says_how_many_of_100_did_well_or_that_nobody_counted(option):
    both = r"\d+ of 100 got [a-z ]+, and \d+ of 100 with[a-z ]+"
    only_the_difference = r"About \d+(?: to \d+)? more of 100 got [a-z ]+ than with placebo"
    assert re.fullmatch(rf"{both}|{only_the_difference}|[^\d]+; no count", option.result)


def test_how_each_treatment_of_depression_may_work_is_told_under_one_heading():
    [how] = re.findall(
        r"<h3>How each may work</h3><details.*?<ul class=.rows.>(.*?)</ul>", section("depression", "options"), re.DOTALL
    )
    told = re.findall(r"<li>.*?</li>", how)
    listed = [(o.name, o.how) for o in (*KETAMINE_OPTIONS, *OPTIONS) if o.use == "depression"]
    expected = [*listed, *((name, how) for name, how, _ in OPTION_CHARTS["depression"].how)]
    assert sorted(words(item) for item in told) == sorted(f"{name}: {how}" for name, how in expected)
    assert [item for item in told if item.count('class="cite"') != 1] == []
    for drug in ("ketamine", "aripiprazole", "bupropion"):
        assert f"<b>{drug.capitalize()}" in how


def test_on_the_overview_each_table_of_other_treatments_opens_on_its_own():
    html = article_html("overview")
    opened = re.findall(r'<details class="figure plot"( open)?><summary><h3>Treatments for (\w+)</h3>', html)
    assert [use for _, use in opened] == list(OPTION_USES)
    assert [bool(is_open) for is_open, _ in opened] == [True, False, False, False]


@conditions
def test_a_phone_folds_only_tables_and_how_treatments_may_work(condition):
    html = article_html(condition)
    folded = re.findall(r'<details class="fold"><summary>([^<]+)</summary>(.*?)</details>', html, re.DOTALL)
    results = f"All {len(EVIDENCE[condition].trials)} results, one by one"
    how = ["Each treatment, one by one"] if condition == "depression" else []
    assert [name for name, _ in folded] == ["Compare the choices", *how, results]
    hidden = words(" ".join(part for _, part in folded))
    for shown in ("Call 911", "Feeling unwell.", EVIDENCE[condition].why, EVIDENCE[condition].glance):
        assert shown in words(html)
        assert shown not in hidden
    for conclusion in EVIDENCE[condition].conclusions:
        assert conclusion.words not in hidden


@pytest.mark.parametrize(("condition", "is_charted"), [("depression", True), ("anxiety", True), ("ptsd", False)])
def test_a_table_has_a_scale_only_if_two_trials_or_more_are_on_it(condition, is_charted):
    html = section(condition, "evidence")
    assert EVIDENCE[condition].is_charted is is_charted
    assert ("trials__scale" in html) == ("trials__plot" in html) == is_charted
    assert ("No number given" in html) <= is_charted


def test_a_result_outside_a_chart_is_told_with_both_groups_and_their_ranges():
    [row] = [row for row in rows(section("ptsd", "evidence")) if "Feder 2021" in words(row)]
    told = "67 of 100 with ketamine (likely range 42 to 85), 20 of 100 with midazolam (likely range 7 to 45)"
    assert told in words(row)
    [row] = [row for row in rows(section("chronic-pain", "evidence")) if "Corriger" in words(row)]
    assert "5.7 of 10 with ketamine, 6.8 of 10 before ketamine" in words(row)


def test_the_four_trials_of_the_overview_are_drawn_with_their_numbers():
    table = re.search(r'<table class="trials">.*?</table>', article_html("overview"), re.DOTALL)[0]
    assert len(rows(table)) == 4
    for row in rows(table):
        drawn = re.findall(r'class="(dot|ring)" cx="([\d.]+)%"', row)
        told = re.findall(r"(\d+) of 100 with", words(row))
        assert [f"{float(value):.0f}" for _, value in sorted(drawn)] == told


@pytest.mark.parametrize("option", [option for option in OPTIONS if option.better is not None])
def test_a_result_of_two_groups_names_both_in_one_pattern(option):
    assert re.match(rf"{option.better} of 100 with it, {option.compared} of 100 with", option.charted)
    assert option.result.startswith(f"{option.better} of 100 {option.found}, and {option.compared} of 100 with")


# --- The condition pages


@conditions
def test_a_condition_page_shows_its_grade_in_words_and_a_comparison(condition):
    html = article_html(condition)
    assert EVIDENCE[condition].grade in words(html)
    assert EVIDENCE[condition].why in words(html)
    assert [trial for trial in EVIDENCE[condition].trials if trial.compared is not None]
    assert 'class="ring"' in html


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


def section(condition: str, name: str) -> str:
    """Return the HTML of one section of a condition page, without its heading."""
    return article_html(condition).partition(f'<h2 id="{name}">')[2].partition("</h2>")[2].partition("<h2 ")[0]


@conditions
def test_a_condition_page_puts_people_before_trials(condition):
    ids = re.findall(r'<h2 id="([a-z-]+)"', article_html(condition))
    order = ("who", "benefits", "risks", "next", "options", "no-treatment", "evidence", "unknown", "more-help")
    assert [name for name in ids if name in order] == list(order)


@conditions
def test_every_other_treatment_on_a_condition_page_has_a_source(condition):
    html = section(condition, "options")
    treatments = re.findall(r"<li><strong>.*?</li>", html, re.DOTALL) + rows(html)
    assert len(treatments) >= 3
    assert [text for text in treatments if 'class="cite"' not in text] == []


@conditions
def test_a_condition_page_links_to_organizations_for_more_help(condition):
    links = re.findall(r'<li><a href="https://[^"]+">[^<]+</a>', section(condition, "more-help"))
    assert len(links) >= 3


def test_the_section_on_suicidal_thoughts_names_988_before_any_trial():
    html = section("depression", "suicidal-thoughts")
    assert (
        html.index('href="tel:988"') < html.index("<h3>What is known</h3>") < html.index("<h3>What is not known</h3>")
    )
    assert "Nobody has shown that ketamine prevents suicide." in words(html)
    assert "esketamine" in words(html).lower()
    assert "The VA and the Department of Defense suggest" in words(html)


@pytest.mark.parametrize("slug", ARTICLES)
def test_a_page_that_says_call_us_says_whom_to_call_at_night(slug):
    text = words(article_html(slug))
    assert "Call us" not in text or "When we're closed," in text


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


def test_a_number_in_the_margin_has_the_mark_of_its_chart(client, db):
    page = client.get(ARTICLES["depression"].get_absolute_url()).content.decode()
    arms = re.findall(r"<span><b>\d+</b>(.*?)</span>", page, re.DOTALL)
    assert len(arms) >= 4
    assert ["dot" if 'class="dot"' in arm else "ring" if 'class="ring"' in arm else "" for arm in arms] == [
        "dot",
        "ring",
    ] * (len(arms) // 2)
