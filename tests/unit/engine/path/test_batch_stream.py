"""One loop prepares the batches of a parcel, for whoever asks: the same rows, skipped or not, cut in any way."""

from __future__ import annotations

import io

import pytest

from passerelle import Connector, Csv, Table
from passerelle import convert as to
from passerelle.contracts.field_meta import Purpose
from passerelle.engine.path.batch_stream import decode_batches, prepare_batches
from passerelle.engine.path.collecting import Blocks
from passerelle.engine.path.flow_policy import FlowPolicy
from passerelle.engine.path.plans import get_plan
from passerelle.engine.watches.drift_watch import DriftWatch
from passerelle.stages.decode.replay import write_replay_line
from passerelle.vocabulary.errors import ParcelError

EXPORT = Connector(
    id="demo-export",
    title="Export",
    dialect=Csv(delimiter=";", encoding="utf-8"),
    tables=(
        Table(
            contract="person/1",
            fields={"ref": to.Ref("Id", system="demo", entity="person"), "birth_name": to.Text("Nom")},
        ),
    ),
)
POLICY = FlowPolicy(plan=get_plan("demo", EXPORT), purpose=Purpose.PORTABILITY)
ROWS = 300
CONTENT = "Id;Nom\n" + "".join(f"{number};NOM{number}\n" for number in range(ROWS))
SMALL = Blocks(512, 10)


def _prepare(content=CONTENT, **options):
    return list(prepare_batches(io.BytesIO(content.encode()), EXPORT.dialect, POLICY, blocks=SMALL, **options))


def _refs(batches):
    return [ref for batch in batches for records in batch.records for ref in records.frame.get_column("ref")]


def test_every_row_is_in_one_batch_and_in_its_ledger():
    batches = _prepare()
    assert [batch.decoded.number for batch in batches] == list(range(len(batches)))
    assert len(batches) > 3
    assert _refs(batches) == [f"demo:person:{number}" for number in range(ROWS)]
    assert sum(batch.ledger.received for batch in batches) == ROWS


def test_skipped_batches_keep_their_numbers():
    every = _prepare()
    some = _prepare(skip={0, 2})
    assert [batch.decoded.number for batch in some] == [1, *range(3, len(every))]
    assert _refs(some) == _refs(every[1:2]) + _refs(every[3:])


def test_drift_is_watched_where_somebody_asks():
    content = CONTENT.replace("Nom\n", "Nom;Fax\n", 1).replace("\n0;NOM0\n", "\n0;NOM0;\n")
    watch = DriftWatch(POLICY.plan)
    reasons = [warned.reason for batch in _prepare(content, drift=watch) for warned in batch.ledger.warned]
    assert "translate.column.unknown" in reasons
    assert watch.drifts[""].unknown == ("Fax",)
    with pytest.raises(ParcelError):
        _prepare("Numero;Nom\n1;A\n", drift=DriftWatch(POLICY.plan))


def test_members_that_nobody_wants_are_not_prepared():
    assert _prepare(members=()) == []
    assert _refs(_prepare(members=("",))) == _refs(_prepare())


def test_a_replay_is_read_as_a_replay():
    lines = b"".join(write_replay_line(item, "", item + 1, {"Id": str(item), "Nom": "DURAND"}) for item in range(12))
    numbers = [batch.number for batch in decode_batches(io.BytesIO(lines), EXPORT.dialect, blocks=SMALL, kind="replay")]
    assert numbers == [0, 1]
    batches = prepare_batches(io.BytesIO(lines), EXPORT.dialect, POLICY, blocks=SMALL, kind="replay")
    assert _refs(batches) == [f"demo:person:{number}" for number in range(12)]
