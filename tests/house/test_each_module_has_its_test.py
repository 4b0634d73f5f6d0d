"""Each module of the engine, the stores and the stages has a test file of its name, with tests in it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHORT = 60
"""Lines up to which a module may be tested through those that use it."""
PACKAGES = ("engine", "stores", "stages")
MODULES = [
    path
    for package in PACKAGES
    for path in sorted((ROOT / "src/passerelle" / package).rglob("*.py"))
    if path.name != "__init__.py"
    and "migrations" not in path.parts
    and len(path.read_text("utf-8").splitlines()) > SHORT
]
TESTS = {path.name: path for path in (ROOT / "tests").rglob("test_*.py")}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT / "src")))
def test_a_module_has_a_test_of_its_name(path: Path):
    file = TESTS.get(f"test_{path.stem}.py")
    assert file, f"no test_{path.stem}.py anywhere below tests/"
    names = [node.name for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.FunctionDef)]
    assert any(name.startswith("test_") for name in names), "a file without tests tests nothing"


def test_every_package_is_looked_at():
    assert {path.relative_to(ROOT / "src/passerelle").parts[0] for path in MODULES} == set(PACKAGES)
