"""Tests of how settings are read, refused and named."""

import os
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.urls import URLPattern, URLResolver, get_resolver
from hypothesis import given
from hypothesis import strategies as st

from albany_site.environment import Environment, clean
from albany_site.service_urls import parse_database_url, parse_email_url, parse_site_url
from albany_site.staff_path import PUBLIC
from tests.helpers.live_site import PROJECT
from tests.site.test_site import production_setting, run_python

PLAIN = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="#\"'"), min_size=1)
# Every printable character of a keyboard. A percent sign begins an escape, so it has a test of its own.
PASSWORD = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="%"), min_size=1)


def refused(done) -> str:
    """Return what a command that could not start printed, after checking that it is no traceback."""
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("The site can't start:\n")
    return done.stderr


def outcome(parse, text: str) -> tuple[Any, str]:
    """Return what `parse` returns, or "" and the message with which it refuses the text."""
    try:
        return parse(text), ""
    except ValueError as error:
        return "", str(error)


# --- Cleaning


@given(PLAIN)
def test_a_value_is_the_same_with_quotes_spaces_or_a_comment(value):
    for written in (
        f"  {value}\r\n",
        f"\ufeff{value}",
        f'"{value}"',
        f" '{value}' ",
        f"“{value}”",
        f"{value} # why it is so",
        f'"{value}"  # why it is so',
    ):
        assert clean(written) == value


@given(st.text())
def test_a_value_is_understood_or_refused_and_never_shown_in_part(text):
    cleaned, message = outcome(clean, text)
    if message:
        assert len(text) < 12 or text.strip() not in message
    else:
        assert cleaned == cleaned.strip() or text.strip()[0] in "\"'“‘"
        assert not re.search(r"[\x00-\x1f\x7f\u200b-\u200f\u2028\u2029\ufeff]", cleaned)


@pytest.mark.parametrize("value", ["s3cret#4", "a#b#c", "#7", "pa$$word", "$HOME"])
def test_number_and_dollar_signs_within_a_value_stay(value):
    assert clean(f'"{value}"') == value
    if not value.startswith("#"):
        assert clean(value) == value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("#7", "begins with #"),
        ('"half', "quote that is not closed"),
        ("two\nlines", "line break or an invisible character"),
        ("site\u200b@example.com", "line break or an invisible character"),
    ],
)
def test_a_value_that_could_mean_two_things_is_refused(text, words):
    with pytest.raises(ValueError, match=words):
        clean(text)


# --- The file


def read(tmp_path, text: str | bytes, **process: str) -> Environment:
    file = tmp_path / "env"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return Environment(process, file)


def test_a_file_from_windows_reads_like_any_other(tmp_path):
    env = read(tmp_path, '\ufeff# settings\r\nFIRST="1"\r\nexport SECOND = two # why\r\n\r\nTHIRD=\r\n')
    assert [env.text(name, "-") for name in ("FIRST", "SECOND", "THIRD", "FOURTH")] == ["1", "two", "-", "-"]
    env.stop_if_invalid()


def test_the_process_overrides_the_file(tmp_path):
    assert read(tmp_path, "NAME=file", NAME="process").text("NAME", "") == "process"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("NAME=a\nNAME=b", "NAME is set twice in "),
        ("NAME=a\nsome words", "Line 2 of .*env is not NAME=value"),
        ("NAMES=a", "NAMES in .*env is not a setting. Did you mean NAME?"),
        ("name=a", "name in .*env is not a setting. Did you mean NAME?"),
        ("NAME=ü".encode("utf-16"), "is not UTF-8 text"),
    ],
)
def test_a_file_that_cannot_be_read_as_meant_is_refused(tmp_path, text, words):
    env = read(tmp_path, text)
    env.text("NAME", "")
    with pytest.raises(ImproperlyConfigured, match=words):
        env.stop_if_invalid()


def test_an_environment_file_that_does_not_exist_is_named(tmp_path):
    done = run_python("manage.py", "check", ENV_FILE=f"{tmp_path}/nowhere")
    assert f"ENV_FILE names {tmp_path}/nowhere, which doesn't exist." in refused(done)


# --- What the site says


def test_every_problem_of_one_start_is_listed_at_once_without_secrets():
    done = run_python(
        "manage.py",
        "check",
        SITE_URL="",
        STAFF_PATH="/",
        RETENTION_DAYS="half a year",
        TRUSTED_PROXY_HOPS="-1",
        DEBUG="Ture",
        FIELD_KEYS="old:c2VjcmV0IGtleQ==",
        EMAIL_URL="smtp+tls://site:s3cret-word@mail.example:x",
        DATABASE_URL="mysql://site:s3cret-word@db.example/site",
        SECRET_KEY="too-short-a-s3cret",
        HSTS_PRELOAD="yes",
    )
    lines = refused(done).splitlines()[1:]
    assert [line.split()[0] for line in lines] == [
        "Set",
        "DEBUG",
        "SECRET_KEY",
        "FIELD_KEYS",
        "TRUSTED_PROXY_HOPS",
        "STAFF_PATH",
        "HSTS_PRELOAD",
        "DATABASE_URL",
        "EMAIL_URL",
        "RETENTION_DAYS",
    ]
    for secret in ("s3cret", "c2VjcmV0"):
        assert secret not in done.stderr


