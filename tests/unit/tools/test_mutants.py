"""The tool that changes the code to see whether a test notices: what it changes, what it draws, what it asks."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SOURCE = '''"""A module."""

LIMIT = 10
NAMES = ("a", "b", "c")


def is_small(number: int, *, strict: bool = False) -> bool:
    """Whether a number is small."""
    if strict and number < 0:
        raise ValueError("é")
    return number < LIMIT
'''


@pytest.fixture
def tool(monkeypatch):
    """Lend the modules of the tool, and forget them afterwards: their names are plain words."""
    monkeypatch.syspath_prepend(str(ROOT / "tools" / "mutants"))
    before = set(sys.modules)
    yield importlib.import_module
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(ROOT / "tools")):
            del sys.modules[name]


@pytest.fixture
def tree(tmp_path) -> Path:
    """Lay out one package with a module of code and one of data."""
    package = tmp_path / "src" / "passerelle" / "engine"
    package.mkdir(parents=True)
    (package / "small.py").write_text(SOURCE, "utf-8")
    (package / "data.py").write_text("SIZES = (1, 2, 3)\n", "utf-8")
    return tmp_path


def test_every_kind_of_change_is_found_where_it_is(tool):
    found = tool("operators").find_mutations("small.py", SOURCE)
    told = {(one.function, one.line, one.change) for one in found}
    assert ("is_small", 11, "number < LIMIT → number <= LIMIT") in told
    assert ("is_small", 9, "strict and number < 0 → (strict or number < 0)") in told
    assert ("is_small", 9, "strict and number < 0 → (number < 0)") in told
    assert ("is_small", 7, "False → True") in told
    assert ("is_small", 10, 'raise ValueError("é") → pass') in told
    assert ("is_small", 11, "return number < LIMIT → return False") in told
    assert ("", 3, "10 → 9") in told
    assert ("", 4, '"a", → (nothing)') in told
    assert not [one for one in found if "Whether" in one.old or "A module" in one.old]


def test_a_change_is_made_to_its_place_and_nowhere_else(tool):
    operators = tool("operators")
    for one in operators.find_mutations("small.py", SOURCE):
        changed = one.apply(SOURCE)
        assert changed != SOURCE
        assert operators.is_program(changed), one.change
        assert changed.startswith(SOURCE[: one.start])
        assert changed.endswith(SOURCE[one.end :])


def test_a_seed_draws_the_same_again_and_fewer_are_the_first_of_more(tool, tree):
    draw = tool("sampling").draw_mutations
    many = draw(tree, seed=3, count=12, packages=["engine"])
    assert many == draw(tree, seed=3, count=12, packages=["engine"])
    assert many[:5] == draw(tree, seed=3, count=5, packages=["engine"])
    assert many != draw(tree, seed=4, count=12, packages=["engine"])
    assert len(set(many)) == 12


def test_modules_of_data_are_not_drawn_and_a_draw_ends_when_nothing_is_left(tool, tree):
    drawn = tool("sampling").draw_mutations(tree, seed=1, count=10_000, packages=["engine"])
    assert {one.file for one in drawn} == {"src/passerelle/engine/small.py"}


def test_tests_that_run_the_line_are_asked_fastest_first_then_their_neighbours(tool, tree):
    mutation = next(
        one
        for one in tool("sampling").draw_mutations(tree, seed=1, count=99, packages=["engine"])
        if one.statement == (11, 11)
    )
    reach = tool("reach")
    lines = {mutation.file: 1 << 11}
    tests = (
        reach.Test("tests/a.py::slower", 2.0, lines),
        reach.Test("tests/b.py::elsewhere", 0.1, {mutation.file: 1 << 9}),
        reach.Test("tests/a.py::quick", 0.5, lines),
        reach.Test("tests/a.py::neighbour", 0.1, {}),
        reach.Test("tests/a.py::very_long", 99.0, lines),
    )
    known = reach.Reach(tests, {}, ())
    portions, reached = tool("trying").select_tests(mutation, known, budget=150.0)
    names = [[test.name.partition("::")[2] for test in portion] for portion in portions]
    assert (names, reached) == ([["quick", "slower"], ["very_long"], ["neighbour"]], 3)
    portions, _reached = tool("trying").select_tests(mutation, known, budget=10.0)
    assert "very_long" not in [test.name.partition("::")[2] for test in portions[0]]


def test_a_line_that_no_test_was_seen_to_run_is_asked_of_the_tests_of_its_package(tool, tree):
    mutation = tool("sampling").draw_mutations(tree, seed=1, count=1, packages=["engine"])[0]
    reach = tool("reach")
    tests = (reach.Test("tests/unit/engine/test_x.py::one", 0.1, {}), reach.Test("tests/unit/edges/t.py::o", 0.1, {}))
    portions, reached = tool("trying").select_tests(mutation, reach.Reach(tests, {}, ()), budget=10.0)
    assert ([test.name for portion in portions for test in portion], reached) == ([tests[0].name], 0)


@pytest.mark.parametrize(
    ("old", "new", "verdict"),
    [("number < 10", "number <= 10", "survived"), ("number < 10", "number < 1", "seen"), ("return", "retrun", "seen")],
)
def test_a_mutation_is_seen_when_one_of_its_tests_fails_and_survives_when_none_does(tool, tmp_path, old, new, verdict):
    text = "def is_small(number):\n    return number < 10\n".replace(old, new)
    (tmp_path / "small.py").write_text(text)
    (tmp_path / "test_small.py").write_text(
        "from small import is_small\n\n\ndef test_one():\n    assert is_small(3)\n    assert not is_small(30)\n"
    )
    reach = tool("reach")
    told, _by = tool("trying").run_tests(tmp_path, [reach.Test("test_small.py::test_one", 0.1, {})])
    assert told == verdict


def test_an_answer_is_found_by_what_it_speaks_of_and_told_when_that_is_gone(tool, tree):
    answers = tool("answers")
    path = tree / "mutants.toml"
    entry = (
        '[[answer]]\nfile = "src/passerelle/engine/small.py"\nfunction = "is_small"\n'
        'text = "return number < LIMIT"\nchange = "number < LIMIT → {}"\nreason = "{}"\n'
    )
    path.write_text(entry.format("number <= LIMIT", "why") + entry.format("~", "why"), "utf-8")
    read = answers.read_answers(path)
    drawn = tool("sampling").draw_mutations(tree, seed=1, count=99, packages=["engine"])
    assert {find.old for find in drawn if read.find_reason(find) == "why"} == {"number < LIMIT"}
    assert [key[3] for key in read.list_stale(tree)] == ["number < LIMIT → ~"]
    path.write_text(entry.format("<=", " "), "utf-8")
    with pytest.raises(ValueError, match="without a reason"):
        answers.read_answers(path)


def test_the_report_counts_by_package_and_shows_each_survivor_as_one_line(tool, tree):
    drawn = tool("sampling").draw_mutations(tree, seed=1, count=3, packages=["engine"])
    outcome = tool("trying").Outcome
    outcomes = [outcome(drawn[0], "survived", 4, 4, ""), outcome(drawn[1], "late", 1, 1, "")]
    report = tool("report")
    findings = report.Findings(outcomes, [(drawn[2], "why")], [], ())
    text = report.to_text(findings)
    assert drawn[0].change in text
    assert drawn[1].change not in text
    assert "50.0% of observable mutations are seen" in text
    assert '"answered": 1' in report.to_json(findings, seed=1, count=3)


def test_the_command_says_what_it_can_do():
    command = [sys.executable, str(ROOT / "tools" / "mutants"), "--help"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "--seed" in told


def test_a_copy_holds_the_built_catalogues_that_git_ignores_and_nothing_else_that_it_ignores(tool, tmp_path):
    root = tmp_path / "checkout"
    locale = root / "src/passerelle/locale/fr/LC_MESSAGES"
    locale.mkdir(parents=True)
    for path in (root / "followed.py", root / "ignored.log", locale / "messages.mo"):
        path.write_text("", "utf-8")
    (root / ".gitignore").write_text("*.mo\n*.log\n", "utf-8")
    subprocess.run(["git", "init", "-q", root], check=True)
    copied = tool("tree").copy_tree(root, tmp_path / "copy")
    held = {path.relative_to(copied).as_posix() for path in copied.rglob("*") if path.is_file()}
    assert held == {".gitignore", "followed.py", "src/passerelle/locale/fr/LC_MESSAGES/messages.mo"}


def test_another_account_may_enter_the_folder_in_which_tests_put_a_server(tool, tmp_path):
    (tmp_path / "test_small.py").write_text(
        "import os, tempfile\n\n\ndef test_one():\n    assert os.stat(tempfile.gettempdir()).st_mode & 0o001\n"
    )
    told, _by = tool("trying").run_tests(tmp_path, [tool("reach").Test("test_small.py::test_one", 0.1, {})])
    assert told == "survived"
