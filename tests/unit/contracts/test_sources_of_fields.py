"""The page that says where each source field goes only names fields that exist, and gives a reason for the others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from passerelle import contracts

PAGE = (Path(__file__).parents[3] / "docs" / "sources-des-champs.md").read_text("utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.startswith(("| ---", "| Champ"))
]
NAMED = re.compile(r"`([a-z_]+)\.([a-z_0-9]+)`")
FIELDS = {contract.about.family: set(contract.model_fields) for contract in contracts.catalogue().values()}


def test_every_contract_field_it_names_exists():
    named = NAMED.findall(PAGE)
    assert len(named) > 300
    assert [(family, name) for family, name in named if name not in FIELDS.get(family, set())] == []


@pytest.mark.parametrize(
    "heading", ["TDDUI", "ESPPADOM", "EVV", "Mon Suivi Social", "Carnet de bord", "RDV-S", "Urssaf"]
)
def test_every_source_has_its_chapter(heading):
    assert re.search(rf"^## {heading}", PAGE, re.MULTILINE)


def test_a_field_goes_somewhere_or_stays_out_for_a_reason():
    for source, target, remark in ROWS:
        assert source
        assert NAMED.search(target) or (target == "—" and remark), source


def test_every_contract_is_fed_by_a_source():
    assert {family for family, _name in NAMED.findall(PAGE)} == set(FIELDS)
