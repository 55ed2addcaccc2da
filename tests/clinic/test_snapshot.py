"""Tests of the current snapshot of the clinic's facts, of editions, and of manage.py load_facts."""

import json
from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone

from clinic import snapshot
from clinic.models import Edition
from clinic.snapshot import Clinic, shown_hash

pytestmark = [pytest.mark.django_db, pytest.mark.stored_facts]


def save(after: int = 0, **facts) -> Edition:
    return Edition.publish(facts, "a change", after=after)


def test_without_an_edition_no_fact_is_set():
    assert (snapshot.current().edition, snapshot.current().phone) == (0, "")
    assert snapshot.current().name == "The Albany Clinic"


def test_the_newest_edition_is_used_within_a_second(monkeypatch):
    save(phone="(618) 555-0100")
    assert snapshot.current().phone == "(618) 555-0100"
    save(after=1, phone="(618) 555-0101")
    monkeypatch.setattr(snapshot, "SECONDS_BETWEEN_LOOKS", 0)
    assert snapshot.current().phone == "(618) 555-0101"


def test_the_database_is_queried_at_most_once_a_second(django_assert_num_queries):
    with django_assert_num_queries(1):
        for _ in range(5):
            snapshot.current()


def test_in_a_web_process_only_the_background_thread_reads_the_facts(django_assert_num_queries):
    snapshot.leave_refreshing_to_a_thread()
    with django_assert_num_queries(0):
        snapshot.current()


def test_a_failing_database_leaves_the_last_known_facts_in_use(monkeypatch, caplog):
    save(phone="(618) 555-0100")
    snapshot.refresh()

    def fail():
        raise OperationalError("gone")

    monkeypatch.setattr(Edition, "newest", fail)
    snapshot.refresh()
    assert snapshot.current().phone == "(618) 555-0100"
    assert "the last known facts stay in use" in caplog.text


def test_a_process_without_a_database_starts_from_its_build(monkeypatch):
    snapshot.start_from({"phone": "(618) 555-0100"}, 7)
    snapshot.leave_refreshing_to_a_thread()
    assert (snapshot.current().edition, snapshot.current().phone) == (7, "(618) 555-0100")


def test_an_older_edition_from_a_restored_database_is_used():
    snapshot.start_from({"phone": "(618) 555-0109"}, 9)
    save(phone="(618) 555-0100")
    snapshot.refresh()
    assert (snapshot.current().edition, snapshot.current().phone) == (1, "(618) 555-0100")


def test_two_editions_cannot_have_the_same_number():
    save()
    with pytest.raises(IntegrityError), transaction.atomic():
        save()
    assert Edition.objects.count() == 1


def test_an_edition_is_never_changed_or_deleted():
    edition = save()
    for attempt in (edition.save, edition.delete, Edition.objects.all().delete, Edition.objects.all().update):
        with pytest.raises(TypeError):
            attempt()


