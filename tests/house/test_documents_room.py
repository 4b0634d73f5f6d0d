"""What only one place may do: parse workbooks, make templates, and what no stage may do: open a file."""

from __future__ import annotations

import ast
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "src" / "passerelle"
SOURCES = {path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text("utf-8")) for path in PACKAGE.rglob("*.py")}
OPENING = {"open", "read_bytes", "read_text", "write_bytes", "write_text", "unlink", "mkdir"}
OF_AN_ARCHIVE = "stages/decode/archive.py"
"""Opens entries of an archive that is in memory already: `archive.open`."""


def _imported(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def _called(tree: ast.AST) -> set[str]:
    functions = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {one.id for one in functions if isinstance(one, ast.Name)} | {
        one.attr for one in functions if isinstance(one, ast.Attribute)
    }


def test_workbooks_are_parsed_in_one_module_which_is_a_process_of_its_own():
    assert [name for name, tree in SOURCES.items() if "python_calamine" in _imported(tree)] == [
        "documents/workbook_child.py"
    ]
    assert "openpyxl" not in set().union(*map(_imported, SOURCES.values()))


def test_there_is_one_jinja_environment():
    assert [name for name, tree in SOURCES.items() if "Environment" in _called(tree)] == ["documents/templates.py"]


def test_no_stage_opens_a_file():
    stages = {name: tree for name, tree in SOURCES.items() if name.startswith("stages/") and name != OF_AN_ARCHIVE}
    assert {name: found for name, tree in stages.items() if (found := _called(tree) & OPENING)} == {}


def test_no_module_is_named_words_or_wording():
    named = [name for name in SOURCES if Path(name).stem in {"words", "wording"}]
    assert named == []
