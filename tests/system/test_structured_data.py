"""Validates structured data against the schema.org vocabulary with the TypeScript compiler."""

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from tests.helpers.live_site import FACTS
from tests.helpers.structured_data import data_of_every_page
from tests.system.npm import installed, node

pytestmark = pytest.mark.system


@pytest.fixture(scope="session")
def vocabulary() -> Path:
    """Return the folder with schema-dts and TypeScript."""
    return installed("schema")


@pytest.fixture
def compiler_errors(vocabulary, tmp_path):
    """Return a function that compiles pages' structured data and returns the compiler's errors."""

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


def test_every_pages_structured_data_is_valid_schema_org(compiler_errors, client, db, set_facts):
    set_facts(people=[])
    bare = data_of_every_page(client)
    set_facts(
        street="1 Example Street",
        postal_code="62901",
        phone="(618) 555-0100",
        hours=["9 am - 5 pm"] * 5 + ["9 am - 12 pm", ""],
        closures=[{"first": f"{timezone.localdate() + timedelta(days=2)}"}],
        people=FACTS["people"],
        article_reviews={"safety": {"name": "Example Person", "day": timezone.localdate().isoformat()}},
    )
    complete = data_of_every_page(client)
    assert len(bare) > 15
    assert set(complete) - set(bare) == {"/team/"}
    assert compiler_errors({f"bare {path}": data for path, data in bare.items()} | complete) == ""


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"@type": "MedicalWebPage", "starRating": "5"}, "does not exist in type 'MedicalWebPageLeaf'"),
        ({"@type": "MedicalWebPage", "lastReviewed": {"@type": "Person"}}, "not assignable"),
        ({"@type": "MiracleClinic", "name": "example"}, "not assignable"),
    ],
)
def test_the_compiler_rejects_data_outside_schema_org(compiler_errors, wrong, words):
    assert words in compiler_errors({"wrong": {"@context": "https://schema.org", "@graph": [wrong]}})