def test_the_web_process_names_the_setting_and_stops_at_once():
    done = run_python("-m", "gunicorn", "albany_site.wsgi", RETENTION_DAYS="ten", PORT="0")
    assert done.returncode == 3
    assert "RETENTION_DAYS must be a whole number from 1 to 36500. It is 'ten'." in done.stderr
    assert "Traceback" not in done.stderr + done.stdout


@pytest.mark.parametrize("name", ["RETENTION_DAYS", "TRUSTED_PROXY_HOPS", "STAFF_NETWORKS", "DEBUG", "BUILD_DIR"])
def test_an_empty_optional_setting_means_its_default(name):
    environment = {name: "  "}
    assert production_setting(name, **environment) in ("180", "0", "[]", "False", f"{PROJECT}/var/build")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RETENTION_DAYS", "0"),
        ("RETENTION_DAYS", "1e3"),
        ("RETENTION_DAYS", "１８０"),
        ("SECRET_KEY_FALLBACKS", "short"),
        ("TRUSTED_PROXY_HOPS", "-1"),
        ("TRUSTED_PROXY_HOPS", "1.0"),
        ("STAFF_PATH", "//"),
        ("STAFF_PATH", "staff pages"),
        ("STAFF_PATH", "https://clinic.example/staff"),
        ("STAFF_PATH", "consultation"),
        ("STAFF_PATH", "About/desk"),
        ("STAFF_NETWORKS", ","),
        ("STAFF_NETWORKS", "192.0.2.0/24;198.51.100.0/24"),
        ("STAFF_NETWORKS", "192.0.2.1/24"),
        ("HSTS_SUBDOMAINS", "maybe"),
        ("BUILD_DIR", "."),
        ("BUILD_DIR", "static"),
        ("BUILD_DIR", "/"),
        ("SITE_URL", "https://*"),
        ("SITE_URL", "https://.clinic.example"),
        ("SITE_URL", "https://clinic.example/start"),
        ("SITE_URL", "https://clinic.example:port"),
        ("SITE_URL", "https://user@clinic.example"),
        ("STAFF_EMAILS", f"{'d' * 65}@clinic.example"),
        ("STAFF_EMAILS", f"desk@{'c' * 60}.{'c' * 60}.{'c' * 60}.{'c' * 60}.{'c' * 60}"),
        ("DEFAULT_FROM_EMAIL", f"Desk <{'d' * 65}@clinic.example>"),
    ],
)
def test_a_setting_that_would_break_the_site_is_refused_by_name(name, value):
    environment = {name: value}
    assert f"\n{name} " in refused(run_python("manage.py", "check", **environment))


def test_no_staff_path_hides_a_public_page():
    first = {route.split("/")[0] for route in public_routes(get_resolver().url_patterns)}
    assert len(first) > 10
    assert first - PUBLIC - {""} == set()
    assert "static" in PUBLIC


def public_routes(patterns, prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver) and pattern.app_name != "admin":
            yield from public_routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern) and pattern.name != "component_sheet":
            yield route


# --- URLs


@pytest.mark.parametrize(
    ("text", "url", "host"),
    [
        ("https://clinic.example/", "https://clinic.example", "clinic.example"),
        ("HTTPS://Clinic.Example:443", "https://clinic.example", "clinic.example"),
        ("https://clinic.example:8443", "https://clinic.example:8443", "clinic.example"),
        ("http://localhost:8000", "http://localhost:8000", "localhost"),
        ("http://[::1]:8000", "http://[::1]:8000", "[::1]"),
    ],
)
def test_the_sites_url_has_one_form(text, url, host):
    site = parse_site_url(text)
    assert (site.url, site.host) == (url, host)


@given(PASSWORD, PASSWORD)
def test_any_password_reaches_the_mail_server_and_the_database(password, user):
    user = user.replace(":", "")  # the first colon ends the user's name
    if not user:
        return
    for written in (password, quote(password, safe="")):
        mail = parse_email_url(f"smtp+tls://{user}:{written}@mail.example:587")
        assert (mail["EMAIL_HOST_USER"], mail["EMAIL_HOST_PASSWORD"]) == (user, password)
        assert (mail["EMAIL_HOST"], mail["EMAIL_PORT"]) == ("mail.example", 587)
        database = parse_database_url(f"postgres://{user}:{written}@db.example:5432/site")
        assert (database["USER"], database["PASSWORD"]) == (user, password)
        assert (database["HOST"], database["PORT"], database["NAME"]) == ("db.example", 5432, "site")


