"""Tests of what staff see of failed emails, and of sending them again or dismissing them."""

import re
import uuid

import pytest
from django.utils import timezone

from consultations import retention
from consultations.models import AccessLogEntry, ConsultationRequest, Notification
from tests.helpers.factories import consultation
from tests.helpers.request_page import LIST, page_of, system_notes

pytestmark = pytest.mark.django_db

BANNER = "failed to send"
REFUSED_ADDRESS = "The mail server refused the patient"


def failed(asked: ConsultationRequest | None = None, **fields) -> Notification:
    values = {"kind": "new", "slot": str(uuid.uuid4()), "failed_at": timezone.now(), "attempts": 9}
    values |= {"recipient": "staff@example.com", "last_error": "ConnectionRefusedError", "consultation": asked}
    return Notification.objects.create(**values | fields)


def refused_receipt(asked: ConsultationRequest) -> Notification:
    error = "SMTPRecipientsRefused 550 5.1.1"
    return failed(asked, kind="receipt", recipient="", refused=True, attempts=1, last_error=error)


def test_a_refused_receipt_is_in_words_on_its_request_alone(desk):
    asked, other = consultation(), consultation()
    refused_receipt(asked)
    page = desk.get(page_of(asked)).content.decode()
    assert REFUSED_ADDRESS in page
    assert "so no confirmation was sent. Check the address." in page
    assert BANNER not in page
    for path in ("/staff/", page_of(other), LIST):
        text = desk.get(path).content.decode()
        assert REFUSED_ADDRESS not in text
        assert BANNER not in text


def test_every_page_warns_of_a_failed_staff_email_and_today_says_why(desk):
    failed(consultation(), refused=True, last_error="SMTPRecipientsRefused 550 5.1.1")
    for path in ("/staff/", LIST):
        assert "1 email failed to send" in desk.get(path).content.decode()
    assert "The email to staff@example.com was refused: the address does not exist." in desk.get(
        "/staff/"
    ).content.decode().replace("&#x27;", "'")


def test_the_front_desk_can_send_a_failed_email_again(desk):
    email = refused_receipt(asked := consultation())
    assert "Send again" in desk.get(page_of(asked)).content.decode()
    assert desk.post(f"{LIST}send-again/{email.pk}/").status_code == 302
    email.refresh_from_db()
    assert (email.failed_at, email.attempts, email.refused, email.last_error) == (None, 0, False, "")
    assert system_notes(asked) == ["Sent again: receipt to the patient."]
    assert AccessLogEntry.objects.filter(action="send-again", consultation=asked).exists()


def test_the_front_desk_can_dismiss_a_failed_email(desk):
    email = failed(asked := consultation())
    assert "Dismiss" in desk.get("/staff/").content.decode()
    assert desk.post(f"{LIST}dismiss-email/{email.pk}/").status_code == 302
    for path in ("/staff/", page_of(asked)):
        text = desk.get(path).content.decode()
        assert BANNER not in text
        assert "Send again" not in text
    assert system_notes(asked) == ["Dismissed the failed email: new request."]
    entry = AccessLogEntry.objects.get(action="dismiss")
    assert (entry.consultation, entry.detail) == (asked, "New request")
    assert desk.post(f"{LIST}dismiss-email/{email.pk}/").status_code == 302
    assert AccessLogEntry.objects.filter(action="dismiss").count() == 1


@pytest.mark.parametrize("action", ["send-again", "dismiss-email"])
def test_the_buttons_of_a_failed_email_stay_on_the_page_they_are_on(desk, action):
    asked = consultation()
    for page, where in (("/staff/", "/staff/"), (page_of(asked), page_of(asked))):
        email = failed(consultation=asked)
        html = desk.get(page).content.decode()
        form = html.partition(f'action="{LIST}{action}/{email.pk}/"')[2].partition("</form>")[0]
        fields = dict(re.findall(r'name="(\w+)" value="(\w+)"', form))
        assert desk.post(f"{LIST}{action}/{email.pk}/", fields).headers["Location"] == where


