"""A document in memory is walked through by path."""

from __future__ import annotations

from passerelle.stages.decode.loaded import LoadedDocument


def test_what_is_null_is_told_from_what_is_not_there():
    document = LoadedDocument({"a": None, "b": [1]})
    assert (document.is_null(["a"]), document.is_null(["c"])) == (True, False)
    assert list(document.walk(["b"]).iter_records()) == [1]
    assert not document.walk(["c"]).present
