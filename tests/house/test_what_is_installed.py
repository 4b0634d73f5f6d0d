"""What users and developers install holds every supplier, and what is only built when a wheel is made."""

from __future__ import annotations

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
