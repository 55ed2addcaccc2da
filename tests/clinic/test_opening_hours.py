"""Tests of weekly hours, closures, holidays and due times."""

from datetime import date, datetime, time, timedelta

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.opening_hours import Calendar, Closure, Exceptional, federal_holidays, parse_spans, upcoming_holidays

WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


def at(text: str) -> datetime:
    return timezone.make_aware(datetime.fromisoformat(text))


def open_on(hours: dict[str, str], **changes) -> Calendar:
    """Return a calendar with opening hours such as {"Mo Tu": "9 am - 5 pm"}."""
    by_day = {day: parse_spans(text) for days, text in hours.items() for day in days.split()}
    return Calendar(tuple(by_day.get(day, ()) for day in WEEKDAYS) if hours else ((),) * 7, **changes)


NINE_TO_FIVE = {"Mo Tu We Th Fr": "9 am - 5 pm"}
SPLIT = {"Mo Tu We Th": "9 am - 12 pm, 1 - 5 pm"}
ALL_WEEK = " ".join(WEEKDAYS)


@pytest.mark.parametrize(
    ("hours", "arrived", "due"),
    [
        # 2026-12-04 is a Friday; no federal holiday is near.
        ({}, "2026-12-01 10:30", "2026-12-02 10:30"),
        ({}, "2026-12-04 10:30", "2026-12-07 10:30"),
        ({}, "2026-12-05 10:30", "2026-12-08 00:00"),
        (NINE_TO_FIVE, "2026-12-01 10:30", "2026-12-02 10:30"),
        (NINE_TO_FIVE, "2026-12-01 06:00", "2026-12-02 09:00"),
        (NINE_TO_FIVE, "2026-12-04 16:00", "2026-12-07 16:00"),
        (NINE_TO_FIVE, "2026-12-04 17:30", "2026-12-08 09:00"),
        (NINE_TO_FIVE | {"Sa": "9 am - 12 pm"}, "2026-12-04 16:00", "2026-12-05 12:00"),
        (SPLIT, "2026-12-01 12:30", "2026-12-02 13:00"),
        (SPLIT | {"We": "1 pm - 5 pm"}, "2026-12-01 09:30", "2026-12-02 13:00"),
        ({"Tu": "10 am - 11 am"}, "2026-12-01 10:30", "2026-12-08 10:30"),
        # The nights when daylight saving time starts and ends.
        ({ALL_WEEK: "1 am - 5 am"}, "2026-03-07 02:30", "2026-03-08 03:30"),
        ({ALL_WEEK: "9 am - 5 pm"}, "2026-10-31 10:00", "2026-11-01 10:00"),
    ],
)
def test_a_request_is_due_one_business_day_after_it_arrived(hours, arrived, due):
    assert open_on(hours).one_business_day_after(at(arrived)) == at(due)


@pytest.mark.parametrize(
    ("hours", "moment", "four_hours_before"),
    [
        (NINE_TO_FIVE, "2026-12-02 14:00", "2026-12-02 10:00"),
        (NINE_TO_FIVE, "2026-12-02 13:00", "2026-12-02 09:00"),
        (NINE_TO_FIVE, "2026-12-02 12:00", "2026-12-01 16:00"),
        (NINE_TO_FIVE, "2026-12-02 23:00", "2026-12-02 13:00"),
        (NINE_TO_FIVE, "2026-12-07 08:00", "2026-12-04 13:00"),  # over a weekend
        (NINE_TO_FIVE, "2026-11-27 11:00", "2026-11-25 15:00"),  # over Thanksgiving
        (SPLIT, "2026-12-02 15:00", "2026-12-02 10:00"),
        ({"Tu": "10 am - 11 am"}, "2026-12-01 12:00", "2026-11-10 10:00"),
        ({ALL_WEEK: "1 am - 7 am"}, "2026-03-08 06:30", "2026-03-08 01:30"),  # the clocks go forward
        ({ALL_WEEK: "0:15 - 4:30"}, "2026-11-01 04:30", "2026-11-01 01:30"),  # and back
        ({}, "2026-12-07 03:00", "2026-12-04 22:59"),
    ],
)
def test_opening_hours_are_counted_back_over_nights_and_closed_days(hours, moment, four_hours_before):
    assert open_on(hours).open_hours_before(at(moment), 4) == at(four_hours_before)


