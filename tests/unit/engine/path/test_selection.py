"""Flows that share a parcel, each with contracts of its own: together they count every record once."""

from __future__ import annotations

import polars as pl

from passerelle.engine.path.selection import ALL_CONTRACTS, NO_CONTRACT, ContractSelection
from passerelle.stages.translate.translation import Translation
from passerelle.vocabulary.outcomes import Fate, RowWarning, SetAside
from passerelle.vocabulary.parcels import DecodedBatch, Records, TextTable
from passerelle.vocabulary.place import ROW, Place


def _aside(contract: str) -> SetAside:
    return SetAside(Fate.REJECTED, "translate.row.no_table", Place(1), 0, contract=contract)


def _frame(rows: int) -> pl.DataFrame:
    return pl.DataFrame({ROW: pl.Series(range(rows), dtype=pl.UInt32)})


WARNINGS = tuple(
    RowWarning("translate.code.unknown", Place(1), contract=one) for one in ("visit/1", "person/1", NO_CONTRACT)
)
TRANSLATION = Translation(
    (Records("person/1", _frame(3)), Records("visit/1", _frame(4))),
    (_aside("visit/1"), _aside("person/1"), _aside(NO_CONTRACT)),
    WARNINGS,
)
TABLE = TextTable("", pl.DataFrame({"Nom": ["A"]}), pl.Series("line", [2], dtype=pl.UInt32))
DECODED = DecodedBatch(0, TABLE, (_aside(NO_CONTRACT),), (RowWarning("decode.encoding.assumed", Place(1)),))


def test_everything_passes_by_default():
    assert ALL_CONTRACTS.choose(TRANSLATION) is TRANSLATION
    assert ALL_CONTRACTS.narrow(DECODED) is DECODED


def test_two_flows_that_share_a_parcel_count_each_record_once():
    first, second = ContractSelection(frozenset({"person/1", NO_CONTRACT})), ContractSelection(frozenset({"visit/1"}))
    received = [one.choose(TRANSLATION).received + len(one.narrow(DECODED).aside) for one in (first, second)]
    assert received == [5 + 1, 5]
    assert sum(received) == TRANSLATION.received + len(DECODED.aside)


def test_two_flows_that_share_a_parcel_count_each_warning_once():
    told = [ContractSelection(frozenset(only)).choose(TRANSLATION).warned for only in ({"person/1", ""}, {"visit/1"})]
    assert told == [WARNINGS[1:], WARNINGS[:1]]


def test_what_is_of_no_contract_is_told_by_one_of_them():
    told = [ContractSelection(frozenset(only)).narrow(DECODED) for only in ({"person/1", NO_CONTRACT}, {"visit/1"})]
    assert [(len(one.aside), len(one.warned)) for one in told] == [(1, 1), (0, 0)]
    assert all(one.table is TABLE for one in told)
