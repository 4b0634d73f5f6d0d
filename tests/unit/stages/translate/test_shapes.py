"""Shapes of cells: what is cut can be glued again, and what is glued can be cut."""

from __future__ import annotations

import string

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.stages.translate.shapes import describe_shapes, read_shape, read_shapes

PERSON = read_shape("{Civilité?:M.|Mme} {Nom:capitals} {Prénom?}")
WORDS = st.text(string.ascii_letters + string.digits + " 'é-,", min_size=1, max_size=20).map(str.strip).filter(bool)


@pytest.mark.parametrize(
    ("shape", "cell", "parts"),
    [
        ("{CP:5} {Ville}", "75007 PARIS CEDEX 7", ("75007", "PARIS CEDEX 7")),
        ("{CP:5} {Ville}", "2A004\u00a0  Ajaccio", ("2A004", "Ajaccio")),
        ("{Dépt:2}{Commune:3}", "75056", ("75", "056")),
        ("{Nom}, {Prénom}", "Le Goff, Anne, Marie", ("Le Goff", "Anne, Marie")),
        ("n° {Numéro:digits} ({Lieu})", "n° 12 (Lyon)", ("12", "Lyon")),
    ],
)
def test_a_cell_is_cut_where_its_shape_says(shape, cell, parts):
    one = read_shape(shape)
    assert tuple((one.cut(cell) or {}).values()) == parts
    columns = pl.DataFrame({"a": [cell, "?", None]}).select(**one.cut_column(pl.col("a")))
    assert columns.rows() == [parts, (None, None), (None, None)]


def test_the_title_the_name_in_capitals_and_the_first_name_are_told_apart():
    cells = {
        "Mme DUPONT Jeanne": ("Mme", "DUPONT", "Jeanne"),
        "MME DUPONT Jeanne": ("MME", "DUPONT", "Jeanne"),
        "M. LE GOFF Jean-Paul": ("M.", "LE GOFF", "Jean-Paul"),
        "N'GUESSAN Élise": (None, "N'GUESSAN", "Élise"),
        "ÉLUARD": (None, "ÉLUARD", None),
    }
    for cell, parts in cells.items():
        assert tuple((PERSON.cut(cell) or {}).values()) == parts
        assert PERSON.glue(dict(zip(PERSON.names, parts, strict=True))) == cell
    assert PERSON.cut("Jeanne") is None


@given(
    cell=WORDS, shape=st.sampled_from(["{A} {B}", "{A:3}{B}", "{A:digits} {B?}", "{A:word}, {B}", "{A?:M.|Mme} {B}"])
)
def test_cut_and_glued_again_a_cell_is_the_same_up_to_its_spaces(cell, shape):
    one = read_shape(shape)
    parts = one.cut(cell)
    if parts is not None:
        glued = one.glue(parts)
        assert glued is not None
        assert glued.split() == cell.split()
        assert one.cut(glued) == parts


@given(first=st.integers(1, 99), second=st.integers(1, 999))
def test_zeros_that_got_lost_come_back_when_parts_are_glued(first, second):
    shape = read_shape("{Dépt:02}{Commune:03}")
    glued = shape.glue({"Dépt": str(first), "Commune": str(second)})
    assert glued == f"{first:02d}{second:03d}"
    frame = pl.DataFrame({"Dépt": [str(first)], "Commune": [str(second)]})
    assert frame.select(shape.glue_columns()).item() == glued


def test_parts_that_would_be_cut_otherwise_are_not_glued():
    assert read_shape("{CP:5} {Ville}").glue({"CP": "7500", "Ville": "PARIS"}) is None
    assert read_shape("{Nom} {Prénom}").glue({"Nom": "LE GOFF", "Prénom": "Anne"}) is None
    assert read_shape("{CP:5} {Ville}").glue({"CP": "75007", "Ville": None}) is None


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ("CP Ville", "not written like"),
        ("{CP", "not written like"),
        ("{CP:5} {CP}", "twice"),
        ("{CP:chiffres} {Ville}", "no kind of part"),
        ("{Nom}{Prénom}", "nothing says where «Nom» ends"),
        ("{Dépt?:2}{Commune:3}", "may be missing"),
    ],
)
def test_a_shape_that_cannot_be_is_refused_with_what_is_wrong(shape, message):
    with pytest.raises(ValueError, match=message):
        read_shape(shape)


def test_a_fault_names_the_parts_as_they_are_expected():
    assert describe_shapes(read_shapes(("{CP:5} {Ville}", "{Ville}"))) == {"expected": "CP Ville / Ville"}
