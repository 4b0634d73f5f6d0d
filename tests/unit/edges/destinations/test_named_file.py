"""One file name: whatever batches come, settle or not, and whenever somebody takes the file, each record is in it."""

from __future__ import annotations

import dataclasses
import json
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples
from python_calamine import CalamineWorkbook

from passerelle.edges.destinations.folder import FolderDestination
from passerelle.edges.destinations.forms import LayoutRows
from passerelle.edges.destinations.named_file import FileNaming, NamedFileDestination
from passerelle.edges.destinations.workbook_form import XlsxForm
from passerelle.edges.places.local_folder import LocalFolder
from passerelle.vocabulary.errors import FlowError, TransientError
from passerelle.vocabulary.outcomes import Fate
from passerelle.vocabulary.parcels import BatchKey, Delivery
from passerelle.vocabulary.safe_files import GROUP
from passerelle.vocabulary.withdrawals import Withdrawal

if TYPE_CHECKING:
    from pathlib import Path

CONTRACT = "visit/1"


@dataclass
class Books:
    """What a journal would know: settled batches, and how many records are there."""

    settled: dict[tuple[str, int], int] = field(default_factory=dict)
    known: dict[str, int] = field(default_factory=dict)
    """The versions of records that were settled."""
    name: str = "visites.{form}"

    def open(self, folder: Path, form: str = "csv", **how) -> NamedFileDestination:
        naming = FileNaming(
            "nuit",
            lambda _contract: self.name.format(form=form),
            lambda shorts: {key: parcel for key, parcel in self.settled.items() if key[0] in shorts},
            self.count_current,
            **how,
        )
        return NamedFileDestination(FolderDestination(folder, form), naming)

    def count_current(self, _contract: str, refs: pl.Series, versions: pl.Series) -> tuple[int, int]:
        return sum(self.known.get(ref) == version for ref, version in zip(refs, versions, strict=True)), len(self.known)

    def settle(self, *batches: Delivery) -> None:
        for batch in batches:
            self.known.update(zip(batch.frame["ref"], batch.versions, strict=True))
            self.settled[batch.batch.parcel[:12], batch.batch.number] = int(batch.batch.parcel[:12], 16)


@pytest.fixture
def books() -> Books:
    return Books()


def _make(records: dict[str, str], parcel: int = 1, number: int = 0, version: int = 1) -> Delivery:
    frame = pl.DataFrame({"ref": list(records), "comment": list(records.values())})
    bodies = tuple(json.dumps({"ref": ref, "comment": text}).encode() for ref, text in records.items())
    key = BatchKey(f"{parcel:012x}" + "0" * 52, number)
    return Delivery("nuit", CONTRACT, key, frame, bodies, (), (version,) * len(records))


def _read(folder: Path, name: str = "visites.csv") -> list[tuple[str, str]]:
    lines = (folder / name).read_text("utf-8-sig").splitlines()
    assert lines[0] == "ref;comment"
    return [tuple(line.split(";")) for line in lines[1:]]


