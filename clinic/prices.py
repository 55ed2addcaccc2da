"""The clinic's prices, one of its facts: validation, the list that pages show, and words for the history.

The fact is a dict such as {"as_of": "2024-05-01", "rows": [{"what": "First visit", "amount": "150", "note": ""}]}.
"""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

WHAT_LENGTH = 100
NOTE_LENGTH = 200
MOST_PRICES = 30
AMOUNT = re.compile(r"\$?\s?(\d{1,5}|\d{1,2},\d{3})(\.\d{2})?", re.ASCII)


@dataclass(frozen=True)
class Price:
    """One price: what it is for, the amount in dollars as a decimal number, and a note, which may be empty."""

    what: str
    amount: str
    note: str = ""

    @property
    def dollars(self) -> str:
        """Return the amount as pages show it, like "$1,450", "$80.50" or "No charge"."""
        amount = Decimal(self.amount)
        if not amount:
            return "No charge"
        return f"${amount:,.0f}" if amount == amount.to_integral_value() else f"${amount:,.2f}"


@dataclass(frozen=True)
class PriceList:
    """The prices, and the date on which the clinic confirmed them."""

    as_of: date
    rows: tuple[Price, ...]

    @classmethod
    def from_fact(cls, value: dict[str, Any] | None) -> "PriceList | None":
        if not value:
            return None
        return cls(date.fromisoformat(value["as_of"]), tuple(Price(**row) for row in value["rows"]))


def price(row: dict[str, Any]) -> dict[str, str]:
    """Return one price, validated and normalized, or {} if the row is empty."""
    what, amount, note = (" ".join(str(row.get(name) or "").split()) for name in ("what", "amount", "note"))
    if not (what or amount or note):
        return {}
    if not what:
        raise ValueError("Enter what the price is for.")
    if len(what) > WHAT_LENGTH or len(note) > NOTE_LENGTH:
        raise ValueError(f"Use {WHAT_LENGTH} characters or fewer, and {NOTE_LENGTH} or fewer for the note.")
    return {"what": what, "amount": dollar_amount(amount), "note": note}


def dollar_amount(text: str) -> str:
    """Return an amount like "$1,450.00" as "1450", and "80.50" unchanged."""
    if not (found := AMOUNT.fullmatch(text)):
        raise ValueError("Enter an amount in dollars, like 450 or 450.50.")
    return found[1].replace(",", "") + (found[2] or "").replace(".00", "")


def clean(value: dict[str, Any]) -> dict[str, Any]:
    """Return the prices and their date, validated and normalized, or {} if there is no price."""
    rows = [row for each in value.get("rows") or [] if (row := price(each))]
    if not rows:
        return {}
    if len(rows) > MOST_PRICES:
        raise ValueError(f"Enter at most {MOST_PRICES} prices.")
    return {"as_of": _as_of(value.get("as_of")).isoformat(), "rows": rows}


def _as_of(value: str | date | None) -> date:
    try:
        day = value if isinstance(value, date) else date.fromisoformat(value or "")
    except ValueError:
        raise ValueError("Enter the date of these prices.") from None
    if day > timezone.localdate():
        raise ValueError("The date of these prices is in the future.")
    return day


def in_words(value: dict[str, Any]) -> str:
    prices = PriceList.from_fact(value)
    rows = [f"{row.what} {row.dollars}" + (f" ({row.note})" if row.note else "") for row in prices.rows]
    return f"{'; '.join(rows)}; as of {prices.as_of:%B} {prices.as_of.day}, {prices.as_of.year}"
