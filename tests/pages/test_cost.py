"""Tests of the Cost page, and of the notice of the right to a good faith estimate on every page about cost."""

import json
import re
from html import unescape

import pytest
from django.template.loader import render_to_string

from clinic import snapshot
from pages.templatetags.citations import Citations
from tests.helpers.factories import consultation
from tests.helpers.structured_data import DataBlocks, blocks_of_every_page
from tests.pages.test_articles import HIGHEST_GRADE, reading_grade

SPEAKS_OF_COST = re.compile(r"\b(?:costs?|prices?|fees?|insurance|insurers?|copay|deductible)\b", re.IGNORECASE)
ALWAYS = {"/", "/cost/", "/consultation/", "/ketamine-infusion-therapy/", "/ketamine-infusion-therapy/questions/"}
PRICES = {
    "as_of": "2024-05-01",
    "rows": [
        {"what": "Example first visit", "amount": "0"},
        {"what": "Example infusion", "amount": "1450.50", "note": "With the drug & the room"},
    ],
}


def main(page: str) -> str:
    """Return the HTML of a page's main part, without the bibliography, whose titles are not ours."""
    return re.sub(
        r'<ol class="bibliography.*?</ol>', "", page.partition("<main")[2].partition("</main>")[0], flags=re.DOTALL
    )


def words(page: str) -> str:
    return " ".join(unescape(DataBlocks(page).words).split())


def has_notice(path: str, page: str) -> bool:
    """Return whether the page contains the notice, or names the right and links to the notice."""
    linked = 'id="estimate"' in page if path == "/cost/" else 'href="/cost/#estimate"' in page
    return linked and "good faith estimate" in words(page)


def test_every_page_that_speaks_of_cost_has_the_estimate_notice(client, db):
    pages = {path: main(client.get(path).content.decode()) for path in blocks_of_every_page(client)}
    pages["receipt"] = main(client.get(consultation().receipt_url).content.decode())
    pages["form with errors"] = main(client.post("/consultation/", {}).content.decode())
    speaking = {path for path, page in pages.items() if SPEAKS_OF_COST.search(words(page))}
    assert speaking >= ALWAYS | {"receipt", "form with errors"}
    assert [path for path in sorted(speaking) if not has_notice(path, pages[path])] == []


@pytest.mark.parametrize("path", ["/cost/", "/cost/notice/"])
def test_the_estimate_notice_says_who_when_how_and_what_to_do(client, path):
    said = words(main(client.get(path).content.decode()))
    for part in (
        "If you don’t have health insurance, or you have it but don’t plan to use it",
        "in writing",
        "within 3 business days",
        "within 1 business day after you book",
        "$400 or more above the estimate",
        "120 days",
        "www.cms.gov/nosurprises/consumers",
        "1-800-985-3059",
        "45 CFR 149.610",
    ):
        assert part in said


def test_the_cost_page_answers_each_question_with_its_sources(client):
    page = main(client.get("/cost/").content.decode())
    assert re.findall(r'<h2 id="([a-z-]+)">', page) == [
        *("in-short", "estimate", "dispute", "whole-price", "insurance", "esketamine", "ask-us", "glance", "sources")
    ]
    assert len(re.findall(r'<li id="source-\d+">', page)) >= 8
    assert page.index('id="source-1"') > page.rindex('href="#source-1"')
    assert "off-label" in words(page)


def test_the_cost_page_and_its_notice_stay_within_the_reading_grade(set_facts):
    set_facts(prices=PRICES)
    for name in ("cost", "estimate_right"):
        context = {"citations": Citations(), "clinic": snapshot.current()}
        assert 5 <= reading_grade(render_to_string(f"includes/{name}.html", context)) <= HIGHEST_GRADE, name


def test_the_summary_of_the_cost_page_begins_with_the_prices_their_date_and_the_illinois_sentence(client, set_facts):
    set_facts(prices=PRICES)
    page = main(client.get("/cost/").content.decode())
    first = page.partition('<h2 id="in-short">In short</h2>')[2].partition("<ul>")[0].strip()
    assert first.startswith('<p><strong>Our prices as of <time datetime="2024-05-01">May 1, 2024</time></strong></p>')
    rows = re.findall(r"<div><dt>(.*?)</dt><dd>(.*?)</dd></div>", first)
    assert [(words(what), amount) for what, amount in rows] == [
        ("Example first visit", "No charge"),
        ("Example infusion With the drug & the room", "$1,450.50"),
    ]
    assert "may be adjusted due to complications or unforeseen circumstances" in words(first)


def test_home_links_to_the_prices_when_they_are_set(client, set_facts):
    set_facts()
    assert "our prices" not in main(client.get("/").content.decode())
    set_facts(prices=PRICES)
    assert '<a href="/cost/">our prices</a>' in main(client.get("/").content.decode())


def test_without_prices_the_cost_page_leaves_no_gap(client):
    page = main(client.get("/cost/").content.decode())
    for word in ('class="prices"', "as of", "may be adjusted", "No charge"):
        assert word not in page


def test_structured_data_lists_prices_only_on_the_cost_page_when_set(client, db, set_facts):
    def offers() -> dict[str, list]:
        pages = {path: json.loads(page.blocks[0])["@graph"] for path, page in blocks_of_every_page(client).items()}
        return {path: part["makesOffer"] for path, parts in pages.items() for part in parts if "makesOffer" in part}

    assert offers() == {}
    set_facts(prices=PRICES)
    assert offers() == {
        "/cost/": [
            {"@type": "Offer", "name": "Example first visit", "price": "0", "priceCurrency": "USD"},
            {"@type": "Offer", "name": "Example infusion", "price": "1450.50", "priceCurrency": "USD"},
        ]
    }


def test_the_notice_sheet_is_not_indexed(client):
    assert '<meta name="robots" content="noindex">' in client.get("/cost/notice/").content.decode()
