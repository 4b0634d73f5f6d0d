"""Reason codes: declared once, used somewhere, explained, and listed in the documentation."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

from passerelle.vocabulary.reasons import REASONS, explain

ROOT = Path(__file__).parents[2]
STAGES = "|".join(sorted({code.partition(".")[0] for code in REASONS}))
CODE = re.compile(rf"\"((?:{STAGES})\.[a-z0-9_]+\.[a-z0-9_]+)\"")
BEGUN = re.compile(rf"f\"((?:{STAGES})\.[a-z0-9_]+\.)\{{")
DECLARED = re.compile(r"eason\(\s*\"([a-z0-9_.]+)\"")
PAGE = ROOT / "docs" / "raisons.md"


def _used() -> set[str]:
    """Codes that the code names; a code put together (`f"translate.time.{odd}"`) names all that begin so."""
    found: set[str] = set()
    for path in (*(ROOT / "src").rglob("*.py"), *(ROOT / "plugins").glob("*/src/**/*.py")):
        if "vocabulary/reasons" not in path.as_posix():
            text = path.read_text("utf-8")
            found |= set(CODE.findall(text))
            found |= {code for head in BEGUN.findall(text) for code in REASONS if code.startswith(head)}
    return found


def test_every_code_that_is_used_is_declared():
    assert _used() - set(REASONS) == set()


def test_every_code_that_is_declared_is_used():
    assert set(REASONS) - _used() == set()


def test_no_code_is_declared_twice():
    declared = [
        code
        for path in (ROOT / "src/passerelle/vocabulary/reasons").glob("*.py")
        for code in DECLARED.findall(path.read_text("utf-8"))
    ]
    assert set(declared) <= set(REASONS)
    assert [code for code, count in Counter(declared).items() if count > 1] == []


def test_every_reason_says_what_is_wrong_and_what_to_do():
    for code in REASONS:
        sentence, advice = explain(code, {})
        assert sentence.endswith(".")
        assert advice.endswith(".")
        assert code.count(".") == 2


def test_every_reason_is_on_its_page():
    text = PAGE.read_text("utf-8")
    assert [code for code in REASONS if f"`{code}`" not in text] == []


def _find_names(code: str) -> set[str]:
    """Names of details that a reason's sentence and advice ask for."""
    reason = REASONS[code]
    return set(re.findall(r"\{(\w+)\}", reason.sentence + reason.advice))


def test_every_error_is_raised_with_the_facts_that_its_sentence_names():
    lacking = []
    for path in (*(ROOT / "src").rglob("*.py"), *(ROOT / "plugins").glob("*/src/**/*.py")):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(call, ast.Call) or not ast.unparse(call.func).endswith("Error") or not call.args:
                continue
            code = call.args[0].value if isinstance(call.args[0], ast.Constant) else None
            given = {word.arg for word in call.keywords}
            # `**details` may bring anything: what it brings is seen where it is made
            if code in REASONS and None not in given and (missing := _find_names(code) - given):
                lacking.append((path.name, call.lineno, code, sorted(missing)))
    assert lacking == []
