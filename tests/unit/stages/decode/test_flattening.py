"""One record becomes cells; null where others have an object is no column."""

from __future__ import annotations

from passerelle.stages.decode.flattening import choose_columns, flatten, spread_empty_objects
from passerelle.stages.decode.inside import Inside
from passerelle.stages.decode.tables import DecodedRecord


def test_members_that_meet_stay_apart():
    cells: dict[str, str | None] = {}
    assert flatten({"a": {"b": 1}, "a.b": None}, "", cells, Inside()) == ""
    assert cells == {"a.b": "1", "a.b#2": ""}


def test_a_null_object_empties_the_members_that_others_have():
    names, objects = choose_columns({"a": False, "a.b": True})
    assert (names, objects) == (["a.b"], {"a"})
    assert spread_empty_objects(DecodedRecord(1, {"a": ""}), objects, names).cells == {"a.b": ""}
