"""The language of the house: functions are verbs, a public class name is one thing, docstrings say what a thing is."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py")) + sorted((ROOT / "plugins").glob("*/src/**/*.py"))
VERBS = frozenset((Path(__file__).parent / "verbs.txt").read_text("utf-8").split())
"""First words of functions. A new one is welcome when it is an infinitive that says what the function does."""
CONVERSIONS = frozenset({"as", "for", "from", "of", "on", "to", "with"})
"""What opens the name of a conversion (`to_json`), of a constructor (`from_text`, `for_flow`) or of a callback."""
PREDICATES = frozenset(
    {"is", "has", "can", "needs", "may", "must", "conforms", "covers", "differs", "holds", "ignores", "knows"}
) | {"resists", "serves", "survives"}
BORROWED = frozenset(
    {
        "dispose",
        "do_GET",
        "doctype",  # of a target of lxml
        "main",
        "now",
        "json",
        "loads",
        "dumps",
        "msg",
        "readable",
        "readinto",
        "seekable",
        "writable",
        "writelines",
        "reducer_override",
        "putline",
        "ntransfercmd",
    }
    # a decorator of ours that stands in for theirs
    | {"dataclass"}
)
"""Names that an interface of the standard library or of structlog, httpx or pickle asks for."""
PUBLIC_DOOR = frozenset({"catalogue", "equals", "other_than", "begins"})
"""`contracts.catalogue()`, `Where.equals("Type", "RDV")`: plugins and scripts call them by these names."""
PUBLISHED = frozenset({"Coded", "Given", "Identifier", "Joined", "Related", "Telecom"})
"""Classes whose names plugins and published schemas use: converters bear the name of the value that they make."""
IRREGULAR = frozenset(
    {"told", "said", "given", "found", "left", "held", "kept", "known", "written", "shown", "seen", "drawn", "made"}
) | {"done", "taken", "sent", "built", "bound", "brought", "begun", "broken", "chosen", "driven", "gone", "heard"}
NOT_FUNCTIONS = {"property", "cached_property", "setter", "command", "group", "overload", "hookimpl", "hookspec"}
"""Decorators that make of a function something whose name is no verb: a value, a word that people type, a hook."""


class Definition(NamedTuple):
    """One function or class of the sources."""

    place: str
    node: ast.FunctionDef | ast.ClassDef | ast.Module


@cache
def _definitions() -> list[Definition]:
    return [
        Definition(f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}", node)
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module)
    ]


def _decorators(node: ast.FunctionDef) -> set[str]:
    return {ast.unparse(one).split("(")[0].split(".")[-1] for one in node.decorator_list}


def _is_participle(word: str) -> bool:
    return word in IRREGULAR or (word.endswith("ed") and word not in VERBS and len(word) > 4)


def test_functions_are_verbs():
    """Suppliers are described as data, so functions of plugins may bear the name of what they describe."""
    named = {
        f"{place} {node.name}": node.name.strip("_")
        for place, node in _definitions()
        if isinstance(node, ast.FunctionDef) and place.startswith("src/") and not _decorators(node) & NOT_FUNCTIONS
        if not node.name.startswith("__") and node.name not in {"_", "N_"}  # gettext's
    }
    allowed = VERBS | CONVERSIONS | PREDICATES
    nouns = [where for where, name in named.items() if name.split("_")[0] not in allowed and "_to_" not in name]
    assert [one for one in nouns if one.split(" ")[1] not in BORROWED | PUBLIC_DOOR] == []


def test_no_function_is_named_by_a_participle():
    names = [
        (place, node.name.strip("_"))
        for place, node in _definitions()
        if isinstance(node, ast.FunctionDef) and not _decorators(node) & NOT_FUNCTIONS
    ]
    assert [f"{place} {name}" for place, name in names if _is_participle(name.split("_")[0])] == []


def test_the_verbs_are_infinitives():
    assert sorted(word for word in VERBS if _is_participle(word) or word.endswith("ing")) == ["ring"]


def test_classes_are_nouns():
    names = [(place, node.name) for place, node in _definitions() if isinstance(node, ast.ClassDef)]
    last = [(place, name, re.findall(r"[A-Z][a-z]*", name)[-1].lower()) for place, name in names]
    assert [f"{place} {name}" for place, name, word in last if _is_participle(word) and name not in PUBLISHED] == []


def test_a_public_class_name_is_one_thing():
    places: dict[str, list[str]] = defaultdict(list)
    for place, node in _definitions():
        if isinstance(node, ast.ClassDef) and place.startswith("src/") and not node.name.startswith("_"):
            places[node.name].append(place)
    models = {name for name, found in places.items() if all("/contracts/" in place for place in found)} | PUBLISHED
    assert {name: found for name, found in places.items() if len(found) > 1 and name not in models} == {}


def test_docstrings_say_what_a_thing_is():
    riddles = [
        f"{place} {text.splitlines()[0]}"
        for place, node in _definitions()
        if (text := ast.get_docstring(node)) and re.match(r"(Give|Say|Tell)s?\b", text)
    ]
    assert riddles == []


def test_no_check_is_switched_off_without_its_reason():
    tests = sorted((ROOT / "tests").rglob("*.py")) + sorted((ROOT / "plugins").glob("*/tests/**/*.py"))
    scripts = [*ROOT.glob("tools/**/*.py"), *ROOT.glob("examples/**/*.py")]
    silent = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in [*SOURCES, *tests, *scripts]
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if re.search(r"#\s*(noqa|type: ignore)\b(?!(: [A-Z]+\d+(, [A-Z]+\d+)*|\[[\w, -]+\])\s+#?\s*\S)", line)
    ]
    assert silent == []
