"""Tests that the clinic's prices are validated, normalized, and described in words for the history."""

from datetime import timedelta

import pytest
from django.utils import timezone

from clinic.facts import FactErrors, cleaned, differences
from clinic.prices import Price
from clinic.snapshot import Clinic

DAY = "2024-05-01"


def prices(*rows: dict, as_of: str = DAY) -> dict:
    return {"prices": {"as_of": as_of, "rows": list(rows)}}


@pytest.mark.parametrize(
    ("typed", "stored", "shown"),
    [
        ("450", "450", "$450"),
        ("$450", "450", "$450"),
        ("$ 1,450.00", "1450", "$1,450"),
        ("80.50", "80.50", "$80.50"),
        ("12,000", "12000", "$12,000"),
        ("0", "0", "No charge"),
        ("0.00", "0", "No charge"),
    ],
)
def test_an_amount_is_stored_as_a_number_and_shown_in_dollars(typed, stored, shown):
    facts = cleaned(prices({"what": "Infusion", "amount": typed}))
    assert facts["prices"] == {"as_of": DAY, "rows": [{"what": "Infusion", "amount": stored, "note": ""}]}
    [row] = Clinic.from_facts(facts).prices.rows
    assert row == Price("Infusion", stored)
    assert row.dollars == shown


@pytest.mark.parametrize(
    "amount", ["", "about 450", "450.5", "1,45", "-450", "450-500", "€450", "450 per visit", "1e3", "100000", "٤٥٠"]
)
def test_an_amount_that_is_not_in_dollars_is_rejected(amount):
    with pytest.raises(FactErrors, match="amount in dollars"):
        cleaned(prices({"what": "Infusion", "amount": amount}))


@pytest.mark.parametrize("as_of", ["", None, "May", "2024-13-01"])
def test_prices_without_a_date_are_rejected(as_of):
    with pytest.raises(FactErrors, match="Enter the date of these prices"):
        cleaned(prices({"what": "Infusion", "amount": "450"}, as_of=as_of))


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ({"amount": "450"}, "what the price is for"),
        ({"note": "Each"}, "what the price is for"),
        ({"what": "x" * 101, "amount": "450"}, "100 characters"),
        ({"what": "Infusion", "amount": "450", "note": "x" * 201}, "200 or fewer for the note"),
    ],
)
def test_an_incomplete_or_overlong_price_is_rejected_with_the_reason(row, complaint):
    with pytest.raises(FactErrors, match=complaint):
        cleaned(prices(row))


def test_a_date_in_the_future_is_rejected():
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    with pytest.raises(FactErrors, match="in the future"):
        cleaned(prices({"what": "Infusion", "amount": "450"}, as_of=tomorrow))


def test_a_price_list_of_more_than_thirty_rows_is_rejected():
    row = {"what": "Infusion", "amount": "450"}
    assert len(cleaned(prices(*[row] * 30))["prices"]["rows"]) == 30
    with pytest.raises(FactErrors, match="at most 30"):
        cleaned(prices(*[row] * 31))


def test_without_a_price_there_is_no_fact_even_with_a_date():
    assert cleaned(prices({"what": " ", "amount": ""})) == {}
    assert Clinic().prices is None


def test_the_history_describes_prices_in_words():
    after = cleaned(
        prices(
            {"what": "First visit", "amount": "0"},
            {"what": "Infusion", "amount": "1450", "note": "Drug and room"},
        )
    )
    assert differences({}, after) == [
        "Prices: First visit No charge; Infusion $1,450 (Drug and room); as of May 1, 2024, was not set"
    ]
