"""Validates the HTML of every page and form state with html-validate."""

import json
import shutil

import pytest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from tests.helpers.factories import consultation, sent_form
from tests.helpers.live_site import PROJECT
from tests.helpers.staff_members import make_member, sign_in
from tests.site.test_site import public_paths
from tests.system.npm import installed, node

pytestmark = pytest.mark.system

ERRORS = (400, 403, 404, 405, 413, 429, 503)


@pytest.fixture
def documents(client, db, rf) -> dict[str, str]:
    """Return the HTML of every page and form state, keyed by name."""
    form = reverse("consultations:request")
    late = client.post(form, sent_form(full_name=""))
    receipt = client.post(form, sent_form(), follow=True)
    urgent = client.post(form, sent_form(note="I want to die"), follow=True)
    overdue = client.get(consultation(due_at=timezone.now()).receipt_url)
    withdraw = client.get(receipt.redirect_chain[-1][0].replace("/received/", "/withdraw/"))
    answers = {path: client.get(path) for path in public_paths(client)} | {
        "form with errors": late,
        "receipt": receipt,
        "urgent receipt": urgent,
        "overdue receipt": overdue,
        "withdraw": withdraw,
        "under 18": client.get(reverse("consultations:under_18")),
        "component sheet": sign_in(make_member()).get("/staff/components/"),
    }
    drawn = {f"error {status}": render_to_string(f"{status}.html", request=rf.get("/")) for status in ERRORS}
    drawn["error 500"] = render_to_string("500.html")
    return {name: answer.content.decode() for name, answer in answers.items()} | drawn


def test_every_page_is_valid_html(documents, tmp_path):
    validator = installed("html")
    shutil.copy(PROJECT / "tests/system/html/.htmlvalidate.json", tmp_path)
    names = dict(enumerate(documents))
    for number, name in names.items():
        (tmp_path / f"{number}.html").write_text(documents[name])
    files = [f"{number}.html" for number in names]
    program = validator / "node_modules/html-validate/bin/html-validate.mjs"
    done = node(program, "--formatter", "json=found.json", *files, folder=tmp_path)
    found = json.loads((tmp_path / "found.json").read_text())
    faults = [
        f"{names[int(result['filePath'].rpartition('/')[2].removesuffix('.html'))]}, line {message['line']}: "
        f"{message['ruleId']}: {message['message']}"
        for result in found
        for message in result["messages"]
    ]
    assert faults == [], "\n".join(faults)
    assert len(files) > 25
    assert done.returncode == 0


def test_the_validator_reports_a_mistake(tmp_path):
    validator = installed("html")
    shutil.copy(PROJECT / "tests/system/html/.htmlvalidate.json", tmp_path)
    (tmp_path / "page.html").write_text("<!doctype html><html lang=en><title>x</title><p><div></p></html>")
    program = validator / "node_modules/html-validate/bin/html-validate.mjs"
    assert node(program, "page.html", folder=tmp_path).returncode == 1
