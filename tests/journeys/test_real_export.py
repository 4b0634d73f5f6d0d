"""Real exports, read in place: every row is accounted for, and nothing is refused without a reason."""

import pytest

from passerelle.extension.loading import load_plugins
from passerelle.testing.samples import take

SHORT = {"fate": "unreadable", "reason": "decode.row.too_few_cells", "line": 5}
"""The last row of these files has 24 cells of 25."""
UNUSUAL = {
    "fate": "warning",
    "reason": "translate.phone.unusual",
    "line": 2,
    "column": "Téléphone",
    "field": "telecoms",
}
"""The second number of the cell has nine digits, and begins with a zero."""


@pytest.fixture
def taken(shared):
    def taking(connector_id, sample):
        supplier, connector, _ = load_plugins().find_connector(connector_id)
        return take((shared / "samples" / sample).read_bytes(), supplier, connector)

    return taking


def _given(taken):
    return [(line["contract"], line["line"]) for line in taken.records]


def test_the_compani_export_gives_two_visits_and_one_row_out_of_scope(taken):
    export = taken("compani-interventions", "compani/interventions.csv")
    assert export.balanced
    assert _given(export) == [("visit/1", 2), ("visit/1", 3)]
    assert export.messages == [{"fate": "withheld", "reason": "translate.row.out_of_scope", "line": 4}]
    first, second = (line["record"] for line in export.records)
    assert first["stamped_start_reason"]["original"] == "QR Code manquant"
    assert "stamped_end" not in first
    assert second["stamped_end_reason"]["original"] == "Problème de caméra"
    assert "professional_ref" not in second


@pytest.mark.parametrize(
    ("connector", "sample", "contract", "lines"),
    [
        ("compani-absences", "compani/absences.csv", "absence/1", range(2, 11)),
        ("compani-invoices", "compani/factures_avoirs.csv", "invoice/1", (2, 3, 5, 6)),
        ("compani-fundings", "compani/financements.csv", "funded_plan/1", (2,)),
        ("compani-subscriptions", "compani/souscriptions.csv", "funded_plan/1", (2, 3)),
        (
            "carnet-de-bord-professionals-csv",
            "carnet-de-bord/import_professionnels.csv",
            "professional/1",
            (2, 3),
        ),
        (
            "carnet-de-bord-orientation-xlsx",
            "carnet-de-bord/import_charges_orientation.xlsx",
            "professional/1",
            (2, 3),
        ),
    ],
)
def test_every_row_of_a_real_export_gives_its_record_and_nothing_is_said(taken, connector, sample, contract, lines):
    export = taken(connector, sample)
    assert export.balanced
    assert _given(export) == [(contract, line) for line in lines]
    assert export.messages == []
    assert len({line["record"]["ref"] for line in export.records}) == len(lines)


def test_a_compani_absence_has_days_or_times_after_its_nature(taken):
    first, second, *_ = (line["record"] for line in taken("compani-absences", "compani/absences.csv").records)
    assert (first["starts_at"], "starts_on" in first) == ("2019-05-20T08:00:00+02:00", False)
    assert (second["starts_on"], "starts_at" in second) == ("2019-05-20", False)


def test_a_compani_credit_note_keeps_both_its_amounts(taken):
    export = taken("compani-invoices", "compani/factures_avoirs.csv")
    *_, note = (line["record"] for line in export.records)
    assert note["kind"] == "credit_note"
    assert (note["total_excl_tax"], note["total_incl_tax"]) == ("10.50", "5.50")


@pytest.mark.parametrize("sample", ["import_beneficiaires.csv", "import_beneficiaires_with_all_date_formats.csv"])
def test_carnet_de_bord_gives_persons_cases_and_rights_and_sets_the_short_row_aside(taken, sample):
    export = taken("carnet-de-bord-beneficiaries-csv", f"carnet-de-bord/{sample}")
    assert export.balanced
    assert export.messages == [UNUSUAL, SHORT]
    of_a_row = ["case/1", "entitlement/1", "entitlement/1", "entitlement/1", "person/1"]
    assert _given(export) == [(contract, line) for line in (2, 3, 4) for contract in of_a_row]
    births = [line["record"]["birth_date"] for line in export.records if line["contract"] == "person/1"]
    assert births == ["1998-05-25", "1997-04-22", "1997-04-22"]
    bonus = next(line["record"] for line in export.records if "activity_bonus" in line["record"]["ref"])
    assert (bonus["confirmed_none"], "status" in bonus) == (["status"], False)


def test_the_structure_that_stands_twice_is_one_organisation_with_two_persons_in_charge(taken):
    export = taken("carnet-de-bord-structures-csv", "carnet-de-bord/import_structures.csv")
    assert export.balanced
    assert export.messages == []
    assert _given(export) == [(contract, line) for line in (2, 3) for contract in ("organisation/1", "professional/1")]
    one, ruben, again, zoe = (line["record"] for line in export.records)
    assert one == again
    assert ruben["organisation_ref"] == zoe["organisation_ref"] == one["ref"]
