"""Every command that reads a workbook refuses a hostile one, with a reason, the file and what to do."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hostile_workbooks import ALL, TOO_BIG

SMALL = Path(__file__).parents[3] / "examples" / "tender" / "tender.toml"
SWITCH = """
[side.ancien]
exports = [{ contract = "person/1", path = "old*" }]
[side.nouveau]
exports = [{ contract = "person/1", path = "new*" }]
[switch.bascule]
from = "ancien"
to = "nouveau"
"""
HANDED_BACK = {
    "corrections": ("quarantine", "replay", "--from", "rendu.xlsx"),
    "decisions": ("switch", "compare", "bascule", "--decisions", "rendu.xlsx"),
    "plan": ("switch", "plan", "bascule", "--decisions", "rendu.xlsx"),
    "persons": ("switch", "compare", "bascule"),
    "answers": ("score", "old.ndjson", "--tender", ".", "--answers", "rendu.xlsx"),
}
"""Commands that read what people fill in and hand back."""
SAMPLES = {
    "sample": ("score", "rendu.xlsx", "--tender", "."),
    "inference": ("plugins", "infer", "rendu.xlsx", "--contract", "visit/1"),
}
"""Commands that look at a workbook to find out what it is."""


@pytest.fixture(scope="module")
def tender(tmp_path_factory):
    """Give the frozen requirements of a tender, made once."""
    from passerelle.tender.building.writing import build  # noqa: PLC0415  the same
    from passerelle.tender.consultation import FILE  # noqa: PLC0415  only these tests need a tender

    folder = tmp_path_factory.mktemp("consultation")
    shutil.copy(SMALL, folder)
    build(folder)
    return folder / FILE


@pytest.fixture
def refuse(folder, program, tender):
    """Run a command on a hostile file: what it answers."""
    shutil.copy(tender, folder)
    for side in ("old", "new"):
        (folder / f"{side}.ndjson").write_text('{"ref": "a:person:1"}\n', encoding="utf-8")

    def call(name, content, lang="en"):
        persons = 'persons = "rendu.xlsx"\n' if name == "persons" else ""
        (folder / "switch.toml").write_text(SWITCH + persons, encoding="utf-8")
        (folder / "rendu.xlsx").write_bytes(content)
        return program(*(HANDED_BACK | SAMPLES)[name], lang=lang)

    return call


@pytest.mark.parametrize("content", TOO_BIG)
@pytest.mark.parametrize("name", HANDED_BACK)
def test_what_claims_too_much_is_refused_by_its_name_with_an_advice(refuse, name, content):
    result = refuse(name, TOO_BIG[content])
    assert result.code == 64
    assert "«rendu.xlsx» claims far more" in result.err
    assert "→ Do not open it." in result.err


@pytest.mark.parametrize("content", sorted(ALL.keys() - TOO_BIG.keys()))
@pytest.mark.parametrize("name", HANDED_BACK)
def test_what_was_never_ours_is_refused_as_such(refuse, name, content):
    result = refuse(name, ALL[content])
    assert result.code == 64
    assert "→" in result.err


@pytest.mark.parametrize("content", sorted(TOO_BIG.keys() - {"more cells than anybody fills in"}))
@pytest.mark.parametrize("name", SAMPLES)
def test_a_hostile_sample_is_refused_and_not_looked_into(refuse, name, content):
    result = refuse(name, TOO_BIG[content])
    assert result.code in (1, 64)
    assert "→" in result.err


def test_the_answer_is_french_for_who_reads_french(refuse):
    result = refuse("corrections", TOO_BIG["one cell in each corner"], lang="fr")
    assert result.code == 64
    assert "Le classeur «\u00a0rendu.xlsx\u00a0» prétend contenir bien plus" in result.err
    assert "→ Ne pas l’ouvrir." in result.err
