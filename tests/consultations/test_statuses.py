"""Tests that STATUS_RULES is complete, and that the model and the desk's queues agree with it."""

from datetime import timedelta
from itertools import product

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from consultations.models import ConsultationRequest, open_too_long, overdue
from consultations.statuses import ENDED, STATUS_RULES, MainQueue, NextAction, Outcome, Status, status_after
from front_desk.queues import QUEUES, in_queue, queue
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
    for part, text in (("button", status.rule.button), ("sentence", status.rule.sentence)):
        no_move = f"no move leads to {status.name}: add it to another status's moves, or remove its {part}"
        assert bool(text) is is_reachable, f"{status.name} needs a {part}" if is_reachable else no_move


@pytest.mark.parametrize("status", STATUS_RULES)
def test_no_status_is_a_dead_end(status):
    # A closed request is reopened instead of moved.
    assert status.rule.moves or status == Status.CLOSED, f"{status.name} is a dead end: give it moves"


def test_staff_can_reach_every_status_but_suspected_spam():
    by_move = {to for rule in STATUS_RULES.values() for to in rule.moves}
    by_attempt = {status_after(outcome, status) for outcome in Outcome for status in STATUS_RULES}
    unreachable = set(STATUS_RULES) - by_move - by_attempt
    assert unreachable == {Status.SUSPECTED}, f"add {unreachable - {Status.SUSPECTED}} to another status's moves"


@pytest.mark.parametrize("status", STATUS_RULES)
def test_only_a_request_that_has_ended_is_without_a_next_action(db, status):
    asked = consultation(status=status)
    asked.refresh_from_db()
    assert (status.rule.next_action is None) is status.rule.ended
    assert asked.next_action == (status.rule.next_action or "")
    assert (asked.next_action_at is None) is status.rule.ended


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


# Every combination of what decides which queue a request is in. 0 is none, the other numbers are days from today.
CASES = product(Status, (0, -9, 1), (0, -1, 2), (0, -1, 3), (False, True), (False, True), (False, True))


def test_every_open_request_is_in_a_queue_of_work_with_a_next_action(db):
    now, today = timezone.now(), timezone.localdate()
    asked = []
    for status, due, follow_up, visit, urgent, withdrawn, changed in CASES:
        one = ConsultationRequest(
            status=status,
            created_at=now,
            due_at=now + timedelta(days=due) if due else None,
            follow_up_on=today + timedelta(days=follow_up) if follow_up else None,
            scheduled_at=now + timedelta(days=visit) if visit else None,
            urgent=urgent,
            withdrawn_at=now if withdrawn else None,
            patient_changed_at=now if changed else None,
        )
        one._update_derived_fields()
        one.due_at = now + timedelta(days=due) if due else None  # a new request is given a due time
        one._state.adding = False
        one._update_derived_fields()
        one._state.adding = True
        asked.append(one)
    ConsultationRequest.objects.bulk_create(asked)
    work = [MainQueue.OPEN, MainQueue.SCHEDULED, MainQueue.SUSPECTED]
    listed = [pk for name in work for pk in in_queue(name, AnonymousUser()).values_list("pk", flat=True)]
    still_open = ConsultationRequest.objects.exclude(status__in=ENDED)
    assert sorted(listed) == sorted(still_open.values_list("pk", flat=True))
    assert len(listed) == (len(Status) - len(ENDED)) * 27 * 8
    assert not still_open.filter(next_action_at=None).exists()
    assert not still_open.filter(next_action_at__gt=now + timedelta(days=5)).exists()
    assert not still_open.filter(next_action="").exists()
    contacted = still_open.filter(next_action=NextAction.FOLLOW_UP, next_action_at__lte=now)
    assert {*contacted} == {*ConsultationRequest.objects.filter(queue("follow-up", AnonymousUser()))}


def test_the_queues_of_work_together_list_every_request_that_has_not_ended(db):
    assert {queue.rule.queue for queue in Status if not queue.rule.ended} == set(MainQueue) - {MainQueue.ENDED}
