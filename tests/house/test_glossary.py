"""The glossary and the code use the same words."""

from __future__ import annotations

import re
from pathlib import Path

from passerelle import contracts
from passerelle.vocabulary.outcomes import Fate

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "GLOSSARY.md").read_text("utf-8")
WORDS = set(re.findall(r"\| `([a-z_]+)` \|", PAGE))


def test_every_fate_is_in_the_glossary():
    assert {fate.value for fate in Fate} <= WORDS


def test_the_words_of_the_glossary_are_used_in_the_code():
    code = "\n".join(path.read_text("utf-8") for path in (ROOT / "src").rglob("*.py"))
    later = {"tender"}
    assert {word for word in WORDS - later if not re.search(rf"\b{word}", code)} == set()


def test_contracts_in_the_glossary_exist():
    families = {contract.about.family for contract in contracts.catalogue().values()}
    named = {"person", "organisation", "professional", "visit", "planned_visit", "case", "interaction", "need"}
    assert named <= families & WORDS
