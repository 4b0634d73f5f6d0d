"""The latest state wins, whatever bytes it comes in; what only stays where it was is no new state."""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections import namedtuple
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from passerelle.edges.sources.api import ApiSource
from passerelle.edges.sources.inbox import MessageSource, mark_message
from passerelle.engine.assembly import open_workspace
from passerelle.engine.collecting import collect
from passerelle.engine.settings import load_settings
from passerelle.engine.worker import run_flow

FLOW = "personnes"
SUPPLIER = """
id = "carnet"
title = "Carnet"
[connector.carnet-csv]
title = "Personnes"
dialect = { kind = "csv", delimiter = ";" }
[connector.carnet-csv.table.personnes]
contract = "person/1"
[connector.carnet-csv.table.personnes.fields]
ref = { kind = "ref", column = "N", entity = "person" }
birth_name = { kind = "text", column = "Nom" }
"""
Page = namedtuple("Page", "content cursor name")  # noqa: PYI024  the port asks for attributes and no more


class Client:
    def close(self) -> None:
        pass


@dataclass
class Clock:
    moment: datetime = field(default_factory=lambda: datetime(2026, 3, 1, tzinfo=UTC))

    def now(self) -> datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@dataclass
class Desk:
    """One flow, its folder, and what its destination has."""

    folder: Path
    workspace: object
    clock: Clock

    def write(self, name: str, content: bytes, at: int | None = None) -> Path:
        path = self.folder / "entrees" / name
        path.write_bytes(content)
        if at is not None:
            os.utime(path, ns=(at * 10**9, at * 10**9))
        return path

    def run(self, source=None) -> dict[str, int]:
        """Run once, from the folder or another source; return what happened to the records."""
        workspace = self.workspace
        if source is not None:
            with workspace.open_flow(FLOW) as flow:
                collect(FLOW, source, workspace.depot, workspace.journal, self.clock, flow.blocks)
        outcome = run_flow(workspace, FLOW, run=workspace.journal.begin_run([FLOW], self.clock.now()), jobs=1)
        self.clock.sleep(60)
        assert not outcome.suspended
        return {fate.value: count for fate, count in outcome.balance.fates.items() if count}

    def model(self) -> dict[str, str]:
        """Read the name that the destination has of each person."""
        latest: dict[str, tuple[int, str]] = {}
        rows = [row for row in self.workspace.journal.list_parcels(FLOW)]
        order = {row.key[:12] + row.key[64:]: place for place, row in enumerate(rows)}
        for path in (self.folder / "sorties").glob("*.ndjson"):
            stem = path.stem.removeprefix(f"{FLOW}-person-1-")
            place = order[stem.rpartition("-")[0]]
            for line in path.read_text("utf-8").splitlines():
                record = json.loads(line)
                latest[record["ref"]] = max(latest.get(record["ref"], (-1, "")), (place, record["birth_name"]))
        return {ref.rpartition(":")[2]: name for ref, (_place, name) in latest.items()}


@contextmanager
def desk(after: str = "archive", more: str = "", supplier: str = SUPPLIER):
    with TemporaryDirectory() as room:
        folder = Path(room)
        (folder / "entrees").mkdir()
        (folder / "carnet.toml").write_text(supplier, "utf-8")
        (folder / "passerelle.toml").write_text(
            f'[passerelle]\nsuppliers = ["carnet.toml"]\nplugins = []\n[flow.{FLOW}]\nconnector = "carnet-csv"\n'
            f'purpose = "portability"\ndestination = {{ kind = "folder", path = "sorties" }}\n{more}\n'
            f'[flow.{FLOW}.source]\nkind = "folder"\npath = "entrees"\nafter = "{after}"\nquiet_seconds = 0\n',
            "utf-8",
        )
        clock = Clock()
        with open_workspace(load_settings(folder / "passerelle.toml"), clock=clock) as workspace:
            yield Desk(folder, workspace, clock)


