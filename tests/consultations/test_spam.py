"""Tests of spam scoring and the rate limit."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from consultations.models import ConsultationRequest, Notification
from consultations.rate_limit import address_hashes
from consultations.spam import WEIGHTS, is_suspected, opened_now, reasons_to_suspect
from tests.helpers.factories import REFERRAL, consultation, sent_form

FORM = "/consultation/"
CONTENT = {
    "asking_for": "myself",
    "full_name": "Alex Example",
    "email": "alex@example.com",
    "note": "Please ring twice",
}


def reasons(content: dict[str, str] | None = None, **signs) -> list[str]:
    innocent = {"trap": "", "opened_at": opened_now(60), "fetch_site": "same-origin", "requests_from_address": 1}
    return reasons_to_suspect(CONTENT | (content or {}), **innocent | signs)


def test_an_ordinary_request_has_no_sign_of_spam():
    assert reasons() == []
    assert reasons(fetch_site="") == []
    assert reasons(fetch_site="none") == []
    assert reasons({"note": "", "email": ""}) == []
    assert reasons(requests_from_address=5) == reasons({"asking_for": "patient"}, requests_from_address=20) == []


@pytest.mark.parametrize(
    ("content", "signs", "reason"),
    [
        ({}, {"trap": "x"}, "filled in what no person sees"),
        ({}, {"requests_from_address": 6}, "one of many from one address"),
        ({"asking_for": "patient"}, {"requests_from_address": 21}, "one of many from one address"),
        ({}, {"opened_at": ""}, "no record of when the form was opened"),
        ({}, {"opened_at": None}, "no record of when the form was opened"),
        ({}, {"opened_at": opened_now()[:-3] + "abc"}, "no record of when the form was opened"),
        ({}, {"opened_at": opened_now(-86400)}, "sent within three seconds"),
        ({"note": "https://a.example www.b.example"}, {}, "two links or more"),
        ({"note": "Alex Example"}, {}, "the note repeats the name or the address"),
        ({"note": "alex@example.com"}, {}, "the note repeats the name or the address"),
        ({"full_name": "buy https://a.example"}, {}, "a link in the name"),
        ({}, {"fetch_site": "cross-site"}, "sent from another site"),
    ],
)
def test_each_sign_of_spam_is_detected_and_named(content, signs, reason):
    assert reasons(content, **signs) == [reason]


@pytest.mark.parametrize("link", ["https://www.example.com", "HTTP://WWW.example.com/a", "www.example.com"])
def test_one_link_is_not_two(link):
    assert reasons({"note": f"See {link}."}) == []
    assert reasons({"note": f"See {link} or {link}."}) == ["two links or more"]


@pytest.mark.parametrize(
    "name", ["Олена Коваль", "Αλέξης Παράδειγμα", "أليكس مثال", "李示例", "예시 사람", "יוסי דוגמה", "Nguyễn Ví Dụ"]
)
@pytest.mark.parametrize("note", ["", "https://relay.example www.interpreter.example", "Подзвоніть, будь ласка"])
@pytest.mark.parametrize("signs", [{}, {"fetch_site": "cross-site"}, {"opened_at": ""}])
def test_a_name_in_any_script_is_judged_like_a_latin_one(name, note, signs):
    assert reasons({"full_name": name, "note": note}, **signs) == reasons({"note": note}, **signs)


def test_a_ukrainian_name_with_two_links_is_not_suspected(db, client):
    client.post(FORM, sent_form(full_name="Олена Коваль", note="https://relay.example https://interpreter.example"))
    assert ConsultationRequest.objects.get().status == "new"


def test_only_the_honeypot_or_a_flood_alone_makes_a_request_suspected():
    assert {reason for reason in WEIGHTS if is_suspected([reason])} == {
        "filled in what no person sees",
        "one of many from one address",
    }
    assert is_suspected(["two links or more", "sent from another site"])


def test_a_form_left_open_for_a_month_is_not_suspected():
    assert reasons(opened_at=opened_now(30 * 86400)) == []


def test_a_suspected_request_is_stored_and_gets_the_usual_receipt(db, client):
    answer = client.post(FORM, sent_form(kettle="on", email="a@example.com", receipt_wanted="on"), follow=True)
    assert "We have your request" in answer.content.decode()
    request = ConsultationRequest.objects.get()
    assert request.status == "suspected"
    assert request.spam_reasons == "filled in what no person sees"
    assert [notification.kind for notification in Notification.objects.all()] == ["digest"]


def test_all_spam_reasons_together_fit_in_their_column():
    assert len("; ".join(WEIGHTS)) <= ConsultationRequest._meta.get_field("spam_reasons").max_length


# --- Rate limit


def send(address: str = "203.0.113.7", **answers: str | list[str]):
    return Client(REMOTE_ADDR=address).post(FORM, sent_form(**answers))


def statuses() -> list[str]:
    return list(ConsultationRequest.objects.order_by("pk").values_list("status", flat=True))


def test_the_sixth_request_in_an_hour_from_one_address_is_suspected(db):
    for _ in range(6):
        assert send().status_code == 302
    assert statuses() == ["new"] * 5 + ["suspected"]
    ConsultationRequest.objects.update(created_at=timezone.now() - timedelta(hours=1, minutes=1))
    send()
    assert ConsultationRequest.objects.latest("pk").status == "new"


def test_the_31st_request_in_an_hour_is_refused_and_kept_in_the_form(db):
    for _ in range(30):
        assert send().status_code == 302
    refused = send(note="Okapi")
    assert refused.status_code == 429
    assert refused["Retry-After"] == "3600"
    assert "Okapi" in refused.content.decode()
    assert ConsultationRequest.objects.count() == 30
    assert send("203.0.113.8").status_code == 302


def test_an_office_can_send_twenty_referrals_in_an_hour(db):
    for _ in range(21):
        send(**REFERRAL)
    assert statuses() == ["new"] * 20 + ["suspected"]
    assert Notification.objects.filter(kind="new").count() == 20


def test_referrals_and_other_requests_are_counted_apart(db):
    for _ in range(5):
        send()
    for _ in range(6):
        send(**REFERRAL)
    assert statuses() == ["new"] * 11
    send()
    assert statuses()[-1] == "suspected"


def test_referrals_and_other_requests_together_are_refused_from_the_31st(db):
    for number in range(30):
        assert send(**REFERRAL if number % 2 else {}).status_code == 302
    assert send().status_code == send(**REFERRAL).status_code == 429
    assert ConsultationRequest.objects.count() == 30


def test_a_form_sent_twice_is_counted_once(db):
    answers = sent_form()
    for _ in range(7):
        Client(REMOTE_ADDR="203.0.113.7").post(FORM, answers)
    send()
    assert not ConsultationRequest.objects.filter(status="suspected").exists()


def test_the_limit_counts_the_address_that_the_trusted_proxy_saw(db, settings):
    settings.TRUSTED_PROXY_HOPS = 1
    for number in range(6):
        headers = {"X-Forwarded-For": f"198.51.100.{number}, 203.0.113.7"}
        Client(REMOTE_ADDR="10.0.0.1").post(FORM, sent_form(), headers=headers)
    assert ConsultationRequest.objects.latest("pk").status == "suspected"


def test_ipv6_addresses_of_one_network_count_as_one(db):
    now = timezone.now()
    assert address_hashes("2001:db8::1", now) == address_hashes("2001:db8::ffff:2", now)
    assert address_hashes("2001:db8::1", now) != address_hashes("2001:db8:0:1::1", now)
    assert address_hashes("::ffff:203.0.113.7", now) == address_hashes("203.0.113.7", now)


def test_only_a_daily_changing_hash_of_an_address_is_stored(db):
    send()
    request = ConsultationRequest.objects.get()
    assert "203.0.113.7" not in str(vars(request))
    noon = timezone.now().replace(hour=18)
    today, tomorrow = (address_hashes("203.0.113.7", noon + timedelta(days=days)) for days in (0, 1))
    assert not set(today) & set(tomorrow)


def test_midnight_does_not_reset_the_count():
    midnight = timezone.localtime().replace(hour=0, minute=10)
    before, after = midnight - timedelta(minutes=20), midnight
    assert address_hashes("203.0.113.7", before)[0] in address_hashes("203.0.113.7", after)


def test_requests_from_unknown_addresses_are_not_limited(db):
    for _ in range(7):
        assert send("").status_code == 302
    assert not ConsultationRequest.objects.filter(status="suspected").exists()


def test_staff_get_one_summary_email_in_a_busy_hour(db):
    for number in range(62):
        consultation() if number < 60 else send(f"203.0.113.{number}")
    assert [notification.kind for notification in Notification.objects.all()] == ["summary"]
