"""The glossary and the code use the same words."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from passerelle import contracts
from passerelle.vocabulary.outcomes import Fate

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
ROWS = re.findall(r"^\| (.*) \| (.*) \| (.*) \| .* \|$", (ROOT / "GLOSSARY.md").read_text("utf-8"), re.MULTILINE)
WORDS = {word for _french, code, _not in ROWS for word in re.findall(r"`(\w+)`", code)}
REFUSED = {word for *_, refused in ROWS for word in re.findall(r"[a-z]+", refused)} - {"not"}
READ_FIRST = ("vocabulary/parcels.py", "vocabulary/place.py", "vocabulary/outcomes.py", "engine/path/pipeline.py")
"""What a newcomer opens first, in the order of ARCHITECTURE.md."""


def _named(path: Path) -> dict[str, str]:
    """Return the names of a module: its own, and those of its classes and functions, each with its place."""
    tree = ast.parse(path.read_text("utf-8"))
    nodes = (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef | ast.FunctionDef))
    return {path.stem: path.name, **{node.name: f"{path.name}:{node.lineno}" for node in nodes}}


def test_every_fate_is_in_the_glossary():
    assert {fate.value for fate in Fate} <= WORDS


def test_the_words_of_the_glossary_are_used_in_the_code():
    code = "\n".join(path.read_text("utf-8") for path in SOURCES)
    assert {word for word in WORDS if not re.search(rf"\b{word}", code)} == set()


def test_contracts_in_the_glossary_exist():
    families = {contract.about.family for contract in contracts.catalogue().values()}
    named = {"person", "organisation", "professional", "visit", "planned_visit", "case", "interaction", "need"}
    assert named <= families & WORDS


def test_every_class_of_the_first_files_is_in_the_glossary():
    classes = {name for file in READ_FIRST for name in _named(ROOT / "src/passerelle" / file) if name[0].isupper()}
    assert classes - WORDS == set()


def test_no_name_uses_a_word_that_the_glossary_refuses():
    assert len(REFUSED) >= 30
    using = [
        f"{place} {name}"
        for path in SOURCES
        for name, place in _named(path).items()
        if REFUSED & {word.lower() for word in re.findall(r"[A-Z]?[a-z]+", name)}
    ]
    assert using == []
