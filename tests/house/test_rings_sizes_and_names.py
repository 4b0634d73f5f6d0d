"""The house keeps its own rules: rings, sizes, names, first lines, the public door."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest

import passerelle

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py")) + sorted((ROOT / "plugins").glob("*/src/**/*.py"))
REFUSED = {"utils", "helpers", "common", "base", "manager", "misc", "tools"}


def _lines(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


def test_rings_are_kept():
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_no_module_is_longer_than_four_hundred_lines_and_the_median_is_short():
    sizes = {path: _lines(path) for path in SOURCES}
    assert {path.name: size for path, size in sizes.items() if size > 400} == {}
    assert median(sizes.values()) <= 120


def test_the_pipeline_can_be_read_aloud():
    assert _lines(ROOT / "src/passerelle/engine/path/pipeline.py") <= 180


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_says_first_what_it_is(path: Path):
    assert path.stem not in REFUSED
    tree = ast.parse(path.read_text("utf-8"))
    assert ast.get_docstring(tree), "the first line of a module says what it is"


def test_prints_live_in_the_command_line_only():
    printing = [
        path
        for path in SOURCES
        if "faces/cli" not in path.as_posix()
        and any(
            isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
        )
    ]
    assert printing == []


def test_the_public_door_has_at_most_twenty_five_names_and_each_exists():
    assert len(passerelle.__all__) <= 25
    assert [name for name in passerelle.__all__ if not hasattr(passerelle, name)] == []


def _list_tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.split("\0") if (ROOT / name).is_file()]


def test_nothing_that_is_built_or_fetched_is_kept_and_one_generated_file_is_large():
    tracked = _list_tracked()
    assert [name for name in tracked if name.endswith((".whl", ".so", ".pyc", ".tar", ".gz", ".pkl", ".log"))] == []
    large = [name for name in tracked if (ROOT / name).stat().st_size > 1_000_000]
    assert large == ["contracts/openapi.json"]


def test_no_file_names_a_registry_or_a_machine():
    hosts = ("pypi" + ".org", "python" + "hosted", "registry." + "npmjs", "deb." + "debian")
    found = []
    for name in _list_tracked():
        path = ROOT / name
        if path.suffix not in {".xlsx", ".zip", ".mo", ".png"}:
            text = path.read_text("utf-8", errors="replace")
            found += [name for host in hosts if host in text]
    assert found == []
