"""Law 1 of the shelf: no change is missed and none comes from nowhere, whoever dies, stops or goes on."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from journeying import count_examples
from shelving import CONTRACT, FLOW, NOW, Reader, ShelfRoom
from sqlalchemy import delete, select, update

from passerelle.stores import shelf_upkeep, shelf_writing
from passerelle.stores.database import open_database, open_writer
from passerelle.stores.shelf_schema import shelf_body
from passerelle.vocabulary.errors import FlowError, ParcelError
from passerelle.vocabulary.failpoints import SHELF_FAILPOINTS
from passerelle.vocabulary.shelf import RemovalCause, ShelfScope

_SCOPES = (("visites", "visit/1"), ("visites", "person/1"), ("agents", "worker/1"))
_REFS = st.sets(st.integers(0, 40), min_size=1, max_size=12).map(sorted)


class _KilledError(Exception):
    pass


@pytest.fixture
def room(journal_url, tmp_path):
    room = ShelfRoom(journal_url, tmp_path / "house")
    yield room
    room.close()


class ShelfMachine(RuleBasedStateMachine):
    """Writers in several scopes, deaths at every place, upkeep, and readers that stop and go on."""

    @initialize(limit=st.integers(2, 6))
    def begin(self, limit: int) -> None:
        self.folder = Path(tempfile.mkdtemp())
        open_database(self.folder / "journal.db").dispose()
        self.room = ShelfRoom(str(self.folder / "journal.db"), self.folder)
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(shelf_writing, "SEGMENT_LINES", limit)
        self.patch.setattr(shelf_upkeep, "SEGMENT_LINES", limit)
        self.patch.setattr(shelf_upkeep, "_MANY", 2)
        self.models: dict[tuple[str, str], dict[str, bytes]] = {scope: {} for scope in _SCOPES}
        self.versions: Counter[tuple[str, str, str]] = Counter()
        self.settled: dict[tuple[str, str, str], datetime] = {}
        self.readers: list[Reader] = []
        self.count = 0
        self.now = NOW

    def _try(self, killed_at: str, act) -> bool:
        """Do something; return False when the process died over it and nothing was committed."""

        def hit(name: str) -> None:
            if name == killed_at:
                raise _KilledError

        with pytest.MonkeyPatch.context() as patch:
            for module in (shelf_writing, shelf_upkeep):
                patch.setattr(module, "hit_failpoint", hit)
            try:
                act()
            except _KilledError:
                self.room.reopen()
                for reader in self.readers:
                    reader.shelf = self.room.shelf
                return killed_at == "shelf.committed"
        return True

    @rule(scope=st.sampled_from(_SCOPES), refs=_REFS, killed=st.sampled_from(("", "", "", *SHELF_FAILPOINTS)))
    def write(self, scope, refs, killed) -> None:
        flow, contract = scope
        self.count += 1
        names = [f"src:visit:{number}" for number in refs]
        records = {name: b'{"ref":"%b","n":%d}' % (name.encode(), self.count) for name in names}
        versions = [self.versions[*scope, name] + 1 for name in names]
        entries = [
            self.room.make({name: records[name]}, version, contract=contract)
            for name, version in zip(names, versions, strict=True)
        ]
        if self._try(killed, lambda: self.room.shelf.put(flow, entries, self.now)):
            self.models[scope].update(records)
            self.versions.update(dict.fromkeys(((*scope, name) for name in names), 1))
            self.settled.update(dict.fromkeys(((*scope, name) for name in names), self.now))

    @rule(scope=st.sampled_from(_SCOPES), refs=_REFS, killed=st.sampled_from(("", "", *SHELF_FAILPOINTS)))
    def withdraw(self, scope, refs, killed) -> None:
        flow, contract = scope
        names = [f"src:visit:{number}" for number in refs]
        entry = self.room.make(names, 99, contract=contract, cause=RemovalCause.VANISHED)
        if self._try(killed, lambda: self.room.shelf.put(flow, [entry], self.now)):
            for name in names:
                if self.models[scope].pop(name, None):
                    self.versions[*scope, name] = 99

    @rule(scope=st.sampled_from(_SCOPES), refs=_REFS, killed=st.sampled_from(("", *SHELF_FAILPOINTS)))
    def erase(self, scope, refs, killed) -> None:
        flow, contract = scope
        names = [f"src:visit:{number}" for number in refs]
        done = self._try(killed, lambda: self.room.shelf.remove(flow, {contract: names}, RemovalCause.ERASED, self.now))
        if done:
            for name in names:
                self.models[scope].pop(name, None)
                self.versions[*scope, name] = 0  # the journal forgot them

    @rule(flow=st.sampled_from(("visites", "agents")), killed=st.sampled_from(("", *SHELF_FAILPOINTS)))
    def tidy(self, flow, killed) -> None:
        self._try(killed, lambda: self.room.shelf.tidy(flow))

    @rule(flow=st.sampled_from(("visites", "agents")), days=st.integers(1, 6), killed=st.sampled_from(SHELF_FAILPOINTS))
    def expire(self, flow, days, killed) -> None:
        self.now += timedelta(days)
        before = self.now - timedelta(10)
        # killed, then done: what it did before it died is found by the same call
        self._try(killed, lambda: self.room.shelf.expire(flow, before, self.now))
        self.room.shelf.expire(flow, before, self.now)
        for scope, model in self.models.items():
            for name in [name for name in model if scope[0] == flow and self.settled[*scope, name] < before]:
                del model[name]
                self.versions[*scope, name] += 1

    @rule(scope=st.sampled_from(_SCOPES))
    def arrive(self, scope) -> None:
        if any((one.flow, one.contract) == scope for one in self.room.shelf.list_scopes()):
            found = ShelfScope(*scope, "", 0, 0, NOW)
            self.readers.append(Reader(self.room.shelf, found))

    @precondition(lambda self: self.readers)
    @rule(data=st.data(), limit=st.integers(1, 9))
    def read(self, data, limit) -> None:
        reader = data.draw(st.sampled_from(self.readers))
        try:
            reader.read(limit)
        except FlowError:
            reader.restart()

    def teardown(self) -> None:
        if not hasattr(self, "room"):
            return
        for reader in self.readers:
            own = [one for one in self.room.shelf.list_scopes() if one.flow == reader.scope.flow]
            first = next(one.first for one in own if one.contract == reader.scope.contract)
            if reader.cursor and max(reader.cursor, reader.begun) < first:
                # away for longer than removals are remembered: told so, and never left with a hole
                with pytest.raises(FlowError):
                    reader.finish()
                reader.restart()
            assert reader.finish() == self.models[reader.scope.flow, reader.scope.contract]
        states = {(one.flow, one.contract): one.records for one in self.room.shelf.list_states()}
        for scope in self.room.shelf.list_scopes():
            model = self.models[scope.flow, scope.contract]
            assert states[scope.flow, scope.contract] == len(model)
            assert Reader(self.room.shelf, scope).finish(3) == model
            for name, record in model.items():
                assert self.room.shelf.find_change(scope, name).record == record
        self.patch.undo()
        self.room.close()
        shutil.rmtree(self.folder)


TestShelf = ShelfMachine.TestCase
TestShelf.settings = settings(max_examples=count_examples(45), stateful_step_count=30, deadline=None)


def test_a_record_is_read_as_it_was_delivered_and_found_by_its_ref(room):
    room.put({"src:visit:1": b'{"a":1}', "src:visit:2": b'{"a":2}'})
    first, second = room.shelf.read_changes(room.scope, 0, 10)
    assert (first.number, first.ref, first.version, first.record, first.at) == (1, "src:visit:1", 1, b'{"a":1}', NOW)
    assert room.shelf.find_change(room.scope, "src:visit:2") == second
    assert room.shelf.find_change(room.scope, "src:visit:3") is None


def test_of_a_record_that_changed_only_the_latest_state_is_read(room):
    room.put({"src:visit:1": b"old", "src:visit:2": b"same"})
    room.put({"src:visit:1": b"new"}, 2)
    assert [(one.number, one.record) for one in room.shelf.read_changes(room.scope, 0, 10)] == [
        (2, b"same"),
        (3, b"new"),
    ]
    assert room.scope.last == 3


def test_a_record_twice_in_one_batch_takes_one_number(room):
    entries = [room.make({"src:visit:1": b"old"}), room.make({"src:visit:1": b"new"}, 2)]
    room.shelf.put(FLOW, entries, NOW)
    assert [(one.number, one.version) for one in room.shelf.read_changes(room.scope, 0, 10)] == [(1, 2)]


def test_scopes_are_listed_by_flow_and_contract(room):
    room.put({"src:visit:1": b"1"}, flow="b")
    room.put({"src:person:1": b"1"}, flow="a", contract="person/1")
    room.put({"src:visit:1": b"1"}, flow="a")
    listed = [(one.flow, one.contract) for one in room.shelf.list_scopes()]
    assert listed == [("a", "person/1"), ("a", "visit/1"), ("b", "visit/1")]
    assert [one.flow for one in room.shelf.list_scopes("visit/1")] == ["a", "b"]


def test_a_removal_says_why_and_when(room):
    room.put({"src:visit:1": b"1"})
    room.put(["src:visit:1"], 2, cause=RemovalCause.SUPPLIER, now=NOW + timedelta(1))
    (change,) = room.shelf.read_changes(room.scope, 1, 10)
    assert (change.record, change.cause, change.version, change.at) == (
        None,
        RemovalCause.SUPPLIER,
        2,
        NOW + timedelta(1),
    )
    assert room.shelf.find_change(room.scope, "src:visit:1") == change


def test_what_was_never_there_leaves_no_removal(room):
    room.put({"src:visit:1": b"1"})
    room.put(["src:visit:1", "src:visit:2"], 2, cause=RemovalCause.SUPPLIER)
    room.put(["src:visit:1"], 3, cause=RemovalCause.VANISHED)
    assert [one.number for one in room.shelf.read_changes(room.scope, 0, 10)] == [2]


def test_a_damaged_segment_is_no_half_page(room):
    room.put({f"src:visit:{number}": b"1" for number in range(600)})
    with open_writer(room.engine) as connection:
        whole = connection.execute(select(shelf_body.c.body).where(shelf_body.c.first > 1)).scalar_one()
        connection.execute(update(shelf_body).where(shelf_body.c.first > 1).values(body=whole[:-1]))
    assert len(room.shelf.read_changes(room.scope, 0, 512)) == 512
    with pytest.raises(ParcelError) as raised:
        room.shelf.read_changes(room.scope, 0, 513)
    assert raised.value.code == "incident.shelf.damaged"


def test_a_segment_whose_key_is_gone_is_told(room):
    room.put({"src:visit:1": b"1"})
    with open_writer(room.engine) as connection:
        room.seal.destroy(connection.execute(shelf_body.select()).scalars("body"))
    for look in (
        lambda: room.shelf.read_changes(room.scope, 0, 1),
        lambda: room.shelf.find_change(room.scope, "src:visit:1"),
    ):
        with pytest.raises(ParcelError) as raised:
            look()
        assert raised.value.code == "incident.shelf.damaged"


def test_a_record_whose_segment_is_gone_is_told(room):
    room.put({"src:visit:1": b"1"})
    with open_writer(room.engine) as connection:
        connection.execute(delete(shelf_body))
    with pytest.raises(ParcelError):
        room.shelf.find_change(room.scope, "src:visit:1")


def test_a_reader_that_was_away_too_long_is_told_and_one_that_begins_is_not(room):
    room.put({f"src:visit:{number}": b"1" for number in range(5)})
    room.put(["src:visit:0"], 2, cause=RemovalCause.SUPPLIER)
    room.put({"src:visit:9": b"9"}, now=NOW + timedelta(400))
    fresh = Reader(room.shelf, room.scope)
    fresh.read(2)
    room.shelf.expire(FLOW, NOW + timedelta(1), NOW + timedelta(400))
    assert room.scope.first == 6
    with pytest.raises(FlowError) as raised:
        room.shelf.read_changes(room.scope, 5, 10)
    assert raised.value.code == "incident.shelf.forgotten"
    assert raised.value.details["contract"] == CONTRACT
    assert fresh.finish() == {"src:visit:9": b"9"}
    assert Reader(room.shelf, room.scope).finish() == {"src:visit:9": b"9"}


def test_a_shelf_filled_for_another_purpose_is_begun_anew(room):
    room.put({"src:visit:1": b"1"})
    reader = Reader(room.shelf, room.scope)
    reader.read(10)
    room.put({"src:visit:2": b"2"}, purpose="billing", now=NOW + timedelta(1))
    assert (room.scope.purpose, room.scope.since) == ("billing", NOW + timedelta(1))
    with pytest.raises(FlowError):
        reader.read(10)
    assert Reader(room.shelf, room.scope).finish() == {"src:visit:2": b"2"}
    assert room.shelf.find_change(room.scope, "src:visit:1") is None
