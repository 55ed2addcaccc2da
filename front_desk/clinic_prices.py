"""The desk page where managers edit the clinic's prices. clinic/prices.py validates them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from clinic import prices as price_fact
from front_desk.clinic_admin import (
    SavedByAnother,
    in_force,
    may_change,
    meanwhile,
    opened_facts,
    publish,
    refuse_if_outdated,
    say_what_changed,
)
from front_desk.clinic_forms import EditionForm, RowForm, day_field
from front_desk.phrase_warnings import unconfirmed


class PriceForm(RowForm):
    """Form for one price. If all fields are empty, it adds no price."""

    noun = "Price"

    what = forms.CharField(label="What it is for", required=False, max_length=price_fact.WHAT_LENGTH)
    amount = forms.CharField(label="Amount in dollars", required=False, max_length=20)
    note = forms.CharField(label="Note, if any", required=False, max_length=price_fact.NOTE_LENGTH)

    def clean_row(self, data: dict[str, Any]) -> dict[str, str]:
        return price_fact.price(data)

    def field_to_blame(self, data: dict[str, Any]) -> str:
        return "amount" if data.get("what") else "what"


PriceFormSet = forms.formset_factory(PriceForm, extra=3)


class PriceListForm(EditionForm):
    """Form for the date of the prices."""

    as_of = day_field("Prices as of", help_text="The day on which you last checked them. Pages show it.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.prices: dict[str, Any] = {}

    def take(self, rows: list[dict[str, str]]) -> None:
        """Validate the date together with the prices, and keep both. An error is shown next to the date."""
        if self.has_error("as_of"):
            return
        try:
            self.prices = price_fact.clean({"as_of": self.cleaned_data.get("as_of"), "rows": rows})
        except ValueError as error:
            self.add_error("as_of", str(error))


@may_change
@require_http_methods(["GET", "HEAD", "POST"])
def prices(request: HttpRequest) -> HttpResponse:
    """Show the form with the clinic's prices, or save them as a new edition."""
    stored, number = in_force()
    if request.method != "POST":
        return _show(request, *_forms(stored.get("prices"), number))
    based_on = opened_facts(request)
    form, rows = _bound(request, based_on.get("prices"))
    if not _is_valid(form, rows):
        return _show(request, form, rows, status=422)
    try:
        refuse_if_outdated(request, number)
        after = _with_prices(stored, form.prices)
        if warned := unconfirmed(request, stored, after):
            return _show(request, form, rows, **warned)
        lines = publish(request, stored, after, number)
    except SavedByAnother:
        return _conflict(request, based_on, form.prices)
    say_what_changed(request, lines)
    return redirect("admin:clinic_prices")


def _forms(stored: dict[str, Any] | None, number: int) -> tuple[PriceListForm, Any]:
    stored = stored or {}
    form = PriceListForm(initial={"edition": number, "as_of": stored.get("as_of")})
    return form, PriceFormSet(prefix="prices", initial=stored.get("rows", []))


def _bound(request: HttpRequest, stored: dict[str, Any] | None) -> tuple[PriceListForm, Any]:
    rows = PriceFormSet(request.POST, prefix="prices", initial=(stored or {}).get("rows", []))
    return PriceListForm(request.POST), rows


def _is_valid(form: PriceListForm, rows: Any) -> bool:
    valid = form.is_valid() & rows.is_valid()
    form.take([each.row for each in rows if each.row])
    return valid and not form.errors


def _with_prices(facts: dict[str, Any], prices: dict[str, Any]) -> dict[str, Any]:
    others = {key: value for key, value in facts.items() if key != "prices"}
    return others | ({"prices": prices} if prices else {})


def _conflict(request: HttpRequest, based_on: dict[str, Any], typed: dict[str, Any]) -> HttpResponse:
    """Show what another manager saved, and the form with the prices this manager typed."""
    facts, number = in_force()
    changed_here = typed != based_on.get("prices", {})
    forms = _forms(typed if changed_here else facts.get("prices"), number)
    return _show(request, *forms, status=409, **meanwhile(request))


def _show(request: HttpRequest, form: PriceListForm, rows: Any, status: int = 200, **context: Any) -> HttpResponse:
    context |= {"form": form, "rows": rows}
    return admin.site.page(request, "admin/clinic_prices.html", "Prices", status=status, **context)
