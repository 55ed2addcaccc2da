"""Tests of the desk page where managers edit the clinic's prices."""

import html
import re

import pytest

from clinic import snapshot
from clinic.models import Edition
from consultations.models import AccessLogEntry
from tests.helpers.staff_members import make_member, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.stored_facts]
CLINIC = "/staff/clinic/"
PAGE = CLINIC + "prices/"
DAY = "2024-05-01"
ROW = {"what": "Infusion", "amount": "450", "note": ""}


def inputs(page: str) -> dict[str, str]:
    """Return the values of a page's text and hidden inputs, as a browser would send them."""
    found = {}
    for tag in re.findall(r"<input[^>]*>", page):
        attributes = {name: html.unescape(value) for name, value in re.findall(r'([\w-]+)="([^"]*)"', tag)}
        if attributes.get("type") not in ("checkbox", "submit") and "name" in attributes:
            found[attributes["name"]] = attributes.get("value", "")
    found.pop("csrfmiddlewaretoken", None)
    return found


def opened(client, path: str = PAGE) -> dict[str, str]:
    return inputs(client.get(path).content.decode())


def typed(**fields: str) -> dict[str, str]:
    """Return form data like {"prices-0-what": "Infusion"} from keywords like what_0."""
    return {f"prices-{name[-1]}-{name[:-2]}" if name[-1].isdigit() else name: value for name, value in fields.items()}


def save(client, **fields: str):
    return client.post(PAGE, opened(client) | typed(**fields))


def facts() -> dict:
    return Edition.newest().facts


def test_saved_prices_are_a_new_edition_that_the_cost_page_shows(manager, client):
    assert save(manager, as_of=DAY, what_0="Infusion", amount_0="$450").status_code == 302
    assert facts() == {"prices": {"as_of": DAY, "rows": [ROW]}}
    assert Edition.newest().summary == "Prices: Infusion $450; as of May 1, 2024, was not set"
    assert AccessLogEntry.objects.get(action="clinic").detail == "edition 1: Prices"
    snapshot.refresh()
    assert "<dt>Infusion</dt><dd>$450</dd>" in client.get("/cost/").content.decode()


def test_saving_prices_keeps_the_other_facts_and_the_reverse(manager):
    manager.post(CLINIC, opened(manager, CLINIC) | {"phone": "(618) 555-0100"})
    save(manager, as_of=DAY, what_0="Infusion", amount_0="450")
    manager.post(CLINIC, opened(manager, CLINIC) | {"street": "1 Example Street"})
    assert facts() == {
        "phone": "(618) 555-0100",
        "street": "1 Example Street",
        "prices": {"as_of": DAY, "rows": [ROW]},
    }


def test_a_price_is_changed_and_another_removed_by_its_checkbox(manager):
    save(manager, as_of=DAY, what_0="First visit", amount_0="100", what_1="Infusion", amount_1="400")
    save(manager, remove_0="on", amount_1="450")
    assert facts()["prices"]["rows"] == [ROW]
    save(manager, remove_0="on")
    assert facts() == {}


def test_saving_without_a_change_creates_no_edition(manager):
    save(manager, as_of=DAY, what_0="Infusion", amount_0="450")
    save(manager)
    assert Edition.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "complaint", "beside"),
    [
        ({"what_0": "Infusion", "amount_0": "450"}, "Enter the date of these prices.", "as_of"),
        ({"as_of": "2090-01-01", "what_0": "Infusion", "amount_0": "450"}, "in the future", "as_of"),
        ({"as_of": "soon", "what_0": "Infusion", "amount_0": "450"}, "Enter a date like", "as_of"),
        ({"as_of": DAY, "what_0": "Infusion", "amount_0": "a lot"}, "amount in dollars", "prices-0-amount"),
        ({"as_of": DAY, "what_0": "Infusion"}, "amount in dollars", "prices-0-amount"),
        ({"as_of": DAY, "amount_0": "450"}, "Enter what the price is for", "prices-0-what"),
        ({"as_of": DAY, "note_0": "x" * 201}, "at most 200 characters", "prices-0-note"),
    ],
)
def test_invalid_prices_get_a_message_beside_the_field_and_stay(manager, fields, complaint, beside):
    answer = save(manager, what_1="Follow-up visit", **({"as_of": ""} | fields), amount_1="80")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert re.search(rf'id="id_{beside}_error"[^>]*>[^§]*?{complaint}', page)
    assert inputs(page).items() >= typed(**fields, what_1="Follow-up visit", amount_1="80").items()
    assert not Edition.objects.exists()


def test_a_conflicting_edit_of_the_prices_is_refused_and_keeps_the_input(manager):
    save(manager, as_of=DAY, what_0="Infusion", amount_0="450")
    second = sign_in(make_member("mona", "Manager"))
    stale = opened(second)
    save(manager, amount_0="460", what_1="First visit", amount_1="100")
    answer = second.post(PAGE, stale | typed(amount_0="470", what_1="Follow-up visit", amount_1="80"))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Infusion $460; First visit $100; as of May 1, 2024, was Infusion $450" in page
    kept = inputs(page)
    assert kept.items() >= typed(amount_0="470", what_1="Follow-up visit", amount_1="80").items()
    assert facts()["prices"]["rows"][0]["amount"] == "460"
    assert second.post(PAGE, kept | typed(remove_1="on")).status_code == 302
    assert facts()["prices"]["rows"] == [ROW | {"amount": "470"}]


def test_prices_follow_another_managers_unless_they_were_edited_here(manager):
    save(manager, as_of=DAY, what_0="Infusion", amount_0="450")
    second = sign_in(make_member("mona", "Manager"))
    stale = opened(second)
    save(manager, amount_0="460")
    answer = second.post(PAGE, stale)
    assert answer.status_code == 409
    assert inputs(answer.content.decode())["prices-0-amount"] == "460"


def test_a_row_shown_after_a_conflict_can_be_removed(manager):
    tomorrow = {"closures-0-first": "2090-05-01"}
    second = sign_in(make_member("mona", "Manager"))
    stale = opened(second, CLINIC)
    manager.post(CLINIC, opened(manager, CLINIC) | {"phone": "(618) 555-0100"})
    answer = second.post(CLINIC, stale | tomorrow)
    assert answer.status_code == 409
    second.post(CLINIC, inputs(answer.content.decode()) | {"closures-0-remove": "on"})
    assert "closures" not in facts()


def test_restoring_an_earlier_edition_takes_the_prices_away_again(manager, client):
    manager.post(CLINIC, opened(manager, CLINIC) | {"phone": "(618) 555-0100"})
    save(manager, as_of=DAY, what_0="Infusion", amount_0="450")
    assert manager.post(CLINIC + "put-back/1/").status_code == 302
    assert facts() == {"phone": "(618) 555-0100"}


def test_only_managers_can_open_the_prices(desk, client):
    assert desk.get(PAGE).status_code == 403
    assert desk.post(PAGE, {"edition": "0"}).status_code == 403
    assert client.get(PAGE).status_code == 302


def test_the_desk_links_to_the_estimate_notice_for_everyone(desk, manager):
    for member in (desk, manager):
        assert 'href="/cost/notice/"' in member.get("/staff/").content.decode()


def test_typed_prices_survive_an_expired_session(manager):
    form = opened(manager) | typed(as_of=DAY, what_0="Infusion", amount_0="450")
    manager.logout()
    answer = manager.post(PAGE, form)
    assert answer.status_code == 403
    assert 'name="kept" value="' in answer.content.decode()
    assert "450" not in inputs(answer.content.decode())["kept"]
