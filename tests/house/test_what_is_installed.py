"""What users and developers install holds every supplier, and what is only built when a wheel is made."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLUGINS = sorted(path.parent.name for path in ROOT.glob("plugins/*/pyproject.toml"))


def test_a_checkout_installs_every_plugin():
    lines = (ROOT / "editable.txt").read_text("utf-8").splitlines()
    assert [line for line in lines if line.startswith("-e")] == ["-e .", *(f"-e plugins/{name}" for name in PLUGINS)]


def test_the_extra_for_users_names_every_plugin():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    named = [tomllib.loads((ROOT / "plugins" / name / "pyproject.toml").read_text("utf-8")) for name in PLUGINS]
    wanted = [f"{one['project']['name']}>=0.1,<0.2" for one in named]
    assert project["optional-dependencies"]["suppliers"] == wanted


@pytest.fixture(scope="module")
def wheels(tmp_path_factory) -> Path:
    """Build the wheels that users install, from a copy of what git knows, so that nothing comes from this checkout."""
    source, folder = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheels")
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True)
    for name in listed.stdout.decode().splitlines():
        if not name.startswith(("tests/", "docs/", "examples/")) and (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    paths = [".", *(f"./plugins/{name}" for name in PLUGINS)]
    subprocess.run([*build, "--wheel-dir", folder, *paths], cwd=source, check=True)
    return folder


@pytest.mark.slow
def test_the_wheels_bring_every_supplier_and_speak_french(wheels, tmp_path):
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", tmp_path]
    subprocess.run([*install, *wheels.glob("*.whl")], check=True)
    assert len([*tmp_path.glob("passerelle_plugin_*.dist-info")]) == len(PLUGINS)
    environment = {"PYTHONPATH": str(tmp_path), "PATH": "", "PASSERELLE_LANG": "fr"}
    ask = [sys.executable, "-c", "import passerelle; print(passerelle.__file__)"]
    where = subprocess.run(ask, env=environment, cwd=tmp_path, capture_output=True, check=True)
    assert where.stdout.decode().startswith(str(tmp_path))
    command = [sys.executable, "-m", "passerelle.faces.cli.main", "plugins", "list", "--help"]
    spoken = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, check=True)
    assert "Lister les greffons" in spoken.stdout.decode("utf-8")


def list_pins(name: str) -> dict[str, str]:
    """Return the exact versions of a file, by package and the systems they are for."""
    lines = (ROOT / name).read_text("utf-8").splitlines()
    pins = [line.removesuffix("\\").strip() for line in lines if line[:1].isalnum()]
    return {f"{pin.partition('==')[0]}{pin.partition(';')[1]}": pin for pin in pins}


def test_what_runs_is_pinned_apart_as_it_is_tested():
    running, all_pins = list_pins("requirements-run.txt"), list_pins("requirements.txt")
    tested = {pin.partition(" ;")[0] for pin in all_pins.values()}
    assert {pin.partition(" ;")[0] for pin in running.values()} <= tested
    names = {name.partition(";")[0].strip() for name in running}
    assert {"polars", "cryptography", "psycopg", "keyring"} <= names
    assert not names & {
        "pytest",
        "mypy",
        "ruff",
        "hypothesis",
        "import-linter",
        "cyclonedx-bom",
        "hatchling",
        "coverage",
    }


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-run.txt"])
def test_every_pin_has_a_digest_and_names_no_host(name):
    text = (ROOT / name).read_text("utf-8")
    assert "://" not in text
    assert "--index-url" not in text
    entries = text.replace("\\\n", " ").splitlines()
    assert all("--hash=sha256:" in entry for entry in entries if entry[:1].isalnum())


def test_the_bill_of_materials_names_everything_that_runs(tmp_path):
    recipe = (ROOT / "Makefile").read_text("utf-8").replace("\\\n", " ")
    (line,) = [line for line in recipe.splitlines() if "cyclonedx-py" in line]
    words = line.replace("dist/", f"{tmp_path}/").split()[1:]
    subprocess.run([sys.executable, "-m", "cyclonedx_py", *words], cwd=ROOT, check=True, capture_output=True)
    bill = json.loads((tmp_path / "passerelle.cdx.json").read_text("utf-8"))
    assert (bill["bomFormat"], bill["metadata"]["component"]["name"]) == ("CycloneDX", "passerelle-social")
    listed = {f"{each['name']}=={each['version']}" for each in bill["components"]}
    assert listed >= {pin.partition(" ;")[0] for pin in list_pins("requirements-run.txt").values()}