@given(st.text(), st.sampled_from([parse_email_url, parse_database_url, parse_site_url]))
def test_any_text_is_a_url_or_is_refused_without_being_shown(text, parse):
    for written in (text, f"smtp://{text}", f"postgres://{text}", f"https://{text}"):
        assert len(text) < 12 or text not in outcome(parse, written)[1]


@pytest.mark.parametrize(
    ("url", "tls", "ssl", "port"),
    [
        ("smtp://localhost", False, False, 25),
        ("smtp+tls://mail.example", True, False, 587),
        ("smtps://mail.example", False, True, 465),
        ("smtp+ssl://mail.example", False, True, 465),
        ("smtps://mail.example:2465", False, True, 2465),
    ],
)
def test_each_way_to_encrypt_email_has_its_port(url, tls, ssl, port):
    email = parse_email_url(url)
    assert (email["EMAIL_USE_TLS"], email["EMAIL_USE_SSL"], email["EMAIL_PORT"]) == (tls, ssl, port)


@pytest.mark.parametrize(
    "url",
    [
        "smtp+tls://mail.example:465",
        "smtp://mail.example:465",
        "smtps://mail.example:587",
        "smtp+tls://site@mail.example",
        "smtp+tls://:word@mail.example",
        "smtp+tls://",
        "smtp+tls://mail.example:0",
        "smtp+tls://mail.example/#inbox",
        "mail.example",
        "http://mail.example",
        "filemail://",
        "consolemail://mail.example",
    ],
)
def test_an_email_url_that_would_send_nothing_is_refused(url):
    with pytest.raises(ValueError, match=r"^(must|has)"):
        parse_email_url(url)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///var/db.sqlite3", "var/db.sqlite3"),
        ("sqlite:////var/lib/albany/db.sqlite3", "/var/lib/albany/db.sqlite3"),
        ("sqlite:///var/my%20db.sqlite3", "var/my db.sqlite3"),
    ],
)
def test_an_sqlite_url_opens_the_file_it_names(url, path):
    assert parse_database_url(url)["NAME"] == path


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:var/db.sqlite3",
        "sqlite:/var/db.sqlite3",
        "sqlite://var/db.sqlite3",
        "sqlite:///",
        "sqlite:////",
        "sqlite:///var/",
        "sqlite:///~/db.sqlite3",
        "sqlite:///..",
        "sqlite:///var/db.sqlite3?timeout=1",
        "sqlite:///var/db.sqlite3#old",
        "SQLITE:///var/db.sqlite3",
        "postgres://localhost",
        "postgres://localhost/",
        "postgres://localhost/a/b",
        "postgres://localhost:many/site",
        "mysql://localhost/site",
        "var/db.sqlite3",
    ],
)
def test_a_database_url_that_would_open_another_database_is_refused(url):
    with pytest.raises(ValueError, match="^must"):
        parse_database_url(url)


@pytest.mark.parametrize(
    ("written", "sender"),
    [
        ("Albany Clinic, Carbondale <site@a.example>", '"Albany Clinic, Carbondale" <site@a.example>'),
        ('"Albany Clinic, Carbondale" <site@a.example>', '"Albany Clinic, Carbondale" <site@a.example>'),
        ("Clínica Albany <site@a.example>", "Clínica Albany <site@a.example>"),
        ("<site@a.example>", "site@a.example"),
    ],
)
def test_a_senders_name_may_have_commas_and_accents(written, sender):
    assert production_setting("DEFAULT_FROM_EMAIL", DEFAULT_FROM_EMAIL=written) == sender


# --- Private files


def test_an_existing_database_becomes_readable_by_its_owner_alone(tmp_path):
    files = [tmp_path / f"db.sqlite3{suffix}" for suffix in ("", "-wal", "-shm")]
    for file in files:
        file.touch(0o644)
    run_python("-c", "import albany_site.settings", DATABASE_URL=f"sqlite:///{files[0]}")
    assert {oct(file.stat().st_mode & 0o777) for file in files} == {"0o600"}


def test_a_new_database_and_its_folder_are_private_from_the_start(tmp_path):
    old = os.umask(0o022)
    try:
        done = run_python("manage.py", "migrate", "-v0", DATABASE_URL=f"sqlite:///{tmp_path}/var/db.sqlite3")
    finally:
        os.umask(old)
    assert done.returncode == 0, done.stderr
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in (tmp_path / "var").iterdir()}
    assert modes.pop("db.sqlite3") == "0o600"
    assert set(modes.values()) <= {"0o600"}
    assert oct((tmp_path / "var").stat().st_mode & 0o777) == "0o700"
