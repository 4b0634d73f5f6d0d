"""What the purpose of a flow does not need is never on its shelf, for every contract and every purpose (law 3)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from journeying import count_examples
from strategies import records as draw_records

from passerelle import contracts
from passerelle.contracts.field_meta import Purpose
from passerelle.contracts.field_types import list_columns
from passerelle.contracts.release import NEVER
from passerelle.contracts.release_policy import ReleasePolicy
from passerelle.engine.records.answer_recording import record_answers
from passerelle.engine.records.handles import Handles
from passerelle.engine.records.ledger import Ledger
from passerelle.engine.records.record_comparison import KnownRecords, compare_records
from passerelle.stages.gate.gating import gate
from passerelle.stores.database import open_database
from passerelle.stores.journal import Journal
from passerelle.stores.seal import Seal
from passerelle.vocabulary.outcomes import Answer, Fate
from passerelle.vocabulary.parcels import BatchKey, Parcel, Records, TextTable
from passerelle.vocabulary.place import ROW

if TYPE_CHECKING:
    from collections.abc import Sequence

NOW = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
CONTRACTS = list(contracts.catalogue().values())
OWN = frozenset({"source", "ref"})
"""What every record has."""


@pytest.fixture
def journal(tmp_path):
    engine = open_database(tmp_path / "journal.sqlite3")
    yield Journal(engine, Seal(b"k" * 32))
    engine.dispose()


def _read_frame(contract: Any, bodies: Sequence[dict[str, Any]]) -> pl.DataFrame:
    schema = {name: dtype for name, dtype in list_columns(contract).items() if name not in ("extra", "source")}
    lines = [json.dumps({name: value for name, value in body.items() if name in schema}) for body in bodies]
    frame = pl.Series(lines, dtype=pl.String).str.json_decode(pl.Struct(schema)).struct.unnest()
    return frame.with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).alias(ROW))


@settings(max_examples=count_examples(90), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data(), st.sampled_from(CONTRACTS), st.sampled_from(Purpose))
def test_no_field_that_the_purpose_does_not_need_is_on_the_shelf(journal, data, contract, purpose):
    drawn = data.draw(st.lists(draw_records(contract), min_size=12, max_size=14))
    bodies = [{**body, "ref": f"a:{contract.about.family}:{row}"} for row, body in enumerate(drawn)]
    policy = ReleasePolicy.of_purpose(purpose)
    rows = len(bodies)
    table = TextTable("", pl.DataFrame({"A": [""] * rows}), pl.Series(range(rows), dtype=pl.UInt32))
    records = Records(contract.about.id, _read_frame(contract, bodies))
    passed = gate(records, table=table, policy=policy, consent="opposition", answers=lambda _refs: {}).records
    if not passed.frame.height:
        return
    flow, seal = uuid4().hex, Seal(b"k" * 32)
    parcel = Parcel("a" * 64, flow, 1, NOW, "", 1, 1)
    journal.register(parcel)
    known = KnownRecords(
        flow=flow,
        journal=journal,
        seal=seal,
        supplier="s",
        connector="c",
        connector_version="1",
        handles=Handles(seal=seal, recipient="somebody", purpose=purpose),
        tells_rows=not policy.is_figures,
        shelf=purpose,
    )
    comparison = compare_records(passed, table, BatchKey("a" * 64, 0), parcel, known)
    ledger = Ledger("")
    record_answers([Answer(Fate.DELIVERED)] * len(comparison.delivery), comparison, table, ledger)
    (entries,) = ledger.shelved
    releases = policy.find_releases(contract)
    allowed = OWN | {name for name, release in releases.items() if release != NEVER}
    kept = [json.loads(line) for line in entries.records]
    assert set().union(*kept) <= allowed
    assert [record["ref"] for record in kept] == list(entries.refs)
    assert entries.purpose == purpose
    # the same fields as what leaves, and the same values but for the references
    for record, body in zip(kept, comparison.delivery.bodies, strict=True):
        assert record.keys() == json.loads(body).keys()
