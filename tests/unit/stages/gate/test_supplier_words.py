"""The supplier's own word of a code goes with it when the connector's table has it."""

from __future__ import annotations

import polars as pl

from passerelle import contracts
from passerelle.contracts.field_types import list_columns
from passerelle.stages.gate.supplier_words import drop_unknown_words

CODED = {"code": "c", "system": "s", "label": None, "original": "Mot"}


def drop(contract, name, values, words):
    dtype = list_columns(contracts.get(contract))[name]
    frame = pl.DataFrame({name: pl.Series(values, dtype=dtype)})
    dropped, counts = drop_unknown_words(frame, contracts.get(contract), {name: frozenset(words)})
    return dropped[name].to_list(), {column.name: int(column.sum()) for column in counts}


def test_a_word_of_the_table_stays_and_any_other_is_emptied_and_counted():
    strange = {**CODED, "original": "Mme Durand"}
    values = [CODED, strange, None]
    assert drop("visit/1", "travel_mode", values, ["Mot"]) == (
        [CODED, {**CODED, "original": None}, None],
        {"travel_mode": 1},
    )
    assert drop("case/1", "themes", [[CODED, strange], [{**strange, "code": None}], None], ["Mot"]) == (
        [[CODED, {**CODED, "original": None}], None, None],
        {"themes": 2},
    )


def test_a_word_that_is_the_code_itself_tells_nothing_more():
    same = {**CODED, "original": "c"}
    assert drop("visit/1", "travel_mode", [same], []) == ([same], {})


def test_a_field_without_a_code_list_keeps_its_words():
    word = {"code": None, "system": None, "label": None, "original": "Aide à la toilette"}
    assert drop("visit/1", "service", [word], []) == ([word], {})
