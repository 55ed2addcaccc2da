"""Tests of the clinic's facts at the desk: editions, validation, restoring, and due times that follow the hours."""

import html
import re
from datetime import date, datetime, timedelta

import pytest
from django.contrib.messages import get_messages
from django.utils import timezone

from clinic import snapshot
from clinic.models import Edition
from clinic.notices import NOTICES
from clinic.opening_hours import upcoming_holidays
from clinic.snapshot import Clinic
from consultations.models import AccessLogEntry
from front_desk.clinic_forms import LINES, ClinicForm
from tests.front_desk.test_list import row_of
from tests.helpers.factories import consultation
from tests.helpers.request_page import page_of
from tests.helpers.staff_members import make_member, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.stored_facts]
PAGE = "/staff/clinic/"
WEEK = dict.fromkeys(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"), "9 am - 5 pm")
TODAY = timezone.localdate()


def opened(client) -> dict[str, str]:
    """Return the form's text fields and selects with their values, as a browser would send them."""
    page = client.get(PAGE).content.decode()
    values = {}
    for tag in re.findall(r"<input[^>]*>", page):
        attributes = {name: html.unescape(value) for name, value in re.findall(r'([\w-]+)="([^"]*)"', tag)}
        if attributes.get("type") not in ("checkbox", "radio", "submit") and "name" in attributes:
            values[attributes["name"]] = attributes.get("value", "")
    values |= dict(re.findall(r'<textarea name="(\w+)"[^>]*>\n([^<]*)<', page))
    for name, options in re.findall(r'<select name="([^"]+)".*?>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        values[name] = chosen[1] if chosen else ""
    values.pop("csrfmiddlewaretoken", None)
    values.pop("reason", None)
    return values


def save(client, **typed):
    return client.post(PAGE, opened(client) | {name.replace("__", "-"): value for name, value in typed.items()})


def facts() -> dict:
    return Edition.newest().facts


def test_a_saved_fact_is_a_new_edition_with_its_author(manager):
    assert save(manager, phone="(618) 555-0100").status_code == 302
    edition = Edition.newest()
    assert (edition.number, edition.facts) == (1, {"phone": "(618) 555-0100"})
    assert (edition.saved_by.username, edition.summary) == ("mora", "Phone: (618) 555-0100, was not set")
    assert AccessLogEntry.objects.get(action="clinic").detail == "edition 1: Phone"


def test_saving_without_a_change_creates_no_edition(manager):
    save(manager, phone="(618) 555-0100")
    save(manager)
    assert Edition.objects.count() == 1


def test_the_form_shows_and_keeps_every_kind_of_fact(manager):
    holiday = upcoming_holidays(TODAY)[0][0].isoformat()
    closed = (TODAY + timedelta(days=3)).isoformat()
    until = (timezone.localtime() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    typed = WEEK | {
        "phone": "(618) 555-0100",
        "review_url": "https://g.page/r/example/review",
        f"holiday_{holiday}": "closed",
        "closures__0__first": closed,
        "closures__0__reason": "Training",
        "announcement_text": "New door",
        "step_free_route": "Example ramp",
        "announcement_until": until,
    }
    assert save(manager, **typed).status_code == 302
    before = facts()
    assert before["hours"] == ["09:00-17:00"] * 5 + ["", ""]
    assert before["holidays"] == {holiday: "closed"}
    assert before["closures"] == [{"first": closed, "last": closed, "starts": "", "ends": "", "reason": "Training"}]
    assert before["announcement"]["until"] == until
    save(manager, street="1 Example Street")
    assert facts() == before | {"street": "1 Example Street"}


def test_each_line_of_text_stands_under_its_own_heading():
    sections = ClinicForm(stored={}, edition=0).sections
    names = {section.title: [field.name for field in section.fields] for section in sections}
    assert names["How to reach the clinic"] == ["phone", "street", "postal_code"]
    assert names["Reviews"] == ["review_url"]
    assert names["Who gets email"] == [name for name in LINES if name.endswith("_email")]
    assert names["Notices elsewhere"] == [notice.url_fact for notice in NOTICES.values()]
    shown = [name for fields in names.values() for name in fields]
    assert sorted(shown) == sorted(set(ClinicForm(stored={}, edition=0).fields) - {"edition"})


def test_a_closure_is_removed_by_its_checkbox(manager):
    save(manager, closures__0__first=(TODAY + timedelta(days=3)).isoformat())
    save(manager, closures__0__remove="on")
    assert "closures" not in facts()


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ({"phone": "555-0100"}, "can be dialed"),
        ({"phone": "(618) 555-0100 ext. 2"}, "without an extension"),
        ({"Tuesday": "9 am - 12 pm, 11 am - 5 pm"}, "overlap"),
        ({"Tuesday": "9 am - 12 am"}, "midnight"),
        ({"Tuesday": "10 pm - 2 am"}, "midnight"),
        ({"closures__0__first": "2020-01-01"}, "in the past"),
        ({"closures__0__first": f"{TODAY}", "closures__0__last": f"{TODAY + timedelta(days=400)}"}, "at most 180 days"),
        ({"closures__0__first": "soon"}, "Enter a date"),
        ({"closures__0__reason": "Training"}, "Enter the first day"),
        ({"announcement_text": "Closed", "announcement_until": "2020-01-01T12:00"}, "This time is in the past."),
        ({"announcement_text": "Closed"}, "Enter the day and time"),
        ({"announcement_text": "Closed", "announcement_until": "2090-03-12T02:30"}, "The clocks change at that time"),
        ({"announcement_text": "Closed", "announcement_until": "2090-11-05T01:30"}, "The clocks change at that time"),
        ({"announcement_text": "x" * 201, "announcement_until": "2090-01-01T12:00"}, "200 characters"),
        ({"review_url": "https://reviews.example/1"}, "Google&#x27;s own review link"),
        ({"urgent_email": "someone"}, "email address"),
        ({"parking": "x" * 301}, "Use 300 characters or fewer; this has 301."),
    ],
)
def test_invalid_input_gets_an_error_message_and_stays_in_the_form(manager, typed, complaint):
    answer = save(manager, street="1 Example Street", **typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert complaint in page
    for value in ("1 Example Street", *typed.values()):
        assert f'value="{value}"' in page or f">\n{value}</textarea>" in page
    assert not Edition.objects.exists()


@pytest.mark.parametrize("no_hours", ["", "closed"])
def test_hours_cannot_be_emptied_once_they_are_set(manager, no_hours):
    save(manager, **WEEK)
    answer = save(manager, **dict.fromkeys(WEEK, no_hours))
    assert answer.status_code == 422
    assert "At least one day needs hours" in answer.content.decode()


def test_a_conflicting_edit_of_the_facts_is_refused_and_keeps_the_input(manager):
    save(manager, phone="(618) 555-0100", street="1 Example Street")
    second = sign_in(make_member("mona", "Manager"))
    stale = opened(second)
    save(manager, phone="(618) 555-0101")
    answer = second.post(PAGE, stale | {"street": "2 Example Street"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Phone: (618) 555-0101, was (618) 555-0100" in page
    assert 'value="2 Example Street"' in page
    assert 'value="(618) 555-0101"' in page
    assert facts()["street"] == "1 Example Street"
    again = {name: html.unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', page)}
    assert second.post(PAGE, opened(second) | {"street": again["street"]}).status_code == 302
    assert facts() == {"phone": "(618) 555-0101", "street": "2 Example Street"}


def test_restoring_an_earlier_edition_saves_it_as_the_newest(manager):
    save(manager, phone="(618) 555-0100")
    save(manager, phone="(618) 555-0101")
    page = manager.get(PAGE + "history/").content.decode()
    assert "Phone: (618) 555-0101, was (618) 555-0100" in page
    assert manager.post(PAGE + "put-back/1/").status_code == 302
    assert (Edition.newest().number, facts()) == (3, {"phone": "(618) 555-0100"})


def test_restoring_requires_an_existing_edition_and_a_post(manager):
    save(manager, phone="(618) 555-0100")
    assert manager.post(PAGE + "put-back/9/").status_code == 404
    assert manager.get(PAGE + "put-back/1/").status_code == 405


def announced() -> str:
    """Return what every page announces now."""
    return Clinic.from_facts(facts()).live_announcement


def test_close_today_adds_a_closure_and_announces_it(manager):
    save(manager, phone="(618) 555-0100")
    answer = manager.post(PAGE + "close-today/", {"reason": "Ice on the roads"})
    assert shown_messages(answer)[-1].startswith("Closed for the rest of today. Nothing else was saved.")
    assert facts()["closures"][0]["first"] == TODAY.isoformat()
    assert announced() == f"We're closed today, {TODAY:%A, %B} {TODAY.day}. Ice on the roads."
    assert facts()["phone"] == "(618) 555-0100"
    assert f"Closed today: {TODAY:%B} {TODAY.day}, {TODAY.year}, was not set" in Edition.newest().summary
    manager.post(PAGE + "close-today/", {"reason": "Ice on the roads"})
    assert len(facts()["closures"]) == 1


def test_a_running_announcement_is_shown_after_the_closing_and_alone_on_the_next_day(manager, monkeypatch):
    until = (timezone.localtime() + timedelta(days=9)).strftime("%Y-%m-%dT%H:%M")
    save(manager, announcement_text="We move in January.", announcement_until=until)
    manager.post(PAGE + "close-today/", {"reason": ""})
    assert announced() == f"We're closed today, {TODAY:%A, %B} {TODAY.day}. We move in January."
    tomorrow = timezone.now() + timedelta(days=1)
    monkeypatch.setattr(timezone, "now", lambda: tomorrow)
    assert announced() == "We move in January."


def test_the_form_shows_and_keeps_the_start_of_an_announcement_that_starts_later(manager):
    later = {"text": "We move", "since": "2089-12-31T12:00", "until": "2090-01-01T12:00"}
    Edition.publish({"announcement": later}, "Example", after=0)
    assert "It starts on December 31, 2089, 12 pm" in manager.get(PAGE).content.decode()
    assert save(manager, announcement_text="We move in January").status_code == 302
    assert facts()["announcement"] == later | {"text": "We move in January"}


def test_saving_other_facts_keeps_the_closing_and_removing_the_closure_ends_it(manager):
    manager.post(PAGE + "close-today/", {"reason": ""})
    save(manager, phone="(618) 555-0100")
    assert announced().startswith("We're closed today, ")
    save(manager, closures__0__remove="on")
    assert announced() == ""


@pytest.mark.parametrize("path", [PAGE, PAGE + "history/", PAGE + "put-back/1/", PAGE + "close-today/"])
def test_only_managers_can_open_the_clinics_facts(desk, client, path):
    method = desk.post if "put-back" in path or "close-today" in path else desk.get
    assert method(path).status_code == 403
    assert client.get(path).status_code == 302


def test_the_start_page_shows_managers_which_facts_are_not_set(manager, desk):
    page = manager.get("/staff/").content.decode()
    assert "Opening hours" in page
    assert PAGE in page
    save(manager, **WEEK)
    assert ">Opening hours</a>" not in manager.get("/staff/").content.decode()
    assert PAGE not in desk.get("/staff/").content.decode()


def test_each_fact_to_fill_in_links_to_the_field_or_page_where_it_is_entered(manager):
    page = manager.get("/staff/").content.decode().partition("For you to decide or fill in")[2].partition("</ul>")[0]
    found = {html.unescape(words): url for url, words in re.findall(r'<a href="([^"]+)">([^<]+)</a>', page)}
    assert len(found) == page.count("<li>")
    assert found["Picture of the door"] == found["Picture of a room"] == PAGE + "pictures/"
    assert found["People"] == PAGE + "people/"
    assert found["Prices"] == PAGE + "prices/"
    assert found["Notice of privacy practices"] == PAGE + "notices/"
    for url in found.values():
        path, _, field = url.partition("#")
        answer = manager.get(path)
        assert answer.status_code == 200
        assert not field or f'id="{field}"' in answer.content.decode()
        assert field or path != PAGE, "a link to the long form names no field"


def test_the_start_page_links_managers_to_pictures_and_reviews(manager, desk):
    for path in (PAGE + "pictures/", PAGE + "reviews/"):
        assert f'<li><a href="{path}">' in manager.get("/staff/").content.decode()
        assert path not in desk.get("/staff/").content.decode()


# --- Due times follow the hours


def at(day: date, hour: int) -> datetime:
    return timezone.make_aware(datetime.combine(day, datetime.min.time())) + timedelta(hours=hour)


@pytest.fixture
def monday() -> date:
    """Return the next Monday whose week has no federal holiday."""
    day = TODAY + timedelta(days=7 - TODAY.weekday())
    holidays = {holiday for holiday, _ in upcoming_holidays(TODAY)}
    while holidays & {day + timedelta(days=offset) for offset in range(5)}:
        day += timedelta(days=7)
    return day


def test_a_new_closure_moves_the_due_time_of_an_untouched_request(manager, client, monday):
    save(manager, **WEEK)
    asked = consultation(due_at=at(monday, 10))
    begun = consultation(due_at=at(monday, 10), status="tried")
    save(manager, closures__0__first=monday.isoformat())
    asked.refresh_from_db()
    begun.refresh_from_db()
    assert asked.due_at == at(monday + timedelta(days=1), 9)
    assert begun.due_at == at(monday, 10)
    assert "different day than we first said" in client.get(asked.receipt_url).content.decode()
    save(manager, closures__0__remove="on")
    asked.refresh_from_db()
    assert asked.due_at == at(monday + timedelta(days=1), 9), "a due time moved to an earlier time"


def shown_messages(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def visit(day: date, hour: int = 10, **fields):
    return consultation(status="booked", scheduled_at=at(day, hour), **fields)


def test_a_new_closure_says_how_many_visits_are_booked_then_and_links_to_them(manager, monday):
    save(manager, **WEEK)
    visit(monday)
    visit(monday, 15)
    visit(monday + timedelta(days=1))
    consultation(status="closed", scheduled_at=at(monday, 11))
    said = shown_messages(save(manager, closures__0__first=monday.isoformat()))[-1]
    assert said.startswith("2 visits are booked for times when the clinic is now closed.")
    assert 'href="/staff/consultations/consultationrequest/?queue=scheduled"' in said
    again = shown_messages(save(manager, phone="(618) 555-0100"))
    assert not any("booked" in each for each in again), "visits that were already known were announced again"


def test_a_closure_of_part_of_a_day_counts_only_the_visits_in_it(manager, monday):
    save(manager, **WEEK)
    visit(monday, 10)
    visit(monday, 13)
    part = {"closures__0__starts": "12:00", "closures__0__ends": "14:00"}
    said = shown_messages(save(manager, closures__0__first=monday.isoformat(), **part))[-1]
    assert said.startswith("1 visit is booked for a time when the clinic is now closed.")


def test_hours_without_a_day_count_the_visits_on_it(manager, monday):
    save(manager, **WEEK)
    visit(monday)
    assert shown_messages(save(manager, Monday=""))[-1].startswith("1 visit is booked")


def test_closing_today_says_how_many_visits_are_still_booked_today(manager, monkeypatch, monday):
    save(manager, **WEEK)
    monkeypatch.setattr(timezone, "now", lambda: at(monday, 12))
    client = sign_in(make_member("mona", "Manager"))
    visit(monday, 10)
    visit(monday, 15)
    said = shown_messages(client.post(PAGE + "close-today/", {"reason": ""}))[-1]
    assert said.startswith("1 visit is booked")


def test_the_lists_and_the_request_mark_a_coming_visit_on_a_closed_day(manager, monday):
    save(manager, **WEEK, closures__0__first=monday.isoformat())
    closed, is_open = visit(monday), visit(monday + timedelta(days=1))
    snapshot.refresh()
    assert "Clinic closed" in row_of(manager, closed, "scheduled")
    assert "Clinic closed" not in row_of(manager, is_open, "scheduled")
    assert ">Clinic closed<" in manager.get(page_of(closed)).content.decode()
    assert ">Clinic closed<" not in manager.get(page_of(is_open)).content.decode()


def test_with_no_open_day_ahead_no_day_is_promised_and_the_desk_warns(manager, client):
    long = {"closures__0__first": TODAY.isoformat(), "closures__0__last": (TODAY + timedelta(days=90)).isoformat()}
    save(manager, **WEEK, **long)
    snapshot.refresh()
    asked = consultation()
    assert asked.due_at is None
    assert "as soon as we’re open again" in html.unescape(client.get(asked.receipt_url).content.decode())
    assert "no open day in the next 60 days" in manager.get(PAGE).content.decode()
    assert manager.get(f"/staff/consultations/consultationrequest/{asked.pk}/change/").status_code == 200
    save(manager, closures__0__remove="on")
    asked.refresh_from_db()
    assert asked.due_at is not None