def export(**names: str) -> bytes:
    out = StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    writer.writerow(["N", "Nom"])
    writer.writerows(sorted(names.items()))
    return out.getvalue().encode()


states = st.dictionaries(st.sampled_from("pqr"), st.sampled_from(["DURAND", "MARTIN"]), min_size=1)
arrivals = st.lists(st.tuples(states, st.integers(0, 3)), min_size=2, max_size=6)


def expect(contents) -> dict[str, str]:
    known: dict[str, str] = {}
    for content, _dice in contents:
        known |= content
    return known


@given(arrivals)
@settings(max_examples=8, deadline=None)
def test_the_latest_file_dropped_wins_whatever_was_dropped_before(contents):
    with desk() as house:
        for number, (content, dice) in enumerate(contents):
            # the same name or another, with the moment of its first drop or another
            house.write("export.csv" if dice % 2 else f"export-{number}.csv", export(**content), at=1_700_000_000)
            house.run()
            house.run()
        assert house.model() == expect(contents)


@given(arrivals)
@settings(max_examples=8, deadline=None)
def test_the_latest_content_of_a_kept_file_wins_and_looks_change_nothing(contents):
    with desk("keep") as house:
        for number, (content, dice) in enumerate(contents):
            # rewritten in place, or replaced by another inode, even with the moment that an earlier one had
            path = house.write("draft.part", export(**content), at=1_700_000_000 + (number if dice % 2 else 0))
            path.rename(path.with_name("export.csv"))
            house.run()
            before = house.model()
            for _look in range(dice):
                assert house.run() == {}
            assert house.model() == before
        assert house.model() == expect(contents)


@given(st.lists(st.tuples(states, st.integers(1, 2)), min_size=2, max_size=5))
@example([({"q": "A"}, 1), ({"p": "A", "q": "A"}, 1), ({"q": "B"}, 1), ({"p": "A", "q": "A"}, 1)])
@settings(max_examples=8, deadline=None)
def test_the_latest_answer_of_a_supplier_wins_however_it_is_cut_into_pages(looks):
    with desk() as house:
        for content, size in looks:
            persons = sorted(content.items())
            cut = [dict(persons[start : start + size]) for start in range(0, len(persons), size)]
            contents = [Page(export(**page), "", "") for page in [*cut, {}, {}]]
            source = ApiSource(lambda *_words, contents=contents: iter(contents), Client())
            house.run(source)
            assert content.items() <= house.model().items()
            assert house.run(source) == {}, "the same pages again"


@given(arrivals)
@settings(max_examples=8, deadline=None)
def test_the_latest_message_wins_and_retries_of_earlier_ones_change_nothing(contents):
    with desk() as house:
        sent = []
        for number, (content, dice) in enumerate(contents):
            headers, body = {"x-id": str(number)}, export(**content)
            sent.append((headers, body))
            house.run(push(house, headers, body, "X-Id"))
            before = house.model()
            for headers, body in sent[: dice + 1]:
                house.clock.sleep(86_400)
                assert house.run(push(house, headers, body, "X-Id")) == {}
            assert house.model() == before
        assert house.model() == expect(contents)


def push(house, headers, body, *named):
    return MessageSource(body, mark_message(body, headers, named, timedelta(hours=1), house.clock.now()))


def test_without_a_number_a_message_is_repeated_within_its_time_and_news_afterwards():
    with desk() as house:
        one, other = export(p="DURAND"), export(p="MARTIN")
        for body in (one, other):
            house.run(push(house, {}, body))
        assert house.run(push(house, {}, one)) == {}, "its sender did not hear the answer"
        house.clock.sleep(3600)
        assert house.run(push(house, {}, one)) == {"delivered": 1}
        assert house.model() == {"p": "DURAND"}


def test_kept_files_that_contradict_each_other_do_not_flip():
    with desk("keep") as house:
        house.write("lundi.csv", export(p="DURAND"), at=1_700_000_000)
        house.write("mardi.csv", export(p="MARTIN"), at=1_700_000_100)
        assert house.run() == {"delivered": 2}
        for _look in range(3):
            assert house.run() == {}


