from dataclasses import replace
from datetime import datetime

import pytest
from django.utils import timezone

from clinic.opening_hours import one_business_day_after
from clinic.snapshot import parse_hours


def at(text: str) -> datetime:
    return timezone.make_aware(datetime.fromisoformat(text))


@pytest.mark.parametrize(
    ("hours", "arrived", "due"),
    [
        # 2026-11-27 is a Friday.
        ("", "2026-11-24 10:30", "2026-11-25 10:30"),
        ("", "2026-11-27 10:30", "2026-11-30 10:30"),
        ("", "2026-11-28 10:30", "2026-12-01 00:00"),
        ("Mo-Fr 09:00-17:00", "2026-11-24 10:30", "2026-11-25 10:30"),
        ("Mo-Fr 09:00-17:00", "2026-11-24 06:00", "2026-11-25 09:00"),
        ("Mo-Fr 09:00-17:00", "2026-11-27 16:00", "2026-11-30 16:00"),
        ("Mo-Fr 09:00-17:00", "2026-11-27 17:30", "2026-12-01 09:00"),
        ("Mo-Fr 09:00-17:00; Sa 09:00-12:00", "2026-11-27 16:00", "2026-11-28 12:00"),
        ("Mo-Th 09:00-12:00; Mo-Th 13:00-17:00", "2026-11-24 12:30", "2026-11-25 13:00"),
        ("Tu 10:00-11:00", "2026-11-24 10:30", "2026-12-01 10:30"),
        # Daylight saving starts, and ends.
        ("Mo-Su 01:00-05:00", "2026-03-07 02:30", "2026-03-08 03:30"),
        ("Mo-Su 09:00-17:00", "2026-10-31 10:00", "2026-11-01 10:00"),
    ],
)
def test_a_request_is_due_one_business_day_after_it_arrived(settings, hours, arrived, due):
    settings.CLINIC = replace(settings.CLINIC, hours=parse_hours(hours))
    assert one_business_day_after(at(arrived)) == at(due)
