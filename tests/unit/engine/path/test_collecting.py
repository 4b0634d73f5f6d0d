"""Collecting: durable before it is acknowledged, and one arrival that cannot be read keeps back no other."""

from __future__ import annotations

import io
import json
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from passerelle.edges.sources.folder import FolderSource
from passerelle.engine.path.collecting import TOWARDS_API, Blocks, collect
from passerelle.stores.database import open_database
from passerelle.stores.depot import Depot
from passerelle.stores.journal import Journal
from passerelle.stores.parcels import REPLAY, SUPPLIED
from passerelle.stores.seal import Seal
from passerelle.vocabulary.arrivals import ArrivalMarks, Mark, MarkKind
from passerelle.vocabulary.errors import TransientError
from passerelle.vocabulary.ports import Arrival

NOW = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)


class Clock:
    def now(self):
        return NOW

    def sleep(self, seconds):
        pass


@dataclass
class Shelf:
    """A source of these arrivals, that notes what happened to each, in order."""

    journal: Journal
    depot: Depot
    arrivals: list = field(default_factory=list)
    done: list = field(default_factory=list)

    def put(self, name, content=b"x", **more):
        def open_content():
            if content is None:
                raise OSError("/srv/secret/place")
            return io.BytesIO(content)

        def acknowledge():
            self.done.append((name, len(self.journal.list_parcels("un"))))

        self.arrivals.append(Arrival(name, open_content, acknowledge, **more))

    def iter_arrivals(self, cursor):
        self.done.append(("cursor", cursor))
        yield from self.arrivals

    def collect(self, blocks=TOWARDS_API):
        return collect("un", self, self.depot, self.journal, Clock(), blocks)


@pytest.fixture
def shelf(tmp_path):
    engine, seal = open_database(tmp_path / "journal.sqlite3"), Seal(b"k" * 32)
    yield Shelf(Journal(engine, seal), Depot(tmp_path / "depot", seal))
    engine.dispose()


def test_each_arrival_is_registered_before_it_is_acknowledged_and_the_next_is_looked_at(shelf):
    shelf.put("a", b"1")
    shelf.put("b", b"2")
    assert shelf.collect() == 2
    assert shelf.done == [("cursor", ""), ("a", 1), ("b", 2)]


def test_an_arrival_that_cannot_be_read_leaves_the_others_their_turn_and_is_told_without_its_place(shelf):
    shelf.put("a", None)
    shelf.put("b", b"2")
    with pytest.raises(TransientError) as trouble:
        shelf.collect()
    assert trouble.value.code == "incident.file.unreadable"
    assert "secret" not in repr(trouble.value)
    assert trouble.value.__cause__ is None
    assert [name for name, _count in shelf.done] == ["cursor", "b"]


def test_behind_a_page_that_cannot_be_read_nothing_is_taken(shelf):
    shelf.put("a", b"1", cursor="page 1")
    shelf.put("b", None, cursor="page 2")
    shelf.put("c", b"3", cursor="page 3")
    with pytest.raises(TransientError):
        shelf.collect()
    assert shelf.journal.get_cursor("un") == "page 1"
    assert [name for name, _count in shelf.done] == ["cursor", "a"]


def test_a_look_continues_from_the_last_page_that_was_registered(shelf):
    shelf.put("a", b"1", cursor="page 1")
    shelf.collect()
    shelf.arrivals.clear()
    shelf.collect()
    assert shelf.done[-1] == ("cursor", "page 1")


def test_a_parcel_keeps_the_sizes_it_was_registered_with(shelf):
    shelf.put("a", b"1")
    shelf.collect(Blocks(100, 7))
    (opened,) = shelf.journal.list_open_parcels("un", NOW)
    assert (opened.parcel.block_bytes, opened.parcel.block_rows) == (100, 7)


@pytest.mark.parametrize(("more", "kind"), [({}, SUPPLIED), ({"is_replay": True}, REPLAY)])
def test_what_comes_out_of_quarantine_is_told_apart_from_what_a_supplier_sent(shelf, more, kind):
    shelf.put("a", b"1", **more)
    shelf.collect()
    assert [row.kind for row in shelf.journal.list_parcels("un")] == [kind]


def test_the_name_of_a_file_is_in_no_line_of_the_log(shelf, capsys):
    shelf.put("Suivi Mme Untel.csv", b"1")
    shelf.collect()
    lines = capsys.readouterr().err.splitlines()
    assert "Untel" not in "".join(lines)
    assert all(json.loads(line) for line in lines if line.startswith("{"))


@dataclass
class CountingDepot(Depot):
    """A depot that notes what is copied to it."""

    folder: object
    seal: Seal
    copies: list[str] = field(default_factory=list)

    def __post_init__(self):
        Depot.__init__(self, self.folder, self.seal)

    def put(self, stream, *, name):
        self.copies.append(name)
        return super().put(stream, name=name)


@pytest.fixture
def shared(tmp_path):
    """A folder, and a function by which flows take what is in it, sharing what they copied."""
    seal = Seal.from_key_file(tmp_path / "shared-key", create=True)
    engine = open_database(tmp_path / "shared.sqlite3")
    depot, journal, deposits = CountingDepot(tmp_path / "shared-depot", seal), Journal(engine, seal), {}
    folder = tmp_path / "in"
    folder.mkdir()

    def take(flow):
        source = FolderSource(folder, after="keep", quiet_seconds=0, clock=Clock())
        return collect(flow, source, depot, journal, Clock(), Blocks(), deposits=deposits)

    yield folder / "export.csv", depot, journal, take
    engine.dispose()


def test_a_second_flow_of_a_folder_registers_what_the_first_one_copied(shared):
    path, depot, journal, take = shared
    path.write_bytes(b"a;b\n1;2\n")
    assert [take(flow) for flow in ("one", "two", "one")] == [1, 1, 0]
    assert depot.copies == ["export.csv"]
    assert len({journal.list_open_parcels(flow, NOW)[0].parcel.digest for flow in ("one", "two")}) == 1


def test_a_file_that_was_written_since_is_copied_again(shared):
    path, depot, journal, take = shared
    path.write_bytes(b"a;b\n1;2\n")
    take("one")
    path.write_bytes(b"a;b\n1;3\n")
    os.utime(path, ns=(1, 1))
    assert take("two") == 1
    assert len(depot.copies) == 2
    assert len({journal.list_open_parcels(flow, NOW)[0].parcel.digest for flow in ("one", "two")}) == 2


def test_what_the_depot_lost_is_copied_again(shared):
    path, depot, journal, take = shared
    path.write_bytes(b"a;b\n1;2\n")
    take("one")
    depot.remove(journal.list_open_parcels("one", NOW)[0].parcel.digest)
    take("two")
    assert len(depot.copies) == 2


@pytest.mark.parametrize(("kind", "again"), [(MarkKind.UNTAKEN, 1), (MarkKind.PLACE, 0)])
def test_a_file_that_was_taken_away_is_another_the_next_time_and_one_that_stays_is_not(shelf, kind, again):
    shelf.put("a", b"1", marks=ArrivalMarks((Mark("a", "the same", kind),)))
    assert [shelf.collect(), shelf.collect()] == [1, again]


def test_what_stays_keeps_its_mark_while_others_are_taken_away(shelf):
    shelf.put("stays", b"1", marks=ArrivalMarks((Mark("stays", "the same", MarkKind.STAYED),)))
    assert [shelf.collect(), shelf.collect()] == [1, 0]
