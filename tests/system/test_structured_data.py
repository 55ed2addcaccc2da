"""Structured data against schema.org's whole vocabulary, by the TypeScript compiler: no network, no guessing."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from clinic.snapshot import parse_hours
from tests.helpers.structured_data import data_of_every_page
from tests.system.npm import installed, node

pytestmark = pytest.mark.system


@pytest.fixture(scope="session")
def vocabulary() -> Path:
    """The folder with schema-dts and TypeScript."""
    return installed("schema")


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
