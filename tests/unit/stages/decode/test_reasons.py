"""The reasons of decode: each one that is used is declared, each one declared is used."""

from __future__ import annotations

import re
from pathlib import Path

from passerelle import documents
from passerelle.engine.path import name_columns
from passerelle.stages import decode, translate
from passerelle.vocabulary.reasons.decode import REASONS


def test_reasons_used_and_reasons_declared_are_the_same():
    # Translation, which knows what a column is for, sets aside what decode only marks; what a file is called, only the
    # engine knows.
    folders = [Path(room.__file__).parent for room in (decode, documents, translate)]
    files = [*(path for folder in folders for path in folder.glob("*.py")), Path(name_columns.__file__)]
    sources = "\n".join(path.read_text(encoding="utf-8") for path in files)
    used = set(re.findall(r'"(decode\.[a-z]+\.[a-z_]+)"', sources))
    assert used == {reason.code for reason in REASONS}