def test_kept_files_that_are_rotated_are_the_same_files():
    with desk("keep") as house:
        entries = house.folder / "entrees"
        for day, name in enumerate(("DURAND", "MARTIN", "PETIT")):
            for number in reversed(range(day)):
                older = entries / (f"export.{number}.csv" if number else "export.csv")
                older.rename(entries / f"export.{number + 1}.csv")
            house.write("export.csv", export(p=name), at=1_700_000_000 + day)
            assert house.run() == {"delivered": 1}
        assert house.model() == {"p": "PETIT"}


def test_a_kept_folder_that_is_moved_to_another_disk_or_gone_for_a_while_brings_nothing_new():
    with desk("keep") as house:
        entries, aside = house.folder / "entrees", house.folder / "ailleurs"
        house.write("lundi.csv", export(p="DURAND"), at=1_700_000_000)
        house.write("mardi.csv", export(p="MARTIN"), at=1_700_000_100)
        house.run()
        shutil.copytree(entries, aside)
        shutil.rmtree(entries)
        entries.mkdir()
        assert house.run() == {}
        house.clock.sleep(90 * 86_400)
        house.workspace.journal.forget_unseen_marks(timedelta(days=30))
        shutil.copytree(aside, entries, dirs_exist_ok=True)
        assert house.run() == {}


def test_a_file_that_a_run_registered_and_did_not_archive_is_one_parcel():
    with desk() as house:
        house.write("lundi.csv", export(p="DURAND"))
        with house.workspace.open_flow(FLOW) as flow:
            collect(FLOW, Unacknowledged(flow.open_source()), *stores(house), flow.blocks)
        assert house.run() == {"delivered": 1}
        assert len(house.workspace.journal.list_parcels(FLOW)) == 1
        assert not (house.folder / "entrees" / "lundi.csv").exists()


def stores(house):
    return house.workspace.depot, house.workspace.journal, house.clock


@dataclass
class Unacknowledged:
    real: object

    def iter_arrivals(self, cursor):
        return (replace(arrival, acknowledge=lambda: None) for arrival in self.real.iter_arrivals(cursor))


def test_a_parked_file_dropped_again_is_taken_and_the_parked_one_is_given_up():
    other = export(p="DURAND").replace(b"N;Nom", b"Id;Nom")
    with desk() as house:
        house.write("lundi.csv", other)
        house.run()
        (house.folder / "carnet.toml").write_text(SUPPLIER.replace('"N"', '"Id"'), "utf-8")
        with open_workspace(load_settings(house.folder / "passerelle.toml"), clock=house.clock) as corrected:
            house.workspace = corrected
            assert house.run() == {}, "nobody asked for it"
            house.write("lundi.csv", other)
            assert house.run() == {"delivered": 1}
            states = [row.state for row in corrected.journal.list_parcels(FLOW)]
            assert states == ["dropped", "done"]


@pytest.mark.parametrize(
    ("order", "latest"), [("time", "DURAND"), ("name", "MARTIN"), ("date", "PETIT")], ids=["time", "name", "date"]
)
def test_the_files_of_one_look_are_taken_in_the_order_that_is_declared(order, latest):
    with desk() as house:
        path = house.folder / "passerelle.toml"
        path.write_text(f'{path.read_text("utf-8")}order = "{order}"\n', "utf-8")
        house.write("c-2024-11-03.csv", export(p="PETIT"), at=1_700_000_000)
        house.write("d-2024-11-01.csv", export(p="MARTIN"), at=1_700_000_100)
        house.write("a-2024-11-02.csv", export(p="DURAND"), at=1_700_000_200)
        with open_workspace(load_settings(path), clock=house.clock) as workspace:
            house.workspace = workspace
            house.run()
            assert house.model() == {"p": latest}
