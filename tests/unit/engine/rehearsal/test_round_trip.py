"""There and back: what comes is told by the place of what went, and what does not come is missing, nothing else."""

from __future__ import annotations

import polars as pl
import pytest

from passerelle import Connector, Csv, Table
from passerelle import convert as to
from passerelle.engine.rehearsal.round_trip import list_differences, write_and_read_back
from passerelle.vocabulary.place import ROW


def refuse(row):
    """Read a note back, but for one that cannot be."""
    if row["note"] == "illisible":
        raise ValueError
    return row["note"]


TABLE = Table(
    contract="person/1",
    fields={
        "ref": to.Ref("ref", system="papier", entity="person"),
        "comment": to.PerRecord("note", parse=refuse, render=lambda value: {"note": value or ""}),
    },
)
CONNECTOR = Connector(id="papier", title="Papier", dialect=Csv(), tables=(TABLE,))


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_record_that_cannot_be_read_back_is_missing_wherever_it_stands(place):
    notes = ["un", "deux", "trois"]
    notes[place] = "illisible"
    frame = pl.DataFrame(
        {ROW: [0, 1, 2], "ref": [f"papier:person:{n}" for n in range(3)], "comment": notes},
        schema_overrides={ROW: pl.UInt32},
    )
    back = write_and_read_back(frame, TABLE, "papier", CONNECTOR)
    assert back == {n: {"ref": f"papier:person:{n}", "comment": notes[n]} for n in range(3) if n != place}


def test_what_is_not_the_same_is_named_and_what_did_not_come_is_all_of_it():
    assert list_differences({"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 9, "d": 4}) == {"b", "c"}
    assert list_differences({"a": 1, "b": 2}, {"a": 1, "b": 2}) == set()
    assert list_differences({"a": 1, "b": 2}, None) == {"a", "b"}
