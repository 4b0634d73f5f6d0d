"""Days and moments lose their fine part, codes lose the supplier's words."""

from __future__ import annotations

import polars as pl
import pytest

from passerelle import contracts
from passerelle.contracts.field_types import list_columns
from passerelle.contracts.release import Release, Way
from passerelle.stages.gate.coarsening import coarsen, holds_codes

LEAST = 5


def coarse(contract, name, values, step):
    dtype = list_columns(contracts.get(contract))[name]
    way = Release(Way.COARSE, step, LEAST) if step else Release(Way.AGGREGATE, least=LEAST)
    frame = pl.DataFrame({name: pl.Series(values, dtype=dtype)})
    return coarsen(frame, contracts.get(contract), {name: way})[name].to_list()


@pytest.mark.parametrize(
    ("contract", "name", "step", "value", "told"),
    [
        ("visit/1", "planned_start", "day", "2024-12-31T08:15:00+01:00", "2024-12-31T00:00:00+01:00"),
        ("visit/1", "planned_start", "week", "2024-12-29T23:59:00+01:00", "2024-12-23T00:00:00+01:00"),
        ("case/1", "opened_on", "week", "2024-12-31", "2024-12-30"),
        ("case/1", "opened_on", "week", "2024-12-30", "2024-12-30"),
        ("person/1", "birth_date", "band", "1947-04-03", "1940"),
        ("person/1", "birth_date", "band", "1950", "1950"),
        ("person/1", "birth_date", "band", "1949-12", "1940"),
    ],
)
def test_a_day_is_told_as_the_beginning_of_its_step(contract, name, step, value, told):
    assert coarse(contract, name, [value, None], step) == [told, None]


def test_a_code_goes_without_the_supplier_s_own_word_and_a_word_alone_is_none():
    code = {"code": "2", "system": "gir", "label": "GIR 2", "original": "GIR 2 (Mme Durand)"}
    word = {"code": None, "system": None, "label": None, "original": "Mme Durand"}
    stripped = {"code": "2", "system": "gir", "label": None, "original": None}
    assert coarse("person/1", "gir", [code, word, None], "") == [stripped, None, None]
    assert coarse("case/1", "themes", [[code, word], [word], None], "") == [[stripped], None, None]


def test_where_a_field_has_no_code_list_the_word_is_the_value():
    word = {"code": None, "system": None, "label": None, "original": "Aide à la toilette"}
    assert coarse("visit/1", "service", [word, None], "") == [word, None]


def test_a_field_that_goes_openly_is_untouched():
    frame = pl.DataFrame({"planned_start": ["2024-12-31T08:15:00+01:00"]})
    assert coarsen(frame, contracts.get("visit/1"), {"planned_start": Release(Way.OPEN)}).equals(frame)


@pytest.mark.parametrize("wrap", [lambda dtype: dtype, pl.List])
@pytest.mark.parametrize(
    ("parts", "are_codes"),
    [(("code", "original"), True), (("code", "label"), False), (("original",), False), ((), False)],
)
def test_a_code_is_what_has_its_supplier_s_word_beside_it(wrap, parts, are_codes):
    assert holds_codes(wrap(pl.Struct(dict.fromkeys(parts, pl.String)))) is are_codes
    assert not holds_codes(wrap(pl.String))
    assert not holds_codes(None)
