"""Dialects: what is assumed where a connector says nothing more, and that a description stays as it is."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields

import pytest

from passerelle.stages.decode.dialects import Csv, Json, Xlsx, Xml

ALL = [Csv, Xlsx, Json, Xml]


def test_a_text_is_assumed_to_be_what_french_spreadsheets_write():
    assert (Csv().delimiter, Csv().quote, Csv().encoding, Csv().skip_lines, Csv().header) == (";", '"', "", 0, ())


def test_nothing_is_repeated_renamed_or_spread_unless_it_is_declared():
    assert (Xlsx().header_row, Xlsx().merged) == (1, "")
    assert (Json().spread, Json().lines, Json().refers) == ((), False, "reference")
    assert (Xml().namespaces, Xml().schema) == ((), b"")


@pytest.mark.parametrize("dialect", ALL)
def test_a_dialect_is_named_part_by_part_and_never_changed(dialect):
    with pytest.raises(TypeError):
        dialect(";")
    with pytest.raises(FrozenInstanceError):
        setattr(dialect(), fields(dialect)[0].name, "x")


@pytest.mark.parametrize("dialect", ALL)
def test_what_one_dialect_leaves_out_cannot_be_filled_for_all(dialect):
    for each in fields(dialect):
        value = getattr(dialect(), each.name)
        if hasattr(value, "keys"):
            with pytest.raises(TypeError):
                value["x"] = "y"


def test_a_schema_of_a_megabyte_is_not_shown_where_a_dialect_is():
    assert "secret" not in repr(Xml(schema=b"<secret/>"))