def test_no_opening_hours_are_counted_back_over_a_closure_of_months():
    closed = Closure(date(2026, 6, 1), date(2026, 11, 30))
    assert open_on(NINE_TO_FIVE, closures=(closed,)).open_hours_before(at("2026-12-01 10:00"), 4) is None


@pytest.mark.parametrize(("moment", "is_open"), [("08:59", False), ("09:00", True), ("16:59", True), ("17:00", False)])
def test_the_clinic_is_open_from_its_opening_until_its_closing_time(moment, is_open):
    assert open_on(NINE_TO_FIVE).is_open(at(f"2026-12-01 {moment}")) is is_open


def test_a_request_before_thanksgiving_is_due_on_friday():
    assert open_on(NINE_TO_FIVE).one_business_day_after(at("2026-11-25 10:30")) == at("2026-11-27 10:30")


def test_a_request_before_a_four_day_thanksgiving_is_due_on_monday():
    friday = date(2026, 11, 27)
    calendar = open_on(NINE_TO_FIVE, closures=(Closure(friday, friday),))
    assert calendar.one_business_day_after(at("2026-11-25 10:30")) == at("2026-11-30 10:30")


@pytest.mark.parametrize(
    "day", ["2026-07-03", "2026-11-26", "2027-06-18", "2027-07-05", "2027-12-24", "2027-12-31", "2028-11-10"]
)
def test_an_observed_federal_holiday_is_closed_unless_set_to_open(day):
    holiday = date.fromisoformat(day)
    assert open_on(NINE_TO_FIVE).spans_on(holiday) == []
    assert open_on(NINE_TO_FIVE, decided_holidays=((holiday, True),)).spans_on(holiday) != []
    assert open_on(NINE_TO_FIVE, decided_holidays=((holiday, False),)).spans_on(holiday) == []


def test_the_upcoming_holidays_cover_twelve_months_in_order():
    days = [day for day, _ in upcoming_holidays(date(2026, 11, 25))]
    assert days[0] == date(2026, 11, 26)
    assert days == sorted(days)
    assert days[-1] < date(2027, 11, 25)
    assert len(days) >= 11


def test_a_closure_of_part_of_a_day_leaves_the_rest_open():
    day = date(2026, 12, 1)
    calendar = open_on(NINE_TO_FIVE, closures=(Closure(day, day, time(12), time(14)),))
    assert [span.words for span in calendar.spans_on(day)] == ["9 am to 12 pm", "2 pm to 5 pm"]
    assert calendar.one_business_day_after(at("2026-11-30 12:30")) == at("2026-12-01 14:00")


@pytest.mark.parametrize(
    ("visit", "is_ruled_out"),
    [
        ("2026-12-01 11:59", False),
        ("2026-12-01 12:00", True),
        ("2026-12-01 14:00", False),
        ("2026-12-01 18:00", False),  # after hours, as staff may have agreed with the patient
        ("2026-12-02 09:00", True),
        ("2026-12-05 09:00", True),  # a Saturday
    ],
)
def test_a_visit_is_ruled_out_by_a_closed_day_or_the_closed_part_of_a_day(visit, is_ruled_out):
    part, day = date(2026, 12, 1), date(2026, 12, 2)
    calendar = open_on(NINE_TO_FIVE, closures=(Closure(part, part, time(12), time(14)), Closure(day, day)))
    assert calendar.rules_out(at(visit)) is is_ruled_out


def test_with_no_open_day_in_sixty_days_there_is_no_due_time():
    long = Closure(date(2026, 12, 1), date(2027, 3, 1))
    calendar = open_on(NINE_TO_FIVE, closures=(long,))
    assert calendar.one_business_day_after(at("2026-12-01 10:00")) is None
    assert not calendar.has_an_open_day_ahead(at("2026-12-01 10:00"))


