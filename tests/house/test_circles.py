"""No two modules of the house need each other, not even for types: each can be read after those it imports."""

from __future__ import annotations

import ast
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src"
MODULES = {
    ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__"): path
    for path in SOURCE.rglob("*.py")
}


def imports_of(path: Path) -> set[str]:
    """Return the modules of the house that a module imports when it is loaded, or for its types."""
    deferred = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
    found: set[str] = set()
    nodes: list[ast.AST] = [ast.parse(path.read_text("utf-8"))]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            whole = [f"{node.module}.{alias.name}" for alias in node.names]
            found |= {name if name in MODULES else str(node.module) for name in whole}
        nodes += [child for child in ast.iter_child_nodes(node) if not isinstance(child, deferred)]
    return found & MODULES.keys()


def reach(start: str, needs: dict[str, set[str]]) -> set[str]:
    """Return what a module needs, directly or not; itself only when it stands in a circle."""
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        new = needs[waiting.pop()] - reached
        reached |= new
        waiting += new
    return reached


def circles(needs: dict[str, set[str]]) -> list[set[str]]:
    """Return the sets of modules that need one another (strongly connected, more than one module)."""
    reached = {name: reach(name, needs) for name in needs}
    together = {frozenset(b for b in reached[a] if a in reached[b]) for a in needs if a in reached[a]}
    return sorted(map(set, together), key=sorted)


def test_modules_do_not_import_one_another_in_a_circle():
    found = circles({name: imports_of(path) - {name} for name, path in MODULES.items()})
    assert found == []


def test_a_circle_is_seen_and_what_hangs_on_it_is_not_part_of_it():
    needs = {"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set(), "e": {"a"}}
    assert circles(needs) == [{"b", "c"}]
