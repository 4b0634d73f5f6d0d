"""One batch: everything that came in ends under one fate, and the destination is asked only for what is new."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from passerelle import Connector, Csv, Table
from passerelle import convert as to
from passerelle.contracts.field_meta import Purpose
from passerelle.engine.path.batch_stream import decode_batches
from passerelle.engine.path.flow_policy import FlowPolicy
from passerelle.engine.path.parcel_run import ParcelRun
from passerelle.engine.path.pipeline import deliver_batch, prepare_batch, translate_batch
from passerelle.engine.path.plans import get_plan
from passerelle.engine.path.selection import ContractSelection
from passerelle.engine.records.record_comparison import KnownRecords
from passerelle.engine.watches.parcel_watch import ParcelWatch
from passerelle.stores.database import open_database
from passerelle.stores.journal import Journal
from passerelle.stores.seal import Seal
from passerelle.vocabulary.errors import TransientError
from passerelle.vocabulary.outcomes import Answer, Fate, SetAside
from passerelle.vocabulary.parcels import Parcel, Records
from passerelle.vocabulary.place import ROW, Place

NOW = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
EXPORT = Connector(
    id="demo-export",
    title="Export",
    dialect=Csv(delimiter=";", encoding="utf-8"),
    tables=(
        Table(
            contract="person/1",
            fields={
                "ref": to.Ref("Id", system="demo", entity="person"),
                "birth_name": to.Text("Nom"),
                "birth_date": to.Date("Naissance"),
            },
        ),
    ),
)
PLAN = get_plan("demo", EXPORT)
CONTENT = "Id;Nom;Naissance\n1;MARTIN;01/02/1940\n2;DURAND;31/02/1940\n3;PETIT;03/02/1940\n"


class Target:
    """A destination in memory."""

    def __init__(self, refused=(), *, down=False):
        self.calls, self.refused, self.down = [], refused, down

    def deliver(self, delivery):
        if self.down:
            raise TransientError("incident.supplier.unreachable")
        refs = delivery.frame.get_column("ref").to_list()
        self.calls.append(list(zip(refs, delivery.versions, strict=True)))
        no = Answer(Fate.REFUSED, "deliver.record.refused", {"status": "422"})
        return [no if ref in self.refused else Answer(Fate.DELIVERED) for ref in refs]

    def close(self):
        pass


class Clock:
    def now(self):
        return NOW

    def sleep(self, seconds):
        pass


@pytest.fixture
def deliver(tmp_path):
    """Deliver one batch of a parcel of this digest, and settle it."""
    engine = open_database(tmp_path / "journal.sqlite3")
    seal = Seal(b"k" * 32)
    journal = Journal(engine, seal)
    known = KnownRecords(flow="un", journal=journal, seal=seal, supplier="demo", connector="c", connector_version="1")

    def call(target, digest="a", content=CONTENT, **policy):
        parcel = Parcel(digest * 64, "un", len(content), NOW, "", 1, 1)
        journal.register(parcel)
        chosen = FlowPolicy(plan=PLAN, purpose=Purpose.PORTABILITY, **policy)
        run = ParcelRun(
            flow="un",
            run=journal.begin_run(["un"], NOW),
            parcel=parcel,
            policy=chosen,
            known_records=known,
            destination=target,
            clock=Clock(),
            retention_days=30,
            watch=ParcelWatch.for_flow(PLAN, known),
        )
        settlement = deliver_batch(prepare_batch(_decode(content), chosen), run)
        journal.settle(settlement)
        return settlement

    yield call
    engine.dispose()


def _decode(content=CONTENT):
    (batch,) = decode_batches(io.BytesIO(content.encode()), EXPORT.dialect)
    return batch


def test_what_came_in_ends_delivered_or_rejected_and_the_books_add_up(deliver):
    target = Target()
    balance = deliver(target).balance
    assert balance.adds_up
    assert (balance.received, balance.fates) == (3, {Fate.DELIVERED: 2, Fate.REJECTED: 1})
    assert target.calls == [[("demo:person:1", 1), ("demo:person:3", 1)]]


def test_the_same_content_again_is_unchanged_and_the_destination_is_not_called(deliver):
    deliver(Target())
    target = Target()
    balance = deliver(target, "b").balance
    assert balance.fates == {Fate.UNCHANGED: 2, Fate.REJECTED: 1}
    assert target.calls == []


def test_a_changed_record_goes_alone_with_its_next_version(deliver):
    deliver(Target())
    target = Target()
    assert deliver(target, "b", CONTENT.replace("PETIT", "GRAND")).balance.fates[Fate.UNCHANGED] == 1
    assert target.calls == [[("demo:person:3", 2)]]


def test_a_refused_record_is_kept_and_comes_again_in_the_same_version(deliver):
    settlement = deliver(Target(refused={"demo:person:1"}))
    assert settlement.balance.fates == {Fate.DELIVERED: 1, Fate.REFUSED: 1, Fate.REJECTED: 1}
    assert sorted(item.aside.fate for item in settlement.quarantined) == [Fate.REFUSED, Fate.REJECTED]
    target = Target()
    deliver(target, "b")
    assert target.calls == [[("demo:person:1", 1)]]


def test_a_destination_that_is_down_settles_nothing(deliver):
    with pytest.raises(TransientError):
        deliver(Target(down=True))
    target = Target()
    deliver(target)
    assert target.calls == [[("demo:person:1", 1), ("demo:person:3", 1)]]


def test_what_a_policy_sets_aside_when_it_adapts_is_not_delivered_and_is_counted(deliver):
    def keep_back(piles, table):
        (records,) = piles
        aside = [
            SetAside(Fate.REJECTED, "validate.reference.unresolved", Place(table.lines[row]), row)
            for row in records.frame.get_column(ROW)
        ]
        return [Records(records.contract, records.frame.clear(), tuple(aside))]

    target = Target()
    balance = deliver(target, adapt=keep_back).balance
    assert target.calls == []
    assert balance.fates == {Fate.REJECTED: 3}


def test_a_batch_translated_before_is_not_translated_again_and_gives_the_same():
    policy = FlowPolicy(plan=PLAN, purpose=Purpose.PORTABILITY)
    decoded = _decode()
    before = prepare_batch(decoded, policy, translate_batch(decoded, policy))
    now = prepare_batch(decoded, policy)
    assert [records.frame.to_dicts() for records in before.records] == [r.frame.to_dicts() for r in now.records]
    assert before.ledger.make_balance() == now.ledger.make_balance()


@pytest.mark.parametrize(("only", "records"), [("person/1", 2), ("visit/1", 0)])
def test_a_selection_counts_only_its_own_contracts(only, records):
    policy = FlowPolicy(plan=PLAN, purpose=Purpose.PORTABILITY, selection=ContractSelection(frozenset({only})))
    batch = prepare_batch(_decode(), policy)
    assert sum(pile.frame.height for pile in batch.records) == records


@pytest.mark.parametrize("fast", [True, False])
def test_the_path_of_validation_changes_no_record(fast):
    policy = FlowPolicy(plan=PLAN, purpose=Purpose.PORTABILITY, fast_path=fast)
    (records,) = prepare_batch(_decode(), policy).records
    assert records.frame.get_column("ref").to_list() == ["demo:person:1", "demo:person:3"]


def test_a_thousand_doubtful_values_of_one_column_are_a_hundred_warnings_which_count_them_all():
    rows = "".join(f"{n};MARTIN;1940-02-01T08:00:00\n" for n in range(1_000))
    (table,) = EXPORT.tables
    with_time = replace(table, fields={**table.fields, "birth_date": to.Date("Naissance", true_cells=True)})
    policy = FlowPolicy(plan=get_plan("demo", replace(EXPORT, tables=(with_time,))), purpose=Purpose.SUPPORT)
    translation = translate_batch(_decode(f"Id;Nom;Naissance\n{rows}"), policy)
    counts = [int(one.details.get("count", "1")) for one in translation.warned]
    assert {one.reason for one in translation.warned} == {"translate.date.with_time"}
    assert (len(counts), sum(counts)) == (100, 1_000)
