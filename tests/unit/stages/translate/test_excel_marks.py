"""What spreadsheets leave in cells: protections are taken off, rewritten numbers recognised, other texts left alone."""

from __future__ import annotations

import polars as pl
import pytest

from passerelle.stages.translate.cells import prepare_cells
from passerelle.stages.translate.excel_marks import is_rewritten


@pytest.mark.parametrize(
    ("cell", "content"),
    [
        ('="01000"', "01000"),
        ('  ="01000"\u00a0', "01000"),
        ('="dit ""oui"""', 'dit "oui"'),
        ('=""', None),
        ('="NULL"', None),
        ("'01000", "01000"),
        ("'+33612345678", "+33612345678"),
        ("'7", "7"),
        ('="01000"&"x"', '="01000"&"x"'),
        ('="01000', '="01000'),
        ("=A1", "=A1"),
        ("'t Hooft", "'t Hooft"),
        ("'2 fois par jour'", "'2 fois par jour'"),
        ("l'aide", "l'aide"),
        ("'", "'"),
    ],
)
def test_only_a_cell_that_is_all_mark_is_unwrapped(cell, content):
    frame = pl.DataFrame({"a": ["x", cell], "b": ["y", "z"]})
    assert prepare_cells(frame, ("a", "b"), ("NULL",))["a"].to_list() == ["x", content]


@pytest.mark.parametrize("text", ["1,85E+14", "1.85E+14", "1E+05", "6,4e+08", "1.85E14", "185,06E+12"])
def test_a_number_in_scientific_notation_is_recognised(text):
    assert is_rewritten(text)


@pytest.mark.parametrize("text", ["1E5", "12E4", "E+14", "1850E+14", "5e2422ab", "1,85", "A1E+14", ""])
def test_what_may_be_an_id_is_none(text):
    assert not is_rewritten(text)


def test_an_exponent_alone_is_enough_where_only_figures_are_expected():
    assert is_rewritten("185E12", digits_only=True)
