"""The lists of a dialect, and what is read of a document."""

from __future__ import annotations

from passerelle.stages.decode.dialects import Json
from passerelle.stages.decode.listings import flatten_above, list_ways, split_path
from passerelle.stages.decode.loaded import LoadedDocument


def test_the_ways_to_all_that_is_read_are_known():
    dialect = Json(lists={"a.b": ""}, above=("m",), kind={"t": "x"})
    assert list_ways(dialect) == [("a", "b"), ("m",), ("t",)]
    assert split_path("") == []


def test_what_stands_above_is_named_from_the_record():
    assert flatten_above(LoadedDocument({"m": {"e": 1}, "n": None}), ("m", "n")) == {"../m.e": "1"}
