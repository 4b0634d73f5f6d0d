"""Tables of records that came one by one: what is damaged is set aside, what is left is cut and numbered."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.stages.decode import tables
from passerelle.stages.decode.numbering import Numbering
from passerelle.stages.decode.tables import DecodedRecord, add_warnings, iter_batches, make_batch, set_progress
from passerelle.stages.decode.unread import ELEMENT, UnreadTally
from passerelle.vocabulary.outcomes import RowWarning
from passerelle.vocabulary.place import Place


def records(count):
    return [DecodedRecord(line, {"id": str(line)}) for line in range(1, count + 1)]


@given(st.integers(0, 9), st.integers(1, 4), st.sets(st.integers(0, 5)))
def test_every_record_is_in_one_batch_and_a_batch_that_is_not_wanted_keeps_its_number(count, size, skip):
    batches = list(iter_batches("m", records(count), size, Numbering(skip)))
    wanted = [nth for nth in range(max(1, -(-count // size))) if nth not in skip]
    assert [batch.number for batch in batches] == wanted
    lines = [line for batch in batches for line in batch.table.lines.to_list()]
    assert lines == [line for line in range(1, count + 1) if (line - 1) // size not in skip]


def test_a_member_without_records_has_one_batch_with_the_columns_that_are_known():
    (batch,) = iter_batches("m", [], 5, Numbering(()), columns=("id", "nom"))
    assert (batch.table.frame.columns, batch.received) == (["id", "nom"], 0)


def test_a_cell_that_is_not_there_is_null_and_an_empty_one_is_empty():
    batch = make_batch(0, "m", [DecodedRecord(1, {"a": ""}), DecodedRecord(2, {"b": "x"})])
    assert batch.table.frame.rows() == [("", None), (None, "x")]


@pytest.mark.parametrize(
    ("cells", "reason"),
    [({}, "decode.record.empty"), ({"a": "x\0"}, "decode.text.nul"), ({"x\ufffd": "1"}, "decode.text.replaced")],
)
def test_a_record_that_is_damaged_is_set_aside_with_what_was_read_of_it(cells, reason):
    batch = make_batch(0, "m", [DecodedRecord(3, cells), DecodedRecord(4, {"b": "x"})])
    (aside,) = batch.aside
    assert (aside.reason, aside.place, json.loads(aside.raw)) == (reason, Place(3, member="m"), cells)
    assert batch.table.frame.columns == ["b"]


def test_records_share_a_limit_of_columns_and_the_one_that_passes_it_is_set_aside(monkeypatch):
    monkeypatch.setattr(tables, "MAX_COLUMNS", 2)
    batch = make_batch(0, "", [DecodedRecord(nth, {name: "x"}) for nth, name in enumerate("abca", 1)])
    assert [(item.reason, item.place.line) for item in batch.aside] == [("decode.record.too_many_cells", 3)]
    assert batch.table.lines.to_list() == [1, 2, 4]


def test_half_of_a_pair_that_no_store_can_hold_is_kept_in_writing():
    aside = DecodedRecord(1, fault="decode.record.empty", raw="a\ud800b").set_aside("m")
    assert aside.raw == "a\\ud800b"


def test_what_nobody_reads_is_told_with_the_batch_in_which_it_was_met():
    tally = UnreadTally()

    def read():
        for record in records(3):
            tally.add(ELEMENT, f"x{record.line}", 1)
            yield record

    batches = list(iter_batches("m", read(), 1, Numbering({1}), tally=tally))
    assert [[one.place.column for one in batch.warned] for batch in batches] == [["x1"], ["x3"]]


def test_what_is_said_of_a_parcel_goes_with_its_first_batch_only():
    warning = RowWarning("decode.document.namespace", Place(1))
    assert [batch.warned for batch in add_warnings(iter_batches("", records(2), 1, Numbering(())), (warning,))] == [
        (warning,),
        (),
    ]
    assert not any(batch.warned for batch in add_warnings(iter_batches("", records(2), 1, Numbering({0})), (warning,)))


def test_progress_follows_the_records_and_a_document_without_any_is_read_whole():
    batches = set_progress(iter_batches("", records(4), 1, Numbering(())), 100, 4)
    assert [batch.consumed for batch in batches] == [25, 50, 75, 100]
    assert [batch.consumed for batch in set_progress(iter_batches("", [], 1, Numbering(())), 100, 0)] == [100]
