"""The reasons of decode: each one that is used is declared, each one declared is used."""

from __future__ import annotations

import re
from pathlib import Path

from passerelle import documents
from passerelle.stages import decode
from passerelle.vocabulary.reasons.decode import REASONS


def test_reasons_used_and_reasons_declared_are_the_same():
    folders = [Path(room.__file__).parent for room in (decode, documents)]
    sources = "\n".join(path.read_text(encoding="utf-8") for folder in folders for path in folder.glob("*.py"))
    used = set(re.findall(r'"(decode\.[a-z]+\.[a-z_]+)"', sources))
    assert used == {reason.code for reason in REASONS}
