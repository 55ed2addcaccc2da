import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from consultations.models import ConsultationRequest
from consultations.spam import WEIGHTS
from tests.helpers.staff_members import SIGN_IN

pytestmark = pytest.mark.django_db


@pytest.fixture
def printed():
    out = StringIO()
    call_command("make_demo", stdout=out)
    return out.getvalue()


def test_the_demo_has_every_status_made_up_people_and_a_working_login(printed):
    name, password, code = (re.search(rf"{label} +(\S+)", printed)[1] for label in ("Sign in as", "Password", "Code"))
    desk = Client()
    assert desk.post(SIGN_IN, {"username": name, "password": password, "code": code}).status_code == 302
    assert "All (200)" in desk.get("/staff/consultations/consultationrequest/").content.decode()
    asked = list(ConsultationRequest.objects.all())
    unused = set(ConsultationRequest.Status) - {request.status for request in asked}
    assert unused == set(), f"use {unused} in front_desk/management/commands/make_demo.py"
    reasons = {
        reason for request in asked if request.status == "suspected" for reason in request.spam_reasons.split("; ")
    }
    assert reasons
    assert reasons <= set(WEIGHTS)
    assert all(re.fullmatch(r"Example Person \d+", request.full_name) for request in asked)
    assert all(re.fullmatch(r"(\(618\) 555-01\d\d)?", request.phone) for request in asked)
    assert all(request.email == "" or request.email.endswith("@example.com") for request in asked)
    span = max(request.created_at for request in asked) - min(request.created_at for request in asked)
    assert 7 * 7 <= span.days <= 8 * 7


def test_the_demo_answers_each_question_in_more_than_one_way(printed):
    asked = list(ConsultationRequest.objects.all())
    same = [name for name in ConsultationRequest.CONTENT if len({getattr(one, name) for one in asked}) < 2]
    assert same == [], f"add answers for {same} to front_desk/management/commands/make_demo.py"


def test_the_demo_refuses_a_database_that_is_not_empty(printed):
    with pytest.raises(CommandError, match="not empty"):
        call_command("make_demo")
