"""Tests that pages show the clinic's people and an article's reviewer, and nobody who is not set."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from textstat import textstat

from pages import build
from pages.articles import ARTICLES
from pages.management.commands import prerender
from pages.sitemaps import PageSitemap
from tests.helpers.live_site import FACTS
from tests.pages.test_articles import Blocks, prose
from tests.site.test_site import public_paths

pytestmark = pytest.mark.django_db
SAFETY = ARTICLES["safety"]
REVIEW = {"name": "Example Person", "day": SAFETY.reviewed.isoformat()}


def words(client, path: str) -> str:
    return " ".join(Blocks(client.get(path).content.decode(), {"script", "style"}).texts)


def test_without_people_there_is_no_team_page_and_no_trace_of_one(client, set_facts):
    set_facts(people=[])
    assert client.get("/team/").status_code == 404
    assert "/team/" not in public_paths(client)
    assert "/team/" not in client.get("/speculation-rules.json").content.decode()
    for path in public_paths(client):
        page = client.get(path).content.decode()
        assert not any(word in page for word in ("/team/", "Our team", "Responsible licensee", "Who will you meet")), (
            path
        )


def test_the_team_page_shows_each_fact_of_each_person_in_order(client):
    page = client.get("/team/").content.decode()
    first, second = FACTS["people"]
    for fact in (first["role"], first["training"], first["text"], f'href="{first["license_url"]}"'):
        assert fact in page
    assert page.index(f"<h2>{first['name']}, MD</h2>") < page.index(f"<h2>{second['name']}, Registered nurse</h2>")


def test_the_team_page_has_no_gap_for_what_a_person_has_not_set(client, set_facts):
    set_facts(people=[{"name": "Example Person", "title": "MD", "responsible": True}])
    page = client.get("/team/").content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    assert "<h2>Example Person, MD</h2>" in main
    assert not any(word in main for word in ("<strong>", "Training", "license", "<p></p>"))


def test_what_a_person_wrote_is_escaped_on_every_page(client, set_facts):
    name = "<b>Example</b> & Person"
    set_facts(people=[{"name": name, "title": "MD", "text": "<script>x</script>", "responsible": True}])
    for path in ("/team/", "/about/"):
        page = client.get(path).content.decode()
        assert "&lt;b&gt;Example&lt;/b&gt; &amp; Person, MD" in page
        assert "<b>Example" not in page
        assert "<script>x" not in page


def test_every_page_names_the_responsible_licensee_with_title(client):
    for path in public_paths(client):
        assert "Responsible licensee: Example Person, MD" in words(client, path), path


def test_about_lists_the_people_and_links_to_the_team(client):
    page = client.get("/about/").content.decode()
    assert "<li><p><strong>Example Person, MD</strong><br>Sees you before each infusion</p></li>" in page
    assert "<li><p><strong>Example Nurse, Registered nurse</strong><br>Stays with you</p></li>" in page
    assert '<a href="/team/">More about our team</a>' in page


def test_a_removed_person_is_on_no_page(client, set_facts):
    set_facts(article_reviews={"safety": REVIEW | {"name": "Example Nurse"}})
    shown = [path for path in public_paths(client) if "Example Nurse" in client.get(path).content.decode()]
    assert shown == [SAFETY.get_absolute_url(), "/about/", "/team/"]
    set_facts(people=FACTS["people"][:1])
    assert [path for path in public_paths(client) if "Example Nurse" in client.get(path).content.decode()] == []


def test_an_article_names_its_reviewer_with_title_and_day_and_no_other_does(client, set_facts):
    set_facts(article_reviews={"safety": REVIEW})
    said = f"Reviewed by Example Person, MD on {SAFETY.reviewed:%B} {SAFETY.reviewed.day}, {SAFETY.reviewed.year}."
    assert [path for path in public_paths(client) if "Reviewed by" in words(client, path)] == [
        SAFETY.get_absolute_url()
    ]
    assert said in words(client, SAFETY.get_absolute_url())


def test_an_article_checked_again_after_its_review_names_no_reviewer(client, set_facts):
    set_facts(article_reviews={"safety": REVIEW | {"day": f"{SAFETY.reviewed - timedelta(days=1)}"}})
    assert "Reviewed by" not in words(client, SAFETY.get_absolute_url())


def test_the_team_pages_own_words_stay_within_the_reading_grade(client, set_facts):
    set_facts(people=[{"name": "Pat Ray", "title": "MD", "responsible": True}])
    page = client.get("/team/").content.decode()
    main = page[page.index("<main") : page.index("</main>")] + "</main>"
    assert textstat.flesch_kincaid_grade(prose(Blocks(main, {"h1", "h2"}).texts)) <= 8


def test_the_next_build_is_without_a_removed_person(settings, tmp_path, monkeypatch, set_facts):
    settings.BUILD_DIR = tmp_path
    sitemap = PageSitemap()
    monkeypatch.setattr(prerender, "prerendered_paths", lambda: [sitemap.location(name) for name in sitemap.items()])

    def pages_naming_someone() -> list[str]:
        call_command("prerender", verbosity=0)
        folder = (tmp_path / build.LINK).resolve()
        pages = [file.relative_to(folder) for file in folder.rglob("*.html") if "Example Nurse" in file.read_text()]
        return sorted(map(str, pages))

    assert pages_naming_someone() == ["about/index.html", "team/index.html"]
    set_facts(people=[])
    assert pages_naming_someone() == []
    assert not (tmp_path / build.LINK / "team").exists()


def test_no_persons_row_of_the_team_page_links_to_the_clinic(client):
    page = client.get("/team/").content.decode()
    lede = page[page.index('<p class="lede">') : page.index("<h2", page.index('<p class="lede">'))]
    assert page.count('href="/about/"') > lede.count('href="/about/"') == 1  # the other is in the footer
    assert 'href="/about/"' not in page[page.index('<section class="person">') : page.index('<aside class="glance"')]