def test_a_due_time_that_falls_on_a_closure_moves_to_the_next_opening():
    day = date(2026, 12, 2)
    calendar = open_on(NINE_TO_FIVE, closures=(Closure(day, day),))
    assert calendar.due_after_a_change(at("2026-12-02 10:30")) == at("2026-12-03 09:00")
    assert calendar.due_after_a_change(at("2026-12-03 10:30")) == at("2026-12-03 10:30")


def test_pages_announce_a_closed_day_a_week_ahead():
    thanksgiving = date(2026, 11, 26)
    decided = open_on(NINE_TO_FIVE, decided_holidays=((thanksgiving, False),))
    assert decided.exceptions(date(2026, 11, 18)) == []
    assert decided.exceptions(date(2026, 11, 19)) == [Exceptional(thanksgiving, (), "Thanksgiving Day")]
    assert decided.exceptions(date(2026, 11, 27)) == []


def test_a_closure_on_a_day_that_is_never_open_is_not_announced():
    saturday = date(2026, 12, 5)
    calendar = open_on(NINE_TO_FIVE, closures=(Closure(saturday, saturday),))
    assert calendar.exceptions(saturday) == []


def test_pages_do_not_announce_an_undecided_holiday():
    assert open_on(NINE_TO_FIVE).exceptions(date(2026, 11, 25), days=60) == []


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("9 am - 5 pm", ["9 am to 5 pm"]),
        ("9-5pm", ["9 am to 5 pm"]),
        ("1-5 pm", ["1 pm to 5 pm"]),
        ("09:00-17:00", ["9 am to 5 pm"]),
        ("8:30 a.m. – 4:30 p.m.", ["8:30 am to 4:30 pm"]),
        ("09:00-11:00", ["9 am to 11 am"]),
        ("01:00-05:00", ["1 am to 5 am"]),
        ("9 - 17", ["9 am to 5 pm"]),
        ("9 am - 17:00", ["9 am to 5 pm"]),
        ("9 - 5 pm", ["9 am to 5 pm"]),
        ("9 am to noon", ["9 am to 12 pm"]),
        ("9 - 12 Noon", ["9 am to 12 pm"]),
        ("noon-5pm", ["12 pm to 5 pm"]),
        ("midnight - 5 am", ["12 am to 5 am"]),
        ("Closed", []),
        (" CLOSED. ", []),
        ("1 - 5 pm, 9 am - 12 pm", ["9 am to 12 pm", "1 pm to 5 pm"]),
        ("", []),
    ],
)
def test_hours_are_parsed_in_the_ways_people_write_them(typed, read):
    assert [span.words for span in parse_spans(typed)] == read


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ("9 am - 12 pm, 11 am - 5 pm", "overlap"),
        ("5 pm - 9 am", "ends before it starts"),
        ("9 - 5", "Write am or pm, like 9 am - 5 pm."),
        ("1 - 5", "Write am or pm"),
        ("0 - 5", "Write am or pm"),
        ("9 am - 12 pm, 1 - 5", "“1 - 5” could be morning or afternoon"),
        ("9:00 - 11:30", "Write am or pm"),
        ("8 am - 10", "Write am or pm"),
        ("09:00 am - 10:00", "Write am or pm"),
        ("9m - 17m", "can't be read"),
        ("9 pm - midnight", "midnight"),
        ("9 pm - 12 am", "midnight"),
        ("10 pm - 2 am", "midnight"),
        ("22:00 - 24:00", "midnight"),
        ("13 pm - 14 pm", "can't be read"),
        ("by appointment", "can't be read"),
    ],
)
def test_invalid_hours_are_rejected_with_the_reason(typed, complaint):
    with pytest.raises(ValueError, match=complaint):
        parse_spans(typed)


