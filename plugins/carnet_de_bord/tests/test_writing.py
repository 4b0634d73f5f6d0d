"""Files written for Carnet de bord are what its import takes, or are refused before anything is written."""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path

from passerelle.engine.adapters.layout_destinations import list_columns
from passerelle.engine.adapters.row_joining import RowJoiner
from passerelle.extension.loading import load_plugins
from passerelle.testing.samples import take

PLUGINS = load_plugins()
SAMPLES = Path(__file__).parents[1] / "samples"


def _write_again(file: str):
    """Read a sample, and join what was read into rows again."""
    supplier, connector, _ = PLUGINS.find_connector(f"carnet-de-bord-{file}-csv")
    content = (SAMPLES / f"{file}-csv/nominal.csv").read_bytes()
    by_contract: dict[str, list] = {}
    for line in take(content, supplier, connector).records:
        by_contract.setdefault(line["contract"], []).append(line["record"])
    joined = RowJoiner(supplier.id, connector, tuple(list_columns(connector, ""))).join(by_contract)
    source = list(csv.DictReader(StringIO(content.decode("utf-8-sig")), delimiter=";"))
    return source, joined


def test_a_structure_and_its_person_in_charge_are_one_row_again():
    source, joined = _write_again("structures")
    complete = [row for row in source if row["Courriel responsable"]]
    assert [{name: row.cells.get(name, "") for name in complete[0]} for row in joined.rows] == complete


def test_a_structure_without_the_mail_of_its_person_in_charge_is_refused():
    source, joined = _write_again("structures")
    refused = {answer.details["column"] for answer in joined.refused.values()}
    assert len(joined.refused) == sum(not row["Courriel responsable"] for row in source)
    assert refused == {"Courriel responsable"}


def test_a_person_a_case_and_rights_are_one_row_again():
    source, joined = _write_again("beneficiaries")
    assert [row.cells["Identifiant dans le SI*"] for row in joined.rows] == [
        row["Identifiant dans le SI*"] for row in source
    ]
    for row, was in zip(joined.rows, source, strict=True):
        for column in ("Structure", "Accompagnateurs", "Droits RSA"):
            assert row.cells.get(column, "") == was[column]


def test_numbers_are_separated_as_the_application_cuts_them():
    _source, joined = _write_again("structures")
    assert any(", " in row.cells["Téléphones"] for row in joined.rows)
