"""The folder as a destination: whole files, the same bytes for the same batch, nothing cut in silence."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples

from passerelle.edges.destinations.flat import flatten
from passerelle.edges.destinations.folder import FolderDestination
from passerelle.edges.destinations.forms import LayoutRows
from passerelle.vocabulary.errors import FlowError, TransientError
from passerelle.vocabulary.outcomes import Fate
from passerelle.vocabulary.parcels import BatchKey
from passerelle.vocabulary.withdrawals import Withdrawal

VISITS = (
    {
        "ref": "essai:visit:1",
        "person_ref": "essai:person:1",
        "status": "done",
        "travel_minutes": 12,
        "billed": True,
        "service": {"code": "10", "original": "Aide; à la « toilette »"},
        "tasks": [{"code": "a", "original": None}, {"code": "b", "original": "Repas"}],
        "comment": "ligne 1\nligne 2",
    },
    {
        "ref": "essai:visit:2",
        "person_ref": "essai:person:1",
        "status": "done",
        "travel_minutes": None,
        "billed": False,
        "service": None,
        "tasks": [],
        "comment": None,
    },
)
FORMATS = ["ndjson", "parquet", "csv", "xlsx"]
NAME = "nuit-visit-1-abababababab-00000"


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_batch_twice_is_the_same_file(tmp_path, ready, form):
    written = []
    for folder in ("one", "two"):
        destination = FolderDestination(tmp_path / folder, form)
        for _turn in range(2):
            answers = destination.deliver(ready(*VISITS))
            assert [answer.fate for answer in answers] == [Fate.DELIVERED] * 2
        destination.close()
        (path,) = (tmp_path / folder).iterdir()
        assert path.name == f"{NAME}.{form}"
        written.append(path.read_bytes())
    assert written[0] == written[1]


def test_ndjson_is_the_bodies(tmp_path, ready):
    batch = ready(*VISITS)
    FolderDestination(tmp_path).deliver(batch)
    lines = (tmp_path / f"{NAME}.ndjson").read_bytes().splitlines()
    assert lines == list(batch.bodies)


def test_parquet_keeps_the_nesting(tmp_path, ready):
    FolderDestination(tmp_path, "parquet").deliver(ready(*VISITS))
    assert pl.read_parquet(tmp_path / f"{NAME}.parquet").to_dicts() == list(VISITS)


def test_parquet_takes_columns_without_any_value_or_member(tmp_path, ready):
    FolderDestination(tmp_path, "parquet").deliver(ready({"ref": "a:b:1", "extra": None, "identifiers": []}))
    assert pl.read_parquet(tmp_path / f"{NAME}.parquet").get_column("ref").to_list() == ["a:b:1"]


def test_csv_has_dotted_and_numbered_columns(tmp_path, ready):
    FolderDestination(tmp_path, "csv").deliver(ready(*VISITS))
    content = (tmp_path / f"{NAME}.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbfref;")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert rows[0]["service.original"] == "Aide; à la « toilette »"
    assert rows[0]["tasks.2.original"] == "Repas"
    assert rows[0]["comment"] == "ligne 1\nligne 2"
    assert (rows[0]["travel_minutes"], rows[0]["billed"]) == ("12", "true")
    assert (rows[1]["travel_minutes"], rows[1]["service.code"], rows[1]["tasks.1.code"]) == ("", "", "")
    assert "_row" not in rows[0]


def test_a_layout_writes_a_supplier_s_own_columns_in_its_own_encoding(tmp_path, ready):
    def layout(contract: str, frame: pl.DataFrame) -> LayoutRows:
        assert contract == "visit/1"
        table = frame.select(pl.col("ref").alias("Identifiant"), pl.col("comment").alias("Libellé"))
        return LayoutRows(table, {0: ("team", "team"), 1: ("team",)})

    destination = FolderDestination(tmp_path, "csv", layout=layout, delimiter=",", encoding="cp1252")
    answers = destination.deliver(ready({"ref": "a:b:1", "comment": "été €"}, {"ref": "a:b:2", "comment": "日本"}))
    assert [answer.reason for answer in answers] == ["", "deliver.text.unencodable"]
    assert [answer.unmapped for answer in answers] == [("team", "team"), ()]
    assert (tmp_path / f"{NAME}.csv").read_bytes() == "Identifiant,Libellé\r\na:b:1,été €\r\n".encode("cp1252")


def test_an_empty_batch_writes_nothing(tmp_path, ready):
    batch = ready({"ref": "a:b:1"})
    empty = type(batch)(batch.flow, batch.contract, batch.batch, batch.frame.clear(), (), (), ())
    assert FolderDestination(tmp_path / "out").deliver(empty) == []
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_suspends_the_flow_without_its_path(tmp_path, ready):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FlowError) as caught:
        FolderDestination(tmp_path / "file").deliver(ready(*VISITS))
    assert caught.value.code == "incident.folder.unwritable"
    assert caught.value.details == {}


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "incident.folder.full"),
        (errno.EDQUOT, "incident.folder.full"),
        (errno.EIO, "incident.folder.failing"),
    ],
)
def test_a_full_or_ill_disk_makes_the_parcel_wait_and_leaves_no_half_file(tmp_path, ready, monkeypatch, number, code):
    def full(_handle):
        raise OSError(number, "No space left on device", "a name")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(TransientError) as caught:
        FolderDestination(tmp_path).deliver(ready(*VISITS))
    assert caught.value.code == code
    assert not (tmp_path / f"{NAME}.ndjson").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize(("place", "there"), [("folder.written", False), ("folder.renamed", True)])
def test_after_a_kill_the_file_is_whole_or_absent_and_the_next_run_completes_it(tmp_path, ready, place, there):
    program = (
        "import sys, pathlib, polars as pl\n"
        "from passerelle.edges.destinations.folder import FolderDestination\n"
        "from passerelle.vocabulary.parcels import BatchKey, Delivery\n"
        "frame = pl.DataFrame({'ref': ['a:b:1']})\n"
        "ready = Delivery('nuit', 'visit/1', BatchKey('ab' * 32, 0), frame, (b'{\"ref\": \"a:b:1\"}',), ('k',), (1,))\n"
        "FolderDestination(pathlib.Path(sys.argv[1])).deliver(ready)\n"
    )
    environment = os.environ | {"PASSERELLE_FAILPOINT": place}
    ended = subprocess.run([sys.executable, "-c", program, str(tmp_path)], env=environment, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert (tmp_path / f"{NAME}.ndjson").exists() is there
    FolderDestination(tmp_path).deliver(ready({"ref": "a:b:1"}))
    assert [path.name for path in Path(tmp_path).iterdir()] == [f"{NAME}.ndjson"]
    assert json.loads((tmp_path / f"{NAME}.ndjson").read_bytes()) == {"ref": "a:b:1"}


CODED = st.none() | st.fixed_dictionaries(
    {"code": st.none() | st.text(max_size=3), "use": st.none() | st.text(max_size=3)}
)


@settings(max_examples=count_examples(60), deadline=None)
@given(st.lists(st.tuples(CODED, st.none() | st.lists(CODED, max_size=3)), min_size=1, max_size=5))
def test_flattening_keeps_every_value_and_every_row(pairs):
    coded = pl.Struct({"code": pl.String, "use": pl.String})
    frame = pl.DataFrame(
        {"one": [one for one, _many in pairs], "many": [many for _one, many in pairs]},
        schema={"one": coded, "many": pl.List(coded)},
    )
    flat = flatten(frame)
    assert flat.height == len(pairs)
    for row, (one, many) in zip(flat.to_dicts(), pairs, strict=True):
        expected = {f"one.{name}": value for name, value in (one or {}).items()}
        for place, item in enumerate(many or [], start=1):
            expected |= {f"many.{place}.{name}": value for name, value in (item or {}).items()}
        assert {name: value for name, value in row.items() if value is not None} == {
            name: value for name, value in expected.items() if value is not None
        }


def test_a_layout_that_loses_a_row_is_a_mistake_that_is_told(tmp_path, ready):
    destination = FolderDestination(tmp_path, layout=lambda _contract, frame: LayoutRows(frame.head(1)))
    with pytest.raises(ValueError, match="one row a record"):
        destination.deliver(ready(*VISITS))


def test_deletions_that_two_batches_of_a_parcel_announce_are_both_told(tmp_path):
    destination = FolderDestination(tmp_path, "ndjson")
    for number in (0, 1, 1):  # the last one again, after a kill
        refs, batch = (f"essai:visit:{number}",), BatchKey("ab" * 32, number)
        destination.withdraw(Withdrawal("nuit", "visit/1", batch, refs, refs, (2,), ("",), {}))
    told = [json.loads(line) for path in sorted(tmp_path.iterdir()) for line in path.read_text("utf-8").splitlines()]
    assert [(line["ref"], line["version"], line["deleted"]) for line in told] == [
        ("essai:visit:0", 2, True),
        ("essai:visit:1", 2, True),
    ]


def test_the_parcels_that_have_a_file_are_known_by_their_short_names(tmp_path, ready):
    destination, batch = FolderDestination(tmp_path / "new"), ready(*VISITS)
    assert destination.list_parcel_names(batch.flow) == frozenset()
    destination.deliver(batch)
    assert destination.list_parcel_names(batch.flow) == {batch.batch.parcel[:12]}
    assert destination.list_parcel_names("another") == frozenset()