def test_consecutive_days_with_equal_hours_are_grouped():
    groups = open_on(NINE_TO_FIVE | {"Sa": "9 am - 12:30 pm"}).groups
    assert [(group.days_in_words, group.words) for group in groups] == [
        ("Monday to Friday", "9 am to 5 pm"),
        ("Saturday", "9 am to 12:30 pm"),
    ]
    assert [line for group in groups for line in group.schema_org] == ["Mo-Fr 09:00-17:00", "Sa 09:00-12:30"]


# --- Random requests over five years, with random closures added and removed

START = date(2026, 1, 1)
DAYS = 5 * 365
spans = st.sampled_from(["", "9 am - 5 pm", "9 am - 12 pm, 1 - 5 pm", "7 am - 7 pm", "1 am - 4 am"])
weeks = st.tuples(*[spans] * 7).filter(any).map(lambda days: tuple(map(parse_spans, days)))
days = st.integers(0, DAYS).map(lambda offset: START + timedelta(days=offset))
minutes = st.integers(0, DAYS * 24 * 60)
moments = minutes.map(lambda count: at("2026-01-01 00:00") + timedelta(minutes=count))


@st.composite
def closures(draw) -> Closure:
    first = draw(days)
    part = draw(st.sampled_from([(None, None), (time(9), time(12)), (time(12), time(23))]))
    return Closure(first, first + timedelta(days=draw(st.integers(0, 9))), *part)


@settings(max_examples=300)
@given(weeks, moments, st.lists(closures(), max_size=8), st.lists(closures(), max_size=8))
def test_no_due_time_is_outside_opening_hours(week, arrived, before, after):
    first, later = Calendar(week, tuple(before)), Calendar(week, tuple(after))
    due = first.one_business_day_after(arrived)
    if due is None:
        return
    assert is_open(first, due)
    assert due.date() > timezone.localdate(arrived)
    moved = later.due_after_a_change(due)
    assert moved is None or (is_open(later, moved) and moved >= due)


def is_open(calendar: Calendar, moment: datetime) -> bool:
    local = timezone.localtime(moment)
    # A due time in the hour that daylight saving time skips moves an hour later, which may be after closing.
    allowance = timedelta(hours=1) if local.month == 3 else timedelta()
    return any(
        span.opens <= local.time() <= (datetime.combine(local, span.closes) + allowance).time()
        for span in calendar.spans_on(local.date())
    )


def test_observed_holidays_have_names_without_a_suffix():
    names = federal_holidays(2027)
    assert names[date(2027, 7, 5)] == "Independence Day"
    assert "observed" not in " ".join(names.values())


@pytest.mark.parametrize(
    ("hours", "start", "end", "open_for"),
    [
        (NINE_TO_FIVE, "2026-12-01 10:00", "2026-12-01 11:30", 1.5),
        (NINE_TO_FIVE, "2026-12-01 18:00", "2026-12-02 08:00", 0),
        (NINE_TO_FIVE, "2026-12-01 16:00", "2026-12-02 10:00", 2),
        (NINE_TO_FIVE, "2026-12-04 16:30", "2026-12-07 09:30", 1),  # over a weekend
        (NINE_TO_FIVE, "2026-11-25 16:00", "2026-11-27 10:00", 2),  # over Thanksgiving
        (SPLIT, "2026-12-01 11:00", "2026-12-01 14:00", 2),
        (NINE_TO_FIVE, "2026-12-02 10:00", "2026-12-01 10:00", 0),
        (NINE_TO_FIVE, "2026-12-01 12:00", "2026-12-01 10:00", 0),
        # The nights when daylight saving time starts and ends have one hour less and one hour more.
        ({ALL_WEEK: "1 am - 5 am"}, "2026-03-08 00:00", "2026-03-08 12:00", 3),
        ({ALL_WEEK: "12 am - 5 am"}, "2026-11-01 00:00", "2026-11-01 12:00", 6),
    ],
)
def test_only_opening_hours_count_between_two_times(hours, start, end, open_for):
    assert open_on(hours).open_hours_between(at(start), at(end)) == open_for
