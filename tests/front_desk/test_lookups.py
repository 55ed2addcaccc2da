"""Tests of what an address may ask of the desk's lists. TEST_DATABASE_URL chooses the database."""

import re
from html import unescape
from urllib.parse import quote

import pytest
from django.contrib import admin

from front_desk.desk_admin import DeskAdmin
from tests.helpers.factories import consultation
from tests.helpers.request_page import LIST, find

pytestmark = pytest.mark.django_db
LOG = "/staff/consultations/accesslogentry/"
ACCOUNTS = "/staff/auth/user/"
LISTS = [LIST, LOG, ACCOUNTS]


def test_every_list_of_the_desk_names_its_lookups():
    assert [model for model, page in admin.site._registry.items() if not isinstance(page, DeskAdmin)] == []


ANYTHING_ELSE = [
    "password__regex=^md5",
    "password__startswith=md5",
    "username=dana",
    "username__regex=(",
    "totpdevice__key=0",
    "groups__permissions__codename=x",
    "user__password__regex=^md5",
    "user__username=dana",
    "assigned_to__password__startswith=m",
    "created_at__year=99999",
    "created_at__gte=9999-12-31",
    "at__year=99999",
    "at__gte__date=2026-01-01",
    "last_login__year=99999",
    "reference=%00",
    "status__in=new",
    "detail__contains=%00",
    "phone_hash__startswith=a",
    "is_active__regex=(",
    "no_such_field=1",
    "_to_field=password",
]


@pytest.mark.parametrize("path", LISTS)
def test_an_address_cannot_filter_by_anything_else(manager, path):
    for lookup in ANYTHING_ELSE:
        answer = manager.get(f"{path}?{lookup}")
        assert answer.status_code == 400, lookup
        assert '<header class="desk-header">' in answer.content.decode()


HOSTILE = [
    "",
    "\0",
    "(",
    "x" * 3000,
    "99999",
    "9" * 40,
    "-1",
    "9999-12-31",
    "9999-12-31 23:59:59",
    "0001-01-01 00:00:00+14:00",
    "0000-00-00",
    "2026-02-31",
    "99999-01-01",
    "١٢",
    "²",
    "'; --",
    "true",
]
NAMED = [(LIST, "queue"), (LIST, "from"), (LIST, "to"), (LOG, "action__exact"), (LOG, "at__gte"), (LOG, "at__lt")]
NAMED += [(LOG, "user__id__exact"), (ACCOUNTS, "is_active__exact")]
NAMED += [(path, name) for path in LISTS for name in ("q", "p", "o", "e", "all", "_facets", "_popup")]


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_no_value_in_an_address_breaks_a_list(manager, path, name):
    for value in HOSTILE:
        for rest in ("queue=open&", "queue=all&") if path == LIST else ("",):
            answer = manager.get(f"{path}?{rest}{name}={quote(value)}", follow=True)
            assert answer.status_code in (200, 400), value
            assert '<header class="desk-header">' in answer.content.decode()


@pytest.mark.parametrize("path", LISTS)
def test_every_filter_that_a_list_offers_works(manager, path):
    consultation()
    page = manager.get(path).content.decode()
    links = {unescape(link) for link in re.findall(r'href="(\?[^"]+)"', page)}
    assert links
    assert [link for link in links if manager.get(path + link).status_code != 200] == []


def test_a_filter_that_cannot_be_used_shows_the_whole_list_and_says_so(manager):
    page = manager.get(LOG + "?at__gte=tomorrow", follow=True).content.decode()
    assert "The filter in that address can&#x27;t be used" in page
    assert "Nothing is here" in page or "paginator" in page


WORDS = ["\0", "x\0y", "(", "x" * 3000, "%", "\\", "a@\0.example", "1" * 400]


def test_no_words_in_the_search_break_it(manager):
    consultation()
    for words in WORDS:
        assert find(manager, words).status_code == 200, words


@pytest.mark.parametrize("path", LISTS)
def test_an_unknown_key_in_an_address_breaks_no_page(manager, path):
    for key in ("0", "9" * 40, "abc", "-1", "%00", "_00", "1_2F", "²"):
        for page in ("change", "history", "delete", "begin-again", "contact", "erase"):
            answer = manager.get(f"{path}{key}/{page}/", follow=True)
            assert answer.status_code in (200, 403, 404), key
            assert '<header class="desk-header">' in answer.content.decode()
