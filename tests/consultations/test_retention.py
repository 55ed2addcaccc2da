"""Tests of what is erased and when, and of patients withdrawing their requests."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from consultations import retention
from consultations.models import AccessLogEntry, ConsultationRequest, Correction, Note, Notification, Step
from consultations.notifications import queue_new, queue_urgent
from consultations.retention import MARKS, erase
from consultations.statuses import STATUS_RULES
from tests.helpers.factories import consultation, sent_form

WORDS = {
    "full_name": "Zebra",
    "practice": "Quagga Practice",
    "direct_line": "618 555 0155",
    "phone": "618 555 0177",
    "email": "zebra@example.com",
    "needs": "language",
    "language": "Polish",
    "note": "Okapi",
    "topic": "pain",
    "closed_words": "Moved to Gnu",
}
# What a patient can send of these.
SENT = {name: words for name, words in WORDS.items() if name != "closed_words"}


def ended(status: str, days_ago: float) -> ConsultationRequest:
    return consultation(status=status, closed_at=timezone.now() - timedelta(days=days_ago), **WORDS)


def is_erased(request: ConsultationRequest) -> bool:
    request.refresh_from_db()
    return request.erased_at is not None


def row(request: ConsultationRequest) -> dict[str, object]:
    """Return the request's row as stored, with its fields still encrypted."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM consultations_consultationrequest WHERE id = %s", [request.pk])
        return dict(zip([column[0] for column in cursor.description], cursor.fetchone(), strict=True))


def test_erasing_empties_every_encrypted_field_and_every_hash(db):
    request = ended("closed", 200)
    ConsultationRequest.objects.update(address_hash="a" * 32)
    Note.objects.create(consultation=request, text="Quagga called")
    Correction.objects.create(consultation=request, before="Full name: Gnu")
    dana = User.objects.create_user("dana")
    Step.objects.create(consultation=request, author=dana, version=1, before='{"closed_words": "Eland"}')
    erase(request)
    kept = row(request)
    for column in (*WORDS, "address_hash", "phone_hash", "email_hash"):
        assert not kept[column], column
    assert (request.notes.get().text, request.corrections.get().before) == (None, None)
    assert request.steps.get().before is None
    assert (kept["reference"], kept["status"]) == (request.reference, "closed")
    assert all(kept[date] for date in ("created_at", "closed_at", "due_at", "erased_at"))


def test_every_column_is_erased_or_known_to_identify_no_one():
    hashes = {"phone_hash", "email_hash", "address_hash"}
    kept = {
        *("id", "reference", "submission_key", "source", "status", "closed_reason", "assigned_to", "follow_up_on"),
        *("created_at", "due_at", "consent_at", "consent_version", "corrected_at", "closed_at", "withdrawn_at"),
        *("erased_at", "asking_for", "contact_by", "voicemail_ok", "best_time", "receipt_wanted"),
        *("spam_reasons", "first_contact_at", "version", "due_moved_at", "patient_agreed"),
        *("main_queue", "next_action", "scheduled_at"),
    }
    columns = {field.name for field in ConsultationRequest._meta.concrete_fields}
    known = kept | set(WORDS) | hashes | set(MARKS)
    new = columns - known
    assert not new, f"decide whether {new} identifies someone: if so add it to WORDS and erase it, otherwise to `kept`"
    assert not known - columns, f"remove {known - columns}, which is no column, from this test"


def test_erasing_leaves_no_trace_that_a_request_was_urgent(db):
    now = timezone.now()
    request = consultation(urgent=True, clinician_told_at=now, asked_again_at=now, patient_changed_at=now)
    ordinary = consultation()
    queue_new(request)
    queue_urgent(request)
    request.notifications.filter(kind="urgent").update(sent_at=now)
    erase(request)
    compared = {name: (getattr(request, name), getattr(ordinary, name)) for name in MARKS if name != "next_action_at"}
    assert [name for name, (erased, normal) in compared.items() if erased != normal] == []
    assert request.next_action_at is None
    assert [notification.kind for notification in request.notifications.all()] == ["new"]


@pytest.mark.parametrize(
    ("status", "days_ago", "erased"),
    [("closed", 179, False), ("closed", 181, True), ("spam", 29, False), ("spam", 31, True)],
)
def test_a_request_is_erased_after_its_retention_time_and_not_before(db, settings, status, days_ago, erased):
    settings.RETENTION_DAYS = 180
    request = ended(status, days_ago)
    call_command("erase_old_requests")
    assert is_erased(request) is erased


@pytest.mark.parametrize("status", [status for status, rule in STATUS_RULES.items() if not rule.ended])
def test_an_open_request_is_counted_and_never_erased(db, status, capsys):
    request = consultation(status=status, created_at=timezone.now() - timedelta(days=4000))
    call_command("erase_old_requests")
    assert not is_erased(request)
    assert capsys.readouterr().out.startswith("0 requests erased; 1 have been open too long and were left alone.")


def test_a_request_that_staff_reopen_during_the_nightly_run_is_not_erased(db, monkeypatch, capsys):
    first, reopened = ended("closed", 181), ended("closed", 181)

    def reopen_before_the_second(due):
        assert list(due) == [first.pk, reopened.pk]
        yield [first.pk]
        staff = ConsultationRequest.objects.get(pk=reopened.pk)
        staff.status = "reached"
        staff.save(update_fields=["status"])
        yield [reopened.pk]

    monkeypatch.setattr(retention, "in_batches", reopen_before_the_second)
    call_command("erase_old_requests")
    assert (is_erased(first), is_erased(reopened)) == (True, False)
    assert (reopened.status, reopened.full_name) == ("reached", WORDS["full_name"])
    assert "1 requests erased" in capsys.readouterr().out


