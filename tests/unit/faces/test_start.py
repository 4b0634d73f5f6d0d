"""What is heavy is imported by the command, and the flow, that needs it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SAMPLE = Path(__file__).parents[3] / "plugins" / "compani" / "samples" / "interventions" / "nominal.csv"
PLUGINS = "passerelle_plugin_"
HEAVY = {
    *("alembic", "cryptography", "httpx", "jinja2", "lxml", "numpy", "polars", "pydantic", "sqlalchemy"),
    *("asyncio", "pluggy", "rich", "structlog"),
}
LIBRARIES = {
    *("alembic", "docx", "httpx", "jinja2", "joserfc", "jsonschema", "lxml", "webauthn"),
    *("psycopg", "python_calamine", "rich", "sqlalchemy.dialects.postgresql", "xlsxwriter"),
}
ROOMS = {
    *("contracts.home_care.invoice", "contracts.people.person", "contracts.publishing"),
    *("switching", "tender", "testing"),
    *("edges.destinations.database", "edges.http", "engine.calling", "engine.layouts", "engine.writing"),
    *("stages.decode.documents", "stages.decode.elements", "stages.decode.replay", "stages.decode.sheets"),
    *("documents.templates", "documents.word_document", "documents.workbooks"),
    "stages.render",
}
ELSEWHERE = LIBRARIES | {f"passerelle.{room}" for room in ROOMS}
"""Of no use to a night of CSV files from folder to folder."""
CODE = """
import sys
sys.argv[0] = "passerelle"
from passerelle.faces.cli.main import main
try:
    main()
finally:
    print("IMPORTED", *sorted(sys.modules), file=sys.stderr)
"""


def imported(*arguments: str) -> set[str]:
    """Run the program in a process of its own, and give what that process has imported."""
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", CODE, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PASSERELLE_LANG": "fr", "COLUMNS": "100", "PYTHONUTF8": "1"},
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout
    return set(result.stderr.rpartition("IMPORTED")[2].split())


def plugins(modules: set[str]) -> set[str]:
    return {name for name in modules if name.startswith(PLUGINS) and "." not in name}


@pytest.mark.parametrize("arguments", [["--help"], ["plugins", "list"], ["plugins", "--help"], ["completion", "bash"]])
def test_a_light_command_imports_nothing_heavy_and_no_plugin(arguments):
    modules = imported(*arguments)
    assert modules & HEAVY == set()
    assert plugins(modules) == set()


def test_help_does_not_look_for_what_is_installed():
    assert imported("--help") & {"importlib.metadata", "email"} == set()


def test_a_run_imports_nothing_that_its_flows_do_without(folder):
    with (folder / "passerelle.toml").open("a", encoding="utf-8") as settings:
        settings.write('\n[passerelle]\nplugins = ["compani"]\n')
    shutil.copy(SAMPLE, folder / "entrees")
    modules = imported("run")
    assert list((folder / "sorties").iterdir())
    assert modules & ELSEWHERE == set()
    assert plugins(modules) == {PLUGINS + "compani"}


def test_a_supplier_described_in_toml_has_its_own_contracts_imported_and_no_others(folder):
    settings = (folder / "passerelle.toml").read_text("utf-8")
    described = '[passerelle]\nplugins = ["compani", "generic-telegestion"]\n\n'
    (folder / "passerelle.toml").write_text(described + settings, encoding="utf-8")
    shutil.copy(SAMPLE, folder / "entrees")
    models = {name for name in imported("run") if name.startswith("passerelle.contracts.case_work.")}
    assert models == set()


def test_the_language_is_chosen_before_click_speaks():
    for language, word in (("fr", "Commandes"), ("en", "Commands")):
        result = subprocess.run(
            [sys.executable, "-m", "passerelle.faces.cli.main", "--lang", language, "--help"],
            capture_output=True,
            text=True,
            check=True,
            encoding="utf-8",
            env=os.environ | {"PASSERELLE_LANG": "", "PYTHONIOENCODING": "utf-8"},
        )
        assert word in result.stdout
