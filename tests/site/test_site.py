"""Tests of site-wide rules for pages, settings, imports and docs."""

import ast
import itertools
import os
import re
import subprocess
import sys
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit
from xml.etree import ElementTree

import pytest
from django.core.management import call_command, get_commands
from django.db.migrations import AddField, CreateModel
from django.db.migrations.loader import MigrationLoader
from django.db.models import GeneratedField
from django.test import Client
from django.urls import get_resolver

from albany_site import OUR_APPS
from tests.helpers.live_site import PROJECT, SETTINGS
from tools.welcome import welcome

LOCATION = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"
PRODUCTION = {
    "SITE_URL": "https://clinic.example",
    "TRUSTED_PROXY_HOPS": "1",
    "EMAIL_URL": "smtp+tls://mail.albany.localdomain:587",
    "DEFAULT_FROM_EMAIL": "site@albany.localdomain",
    "STAFF_EMAILS": "desk@albany.localdomain",
}


class Page(HTMLParser):
    """Parses the parts of a page that the tests check: headings, title, description, language, links and ids."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags, self.links, self.ids, self.words = Counter(), [], set(), {"title": ""}
        self.language = self.description = ""
        self._open = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.tags[tag] += 1
        self._open = tag
        self.ids.add(attributes.get("id"))
        if tag == "html":
            self.language = attributes.get("lang", "")
        if tag == "meta" and attributes.get("name") == "description":
            self.description = attributes["content"]
        self.links += [attributes[name] for name in ("href", "src", "action") if name in attributes]

    def handle_endtag(self, tag):
        self._open = ""

    def handle_data(self, data):
        if self._open == "title":
            self.words["title"] += data


def public_paths(client: Client) -> list[str]:
    sitemap = ElementTree.fromstring(client.get("/sitemap.xml").content)
    return [urlsplit(location.text).path for location in sitemap.iter(LOCATION)]


@pytest.fixture
def pages(db, client) -> dict[str, Page]:
    """Return every page of the sitemap, keyed by path, after checking that each returns 200."""
    responses = {path: client.get(path) for path in public_paths(client)}
    assert {path: each.status_code for path, each in responses.items() if each.status_code != 200} == {}
    return {path: Page(each.content.decode()) for path, each in responses.items()}


def test_every_page_has_one_h1_a_language_and_a_unique_title(pages):
    assert len(pages) > 15
    assert {path for path, page in pages.items() if page.tags["h1"] != 1} == set()
    assert {path for path, page in pages.items() if page.language != "en-US"} == set()
    for words in ([page.words["title"] for page in pages.values()], [page.description for page in pages.values()]):
        assert all(word.strip() for word in words)
        assert [word for word, times in Counter(words).items() if times > 1] == []


def test_every_internal_link_leads_to_an_existing_page(pages, client):
    links = {(path, urljoin(path, link)) for path, page in pages.items() for link in page.links}
    # Skip static files, because the production storage already raises an error if one is missing.
    internal = {(path, *urldefrag(link)) for path, link in links if re.match(r"/(?!static/)", link)}
    statuses = {target: client.get(target).status_code for target in {target for _, target, _ in internal}}
    assert [(path, target) for path, target, _ in sorted(internal) if statuses[target] != 200] == []
    in_pages = [(path, target, fragment) for path, target, fragment in sorted(internal) if target in pages and fragment]
    assert in_pages
    assert [row for row in in_pages if row[2] not in pages[row[1]].ids] == []


def test_no_migration_is_missing(db):
    try:
        call_command("makemigrations", check=True, dry_run=True, verbosity=0)
    except SystemExit:
        pytest.fail("a model changed without a migration: run python manage.py makemigrations")


def test_the_previous_release_can_write_rows_after_every_migration():
    first_release = {"consultations": "0003_desk", "clinic": "0001_initial"}
    since = [
        (f"{app}.{name}", operation)
        for (app, name), migration in MigrationLoader(None).disk_migrations.items()
        if app in OUR_APPS and name > first_release[app]
        for operation in migration.operations
    ]
    new_tables = {operation.name.lower() for _, operation in since if isinstance(operation, CreateModel)}
    added = [
        (where, operation.name, operation.field)
        for where, operation in since
        if isinstance(operation, AddField) and operation.model_name not in new_tables
        if not isinstance(operation.field, GeneratedField)  # the database fills it
    ]
    assert len(added) > 0
    strict = [(where, name) for where, name, field in added if not (field.null or field.has_db_default())]
    assert strict == [], "give each new column null=True or a db_default"


# --- Settings


def production_setting(expression: str, **environment: str) -> str:
    """Load the production settings in a separate process. Return the setting `expression`, such as "DEBUG", as text."""
    code = f"from albany_site import settings; print(settings.{expression})"
    return run_python("-c", code, **environment).stdout.strip()


def run_python(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"]} | SETTINGS | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_settings_pass_djangos_deployment_check():
    done = run_python("manage.py", "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert done.returncode == 0, done.stderr
    assert done.stderr == "" or "WARNINGS" not in done.stderr


def test_debug_is_off_unless_set():
    assert production_setting("DEBUG") == "False"
    assert production_setting("DEBUG", DEBUG="") == "False"
    assert "DEBUG must be True or False. It is 'Treu'." in run_python("manage.py", "check", DEBUG="Treu").stderr


@pytest.mark.parametrize(
    ("url", "name", "value"),
    [
        ("smtp+tls://jo:secret@mail.example:587", "EMAIL_BACKEND", "consultations.smtp.EmailBackend"),
        ("smtp+tls://jo:secret@mail.example:587", "EMAIL_HOST", "mail.example"),
        ("smtp+tls://jo:secret@mail.example:587", "EMAIL_PORT", "587"),
        ("smtp+tls://jo:secret@mail.example:587", "EMAIL_HOST_USER", "jo"),
        ("smtp+tls://jo:secret@mail.example:587", "EMAIL_HOST_PASSWORD", "secret"),
        ("smtp+tls://jo:secret@mail.example:587", "EMAIL_USE_TLS", "True"),
        ("smtp+ssl://mail.example", "EMAIL_USE_SSL", "True"),
        ("smtp://mail.example", "EMAIL_USE_TLS", "False"),
        ("filemail:///tmp/mail", "EMAIL_FILE_PATH", "tmp/mail"),
    ],
)
def test_email_url_determines_each_email_setting(url, name, value):
    assert production_setting(name, EMAIL_URL=url) == value


REQUIRED = [
    "SECRET_KEY",
    "FIELD_KEYS",
    "LOOKUP_KEYS",
    "SITE_URL",
    "DATABASE_URL",
    "EMAIL_URL",
    "DEFAULT_FROM_EMAIL",
    "STAFF_EMAILS",
    "STAFF_PATH",
]


@pytest.mark.parametrize("name", REQUIRED)
def test_the_site_names_a_missing_required_variable_and_does_not_start(name):
    done = run_python("-c", "import albany_site.settings", **{name: ""})
    assert done.returncode != 0
    assert f"Set {name} in the environment" in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("SITE_URL", "http://clinic.example", "SITE_URL must use https"),
        ("SITE_URL", "clinic.example", "SITE_URL must look like"),
        ("SECURITY_CONTACT", "ask us", "SECURITY_CONTACT is neither an email address nor an https link"),
        ("STAFF_EMAILS", "desk", "STAFF_EMAILS has 'desk', which is not an email address"),
        (
            "STAFF_EMAILS",
            "desk@clinic.example;lee@clinic.example",
            "STAFF_EMAILS must separate addresses with commas, not semicolons",
        ),
        ("STAFF_EMAILS", "desk@clinic.example lee@clinic.example", "STAFF_EMAILS has 'desk@clinic.example lee"),
        ("STAFF_EMAILS", "desk@clinic.example, @clinic.example", "'@clinic.example', which is not an email address"),
        ("STAFF_EMAILS", " , ", "STAFF_EMAILS has no address"),
        ("DEFAULT_FROM_EMAIL", "The clinic", "DEFAULT_FROM_EMAIL has 'The clinic', which is not an email address"),
        (
            "DEFAULT_FROM_EMAIL",
            "site@a.example, b@a.example",
            "DEFAULT_FROM_EMAIL has 'site@a.example, b@a.example', which is not",
        ),
    ],
)
def test_the_site_does_not_start_with_an_invalid_setting(name, value, words):
    done = run_python("-c", "import albany_site.settings", **{name: value})
    assert done.returncode != 0
    assert words in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "setting"),
    [
        (
            "STAFF_EMAILS",
            " desk@a.example ,Lee <lee@a.example>,, DESK@a.example",
            "['DESK@a.example', 'lee@a.example']",
        ),
        ("DEFAULT_FROM_EMAIL", "The Albany Clinic <site@a.example>", "The Albany Clinic <site@a.example>"),
    ],
)
def test_email_addresses_may_have_names_and_spaces(name, value, setting):
    assert production_setting(name, **{name: value}) == setting


def test_deploy_check_names_a_list_of_addresses_it_cannot_read():
    done = run_python("manage.py", "deploy_check", STAFF_EMAILS="desk@clinic.example;lee@clinic.example")
    assert done.returncode != 0
    assert "STAFF_EMAILS must separate addresses with commas" in done.stderr


def test_the_example_environment_lists_exactly_the_variables_we_read():
    done = run_python("-c", "from albany_site import settings; print(*sorted(settings.env.names))")
    assert done.stderr == ""
    example = (PROJECT / ".env.example").read_text()
    assert done.stdout.split() == sorted(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE))


def test_every_example_variable_has_a_comment_above_it():
    lines = (PROJECT / ".env.example").read_text().splitlines()
    bare = [after for before, after in itertools.pairwise(lines) if "=" in after and not before.strip()]
    assert [line for line in bare if not line.startswith("#")] == []
    assert [line for line in lines if re.match(r"[A-Z_]+=[^#]*\s#", line)] == []


# --- Imports

MAY_IMPORT = {
    "albany_site": {"front_desk", "consultations", "pages", "clinic"},
    "front_desk": {"consultations", "pages", "clinic"},
    "consultations": {"clinic"},
    "pages": {"clinic"},
    "clinic": set(),
}
# Both files are loaded early: settings.py imports the first, and Django's admin loads the second at startup.
MAY_NOT_IMPORT = {"clinic/__init__.py": "django", "front_desk/site.py": "front_desk.admin"}


def modules_named(source: str) -> set[str]:
    """Return the dotted name of everything that `source` imports, and every string that looks like a dotted name."""
    named = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            named |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            named |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Constant) and re.fullmatch(r"[a-z_]+(\.\w+)+", str(node.value)):
            named.add(str(node.value))
    return named


def test_the_import_check_finds_every_way_to_name_a_module():
    source = "import a.b\ndef f():\n    from c import d\npath = 'e.f.G'\n"
    assert modules_named(source) == {"a.b", "c.d", "e.f.G"}


def forbidden_imports(files: list[Path], forbidden: set[str]) -> list[tuple[str, str]]:
    return [
        (str(file.relative_to(PROJECT)), name)
        for file in files
        for name in modules_named(file.read_text())
        if any(f"{name}.".startswith(f"{module}.") for module in forbidden)
    ]


def test_each_of_our_apps_has_a_rule_for_its_imports():
    assert set(MAY_IMPORT) == set(OUR_APPS)


@pytest.mark.parametrize("app", OUR_APPS)
def test_an_app_imports_only_the_apps_its_rule_allows(app):
    files = sorted((PROJECT / app).rglob("*.py"))
    assert files
    assert forbidden_imports(files, set(OUR_APPS) - {app} - MAY_IMPORT[app]) == []


@pytest.mark.parametrize(("file", "module"), MAY_NOT_IMPORT.items())
def test_a_module_that_loads_early_imports_nothing_that_loads_later(file, module):
    assert forbidden_imports([PROJECT / file], {module}) == []


def test_no_url_pattern_is_listed_twice():
    names = [str(pattern.pattern) for pattern in get_resolver().url_patterns]
    assert len(names) == len(set(names))


# --- Docs


@pytest.mark.parametrize("name", ["README.md", "Makefile", "deploy/README.md", "tools/welcome.py"])
def test_every_make_target_named_in_the_docs_exists(name):
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:[`\"]|^ +|PORT=\d+ )make ([a-z][a-z-]+)\b", (PROJECT / name).read_text(), re.MULTILINE))
    assert named
    assert named <= targets


def test_the_demo_says_to_sign_in_with_the_login_it_printed():
    assert "make staff" in welcome(demo=False)
    assert "Sign in with the login above" in welcome(demo=True)
    assert not re.search("make (staff|demo|run)", welcome(demo=True))


def test_the_readme_is_at_most_120_lines():
    assert len((PROJECT / "README.md").read_text().splitlines()) <= 120


DOCS = ("README.md", "docs/decisions.md", "deploy/README.md")


@pytest.mark.parametrize("name", DOCS)
def test_every_file_named_in_the_docs_exists(name):
    text = (PROJECT / name).read_text()
    paths = re.findall(r"`((?:[a-z_]+/)+[\w.-]*)`", text)
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    folders = (PROJECT, (PROJECT / name).parent, PROJECT / "tests")
    named = [path for path in (*paths, *links) if not path.startswith("var/")]
    assert [path for path in named if not any((folder / path).exists() for folder in folders)] == []
    assert len(named) > 3


@pytest.mark.parametrize("name", DOCS)
def test_every_management_command_named_in_the_docs_exists(name):
    text = (PROJECT / name).read_text()
    named = set(re.findall(r"manage\.py ([a-z_]+)|(?:`|&& |^ +)run ([a-z_]+)", text, re.MULTILINE))
    assert {first or second for first, second in named} <= set(get_commands())


def test_the_readmes_images_are_shown_and_under_150_kb():
    readme = (PROJECT / "README.md").read_text()
    pictures = sorted((PROJECT / "docs").glob("*.png"))
    assert [picture.name for picture in pictures] == ["front-desk.png", "home.png"]
    for picture in pictures:
        assert f"(docs/{picture.name})" in readme
        assert picture.stat().st_size < 150_000
