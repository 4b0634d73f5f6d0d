"""What a destination said of each record ends in the books, whether all were taken at once or one by one."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from passerelle.engine.records.answer_recording import record_answers
from passerelle.engine.records.ledger import Ledger
from passerelle.engine.records.record_comparison import KnownRecords, compare_records
from passerelle.stores.database import open_database
from passerelle.stores.journal import Journal
from passerelle.stores.seal import Seal
from passerelle.vocabulary.outcomes import Answer, Fate
from passerelle.vocabulary.parcels import BatchKey, Parcel, Records, TextTable
from passerelle.vocabulary.place import ROW

NOW = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
TAKEN = Answer(Fate.DELIVERED)
REFUSED = Answer(Fate.REFUSED, "deliver.record.refused", {"status": "422"})


@pytest.fixture
def compared(tmp_path):
    """Compare three new records, of lines 2, 3 and 4."""
    engine = open_database(tmp_path / "journal.sqlite3")
    seal = Seal(b"k" * 32)
    journal = Journal(engine, seal)
    parcel = Parcel("a" * 64, "nuit", 1, NOW, "", 1, 1)
    journal.register(parcel)
    frame = pl.DataFrame({ROW: [0, 1, 2], "ref": [f"s:visit:{n}" for n in range(3)]}, schema_overrides={ROW: pl.UInt32})
    table = TextTable("visites", frame, pl.Series("line", [2, 3, 4], dtype=pl.UInt32))
    memory = KnownRecords(flow="nuit", journal=journal, seal=seal, supplier="s", connector="c", connector_version="1")
    yield compare_records(Records("visit/1", frame), table, BatchKey(parcel.digest, 0), parcel, memory), table
    engine.dispose()


def entered(compared, *answers: Answer) -> Ledger:
    comparison, table = compared
    ledger = Ledger("visites")
    record_answers(answers, comparison, table, ledger)
    return ledger


def test_all_taken_without_more_words_is_entered_at_once_and_remembered(compared):
    ledger = entered(compared, TAKEN, TAKEN, TAKEN)
    (known,) = ledger.known
    assert ledger.fates == {Fate.DELIVERED: 3}
    assert list(known.versions) == [1, 1, 1]
    assert known.ref_keys == compared[0].ref_keys.tobytes()
    assert known.versions is compared[0].delivery.versions, "nothing is made anew, record by record"
    assert (ledger.aside, known.remote_ids) == ([], ())


def test_answers_that_are_equal_one_by_one_come_to_the_same_books(compared):
    at_once = entered(compared, TAKEN, TAKEN, TAKEN)
    named = entered(compared, TAKEN, TAKEN, Answer(Fate.DELIVERED, remote_id="n° 7"))
    assert named.fates == at_once.fates
    assert (named.known[0].ref_keys, named.known[0].contents) == (
        at_once.known[0].ref_keys,
        at_once.known[0].contents,
    )
    assert list(named.known[0].remote_ids) == ["", "", "n° 7"]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_that_was_refused_is_set_aside_with_its_line_and_not_remembered(compared, place):
    answers = [TAKEN, TAKEN, TAKEN]
    answers[place] = REFUSED
    ledger = entered(compared, *answers)
    (item,) = ledger.aside
    assert ledger.fates == {Fate.DELIVERED: 2, Fate.REFUSED: 1}
    assert (item.place.line, item.place.member, item.row, item.contract) == (2 + place, "visites", place, "visit/1")
    assert (item.reason, item.details) == ("deliver.record.refused", {"status": "422"})
    refs = compared[0].ref_keys
    assert ledger.known[0].ref_keys == b"".join(refs[n].tobytes() for n in range(3) if n != place)
    assert len(list(ledger.known[0].versions)) == 2


def test_all_refused_with_the_same_words_are_all_refused(compared):
    ledger = entered(compared, REFUSED, REFUSED, REFUSED)
    assert ledger.fates == {Fate.REFUSED: 3}
    assert [item.place.line for item in ledger.aside] == [2, 3, 4]
    assert [len(one.ref_keys) for one in ledger.known] == [0]


def test_all_taken_with_the_same_id_of_the_other_side_keep_it(compared):
    (known,) = entered(compared, *[Answer(Fate.DELIVERED, remote_id="n° 1")] * 3).known
    assert list(known.remote_ids) == ["n° 1"] * 3


def test_the_version_that_is_really_there_is_the_one_that_is_remembered(compared):
    (known,) = entered(compared, *[Answer(Fate.DELIVERED, version=8)] * 3).known
    assert list(known.versions) == [8, 8, 8]
    (known,) = entered(compared, TAKEN, Answer(Fate.DELIVERED, version=8), TAKEN).known
    assert list(known.versions) == [1, 8, 1]


@pytest.mark.parametrize("count", [0, 2, 4])
def test_a_destination_that_does_not_answer_once_a_record_is_a_fault(compared, count):
    with pytest.raises(ValueError, match="one answer a record"):
        entered(compared, *[TAKEN] * count)
