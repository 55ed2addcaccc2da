"""Tests that the staff guide names only what exists."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.conf import settings
from django.utils import timezone

from consultations.models import Notification
from consultations.statuses import Status
from front_desk import actions, queues
from tests.helpers.factories import consultation
from tests.helpers.request_page import LIST, page_of, press

pytestmark = pytest.mark.django_db
GUIDE = LIST + "guide/"


def words_in(html: str, tag: str) -> set[str]:
    found = re.findall(rf"<{tag}[^>]*>(.*?)</{tag.partition(' ')[0]}>", html, re.DOTALL)
    return {" ".join(unescape(re.sub(r"<[^>]+>", " ", words)).split()) for words in found}


@pytest.fixture
def guide(desk) -> str:
    return desk.get(GUIDE).content.decode().partition("<main")[2]


def pages_of_the_desk(desk, client) -> list[str]:
    """Return the pages of the desk with a request in each situation that the guide describes."""
    now = timezone.now()
    tried = consultation(contact_by="text", email="a@example.com")
    press(desk, tried, attempt="no-answer")
    visited = consultation(status=Status.SCHEDULED, scheduled_at=now - timedelta(days=2))
    closed = consultation(status=Status.CLOSED, closed_reason="no-reply")
    requests = [
        tried,
        visited,
        closed,
        consultation(urgent=True),
        consultation(status=Status.CONTACTING, withdrawn_at=now),
        consultation(status=Status.SUSPECTED),
        consultation(status=Status.SCHEDULED, scheduled_at=now + timedelta(days=2)),
    ]
    for number in range(3):
        address = "one@example.com" if number else "other@example.com"
        Notification.objects.create(kind="new", slot=f"{number}", recipient=address, failed_at=now)
    paths = ["/staff/", LIST, LIST + "add/", *map(page_of, requests)]
    pages = [desk.get(path, follow=True).content.decode() for path in paths]
    assert actions.undoable_step(type(tried).objects.get(pk=tried.pk))
    return [*pages, client.get("/staff/login/").content.decode()]


def test_every_button_in_the_guide_exists(desk, client, guide):
    pages = pages_of_the_desk(desk, client)
    shown = set().union(*(words_in(page, tag) for page in pages for tag in ("button", "a", "label")))
    named = words_in(guide, "kbd") - {"Buttons"}
    assert len(named) > 20
    begun = {name for name in named if name.endswith(":") and any(words.startswith(name) for words in shown)}
    assert named - shown - begun == set()


def test_every_queue_in_the_guide_exists(guide):
    named = words_in(guide, 'b class="queue"') - {"queues"}
    assert len(named) > 8
    assert named - set(queues.QUEUES.values()) == set()


def test_every_status_in_the_guide_exists_and_looks_as_it_does_at_the_desk(guide):
    named = re.findall(r'<span class="badge badge--(\w+)">([^<]+)</span>', guide)
    assert len(named) == 5
    assert set(named) <= {(str(status), status.label) for status in Status}


def test_every_page_in_the_guide_opens_for_the_front_desk(desk, guide):
    links = set(re.findall(r'href="([^"]+)"', guide))
    assert len(links) == 5
    assert {desk.get(link, follow=True).status_code for link in links} == {200}


def test_the_guide_quotes_what_the_desk_says(guide):
    others = [path for path in (settings.BASE_DIR / "templates/admin").rglob("*.html") if path.name != "guide.html"]
    templates = " ".join(path.read_text() for path in others)
    quoted = re.findall("“([^”]+)”", guide)
    assert len(quoted) == 3
    assert [words for words in quoted if words not in templates] == []


def test_today_links_to_the_guide(desk):
    assert GUIDE in desk.get("/staff/").content.decode()
