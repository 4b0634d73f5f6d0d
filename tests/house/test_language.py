"""The language of the house: functions are verbs, one public class name is one thing, docstrings say what a thing is."""

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
"""First words of functions. A new one is welcome when it is a verb in the infinitive that says what the function does."""
CONVERSIONS = frozenset({"as", "from", "of", "on", "to", "with"})
"""What opens the name of a conversion (`to_json`), of a constructor (`from_text`) or of a callback (`on_close`)."""
TWINS = frozenset({"sorted", "reversed"})
"""Participles that a pure function may bear beside a verb that changes its object."""
PREDICATES = frozenset({"is", "has", "can", "needs", "may", "must"})
IRREGULAR = frozenset(
    "told said given found left held kept known written shown seen drawn made done taken sent built bound brought begun "
    "broken chosen driven gone heard laid led lost meant met paid spent thrown understood caught hidden".split()
)
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
    nouns = [
        f"{place} {node.name}"
        for place, node in _definitions()
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("__")
        and not _decorators(node) & NOT_FUNCTIONS
        and (first := node.name.strip("_").split("_")[0]) not in VERBS | CONVERSIONS | TWINS | PREDICATES
        and first  # `_` and `N_` are gettext's
    ]
    assert nouns == []


def test_the_verbs_are_infinitives():
    assert sorted(word for word in VERBS if _is_participle(word) or word.endswith("ing")) == []


def test_classes_are_nouns():
    names = [(place, node.name) for place, node in _definitions() if isinstance(node, ast.ClassDef)]
    last = [(place, name, re.findall(r"[A-Z][a-z]*", name)[-1].lower()) for place, name in names]
    assert [f"{place} {name}" for place, name, word in last if _is_participle(word)] == []


def test_a_public_class_name_is_one_thing():
    places: dict[str, list[str]] = defaultdict(list)
    for place, node in _definitions():
        if isinstance(node, ast.ClassDef) and place.startswith("src/") and not node.name.startswith("_"):
            places[node.name].append(place)
    models = {name for name, found in places.items() if all("/contracts/" in place for place in found)}
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
