"""Columns that come and go, families of columns, and what is explicitly none in one field only."""

from __future__ import annotations

import polars as pl
import pytest

from passerelle.stages import translate as to
from passerelle.stages.decode.tables import DecodedRecord, make_batch
from passerelle.stages.translate.drift import Drift, detect_drift
from passerelle.stages.translate.plan import compile_plan
from passerelle.stages.translate.table import covers
from passerelle.stages.translate.translation import translate

TABLE = to.Table(
    contract="person/1",
    fields={
        "ref": to.Ref("id", system="s", entity="person"),
        "usual_name": to.PerRecord("nom", parse=lambda row: to.NONE if row["nom"] == "aucun" else row["nom"]),
        "first_names": to.Text("prenom"),
    },
    carried=("Ressources/*", "bank.*"),
    optional=("prenom",),
)


def test_an_optional_column_that_is_not_there_is_no_drift_and_families_are_known():
    plan = compile_plan([TABLE], supplier="s")
    assert detect_drift(["id", "nom", "Ressources#3/M#2", "bank.0.iban"], "", plan) == Drift()
    assert detect_drift(["id", "nom", "Ressource"], "", plan).unknown == ("Ressource",)


@pytest.mark.parametrize(
    ("name", "column", "held"),
    [("a/*", "a/b", True), ("a/*", "a#2/b", True), ("a/*", "ab", False), ("a.*", "a", True), ("a*", "ab", False)],
)
def test_a_family_holds_what_is_below_its_name_and_nothing_beside(name, column, held):
    assert covers(name, column) is held


def test_what_is_explicitly_none_in_one_field_is_only_unknown_in_the_others():
    rows = make_batch(0, "", [DecodedRecord(1, {"id": "1", "nom": "aucun", "prenom": None})]).table
    (records,) = translate(rows, compile_plan([TABLE], supplier="s")).records
    assert records.frame.select(pl.col("confirmed_none")).to_series().to_list() == [["usual_name"]]


@pytest.mark.parametrize(("optional", "blocks"), [((), True), (("kind",), False)])
def test_a_column_that_leaves_rows_out_may_be_absent_when_it_is_said_to_be(optional, blocks):
    scope = to.OutOfScope(fr="Trajet.", en="Journey.", where=(to.Where("kind", ("J",)),), optional=optional)
    plan = compile_plan([TABLE], supplier="s", out_of_scope=[scope])
    assert detect_drift(["id", "nom"], "", plan).blocking is blocks
    assert detect_drift(["id", "nom", "kind"], "", plan) == Drift()
    rows = make_batch(0, "", [DecodedRecord(1, {"id": "1", "nom": "N"})]).table
    assert [one.frame.height for one in translate(rows, plan).records] == [1]
