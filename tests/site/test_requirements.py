"""Tests that each lock file matches the requirements.txt beside it and has a hash for every package."""

import re

import pytest

from tests.helpers.live_site import PROJECT

PIN = re.compile(r"^([\w.-]+)(?:\[[\w,]+\])?==([\w.]+)", re.MULTILINE)


def pins(file: str) -> dict[str, str]:
    found = PIN.findall((PROJECT / file).read_text())
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in found}


@pytest.mark.parametrize("folder", ["", "tests/", "tests/system/"])
def test_the_lock_file_has_every_pin_with_a_hash(folder):
    required, locked = pins(f"{folder}requirements.txt"), pins(f"{folder}requirements.lock")
    assert required
    assert required.items() <= locked.items(), "run make lock"
    entries = re.split(
        r"\n(?=\S)", re.sub(r"^#.*\n", "", (PROJECT / f"{folder}requirements.lock").read_text(), flags=re.MULTILINE)
    )
    assert len(entries) == len(locked)
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_the_tests_pin_every_package_at_its_production_version():
    assert pins("requirements.lock").items() <= pins("tests/requirements.lock").items()


def test_every_pinned_package_has_a_comment_that_says_why():
    lines = (PROJECT / "requirements.txt").read_text().splitlines() + (
        PROJECT / "tests/requirements.txt"
    ).read_text().splitlines()
    assert [line for line in lines if "==" in line and not re.search(r"\s# \S", line)] == []
