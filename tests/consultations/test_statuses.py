"""Tests that STATUS_RULES is complete, and that the model and the desk's queues agree with it."""

from datetime import timedelta
from itertools import groupby

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from consultations.models import ConsultationRequest, open_too_long, overdue
from consultations.statuses import STATUS_RULES, MainQueue, Status
from front_desk.queues import DESK_ORDER, QUEUES, queue
from tests.helpers.factories import consultation


def test_every_status_has_a_rule_and_every_rule_a_status():
    assert set(STATUS_RULES) == set(Status), "give each Status a rule in STATUS_RULES"
    assert list(STATUS_RULES) == list(Status), "list the rules in the order of Status"


@pytest.mark.parametrize("status", STATUS_RULES)
def test_every_status_is_in_exactly_one_main_queue(db, status):
    asked = consultation(status=status)
    main = {main_queue for main_queue in MainQueue if _is_in(main_queue, asked)}
    assert main == {status.rule.queue}
    assert (MainQueue.ENDED in main) is status.rule.ended


def _is_in(name: str, asked: ConsultationRequest) -> bool:
    return ConsultationRequest.objects.filter(queue(name, AnonymousUser()), pk=asked.pk).exists()


def test_every_main_queue_is_a_tab_at_the_desk():
    assert {main_queue.value: main_queue.label for main_queue in MainQueue}.items() <= QUEUES.items()


@pytest.mark.parametrize("status", STATUS_RULES)
def test_exactly_the_reachable_statuses_have_a_button_and_a_sentence(status):
    is_reachable = any(status in rule.moves for rule in STATUS_RULES.values())
    needs = "needs" if is_reachable else "can't be reached by a move, so it must not have"
    assert bool(status.rule.button) is is_reachable, f"{status.name} {needs} a button"
    assert bool(status.rule.sentence) is is_reachable, f"{status.name} {needs} a sentence"


@pytest.mark.parametrize("status", STATUS_RULES)
def test_no_status_is_a_dead_end_and_staff_can_reach_all_but_one(status):
    assert status.rule.moves, f"{status.name} is a dead end: give it moves"
    is_reachable = any(status in rule.moves for rule in STATUS_RULES.values())
    assert is_reachable is (status != Status.SUSPECTED), f"no status moves to {status.name}: add it to their moves"


def test_no_two_statuses_share_a_label_a_button_or_a_sentence():
    buttons = [rule.button for rule in STATUS_RULES.values() if rule.button]
    sentences = [rule.sentence for rule in STATUS_RULES.values() if rule.sentence]
    for words in (Status.labels, buttons, sentences):
        assert len(set(words)) == len(words)


def test_only_spam_and_suspected_spam_can_become_new():
    assert {status for status, rule in STATUS_RULES.items() if Status.NEW in rule.moves} == {
        status for status, rule in STATUS_RULES.items() if rule.spam
    }


@pytest.mark.parametrize("hours", [-1, 1])
@pytest.mark.parametrize("status", STATUS_RULES)
def test_the_model_and_the_queue_agree_on_what_is_overdue(db, status, hours):
    asked = consultation(status=status, due_at=timezone.now() + timedelta(hours=hours))
    is_late = status == Status.NEW and hours < 0
    assert asked.is_overdue is is_late
    assert ConsultationRequest.objects.filter(overdue()).exists() is is_late
    assert _is_in("overdue", asked) is is_late


@pytest.mark.parametrize("days", [89, 91])
@pytest.mark.parametrize("status", STATUS_RULES)
def test_a_request_that_has_not_ended_is_open_too_long_after_90_days(db, settings, status, days):
    settings.OPEN_TOO_LONG_DAYS = 90
    asked = consultation(status=status, created_at=timezone.now() - timedelta(days=days))
    is_old = days > 90 and not status.rule.ended
    assert ConsultationRequest.objects.filter(open_too_long()).exists() is is_old
    assert _is_in("old", asked) is is_old


def test_the_desk_lists_new_requests_first_and_ended_ones_last(db):
    due = timezone.now()
    for status in reversed(STATUS_RULES):
        consultation(status=status, due_at=due)
    listed = ConsultationRequest.objects.order_by(*DESK_ORDER).values_list("status", flat=True)
    assert listed[0] == "new"
    assert [name for name, _ in groupby(listed, key=lambda status: STATUS_RULES[status].queue)] == list(MainQueue)
    assert list(MainQueue) == ["open", "booked", "suspected", "ended"]
