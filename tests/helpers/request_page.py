"""Fill in and submit the front desk's page for one consultation request, as a browser would."""

import re

from django.http import HttpResponse
from django.test import Client

from consultations.models import ConsultationRequest, Note

LIST = "/staff/consultations/consultationrequest/"


def page_of(asked: ConsultationRequest) -> str:
    return f"{LIST}{asked.pk}/change/"


def typed(desk: Client, asked: ConsultationRequest, **fields: str) -> dict[str, str]:
    """Return the page's form fields as a browser would send them, with `fields` filled in."""
    html = desk.get(page_of(asked)).content.decode()
    form = html.partition('id="work-form"')[2].partition("</form>")[0]
    values = {}
    for tag in re.findall(r"<input[^>]*>", form):
        attributes = dict(re.findall(r'(\S+?)="([^"]*)"', tag))
        values[attributes["name"]] = attributes.get("value", "")
    return values | {"note": "", "assigned_to": "", "closed_reason": ""} | fields


def press(desk: Client, asked: ConsultationRequest, **fields: str) -> HttpResponse:
    return desk.post(page_of(asked), typed(desk, asked, **fields))


def system_notes(asked: ConsultationRequest) -> list[str]:
    return [note.text for note in asked.notes.filter(kind=Note.Kind.SYSTEM)]


def find(desk: Client, words: str) -> HttpResponse:
    return desk.post(LIST + "find/", {"find": words})
