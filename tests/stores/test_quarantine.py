"""The quarantine: sealed, listed without being opened, replayed or destroyed, and never both."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from journeying import count_examples
from sqlalchemy import event, text

from passerelle.stores import quarantine as quarantine_module
from passerelle.stores.database import open_database, open_writer
from passerelle.stores.journal import Journal
from passerelle.stores.quarantine import Quarantine
from passerelle.stores.quarantine_causes import QuarantineCause
from passerelle.stores.seal import Seal
from passerelle.stores.settlement import QuarantineItem, QuarantineState, Settlement
from passerelle.vocabulary.errors import FatalError
from passerelle.vocabulary.outcomes import Balance, Fate, SetAside
from passerelle.vocabulary.parcels import BatchKey, Parcel
from passerelle.vocabulary.place import Place

FLOW = "visites"
NOW = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
A, R = "a" * 64, "e" * 64


@pytest.fixture
def three(registered, make) -> Journal:
    items = [make.item(b"first"), make.item(b"second", reason="translate.row.out_of_scope"), make.item(b"third")]
    registered.settle(make.settlement(0, items=items))
    return registered


def _ids(quarantine, state=QuarantineState.WAITING) -> list[int]:
    return [row.id for row in quarantine.list_rows(state=state)]


def test_items_are_listed_with_everything_but_their_payload(three, quarantine, make):
    row = quarantine.list_rows()[0]
    assert (row.flow, row.parcel, row.batch, row.state) == (FLOW, A, 0, QuarantineState.WAITING)
    assert (row.fate, row.reason, row.contract) == (Fate.REJECTED, "validate.field.missing", "visit/1")
    assert row.place == Place(line=7, column="Statut", field="status")
    assert row.details == {"expected": "DD/MM"}
    assert (row.created_at, row.expires_at) == (NOW, NOW + timedelta(days=90))
    assert "first" not in repr(row) + repr(make.item(b"first"))


@pytest.mark.parametrize("page", [1, 2, 3, 4])
def test_lists_are_the_same_however_long_a_page_is(three, quarantine, monkeypatch, page):
    expected = quarantine.list_rows(state="")
    monkeypatch.setattr(quarantine_module, "_PAGE", page)
    assert tuple(quarantine.iter_rows(state="")) == expected
    assert len(expected) == 3


def test_a_page_is_read_in_order_of_numbers_without_sorting(quarantine, engine):
    if engine.dialect.name != "sqlite":
        pytest.skip("the planner of PostgreSQL knows how many items are in a state")
    plans = []

    def explain(connection, _cursor, statement, parameters, _context, _many):
        if statement.startswith("SELECT quarantine.id"):
            said = connection.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.append(" ".join(row[-1] for row in said))

    event.listen(engine, "before_cursor_execute", explain)
    assert list(quarantine.iter_rows(flow=FLOW)) == []
    assert plans
    assert not any("TEMP B-TREE" in plan for plan in plans)


def test_held_items_of_a_flow_are_listed_from_behind_a_number_on(three, quarantine, make):
    first, second, third = _ids(quarantine)
    quarantine.move_items([second], QuarantineState.DISCARDED, make.now)
    assert quarantine.list_held_ids(FLOW) == [first, third]
    assert quarantine.list_held_ids(FLOW, after=first) == [third]
    assert quarantine.list_held_ids(FLOW, after=third) == []
    assert quarantine.list_held_ids("autre") == []


def test_what_came_since_is_a_range_of_the_key_whatever_waits_before_it(quarantine, engine):
    if engine.dialect.name != "sqlite":
        pytest.skip("the planner of PostgreSQL knows how many items are in a state")
    plans = []

    def explain(connection, _cursor, statement, parameters, _context, _many):
        if statement.startswith("SELECT quarantine.id"):
            said = connection.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.append(" ".join(row[-1] for row in said))

    event.listen(engine, "before_cursor_execute", explain)
    assert quarantine.list_held_ids(FLOW, after=7) == []
    (plan,) = plans
    assert "SEARCH quarantine USING INTEGER PRIMARY KEY (rowid>?)" in plan
    assert "TEMP B-TREE" not in plan


def test_lists_are_narrowed_by_flow_fate_reason_state_and_limit(three, quarantine):
    assert len(quarantine.list_rows(flow=FLOW, fate=Fate.REJECTED)) == 3
    assert (
        quarantine.list_rows(flow="other")
        == quarantine.list_rows(fate=Fate.REFUSED)
        == quarantine.list_rows(state="replayed")
        == ()
    )
    assert len(quarantine.list_rows(reason="translate.row.out_of_scope")) == 1
    assert len(quarantine.list_rows(limit=2)) == 2
    first, second, third = (row.id for row in quarantine.list_rows())
    assert [row.id for row in quarantine.list_rows(ids=[third, first, 10_000])] == [first, third]
    assert quarantine.list_rows(ids=[second], fate=Fate.REFUSED) == ()
    assert len(quarantine.list_rows(state="")) == 3


FACTS = {"expected": "DD/MM"}


def test_causes_are_counted_most_frequent_first_with_the_facts_of_one(three, quarantine):
    assert quarantine.list_causes(flow=FLOW) == (
        QuarantineCause(FLOW, Fate.REJECTED, "validate.field.missing", "visit/1", "", "Statut", "status", 2, FACTS),
        QuarantineCause(FLOW, Fate.REJECTED, "translate.row.out_of_scope", "visit/1", "", "Statut", "status", 1, FACTS),
    )


def test_payloads_open_by_id(three, quarantine):
    first, second, third = _ids(quarantine)
    assert quarantine.open_payloads([third, first, first, 999]) == {first: b"first", third: b"third"}
    assert quarantine.open_payloads([second]) == {second: b"second"}


def test_a_payload_moved_to_another_item_does_not_open(three, quarantine, engine):
    first, second, _third = _ids(quarantine)
    with open_writer(engine) as connection:
        moved = "UPDATE quarantine SET payload = (SELECT payload FROM quarantine WHERE id = :a) WHERE id = :b"
        connection.execute(text(moved), {"a": first, "b": second})
    with pytest.raises(FatalError) as caught:
        quarantine.open_payloads([second])
    assert caught.value.code == "incident.seal.broken"


def test_discarding_destroys_the_payload_for_ever(three, quarantine, engine, make):
    first, second, third = _ids(quarantine)
    assert quarantine.move_items([first, second], QuarantineState.DISCARDED, NOW) == 2
    assert quarantine.open_payloads([first, second]) == {}
    assert quarantine.move_items([first], QuarantineState.WAITING, NOW) == 0
    _replay(three, make, first)
    assert _ids(quarantine, QuarantineState.REPLAYING) == []
    assert _ids(quarantine) == [third]
    with open_writer(engine) as connection:
        left = connection.execute(text("SELECT count(*) FROM quarantine WHERE payload IS NOT NULL")).scalar()
    assert left == 1


def _replay(journal, make, *items: int, digest="e") -> Parcel:
    parcel = make.parcel(digest)
    journal.register(parcel, kind="replay", items=items)
    return parcel


def test_items_are_replayed_when_their_parcel_closes(three, quarantine, make):
    first, second, third = _ids(quarantine)
    _replay(three, make, first, third)
    _replay(three, make, first, digest="d")  # it is on its way already
    assert _ids(quarantine, QuarantineState.REPLAYING) == [first, third]
    assert quarantine.open_payloads([first]) == {first: b"first"}
    three.settle(make.settlement(0, parcel="e", delivered=1, items=[make.item(b"third again")]))
    three.close_parcel(FLOW, R, 1, NOW)
    assert _ids(quarantine, QuarantineState.REPLAYED) == [first, third]
    assert quarantine.open_payloads([first, third]) == {}
    assert len(_ids(quarantine)) == 2
    assert second in _ids(quarantine)


def test_items_wait_again_when_their_parcel_is_parked_and_the_same_replay_opens_it_again(three, quarantine, make):
    first = _ids(quarantine)[0]
    parcel = _replay(three, make, first)
    three.park_parcel(FLOW, R, "incident.deposit.broken", NOW)
    assert first in _ids(quarantine)
    assert three.register(parcel, kind="replay")
    assert _ids(quarantine, QuarantineState.REPLAYING) == [first]
    three.settle(make.settlement(0, parcel="e", delivered=1))
    three.close_parcel(FLOW, R, 1, NOW)
    assert _ids(quarantine, QuarantineState.REPLAYED) == [first]


def test_waiting_items_expire_and_replaying_ones_do_not(three, quarantine, make):
    first, second, third = _ids(quarantine)
    _replay(three, make, second)
    assert quarantine.expire(NOW + timedelta(days=89)) == 0
    assert quarantine.expire(NOW + timedelta(days=90)) == 2
    assert _ids(quarantine, QuarantineState.EXPIRED) == [first, third]
    assert quarantine.open_payloads([first, second, third]) == {second: b"second"}


def test_what_a_crash_left_in_a_replay_that_is_done_is_destroyed_to_its_last_copy(three, quarantine, make, engine):
    first, *others = _ids(quarantine)
    _replay(three, make, first)
    with open_writer(engine) as connection:
        connection.execute(text("UPDATE parcel SET state = 'done' WHERE kind = 'replay'"))
    assert quarantine.expire(NOW) == 0
    assert (_ids(quarantine, QuarantineState.REPLAYED), _ids(quarantine)) == ([first], others)
    assert quarantine.open_payloads([first]) == {}
    if engine.dialect.name == "sqlite":
        assert Path(f"{engine.url.database}-wal").stat().st_size == 0


def test_an_unknown_state_is_refused(three, quarantine):
    with pytest.raises(ValueError, match="lost"):
        quarantine.move_items(_ids(quarantine), "lost", NOW)


def test_more_ids_than_one_statement_takes_are_marked_together(registered, quarantine, make):
    registered.settle(make.settlement(0, items=[make.item(b"x")] * 6000))
    assert quarantine.move_items(range(1, 20_000), QuarantineState.DISCARDED, NOW) == 6000


class Lives(RuleBasedStateMachine):
    """Whatever is done to items: an end is for ever, and only ended items have no payload."""

    def __init__(self) -> None:
        super().__init__()
        import tempfile  # noqa: PLC0415  a machine has no fixtures

        self.folder = tempfile.TemporaryDirectory()
        self.engine = open_database(Path(self.folder.name) / "journal.db")
        seal = Seal(bytes(32))
        self.journal, self.quarantine = Journal(self.engine, seal), Quarantine(self.engine, seal)
        self.ended: dict[int, str] = {}
        self._fill()

    def _fill(self) -> None:
        self.journal.register(Parcel(A, FLOW, 1, NOW, "", 1, 1))
        self.journal.begin_run([FLOW], NOW)
        item = QuarantineItem(SetAside(Fate.REJECTED, "r", Place(1)), b"payload", NOW + timedelta(days=1))
        books = Balance(5, {Fate.REJECTED: 5})
        self.journal.settle(Settlement(FLOW, 1, BatchKey(A, 0), books, NOW, quarantined=(item,) * 5))

    @rule(ids=st.sets(st.integers(1, 5)), state=st.sampled_from(QuarantineState))
    def mark(self, ids, state) -> None:
        self.quarantine.move_items(ids, state, NOW)

    @rule(ids=st.sets(st.integers(1, 5)))
    def attach(self, ids) -> None:
        self.journal.register(Parcel(R, FLOW, 1, NOW, "", 1, 1), kind="replay", items=ids)

    @rule(days=st.integers(0, 2))
    def expire(self, days) -> None:
        self.quarantine.expire(NOW + timedelta(days=days))

    @invariant()
    def an_end_is_for_ever(self) -> None:
        rows = self.quarantine.list_rows(state="")
        opened = self.quarantine.open_payloads(range(1, 6))
        for row in rows:
            over = row.state not in (QuarantineState.WAITING, QuarantineState.REPLAYING)
            assert over == (row.id not in opened)
            assert self.ended.get(row.id, row.state) == row.state
            if over:
                self.ended[row.id] = row.state
        assert len(rows) == 5

    @invariant()
    def kept_counts_are_those_of_the_items(self) -> None:
        counted = Counter(row.state for row in self.quarantine.list_rows(state=""))
        for state in QuarantineState:
            assert sum(cause.count for cause in self.quarantine.list_causes(state=state)) == counted[state]

    def teardown(self) -> None:
        self.engine.dispose()
        self.folder.cleanup()


Lives.TestCase.settings = settings(max_examples=count_examples(8), stateful_step_count=12, deadline=None)
TestLives = Lives.TestCase


def test_the_same_again_in_a_newer_export_takes_the_place_of_what_waits(registered, quarantine, make):
    twice = [make.item(b"first", likeness="same"), make.item(b"again", likeness="same"), make.item(b"other")]
    registered.settle(make.settlement(0, items=twice))
    assert len(_ids(quarantine)) == 3
    registered.register(make.parcel("b"))
    newer = [make.item(b"newer", likeness="same"), make.item(b"elsewhere", reason="validate.x", likeness="same")]
    registered.settle(make.settlement(0, parcel="b", items=newer))
    assert len(_ids(quarantine, QuarantineState.SUPERSEDED)) == 2
    assert sorted(quarantine.open_payloads(_ids(quarantine)).values()) == [b"elsewhere", b"newer", b"other"]
    assert quarantine.open_payloads(_ids(quarantine, QuarantineState.SUPERSEDED)) == {}


def test_what_comes_again_takes_the_place_of_what_waits_parcel_after_parcel(registered, quarantine, make):
    again = [make.item(b"again", likeness="same"), make.item(b"other", likeness="other")]
    registered.settle(make.settlement(0, items=again))
    for letter in "bc":
        registered.register(make.parcel(letter))
        registered.settle(make.settlement(0, parcel=letter, items=again[:1]))
        registered.settle(make.settlement(1, parcel=letter, items=again))
    assert [row.parcel[0] for row in quarantine.list_rows()] == ["c", "c", "c"]
    assert [row.parcel[0] for row in quarantine.list_rows(state=QuarantineState.SUPERSEDED)] == [
        "a",
        "a",
        "b",
        "b",
        "b",
    ]


def test_what_waits_of_another_flow_stays(registered, quarantine, make):
    item = make.item(b"first", likeness="same")
    registered.settle(make.settlement(0, items=[item]))
    registered.register(make.parcel("a", "factures"))
    registered.settle(make.settlement(0, items=[item], flow="factures"))
    assert [row.flow for row in quarantine.list_rows()] == ["visites", "factures"]


def test_what_was_discarded_since_the_settling_began_stays_discarded(registered, quarantine, make):
    registered.settle(make.settlement(0, items=[make.item(likeness="one"), make.item(likeness="two")]))
    registered.register(make.parcel("b"))
    registered.settle(make.settlement(0, parcel="b", items=[make.item(likeness="one")]))
    quarantine.move_items([2], QuarantineState.DISCARDED, NOW)
    registered.settle(make.settlement(1, parcel="b", items=[make.item(likeness="two")]))
    assert _ids(quarantine, QuarantineState.SUPERSEDED) == [1]
    assert _ids(quarantine, QuarantineState.DISCARDED) == [2]


def test_many_items_of_a_batch_are_each_kept_in_their_order(registered, quarantine, make):
    items = [make.item(f"payload {nth}".encode()) for nth in range(607)]
    registered.settle(make.settlement(0, items=items))
    assert list(quarantine.open_payloads(_ids(quarantine)).values()) == [item.payload for item in items]
