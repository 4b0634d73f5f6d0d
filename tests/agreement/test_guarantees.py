"""What a mapping guarantees of its lists changes which path checks them, never which rows are set aside."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from passerelle.stages.translate import Identifier, Ref, Table, Text
from passerelle.stages.translate.plan import compile_plan
from passerelle.stages.translate.translation import translate
from passerelle.stages.validate.validation import validate
from passerelle.vocabulary.parcels import TextTable

PLAN = compile_plan(
    [
        Table(
            contract="person/1",
            fields={
                "ref": Ref("id", system="demo", entity="person"),
                "birth_name": Text("nom"),
                "identifiers": [
                    Identifier("dossier", system="dossier"),
                    Identifier("badge", system="badge", use="old"),
                    Identifier("nir", system="nir"),
                ],
            },
        )
    ],
    supplier="demo",
)
NUMBER = st.sampled_from(["", "A12", "A 12", "é" * 32, "é" * 33, "9" * 64, "9" * 65, "9 " * 65, "9." * 64, "\u00a0"])
NIR = st.sampled_from(["", "255081416802538", "255081416802539", "2 55 08 14 168 025 38", "1" * 65])


@given(st.lists(st.tuples(NUMBER, NUMBER, NIR), min_size=1, max_size=8))
def test_lists_of_identifiers_fare_the_same_in_both_lanes(rows):
    names = ("dossier", "badge", "nir")
    cells = [{"id": str(nth), "nom": "MATHY", **dict(zip(names, row, strict=True))} for nth, row in enumerate(rows)]
    frame = pl.DataFrame(cells, schema=dict.fromkeys(("id", "nom", *names), pl.String))
    table = TextTable("", frame, pl.Series(range(2, 2 + len(cells)), dtype=pl.UInt32))
    (records,) = translate(table, PLAN).records
    fast, sure = (validate(records, table=table, fast_path=express).records for express in (True, False))
    assert fast.frame.equals(sure.frame)
    assert (fast.aside, fast.warned) == (sure.aside, sure.warned)


def test_a_short_number_that_columns_can_read_takes_the_fast_lane():
    frame = pl.DataFrame({"id": ["1"], "nom": ["MATHY"], "dossier": ["A12"], "badge": [""], "nir": ["255081416802538"]})
    table = TextTable("", frame, pl.Series([2], dtype=pl.UInt32))
    (records,) = translate(table, PLAN).records
    assert "identifiers" in (records.guarantees.fields if records.guarantees else {})
    assert validate(records, table=table).paths.model_path == 0
