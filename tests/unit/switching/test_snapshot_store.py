"""Sealed or in a folder, a snapshot's records are read alike."""

from __future__ import annotations

import polars as pl
import pytest

from passerelle.switching.sealed_pieces import SealedFrames
from passerelle.switching.snapshot_store import FolderStore, SealedStore

CANARY = "Zyxoline-Quatrebarbes"
PARTS = [
    pl.DataFrame({"ref": [f"a:person:{row}" for row in rows], "nom": [CANARY] * len(rows), "n": list(rows)})
    for rows in (range(5), range(5, 7), range(7, 12))
]


@pytest.fixture(params=["folder", "sealed"])
def store(request, tmp_path):
    made = FolderStore(tmp_path) if request.param == "folder" else SealedStore(SealedFrames(tmp_path))
    for part in PARTS:
        made.write_part("person/1", part)
    made.finish("person/1")
    return made


def test_records_are_read_in_their_order(store):
    assert store.scan("person/1").collect().equals(pl.concat(PARTS))
    assert pl.concat(store.iter_frames("person/1", None, 3)).equals(pl.concat(PARTS))


def test_slices_are_no_larger_than_asked(store):
    assert max(frame.height for frame in store.iter_frames("person/1", None, 3)) == 3


def test_only_the_columns_that_are_asked_for_are_read(store):
    (names,) = {tuple(frame.columns) for frame in store.iter_frames("person/1", ["n", "ref"], 4)}
    assert names == ("n", "ref")


def test_what_is_asked_lazily_is_what_all_of_it_would_give(store):
    whole, lazy = pl.concat(PARTS).lazy(), store.scan("person/1")
    asked = pl.col("n").filter(pl.col("n") % 2 == 0)
    assert lazy.select(asked).collect().equals(whole.select(asked).collect())
    assert (
        lazy.filter(pl.col("n") > 5)
        .select("ref")
        .collect()
        .equals(whole.filter(pl.col("n") > 5).select("ref").collect())
    )
    assert lazy.head(6).collect().equals(whole.head(6).collect())
    assert lazy.slice(3, 6).collect().equals(whole.slice(3, 6).collect())


def test_sealed_records_have_no_file_that_could_be_opened(tmp_path):
    made = SealedStore(SealedFrames(tmp_path))
    made.write_part("person/1", PARTS[0])
    assert made.finish("person/1") == {}
    assert not list(tmp_path.iterdir())


def test_a_folder_names_its_file_with_its_digest(tmp_path):
    made = FolderStore(tmp_path)
    made.write_part("person/1", PARTS[0])
    about = made.finish("person/1")
    assert about["file"] == "person-1.parquet"
    assert (tmp_path / "person-1.parquet").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["person-1.parquet"]
