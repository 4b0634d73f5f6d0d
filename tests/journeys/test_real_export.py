"""A real export, read in place: every row is accounted for, and nothing is refused without a reason."""

from passerelle.extension.loading import load_plugins
from passerelle.testing.samples import take


def test_the_compani_export_gives_two_visits_and_one_row_out_of_scope(shared):
    supplier, connector, _ = load_plugins().connector("compani-interventions")
    taken = take((shared / "samples" / "compani" / "interventions.csv").read_bytes(), supplier, connector)
    assert taken.balanced
    assert [(line["contract"], line["line"]) for line in taken.records] == [("visit/1", 2), ("visit/1", 3)]
    assert taken.sayings == [{"fate": "withheld", "reason": "translate.row.out_of_scope", "line": 4}]
    first, second = (line["record"] for line in taken.records)
    assert first["stamped_start_reason"]["original"] == "QR Code manquant"
    assert "stamped_end" not in first
    assert second["stamped_end_reason"]["original"] == "Problème de caméra"
    assert "professional_ref" not in second
