"""Tests of the notices' Markdown: what is refused, with its line, and what the rest becomes."""

import re

import pytest

from clinic import markdown
from clinic.facts import FACTS, FactErrors, cleaned, differences
from clinic.notices import LANGUAGES, NOTICE_BYTES, NOTICES, TEXT_LENGTH

FACT = "notice_privacy_practices"


def notice(*texts: str, effective: str = "2026-07-01", languages: tuple[str, ...] = tuple(LANGUAGES)) -> dict:
    rows = [{"language": code, "text": text} for code, text in zip(languages, texts, strict=False)]
    return {"effective": effective, "texts": rows}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[go](javascript:alert(1))", 1),
        ("[go](JavaScript:alert(1))", 1),
        ("[go](&#106;avascript:alert(1))", 1),
        ("[go](java&#x09;script:alert(1))", 1),
        ("[go](data:text/html,x)", 1),
        ("[go](vbscript:x)", 1),
        ("First\n\nand [go](file:///etc/passwd)", 3),
        ("First\nand [go](/privacy/)", 2),
        ("First\nand [go](//example.com)", 2),
        ("[go](#top)", 1),
        ("[go](https:)", 1),
        ("[go](mailto:nobody)", 1),
        ("[go](tel:call-us)", 1),
        ("- one\n- <ftp://example.com>", 2),
        ("Words\n\n[never used]: javascript:alert(1)", 3),
        ("| a |\n|---|\n| [go](javascript:x) |", 3),
        ("> quoted\n> [go](javascript:x)", 2),
    ],
)
def test_a_link_elsewhere_than_the_web_mail_or_a_phone_names_its_line(text, line):
    with pytest.raises(ValueError, match=f"Line {line}: A link must start with https://"):
        markdown.check(text)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("<b>bold</b>", 1),
        ("One\ntwo <img src=x onerror=alert(1)>", 2),
        ("One\n\n<script>\nalert(1)\n</script>", 3),
        ("One\n\n<!-- hidden -->", 3),
        ("One <?php ?>", 1),
        ("# <u>Heading</u>", 1),
        ("    <div>", 1),
        ("- one\n- two\n- <br>", 3),
        ("| a |\n|---|\n| <br> |", 3),
    ],
)
def test_raw_html_is_refused_with_its_line(text, line):
    with pytest.raises(ValueError, match=f"Line {line}: HTML like “<"):
        markdown.check(text)


def test_a_picture_is_refused_with_its_line():
    with pytest.raises(ValueError, match="^Line 2: A notice can't have pictures.$"):
        markdown.check("One\n![two](https://example.com/two.png)")


def test_many_faults_are_counted_and_the_first_ones_named():
    with pytest.raises(ValueError, match=r"^Line 1: .* Line 5: .* And 3 more\.$"):
        markdown.check("\n".join(["[go](javascript:x)"] * 8))


@pytest.mark.parametrize(
    "text", ["1 < 2 & 3 > 2", "`<b>`", r"\<b>", "<unfinished", "a * b", "[no link]", "100%", "5 > 4\n\n<3"]
)
def test_signs_that_are_no_html_are_accepted_and_shown(text):
    markdown.check(text)
    shown = markdown.render(text, 2)
    assert set(re.findall(r"<(/?\w+)", shown)) <= {"p", "/p", "code", "/code"}


def test_each_kind_of_allowed_link_becomes_a_link():
    links = ("https://example.com/a?b=c#d", "http://example.com", "mailto:a@example.com", "tel:+16185550100")
    text = " ".join(f"[go]({link})" for link in links) + " <https://example.org> <b@example.com>"
    markdown.check(text)
    assert re.findall('href="([^"]+)"', markdown.render(text, 2)) == [
        *links,
        "https://example.org",
        "mailto:b@example.com",
    ]


def test_a_stored_text_that_was_never_checked_renders_without_html_or_script():
    shown = markdown.render("<script>x</script> [go](javascript:x) ![p](https://example.com/p.png)", 2)
    assert "<script" not in shown
    assert "<img" not in shown
    assert 'href="javascript' not in shown


@pytest.mark.parametrize(
    ("typed", "top", "shown"),
    [
        ("#", 2, "2"),
        ("# ## ###", 2, "234"),
        ("## ## #", 2, "222"),
        ("# ### ## #", 2, "2332"),
        ("# ## ### #### ##### ######", 3, "345666"),
        ("### # ######", 3, "334"),
    ],
)
def test_headings_start_under_the_pages_heading_and_skip_no_level(typed, top, shown):
    text = "\n".join(f"{signs} Heading" for signs in typed.split())
    assert "".join(re.findall(r"<h(\d)>", markdown.render(text, top))) == shown


def test_indented_text_is_a_paragraph_and_a_table_is_a_table():
    assert markdown.render("    Indented\n", 2) == "<p>Indented</p>\n"
    assert "<th>a</th>" in markdown.render("| a |\n|---|\n| b |", 2)


def test_a_notice_is_stored_with_its_texts_in_the_order_of_the_languages():
    value = notice("Uno\r\n\r\ndos\u0000", "One", languages=("es", "en"))
    assert cleaned({FACT: value})[FACT] == {
        "effective": "2026-07-01",
        "texts": [{"language": "en", "text": "One"}, {"language": "es", "text": "Uno\n\ndos"}],
    }


def test_an_empty_notice_is_not_set():
    assert cleaned({FACT: {}}) == {}
    assert cleaned({FACT: notice(" \n ", effective="")}) == {}


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        (notice("Words", effective=""), "Enter the date on which this notice takes effect"),
        (notice("Words", effective="soon"), "Enter the date on which this notice takes effect"),
        (notice("Words", effective="0202-07-01"), "Check the year"),
        (notice("Words", effective="2090-07-01"), "Check the year"),
        (notice(""), "empty this date too"),
        (notice("One", "Two", languages=("en", "en")), "two texts in English"),
        (notice("One", languages=("xx",)), "Choose the language"),
        (notice("x" * (TEXT_LENGTH + 1)), "Use 40,000 characters or fewer; this has 40,001"),
        (notice(*["字" * 26_000] * 2), f"a notice can have {NOTICE_BYTES:,}"),
        (notice("<b>x</b>"), "Line 1: HTML"),
        ("a text", "must be an object"),
    ],
)
def test_an_invalid_notice_is_rejected_with_a_sentence(value, complaint):
    with pytest.raises(FactErrors, match=re.escape(complaint)):
        cleaned({FACT: value})


def test_every_notice_has_a_fact_and_every_language_a_name_of_its_own():
    assert {kind.fact for kind in NOTICES.values()} == {key for key in FACTS if key.startswith("notice_")}
    assert len({language.own_name for language in LANGUAGES.values()}) == len(LANGUAGES)
    assert {code for code, language in LANGUAGES.items() if language.dir == "rtl"} == {"ar", "ur"}


def test_changes_of_a_notice_are_described_by_language():
    first, second = ({FACT: notice(*texts)} for texts in (("One", "Uno"), ("Two", "Uno")))
    name = "Notice of privacy practices, on this site"
    assert differences({}, first) == [f"{name}: in English, Spanish, effective July 1, 2026, was not set"]
    assert differences(first, second) == [f"{name}: text in English changed"]
    assert differences(second, {}) == [f"{name}: not set, was in English, Spanish, effective July 1, 2026"]
    later = {FACT: notice("Two", effective="2026-08-01")}
    assert differences(second, later) == [
        f"{name}: effective August 1, 2026, was effective July 1, 2026",
        f"{name}: text in Spanish removed",
    ]
