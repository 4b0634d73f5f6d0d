"""Real samples, read in place: every row is accounted for."""

from __future__ import annotations

import pytest

from passerelle.stages.decode.dialects import Csv, Json, Xlsx, Xml
from passerelle.vocabulary.errors import ParcelError


@pytest.mark.parametrize(
    ("path", "width", "received", "aside"),
    [
        ("compani/interventions.csv", 30, 3, 0),
        ("compani/absences.csv", 13, 9, 0),
        ("compani/factures_avoirs.csv", 14, 4, 0),
        ("compani/financements.csv", 18, 1, 0),
        ("compani/souscriptions.csv", 11, 2, 0),
        ("carnet-de-bord/import_beneficiaires.csv", 25, 4, 1),
        ("carnet-de-bord/import_beneficiaires_with_all_date_formats.csv", 25, 4, 1),
        ("carnet-de-bord/import_professionnels.csv", 5, 2, 0),
        ("carnet-de-bord/import_structures.csv", 15, 2, 0),
    ],
)
def test_every_row_of_a_delimited_sample_is_accounted_for(outcome, shared, path, width, received, aside):
    found = outcome((shared / "samples" / path).read_bytes(), Csv())
    assert len(found.columns) == width
    assert sum(batch.received for batch in found.batches) == received
    assert [fault for fault, _line, _last in found.faults] == ["decode.row.too_few_cells"] * aside
    assert not found.warned


def test_the_repeated_names_of_compani_are_told_apart(outcome, shared):
    found = outcome((shared / "samples/compani/interventions.csv").read_bytes(), Csv())
    assert {"Motif", "Motif#2", "Type d'horodatage", "Type d'horodatage#2"} <= set(found.columns)


def test_the_line_after_a_cell_with_a_line_break_is_exact(outcome, shared):
    found = outcome((shared / "samples/compani/factures_avoirs.csv").read_bytes(), Csv())
    assert found.lines == [2, 3, 5, 6]


def test_the_sample_workbook_is_read(outcome, shared):
    found = outcome((shared / "samples/carnet-de-bord/import_charges_orientation.xlsx").read_bytes(), Xlsx())
    assert (len(found.columns), found.lines) == (4, [2, 3])
    assert "\u00a0" in found.rows[1][3]


@pytest.mark.parametrize(
    ("path", "place", "records"),
    [
        ("ogust/searchCustomer.json", "data.users.array_customer.result", 2),
        ("ogust/searchEmployee.json", "data.users.array_employee.result", 2),
        ("ogust/getCustomer.json", "data.user.customer", 1),
        ("tddui/Bundle-ExampleTDDUIBundle.json", "entry.resource", 8),
        ("tddui/Patient-tddui-patient-example.json", "", 1),
    ],
)
def test_every_record_of_a_json_sample_is_accounted_for(outcome, shared, path, place, records):
    found = outcome((shared / "samples" / path).read_bytes(), Json(lists={place: "x"}))
    assert len(found.rows) == records
    assert not found.aside


@pytest.mark.parametrize("path", ["searchService.malformed.txt", "searchCustomer-employee.malformed.txt"])
def test_malformed_samples_are_parked(outcome, shared, path):
    with pytest.raises(ParcelError) as refused:
        outcome((shared / "samples/ogust" / path).read_bytes(), Json())
    assert refused.value.code == "decode.parcel.malformed"


def test_households_and_persons_of_the_rsa_flow_are_rows(outcome, shared):
    dialect = Xml(rows={"/Racine/InfosFoyerRSA": "foyer", "/Racine/InfosFoyerRSA/Personne": "personne"})
    found = outcome((shared / "samples/cnaf-rsa/RSABEM.xml").read_bytes(), dialect)
    counts = {batch.table.member: batch.received for batch in found.batches}
    assert counts == {"foyer": 2, "personne": 3}
    frame = found.batches[0].table.frame
    assert frame["IdentificationRSA/Partenaire/TYPEPARTE"].to_list() == ["CG ", "CG "]
    assert frame["Personne#2/Identification/NOM"].to_list()[1] is None


def test_a_manifest_that_is_not_well_formed_is_parked(outcome, shared):
    with pytest.raises(ParcelError) as refused:
        outcome((shared / "samples/pdlgc/MANIFEST.sample.xml").read_bytes(), Xml(rows={"/manifest": "x"}))
    assert refused.value.code in {"decode.parcel.malformed", "decode.member.none"}