def test_the_hash_depends_on_the_facts_the_date_and_the_announcement():
    now = timezone.localtime().replace(hour=12)  # so that the announcement ends on the same day
    until = (now + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")
    announced = {"announcement": {"text": "Ice", "since": "2026-01-01T00:00", "until": until}}
    clinic = Clinic.from_facts(announced, 1)
    seen = {
        shown_hash(Clinic.from_facts({}, 1), now),
        shown_hash(Clinic.from_facts({"phone": "(618) 555-0100"}, 1), now),
        shown_hash(clinic, now),
        shown_hash(clinic, now + timedelta(hours=2)),
        shown_hash(clinic, now + timedelta(days=1)),
    }
    assert len(seen) == 5
    assert shown_hash(clinic, now) == shown_hash(Clinic.from_facts(dict(announced), 1), now)


def test_an_announcement_disappears_at_its_end():
    over = (timezone.localtime() - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M")
    ahead = (timezone.localtime() + timedelta(minutes=9)).strftime("%Y-%m-%dT%H:%M")
    for until, shown in ((over, ""), (ahead, "Ice")):
        facts = {"announcement": {"text": "Ice", "since": "2026-01-01T00:00", "until": until}}
        assert Clinic.from_facts(facts).live_announcement == shown


def test_an_announcement_appears_at_its_start_and_changes_the_hash_then(monkeypatch):
    now = timezone.localtime().replace(hour=12)  # so that the announcement begins on the same day
    since, until = ((now + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M") for hours in (1, 3))
    clinic = Clinic.from_facts({"announcement": {"text": "Ice", "since": since, "until": until}})
    later = now + timedelta(hours=2)
    assert shown_hash(clinic, now) != shown_hash(clinic, later)
    for moment, shown in ((now, ""), (later, "Ice")):
        monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
        assert clinic.live_announcement == shown


# --- manage.py load_facts


def load(tmp_path, **facts) -> str:
    file = tmp_path / "facts.json"
    file.write_text(json.dumps(facts))
    return str(file)


def test_load_facts_changes_the_facts_in_the_file_and_keeps_others(tmp_path, capsys):
    call_command("load_facts", load(tmp_path, phone="(618) 555-0100", street="1 Example Street"))
    call_command("load_facts", load(tmp_path, phone="(618) 555-0101"))
    assert "Phone: (618) 555-0101, was (618) 555-0100" in capsys.readouterr().out
    assert Edition.newest().facts == {"phone": "(618) 555-0101", "street": "1 Example Street"}
    assert Edition.objects.count() == 2


def test_loading_an_empty_fact_removes_it(tmp_path):
    call_command("load_facts", load(tmp_path, phone="(618) 555-0100"))
    call_command("load_facts", load(tmp_path, phone=""))
    assert Edition.newest().facts == {}


def test_loading_the_same_facts_again_creates_no_edition(tmp_path, capsys):
    for _ in range(2):
        call_command("load_facts", load(tmp_path, closures=[{"first": f"{date(2026, 12, 24)}"}]))
    assert Edition.objects.count() == 1
    assert "0 facts changed." in capsys.readouterr().out


def test_load_facts_moves_the_start_of_an_announcement(tmp_path, capsys):
    announced = {"text": "Ice", "until": "2090-01-01T12:00"}
    call_command("load_facts", load(tmp_path, announcement=announced))
    call_command("load_facts", load(tmp_path, announcement=announced))
    assert Edition.objects.count() == 1
    call_command("load_facts", load(tmp_path, announcement=announced | {"since": "2089-12-31T12:00"}))
    assert Edition.newest().facts["announcement"]["since"] == "2089-12-31T12:00"
    assert "“Ice” from December 31, 2089, 12 pm until January 1, 2090, 12 pm, was “Ice”" in Edition.newest().summary


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('{"phone": "555"}', "can be dialed"),
        ('{"fax": "1"}', "no fact called"),
        ("[]", "no JSON object"),
        ("{", r"facts\.json was not loaded: it is not JSON"),
        ("[" * 100_000, r"facts\.json was not loaded: it is not JSON"),
        ('{"phone": 5, "street": null}', "Phone: must be text.; Street address: must be text."),
        ('{"people": "x"}', "People: must be a list."),
        ('{"people": [{"name": ["x"]}]}', "People: row 1 “name” must be text."),
        ('{"people": [{"responsible": "no"}]}', "People: row 1 “responsible” must be true or false."),
        ('{"hours": ["", 5]}', "Opening hours: row 2 must be text."),
        ('{"prices": {"rows": [5]}}', "Prices: “rows” row 1 must be an object."),
        ('{"closures": [{"first": "2030-01-01", "starts": "13:00Z", "ends": "14:00"}]}', "times like 13:00"),
        ('{"announcement": {"text": "x", "until": "2030-01-01T10:00Z"}}', "without a time zone"),
    ],
)
def test_a_file_of_invalid_facts_changes_nothing_and_says_why(tmp_path, text, complaint):
    file = tmp_path / "facts.json"
    file.write_text(text)
    with pytest.raises(CommandError, match=complaint):
        call_command("load_facts", str(file))
    assert not Edition.objects.exists()


def test_a_missing_file_is_named_in_the_error():
    with pytest.raises(CommandError, match="nowhere.json was not loaded"):
        call_command("load_facts", "nowhere.json")
