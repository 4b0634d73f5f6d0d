"""Comparing a pile at once says the same as comparing its records one after the other."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from journeying import count_examples

from passerelle.engine.records.record_comparison import KnownRecords, compare_records
from passerelle.stores.database import open_database
from passerelle.stores.journal import Journal
from passerelle.stores.seal import Seal
from passerelle.stores.settlement import DeliveredRecords, Settlement
from passerelle.vocabulary.outcomes import Balance, Fate
from passerelle.vocabulary.parcels import BatchKey, Parcel, Records, TextTable
from passerelle.vocabulary.place import ROW

NOW = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)


@pytest.fixture
def journal(tmp_path):
    engine = open_database(tmp_path / "journal.sqlite3")
    yield Journal(engine, Seal(b"k" * 32))
    engine.dispose()


def _expected(piles):
    """Say what each pile comes to: (versions of what goes, unchanged, duplicate)."""
    states, found = {}, []
    for number, pile in enumerate(piles):
        versions, unchanged, duplicate = [], 0, 0
        for ref, team in pile:
            content, version, parcel = states.get(ref, (None, 0, None))
            if content != team:
                states[ref] = (team, version + 1, number // 2)
                versions.append(version + 1)
            elif parcel == number // 2:
                duplicate += 1
            else:
                unchanged += 1
        found.append((versions, unchanged, duplicate))
    return found


@settings(max_examples=count_examples(15), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 5), st.sampled_from("ab")), min_size=1, max_size=8), min_size=1, max_size=5
    ),
)
def test_all_at_once_is_as_one_after_the_other(journal, piles):
    flow = uuid4()  # every example is a flow of its own in one journal
    memory = KnownRecords(
        flow=flow.hex, journal=journal, seal=Seal(b"k" * 32), supplier="s", connector="c", connector_version="1"
    )
    run = journal.begin_run([flow.hex], NOW)
    found = []
    for number, pile in enumerate(piles):
        parcel = Parcel(f"{number // 2:064d}", flow.hex, 1, NOW, "", 1, 1)  # two batches a parcel
        journal.register(parcel)
        rows = range(len(pile))
        frame = pl.DataFrame(
            {ROW: rows, "ref": [f"s:visit:{ref}" for ref, _team in pile], "team": [team for _ref, team in pile]},
            schema_overrides={ROW: pl.UInt32},
        )
        table = TextTable("", frame, pl.Series("line", rows, dtype=pl.UInt32))
        batch = BatchKey(parcel.digest, number % 2)
        done = compare_records(Records("visit/1", frame), table, batch, parcel, memory)
        versions = list(done.delivery.versions)
        found.append((versions, done.unchanged, done.duplicate))
        assert len(set(done.delivery.keys)) == len(versions) == len(list(done.delivery.bodies))
        fates = {Fate.DELIVERED: len(versions), Fate.UNCHANGED: done.unchanged, Fate.DUPLICATE: done.duplicate}
        known = DeliveredRecords("visit/1", done.ref_keys.tobytes(), done.contents.tobytes(), versions)
        journal.settle(Settlement(flow.hex, run, batch, Balance(len(pile), fates), NOW, delivered=(known,)))
    assert found == _expected(piles)
