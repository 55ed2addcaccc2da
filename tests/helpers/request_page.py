"""Fill in and submit the front desk's page for one consultation request, as a browser would."""

from html.parser import HTMLParser

from django.http import HttpResponse
from django.test import Client

from consultations.models import ConsultationRequest, Note

LIST = "/staff/consultations/consultationrequest/"


class _Fields(HTMLParser):
    """Reads the fields of the form with an id, as a browser would send them if nothing is changed."""

    def __init__(self, form_id: str) -> None:
        super().__init__()
        self.form_id, self.inside, self.select, self.textarea = form_id, False, "", ""
        self.values: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "form":
            self.inside = attributes.get("id") == self.form_id
        if not self.inside:
            return
        name, value = attributes.get("name") or "", attributes.get("value") or ""
        if tag == "input" and (attributes.get("type") not in ("radio", "checkbox") or "checked" in attributes):
            self.values[name] = value
        elif tag == "select":
            self.select = name
        elif tag == "option" and ("selected" in attributes or self.select not in self.values):
            self.values[self.select] = value
        elif tag == "textarea":
            self.textarea, self.values[name] = name, ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif tag == "textarea":
            self.textarea = ""

    def handle_data(self, data: str) -> None:
        if self.textarea:
            self.values[self.textarea] += data.removeprefix("\n")


def fields_of(html: str, form_id: str = "work-form") -> dict[str, str]:
    """Return the fields of a page's form, as a browser would send them."""
    parser = _Fields(form_id)
    parser.feed(html)
    return parser.values


def page_of(asked: ConsultationRequest) -> str:
    return f"{LIST}{asked.pk}/change/"


def typed(desk: Client, asked: ConsultationRequest, **fields: str) -> dict[str, str]:
    """Return the page's form fields as a browser would send them, with `fields` filled in."""
    return fields_of(desk.get(page_of(asked)).content.decode()) | fields


def press(desk: Client, asked: ConsultationRequest, **fields: str) -> HttpResponse:
    """Fill in the page's form and submit it.

    A field can be the name and value of a button: attempt, move, close_as, told, not_urgent, undo, reopen or then.
    """
    return desk.post(page_of(asked), typed(desk, asked, **fields))


def system_notes(asked: ConsultationRequest) -> list[str]:
    return [note.text for note in asked.notes.filter(kind=Note.Kind.SYSTEM)]


def find(desk: Client, words: str) -> HttpResponse:
    return desk.post(LIST + "find/", {"find": words})