def test_a_dry_run_lists_what_would_be_erased_and_erases_nothing(db, capsys):
    request, kept = ended("closed", 181), ended("closed", 1)
    call_command("erase_old_requests", "--dry-run")
    out = capsys.readouterr().out
    assert request.reference in out
    assert kept.reference not in out
    assert "1 requests would be erased" in out
    assert not is_erased(request)


@pytest.mark.parametrize(("days", "kept"), [(6 * 365, 1), (6 * 366 + 1, 0)])
def test_access_log_entries_are_kept_for_six_years_and_then_deleted(db, days, kept):
    looker = User.objects.create_user("dana")
    AccessLogEntry.objects.create(user=looker, action="list", at=timezone.now() - timedelta(days=days))
    call_command("erase_old_requests", "--dry-run")
    assert AccessLogEntry.objects.count() == 1
    call_command("erase_old_requests")
    assert AccessLogEntry.objects.count() == kept


def test_an_erased_request_is_not_erased_again(db, capsys):
    request = ended("closed", 181)
    call_command("erase_old_requests")
    first = row(request)
    call_command("erase_old_requests")
    assert row(request) == first
    assert "0 requests erased" in capsys.readouterr().out.splitlines()[-1]


def test_reopening_a_request_restarts_its_retention_time(db):
    request = ended("closed", 181)
    request.status = "tried"
    request.save(update_fields=["status"])
    request.status = "closed"
    request.save(update_fields=["status"])
    call_command("erase_old_requests")
    assert not is_erased(request)


def test_erasing_an_open_request_closes_it_and_cancels_its_receipt(db):
    request = consultation(**WORDS, receipt_wanted=True)
    queue_new(request)
    erase(request)
    assert (request.status, request.full_name) == ("closed", None)
    assert (request.next_action_at, request.priority) == (None, ConsultationRequest.Priority.NORMAL)
    assert [notification.kind for notification in Notification.objects.all()] == ["new"]


# --- Withdrawing


def test_withdrawing_takes_two_steps_and_erases_the_answers(db, client):
    client.post("/consultation/", sent_form(**SENT))
    request = ConsultationRequest.objects.get()
    receipt = client.get(request.receipt_url).content.decode()
    assert f'href="{request.withdraw_url}"' in receipt
    asked = client.get(request.withdraw_url)
    assert asked.status_code == 200
    assert not is_erased(request)
    answer = client.post(request.withdraw_url, follow=True)
    assert answer.redirect_chain == [(request.receipt_url, 302)]
    assert "What you wrote has been erased" in answer.content.decode()
    assert is_erased(request)
    assert (request.status, request.full_name, bool(request.withdrawn_at)) == ("closed", None, True)


@pytest.mark.parametrize("status", ["tried", "reached", "booked", "closed"])
def test_withdrawing_after_staff_have_begun_only_notifies_them(db, client, status):
    request = consultation(status=status, **WORDS)
    answer = client.post(request.withdraw_url, follow=True)
    assert "Our staff had begun" in answer.content.decode()
    assert not is_erased(request)
    assert request.withdrawn_at == request.patient_changed_at is not None
    assert request.version == 1
    assert [notification.kind for notification in Notification.objects.all()] == ["withdrawn"]


@pytest.mark.parametrize("status", ["new", "tried"])
def test_a_withdrawn_urgent_request_stays_until_a_person_has_seen_it(db, client, status):
    request = consultation(status=status, urgent=True, **WORDS)
    for answer in (client.get(request.withdraw_url), client.post(request.withdraw_url, follow=True)):
        page = answer.content.decode().split("<main")[1]
        assert page.index("Please don’t wait for us</h1>") < page.index("ithdraw")
        assert "one of our staff will still read it once" in page or "one of them will still read it once" in page
        assert page.count("<h1") == 1
    assert not is_erased(request)
    assert (request.status, request.urgent, request.priority) == (status, True, ConsultationRequest.Priority.URGENT)
    assert [notification.kind for notification in Notification.objects.all()] == ["withdrawn"]


def test_withdrawing_twice_has_the_same_effect_as_once(db, client):
    request = consultation(status="tried")
    client.post(request.withdraw_url)
    first = row(request)
    client.post(request.withdraw_url)
    assert row(request) == first
    assert Notification.objects.count() == 1


@pytest.mark.parametrize(("status", "erased"), [("new", True), ("suspected", True), ("reached", False)])
def test_after_a_withdrawal_the_same_form_makes_a_new_request(db, client, status, erased):
    answers = sent_form()
    client.post("/consultation/", answers)
    ConsultationRequest.objects.update(status=status)
    client.post(ConsultationRequest.objects.get().withdraw_url)
    client.post("/consultation/", answers)
    client.post("/consultation/", answers)
    assert [bool(request.erased_at) for request in ConsultationRequest.objects.order_by("pk")] == [erased, False]


@pytest.mark.parametrize("page", ["receipt_url", "withdraw_url"])
def test_an_erased_requests_receipt_and_withdrawal_pages_still_load(db, client, page):
    request = ended("closed", 200)
    erase(request)
    answer = client.get(getattr(request, page))
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert "noindex" in answer.content.decode()


def test_the_log_names_an_erased_request_so_a_restore_can_erase_it_again(transactional_db, caplog):
    stored = consultation(note="Only Alex wrote this")
    with caplog.at_level("INFO"):
        erase(stored)
    assert f"request {stored.reference} was erased" in caplog.text
    assert "Alex" not in caplog.text