def _list(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


@pytest.mark.parametrize("form", ["csv", "ndjson", "parquet", "xlsx"])
def test_batches_of_several_parcels_are_one_file_in_any_format(tmp_path, books, form):
    destination = books.open(tmp_path, form)
    batches = _make({"a:b:2": "x"}, 2), _make({"a:b:1": "y"}, 1), _make({"a:b:3": "z"}, 2, number=1)
    for batch in batches:
        assert [answer.fate for answer in destination.deliver(batch)] == [Fate.DELIVERED]
    books.settle(*batches)
    destination.publish()
    assert _list(tmp_path) == [f"visites.{form}"]
    content = (tmp_path / f"visites.{form}").read_bytes()
    if form == "csv":
        assert content == b"\xef\xbb\xbfref;comment\r\na:b:1;y\r\na:b:2;x\r\na:b:3;z\r\n"
    if form == "ndjson":
        assert [json.loads(line)["ref"] for line in content.splitlines()] == ["a:b:1", "a:b:2", "a:b:3"]
    if form == "parquet":
        assert pl.read_parquet(content).rows() == [("a:b:1", "y"), ("a:b:2", "x"), ("a:b:3", "z")]


def test_a_list_that_is_longer_in_one_batch_gives_the_file_its_columns_where_they_belong(tmp_path, books):
    destination = books.open(tmp_path)
    batches = []
    for number, tasks in enumerate([["a"], ["b", "c"], []]):
        frame = pl.DataFrame(
            {"ref": [f"a:b:{number}"], "tasks": [tasks], "team": ["E"]}, schema_overrides={"tasks": pl.List(pl.String)}
        )
        batches.append(Delivery("nuit", CONTRACT, BatchKey("0" * 64, number), frame, (), (), (1,)))
        destination.deliver(batches[-1])
    books.settle(*batches)
    destination.publish()
    assert (tmp_path / "visites.csv").read_text("utf-8-sig").splitlines() == [
        "ref;tasks.1;tasks.2;team",
        "a:b:0;a;;E",
        "a:b:1;b;c;E",
        "a:b:2;;;E",
    ]


def test_while_the_file_is_there_nothing_more_is_taken_and_it_stays_as_it_is(tmp_path, books):
    first = books.open(tmp_path)
    first.deliver(_make({"a:b:1": "x"}))
    books.settle(_make({"a:b:1": "x"}))
    first.publish()
    with pytest.raises(TransientError) as caught:
        first.deliver(_make({"a:b:2": "y"}, 2))
    assert (caught.value.code, caught.value.retry_after) == ("incident.folder.untaken", 0)
    assert _list(tmp_path) == ["visites.csv"]
    (tmp_path / "visites.csv").unlink()
    assert first.deliver(_make({"a:b:2": "y"}, 2))[0].fate is Fate.DELIVERED


def test_a_name_that_somebody_took_meanwhile_makes_the_whole_file_wait(tmp_path, books):
    destination = books.open(tmp_path)
    destination.deliver(batch := _make({"a:b:1": "x"}))
    books.settle(batch)
    (tmp_path / "visites.csv").write_text("d'un autre", "utf-8")
    for _night in range(2):
        with pytest.raises(TransientError):
            destination.publish()
    assert _list(tmp_path) == [".nuit.visit-1.visites.csv.joined", "visites.csv"]
    (tmp_path / "visites.csv").unlink()
    destination.begin()
    assert _read(tmp_path) == [("a:b:1", "x")]


def test_the_file_of_a_run_replaces_the_one_before_where_the_settings_say_so(tmp_path, books):
    for parcel in (1, 2):
        destination = books.open(tmp_path, when_there="replace")
        destination.deliver(batch := _make({f"a:b:{parcel}": "x"}, parcel))
        books.settle(batch)
        destination.publish()
    assert _list(tmp_path) == ["visites.csv"]
    assert _read(tmp_path) == [("a:b:2", "x")]


def test_a_piece_under_the_name_of_an_earlier_version_is_joined_too(tmp_path, books):
    destination, batch = books.open(tmp_path), _make({"a:b:1": "x"})
    batch = dataclasses.replace(batch, batch=BatchKey("ab" * 32 + "-2", 0))
    destination.deliver(batch)
    books.settled["abababababab-2", 0] = 7
    destination.publish()
    assert _read(tmp_path) == [("a:b:1", "x")]


def test_what_is_not_settled_is_in_no_file(tmp_path, books):
    destination = books.open(tmp_path)
    destination.deliver(_make({"a:b:1": "x"}))
    destination.publish()
    assert _list(tmp_path) == []


def test_a_record_that_is_deleted_before_its_file_is_placed_is_not_in_it(tmp_path, books):
    destination = books.open(tmp_path)
    destination.deliver(batch := _make({"a:b:1": "x", "a:b:2": "y"}))
    books.settle(batch)
    refs = ("a:b:1",)
    destination.withdraw(Withdrawal("nuit", CONTRACT, BatchKey("ab" * 32, 0), refs, refs, (2,), ("",), {}))
    destination.publish()
    assert _list(tmp_path) == ["nuit-visit-1-abababababab-00000-withdrawn.ndjson", "visites.csv"]
    assert _read(tmp_path) == [("a:b:2", "y")]


def test_a_deletion_does_not_overtake_a_file_that_waits_for_its_name(tmp_path, books):
    destination = books.open(tmp_path)
    destination.deliver(batch := _make({"a:b:1": "x"}))
    books.settle(batch)
    (tmp_path / "visites.csv").touch()
    with pytest.raises(TransientError):
        destination.publish()
    refs = ("a:b:1",)
    withdrawal = Withdrawal("nuit", CONTRACT, BatchKey("ab" * 32, 0), refs, refs, (2,), ("",), {})
    with pytest.raises(TransientError):
        destination.withdraw(withdrawal)
    assert not [name for name in _list(tmp_path) if "withdrawn" in name]


def test_a_refused_record_is_in_no_file(tmp_path, books):
    folder = FolderDestination(
        tmp_path, "csv", layout=lambda _contract, frame: LayoutRows(frame.rename({"ref": "Id"})), encoding="cp1252"
    )
    destination = NamedFileDestination(folder, books.open(tmp_path).naming)
    answers = destination.deliver(batch := _make({"a:b:1": "été", "a:b:2": "日本"}))
    assert [answer.reason for answer in answers] == ["", "deliver.text.unencodable"]
    books.settle(batch)
    destination.publish()
    assert (tmp_path / "visites.csv").read_bytes() == "Id;comment\r\na:b:1;été\r\n".encode("cp1252")


def test_pieces_of_another_format_than_the_settings_name_now_are_not_mixed(tmp_path, books):
    books.open(tmp_path, "ndjson").deliver(batch := _make({"a:b:1": "x"}))
    books.settle(batch)
    with pytest.raises(FlowError) as caught:
        books.open(tmp_path, "csv").publish()
    assert (caught.value.code, caught.value.details) == ("incident.folder.other_form", {"was": "ndjson"})
    books.open(tmp_path, "ndjson").publish()
    assert _list(tmp_path) == ["visites.ndjson"]


def test_a_workbook_takes_no_more_rows_than_it_has(tmp_path, books, monkeypatch):
    monkeypatch.setattr(FolderDestination, "make_form", lambda _self: XlsxForm(most_rows=3))
    destination = books.open(tmp_path, "xlsx")
    destination.deliver(_make({"a:b:1": "x", "a:b:2": "y"}))
    with pytest.raises(FlowError) as caught:
        books.open(tmp_path, "xlsx").deliver(_make({"a:b:3": "x", "a:b:4": "y"}, 2))
    assert caught.value.code == "incident.folder.too_many_rows"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_whoever_may_read_the_file_may_look_into_the_folder_that_was_made_for_it(tmp_path, books):
    folder = FolderDestination(tmp_path / "new", "csv", rights=GROUP)
    destination = NamedFileDestination(folder, books.open(tmp_path).naming)
    destination.deliver(batch := _make({"a:b:1": "x"}))
    books.settle(batch)
    destination.publish()
    modes = [path.stat().st_mode & 0o777 for path in (tmp_path / "new", tmp_path / "new" / "visites.csv")]
    assert modes == [0o750, 0o640]


def test_a_share_that_goes_away_before_the_file_is_placed_is_told_and_the_file_comes_when_it_is_back(tmp_path, books):
    place = LocalFolder(tmp_path / "share", was_here=True)
    (tmp_path / "share").mkdir()
    destination = NamedFileDestination(FolderDestination(place, "csv"), books.open(tmp_path).naming)
    destination.deliver(batch := _make({"a:b:1": "x"}))
    books.settle(batch)
    (tmp_path / "share").rename(tmp_path / "away")
    with pytest.raises(TransientError) as caught:
        destination.publish()
    assert caught.value.code == "incident.folder.away"
    (tmp_path / "away").rename(tmp_path / "share")
    destination.publish()
    assert _read(tmp_path / "share") == [("a:b:1", "x")]


def test_two_flows_share_a_folder_and_each_places_its_own(tmp_path, books):
    destination = books.open(tmp_path)
    destination.deliver(batch := _make({"a:b:1": "x"}))
    books.settle(batch)
    others = Books(name="autres.csv")
    other = NamedFileDestination(
        FolderDestination(tmp_path, "csv"),
        FileNaming("nuit-bis", lambda _contract: "autres.csv", lambda _shorts: {}, others.count_current),
    )
    other.publish()
    assert others.name not in _list(tmp_path)
    destination.publish()
    assert _read(tmp_path) == [("a:b:1", "x")]


def test_a_file_that_holds_everything_changes_its_format_once_everything_came_again(tmp_path, books):
    destination = books.open(tmp_path, holds_all=True, when_there="replace")
    destination.deliver(batch := _make({"a:b:1": "x", "a:b:2": "y"}))
    books.settle(batch)
    destination.publish()
    changed = books.open(tmp_path, "ndjson", holds_all=True, when_there="replace")
    changed.deliver(batch := _make({"a:b:1": "x"}, 2, version=2))
    books.settle(batch)
    with pytest.raises(FlowError) as caught:
        changed.publish()
    assert caught.value.code == "incident.folder.incomplete"
    changed.deliver(batch := _make({"a:b:2": "y"}, 3, version=2))
    books.settle(batch)
    changed.publish()
    assert _list(tmp_path) == [".nuit-visit-1.ndjson.state", "visites.csv", "visites.ndjson"]


def test_a_file_that_holds_everything_loses_what_was_deleted_at_the_next_run_and_tells_nothing_beside(tmp_path, books):
    destination = books.open(tmp_path, holds_all=True, when_there="replace")
    destination.deliver(batch := _make({"a:b:1": "x", "a:b:2": "y"}))
    books.settle(batch)
    destination.publish()
    refs = ("a:b:1",)
    withdrawal = Withdrawal("nuit", CONTRACT, BatchKey("ab" * 32, 0), refs, refs, (2,), ("",), {})
    assert destination.can_withdraw
    for _try in range(2):
        assert [answer.fate for answer in destination.withdraw(withdrawal)] == [Fate.DELIVERED]
    del books.known["a:b:1"]
    books.open(tmp_path, holds_all=True, when_there="replace").publish()
    assert _read(tmp_path) == [("a:b:2", "y")]
    assert _list(tmp_path) == [".nuit-visit-1.csv.state", "visites.csv"]


@pytest.mark.parametrize("form", ["csv", "ndjson", "parquet", "xlsx"])
def test_a_file_that_holds_everything_may_be_empty_in_the_end(tmp_path, books, form):
    destination = books.open(tmp_path, form, holds_all=True, when_there="replace")
    destination.deliver(batch := _make({"a:b:1": "x"}))
    books.settle(batch)
    refs = ("a:b:1",)
    destination.withdraw(Withdrawal("nuit", CONTRACT, BatchKey("ab" * 32, 0), refs, refs, (2,), ("",), {}))
    books.known.clear()
    destination.publish()
    placed = tmp_path / f"visites.{form}"
    if form == "csv":
        assert placed.read_text("utf-8-sig") == "ref;comment\n"
    if form == "ndjson":
        assert placed.read_bytes() == b""
    if form == "parquet":
        assert pl.read_parquet(placed).shape == (0, 2)
    if form == "xlsx":
        assert len(CalamineWorkbook.from_path(str(placed)).get_sheet_by_index(0).to_python()) == 1


def test_what_was_everything_is_forgotten_where_files_hold_changes(tmp_path, books):
    destination = books.open(tmp_path, holds_all=True, when_there="replace")
    destination.deliver(batch := _make({"a:b:1": "x"}))
    books.settle(batch)
    destination.publish()
    books.open(tmp_path).begin()
    assert _list(tmp_path) == ["visites.csv"]


STEP = st.one_of(
    st.tuples(st.just("deliver"), st.sets(st.integers(0, 4), min_size=1), st.booleans()),
    st.tuples(st.just("place"), st.none(), st.none()),
    st.tuples(st.just("take"), st.none(), st.none()),
)


@dataclass
class Exchange:
    """A folder between a flow and a receiving program, which applies each file that it takes."""

    folder: Path
    holds_all: bool
    books: Books = field(default_factory=Books)
    received: dict[str, str] = field(default_factory=dict)

    def open(self) -> NamedFileDestination:
        return self.books.open(
            self.folder, holds_all=self.holds_all, when_there="replace" if self.holds_all else "wait"
        )

    def deliver(self, parcel: int, numbers: set[int], *, is_settled: bool) -> None:
        refs = [f"a:b:{number}" for number in sorted(numbers)]
        versions = [self.books.known.get(ref, 0) + 1 for ref in refs]
        frame = pl.DataFrame({"ref": refs, "comment": [f"v{version}" for version in versions]})
        batch = Delivery("nuit", CONTRACT, BatchKey(f"{parcel:012x}" + "0" * 52, 0), frame, (), (), versions)
        destination = self.open()
        try:
            destination.begin()
            destination.deliver(batch)
        except TransientError:
            return
        if is_settled:
            self.books.settle(batch)

    def place(self) -> None:
        try:
            self.open().publish()
        except TransientError:
            assert (self.folder / "visites.csv").exists()

    def take(self) -> None:
        path = self.folder / "visites.csv"
        if not path.exists():
            return
        rows = _read(self.folder)
        assert len(rows) == len(dict(rows))
        if self.holds_all:
            self.received.clear()
        self.received.update(rows)
        path.unlink()


@settings(max_examples=count_examples(90), deadline=None)
@given(steps=st.lists(STEP, max_size=14), holds_all=st.booleans())
def test_whatever_comes_and_is_taken_each_settled_state_is_read_and_nothing_else(tmp_path_factory, steps, holds_all):
    exchange = Exchange(tmp_path_factory.mktemp("law"), holds_all)
    for parcel, (act, numbers, is_settled) in enumerate(steps, start=1):
        match act:
            case "take":
                exchange.take()
            case "place":
                exchange.place()
            case _:
                exchange.deliver(parcel, numbers, is_settled=is_settled)
    for _night in range(3):
        exchange.take()
        exchange.place()
    exchange.take()
    assert exchange.received == {ref: f"v{version}" for ref, version in exchange.books.known.items()}
    assert [name for name in _list(exchange.folder) if not name.endswith(".state")] == []


def test_a_file_that_holds_everything_tells_deletions_in_a_layout_that_has_no_word_for_them(tmp_path, books):
    naming = FileNaming("nuit", lambda _contract: "x.csv", lambda _shorts: {}, books.count_current)
    layout = LayoutRows(lambda _frame: {}, ("ref",))
    folder = FolderDestination(tmp_path, "csv", layout=layout)
    assert not NamedFileDestination(folder, naming).can_withdraw
    assert NamedFileDestination(folder, dataclasses.replace(naming, holds_all=True)).can_withdraw


def test_parcels_are_named_of_which_there_are_pieces_or_files_of_their_own(tmp_path, books):
    destination = books.open(tmp_path)
    assert destination.list_parcel_names("nuit") == frozenset()
    waiting, alone = _make({"a:b:1": "x"}, parcel=2), _make({"a:b:2": "y"}, parcel=3)
    FolderDestination(tmp_path, "csv").deliver(alone)
    assert destination.list_parcel_names("nuit") == {alone.batch.parcel[:12]}
    destination.deliver(waiting)
    assert destination.list_parcel_names("nuit") == {waiting.batch.parcel[:12], alone.batch.parcel[:12]}
