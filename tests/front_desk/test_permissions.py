"""Tests of what each group may see and do."""

import pytest
from django.utils import timezone

from consultations.models import AccessLogEntry, ConsultationRequest, Notification
from tests.helpers.factories import consultation
from tests.helpers.request_page import LIST, page_of, system_notes
from tests.helpers.staff_members import make_member, sign_in

pytestmark = pytest.mark.django_db


def test_the_front_desk_gets_a_403_for_manager_only_actions(desk):
    for path in (LIST + "export/", "/staff/consultations/accesslogentry/"):
        assert desk.get(path).status_code == 403
        assert desk.post(path).status_code == 403


def test_resending_and_dismissing_emails_require_a_post(manager):
    mail = Notification.objects.create(kind="new", slot="x", failed_at=timezone.now())
    for path in (f"{LIST}send-again/{mail.pk}/", f"{LIST}dismiss-email/{mail.pk}/"):
        answer = manager.get(path)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    mail.refresh_from_db()
    assert mail.is_failed


def test_requests_and_access_log_entries_cannot_be_deleted(manager):
    asked = consultation()
    manager.get(page_of(asked))
    entry = AccessLogEntry.objects.get(action="view")
    for path in (f"{LIST}{asked.pk}/delete/", f"/staff/consultations/accesslogentry/{entry.pk}/delete/"):
        assert manager.post(path, {"post": "yes"}).status_code == 403
    for path in (LIST, "/staff/consultations/accesslogentry/"):
        manager.post(path, {"action": "delete_selected", "_selected_action": ["1"], "post": "yes"})
    assert ConsultationRequest.objects.count() == 1
    assert AccessLogEntry.objects.filter(pk=entry.pk).exists()


def test_an_account_without_a_group_sees_no_request():
    nobody = make_member("nobody")
    nobody.groups.clear()
    client = sign_in(nobody)
    asked = consultation()
    # An unknown request gets the same response, so the account cannot learn which requests exist.
    for path in (LIST, page_of(asked), LIST + "find/", f"{LIST}{asked.pk}/erase/", f"{LIST}424242/erase/"):
        assert client.get(path).status_code == 403
    assert client.post(LIST + "find/", {"find": asked.reference}).status_code == 403
    assert "open requests" not in client.get("/staff/").content.decode()


def test_a_manager_can_resend_a_failed_email(manager):
    asked = consultation()
    mail = Notification.objects.create(kind="new", consultation=asked, slot="x", failed_at=timezone.now(), attempts=8)
    assert manager.post(f"{LIST}send-again/{mail.pk}/").status_code == 302
    mail.refresh_from_db()
    assert (mail.failed_at, mail.attempts) == (None, 0)
    assert system_notes(asked) == ["Sent again: new request."]
    assert AccessLogEntry.objects.filter(action="send-again", consultation=asked).exists()
