"""A flow may leave contracts out: their records are counted as withheld, whatever is wrong with them."""

from __future__ import annotations

import polars as pl

from passerelle.engine.path.leaving_out import leave_out
from passerelle.engine.records.ledger import Ledger
from passerelle.stages.translate.translation import Translation
from passerelle.vocabulary.outcomes import Fate, RowWarning, SetAside
from passerelle.vocabulary.parcels import Records
from passerelle.vocabulary.place import ROW, Place


def _make_records(contract: str, count: int) -> Records:
    return Records(contract, pl.DataFrame({ROW: range(count), "ref": [f"s:x:{nth}" for nth in range(count)]}))


def test_every_record_of_a_contract_that_is_left_out_is_counted_and_no_other():
    faulty = SetAside(Fate.REJECTED, "translate.code.unknown", Place(1), 0, contract="case/1")
    kept = SetAside(Fate.REJECTED, "translate.code.unknown", Place(2), 1, contract="person/1")
    warned = RowWarning("translate.code.unknown", Place(1), {}, "case/1")
    translation = Translation(
        (_make_records("person/1", 3), _make_records("case/1", 2)),
        (faulty, kept, kept),
        (warned,),
        deleted=(("case/1", pl.DataFrame({ROW: [9], "ref": ["s:x:9"]})),),
    )
    ledger = Ledger("")
    left = leave_out(translation, frozenset({"case/1"}), ledger)
    assert [one.contract for one in left.records] == ["person/1"]
    assert (left.aside, left.warned, left.deleted) == ((kept, kept), (), ())
    assert ledger.fates[Fate.WITHHELD] == 4
    assert left.received + ledger.fates[Fate.WITHHELD] == translation.received
    assert {(key.code, key.contract) for key in ledger.causes} == {("gate.contract.left_out", "case/1")}