def test_an_email_about_no_request_can_be_dismissed(desk):
    email = failed(kind="digest")
    assert desk.post(f"{LIST}dismiss-email/{email.pk}/").headers["Location"] == "/staff/"
    assert not Notification.objects.failed().exists()


@pytest.mark.parametrize("action", ["send-again", "dismiss-email"])
def test_the_buttons_of_an_email_erased_since_say_so(desk, action):
    email = refused_receipt(asked := consultation())
    retention.erase(asked)
    answer = desk.post(f"{LIST}{action}/{email.pk}/", follow=True)
    assert answer.status_code == 200
    assert 'role="status"' in answer.content.decode()
    assert not Notification.objects.filter(kind="receipt").exists()


def test_a_sent_receipt_of_an_erased_request_is_not_sent_again(desk):
    asked = consultation()
    email = Notification.objects.create(kind="receipt", slot="r", consultation=asked, sent_at=timezone.now())
    retention.erase(asked)
    answer = desk.post(f"{LIST}send-again/{email.pk}/", follow=True)
    assert "There is nothing to send" in answer.content.decode()
    email.refresh_from_db()
    assert email.sent_at is not None


def test_an_account_without_a_group_can_do_neither(desk):
    email = failed()
    member = AccessLogEntry._meta.get_field("user").related_model.objects.get()
    member.groups.clear()
    for action in ("send-again", "dismiss-email"):
        assert desk.post(f"{LIST}{action}/{email.pk}/").status_code == 403
    assert Notification.objects.failed().get() == email


def test_the_history_shows_an_email_to_several_people_once(desk):
    asked = consultation()
    for address in ("desk@example.com", "lee@example.com"):
        slot = f"new:{asked.pk}:{address}"
        Notification.objects.create(
            kind="new", slot=slot, recipient=address, consultation=asked, sent_at=timezone.now()
        )
    assert desk.get(page_of(asked)).content.decode().count("Email sent: new request") == 1


def test_the_failures_of_one_wrong_staff_address_are_one_line_of_today(desk):
    for _ in range(12):
        failed(consultation(), recipient="wrong@example.com", refused=True)
    failed(consultation(), recipient="staff@example.com")
    html = desk.get("/staff/").content.decode().partition('id="mail"')[2]
    assert html.count('class="badge badge--failed"') == 2
    assert "12 emails failed" in html
    assert "to wrong@example.com, the last" in html
    assert html.count(">Dismiss all</button>") == html.count(">Dismiss</button>") == 1


def test_dismiss_all_dismisses_the_failures_of_one_address_and_no_other(desk):
    asked = [consultation() for _ in range(3)]
    for one in asked:
        failed(one, recipient="wrong@example.com")
    other = failed(consultation(), recipient="staff@example.com")
    receipt = refused_receipt(asked[0])
    action = re.search(rf'action="({LIST}dismiss-all/[^"]+)"', desk.get("/staff/").content.decode())[1]
    answer = desk.post(action, follow=True)
    assert "Dismissed: 3." in answer.content.decode()
    assert set(Notification.objects.failed()) == {other, receipt}
    assert AccessLogEntry.objects.filter(action="dismiss").count() == 3
    assert [system_notes(one) for one in asked] == [["Dismissed the failed email: new request."]] * 3
    assert desk.post(f"{LIST}dismiss-all/{receipt.pk}/").status_code == 302
    assert receipt in Notification.objects.failed()


def test_dismiss_all_needs_the_permission_and_a_post(desk, dana):
    email = failed()
    assert desk.get(f"{LIST}dismiss-all/{email.pk}/").status_code == 405
    dana.groups.clear()
    assert desk.post(f"{LIST}dismiss-all/{email.pk}/").status_code == 403
