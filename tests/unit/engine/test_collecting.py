"""Collecting: durable before it is acknowledged, and one arrival that cannot be read keeps back no other."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from passerelle.engine.collecting import TOWARDS_API, Blocks, collect
from passerelle.stores.database import open_database
from passerelle.stores.depot import Depot
from passerelle.stores.journal import Journal
from passerelle.stores.parcels import REPLAY, SUPPLIED
from passerelle.stores.seal import Seal
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
