"""The spool of a move: what goes in comes out, sealed meanwhile, and never more than what is whole."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import polars as pl
import pytest
from polars.testing import assert_frame_equal, assert_series_equal

from passerelle.stages.translate.translation import Translation
from passerelle.switching.run.batch_spool import BatchSpool, SealedPieces
from passerelle.vocabulary.outcomes import Fate, RowWarning, SetAside
from passerelle.vocabulary.parcels import DecodedBatch, Parcel, Records, TextTable
from passerelle.vocabulary.place import ROW, Place

CANARY = "TREMEUR"
PARCEL = Parcel("a" * 64, "flow", 10, datetime(2026, 1, 1, tzinfo=UTC), "export.csv", 1024, 100)
PERSON, VISIT, NOTE = "person/1", "visit/1", "note/1"
ASIDE = SetAside(Fate.REJECTED, "translate.row.no_table", Place(3), 1, contract="")


def _decoded(number, *, aside=(), warned=()):
    frame = pl.DataFrame({"Nom": [CANARY, "B"], "Note": ["", None]}, schema={"Nom": pl.String, "Note": pl.String})
    return DecodedBatch(
        number, TextTable("m.csv", frame, pl.Series("line", [2, 3], dtype=pl.UInt32)), aside, warned, 99
    )


def _records(contract):
    coded = pl.Struct({"code": pl.String, "system": pl.String})
    columns = {"ref": [f"x:{contract}:1"], "kind": [{"code": "a", "system": None}], "tags": [[{"code": "b"}]]}
    schema = {"ref": pl.String, "kind": coded, "tags": pl.List(pl.Struct({"code": pl.String}))}
    frame = pl.DataFrame(columns, schema=schema).with_columns(pl.Series(ROW, [0], pl.UInt32))
    return Records(contract, frame, rows_without_guarantee=[0])


@pytest.fixture
def spool(tmp_path):
    opened = BatchSpool(tmp_path, {1: [(PERSON,), (VISIT,), (NOTE,)], 2: [(PERSON,)]})
    yield opened
    opened.close()


def _fill(reader, *batches):
    reader.start()
    for decoded, contracts in batches:
        aside = (ASIDE,) if decoded.aside else ()
        reader.write(decoded, Translation(tuple(_records(contract) for contract in contracts), aside))
    reader.finish()


def test_what_goes_in_comes_out_contract_by_contract(spool):
    decoded = _decoded(0, aside=(ASIDE,), warned=(RowWarning("decode.encoding.assumed", Place(1)),))
    _fill(spool.open(1, (PERSON,), PARCEL), (decoded, (PERSON, VISIT)))
    ((read, translation),) = spool.open(1, (VISIT,), PARCEL).read(())
    assert_frame_equal(read.table.frame, decoded.table.frame)
    assert_series_equal(read.table.lines, decoded.table.lines)
    assert (read.number, read.aside, read.warned, read.consumed) == (0, decoded.aside, decoded.warned, 99)
    assert translation.aside == (ASIDE,)
    (records,) = translation.records
    assert_frame_equal(records.frame, _records(VISIT).frame)
    assert (records.contract, list(records.rows_without_guarantee)) == (VISIT, [0])


def test_a_batch_that_holds_nothing_for_a_flow_comes_without_its_rows(spool):
    _fill(spool.open(1, (PERSON,), PARCEL), (_decoded(0), (PERSON, VISIT)), (_decoded(1), (NOTE,)))
    empty, full = spool.open(1, (NOTE,), PARCEL).read(())
    assert (empty[0].number, empty[0].table.frame.height, empty[1].records) == (0, 0, ())
    assert empty[0].table.frame.columns == ["Nom", "Note"]
    assert (full[0].number, full[0].table.frame.height, len(full[1].records)) == (1, 2, 1)


def test_skipped_batches_are_not_read(spool):
    _fill(spool.open(1, (PERSON,), PARCEL), *((_decoded(number), (VISIT,)) for number in range(4)))
    reader = spool.open(1, (VISIT,), PARCEL)
    assert [decoded.number for decoded, _translation in reader.read({0, 2})] == [1, 3]


def test_what_was_not_finished_is_not_read_and_begun_anew(spool):
    first = spool.open(1, (PERSON,), PARCEL)
    first.start()
    first.write(_decoded(0), Translation((_records(VISIT),)))
    second = spool.open(1, (VISIT,), PARCEL)
    assert not second.is_complete
    _fill(second, (_decoded(0), (NOTE,)))
    assert len(list(spool.open(1, (NOTE,), PARCEL).read(()))) == 1


def test_nothing_is_kept_where_no_flow_comes_after(spool):
    assert spool.open(2, (PERSON,), PARCEL) is None
    assert spool.open(1, (NOTE,), PARCEL) is None


def test_the_last_flow_of_an_export_lets_the_disk_go(spool):
    _fill(spool.open(1, (PERSON,), PARCEL), (_decoded(0), (VISIT, NOTE)))
    spool.release(1, (VISIT,))
    assert spool.open(1, (NOTE,), PARCEL).is_complete
    spool.release(1, (NOTE,))
    assert spool.open(1, (NOTE,), PARCEL) is None


def test_a_full_disk_costs_the_spool_and_not_the_move(spool):
    reader = spool.open(1, (PERSON,), PARCEL)
    reader.start()
    reader.parcel.pieces.stream.close()
    reader.parcel.pieces.stream = _FullDisk()
    reader.write(_decoded(0), Translation((_records(VISIT),)))
    reader.write(_decoded(1), Translation((_records(VISIT),)))
    reader.finish()
    assert not reader.is_complete


def test_nothing_that_was_received_can_be_read_on_the_disk():
    stream = io.BytesIO()
    pieces = SealedPieces(stream)
    place = pieces.append(f"{CANARY} and more".encode())
    assert CANARY.encode() not in stream.getvalue()
    assert pieces.read(place) == f"{CANARY} and more".encode()


class _FullDisk(io.BytesIO):
    def write(self, _content):
        raise OSError(28, "No space left on device")
