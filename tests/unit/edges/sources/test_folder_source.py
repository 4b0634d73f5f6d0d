"""The folder where files are dropped: whole files only, each taken once, none lost."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import pytest

from passerelle.edges.sources.folder import FolderSource
from passerelle.vocabulary.errors import FlowError, TransientError


@pytest.fixture
def drop(tmp_path, clock):
    """Drop a file that was written some seconds ago."""

    def dropped(name: str, content: bytes = b"a;b\n", *, seconds_ago: float = 60, folder=None):
        path = (folder or tmp_path) / name
        path.write_bytes(content)
        moment = clock.now().timestamp() - seconds_ago
        os.utime(path, (moment, moment))
        return path

    return dropped


@pytest.fixture
def source(tmp_path, clock):
    return FolderSource(tmp_path, "*.csv", quiet_seconds=5, clock=clock)


def names(source) -> list[str]:
    return [arrival.name for arrival in source.iter_arrivals("")]


def test_files_come_oldest_first_then_by_name(source, drop):
    drop("b.csv", seconds_ago=30)
    drop("a.csv", seconds_ago=30)
    drop("z.csv", seconds_ago=90)
    assert names(source) == ["z.csv", "a.csv", "b.csv"]


def test_an_arrival_may_be_opened_several_times(source, drop):
    drop("a.csv", b"content")
    (arrival,) = source.iter_arrivals("")
    for _turn in range(2):
        with arrival.open() as stream:
            assert stream.read() == b"content"


def test_upper_case_endings_match_too(source, drop):
    drop("EXPORT.CSV")
    assert names(source) == ["EXPORT.CSV"]


@pytest.mark.parametrize(
    "name",
    [
        ".a.csv",
        "a.csv.part",
        "a.csv.tmp",
        "a.csv.filepart",
        "~$a.csv",
        "a.csv~",
        ".~lock.a.csv#",
        "a.csv.lock",
        "A.CSV.PART",
    ],
)
def test_hidden_temporary_and_lock_files_are_left_alone(tmp_path, clock, drop, name):
    drop(name)
    assert names(FolderSource(tmp_path, "*", quiet_seconds=5, clock=clock)) == []


def test_other_files_folders_and_the_archives_are_left_alone(tmp_path, source, drop):
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "archives").mkdir()
    drop("old.csv", folder=tmp_path / "archives")
    drop("a.txt")
    assert names(source) == []


def test_a_link_that_leaves_the_folder_is_left_alone(tmp_path_factory, tmp_path, source, drop):
    outside = drop("secret.csv", folder=tmp_path_factory.mktemp("outside"))
    (tmp_path / "link.csv").symlink_to(outside)
    (tmp_path / "dangling.csv").symlink_to(tmp_path / "nothing")
    (tmp_path / "loop.csv").symlink_to(tmp_path / "loop.csv")
    assert names(source) == []


def test_a_young_file_waits_until_it_is_quiet(source, drop, clock):
    drop("a.csv", seconds_ago=2)
    assert names(source) == []
    clock.sleep(4)
    assert names(source) == ["a.csv"]


def test_a_writer_whose_clock_is_wrong_is_not_waited_for_for_ever(source, drop):
    drop("a.csv", seconds_ago=-86_400)
    assert names(source) == ["a.csv"]


def test_a_file_that_grows_between_two_looks_is_left_alone(source, drop, tmp_path):
    drop("a.csv", seconds_ago=60)
    drop("b.csv", seconds_ago=30)
    found = []
    for arrival in source.iter_arrivals(""):
        found.append(arrival.name)
        with (tmp_path / "b.csv").open("ab") as stream:
            stream.write(b"more")
    assert found == ["a.csv"]


def test_a_registered_file_goes_to_the_archives(source, drop, tmp_path):
    drop("a.csv", b"content")
    next(source.iter_arrivals("")).acknowledge()
    assert not (tmp_path / "a.csv").exists()
    assert (tmp_path / "archives" / "a.csv").read_bytes() == b"content"
    assert names(source) == []


def test_the_archives_never_lose_a_file_to_a_namesake(source, drop, tmp_path):
    for content in (b"1", b"2", b"3"):
        drop("a.csv", content)
        next(source.iter_arrivals("")).acknowledge()
    archived = {path.name: path.read_bytes() for path in (tmp_path / "archives").iterdir()}
    assert archived == {"a.csv": b"1", "a-2.csv": b"2", "a-3.csv": b"3"}


def test_a_very_long_name_that_is_taken_still_gets_a_number(source, drop, tmp_path):
    for content in (b"1", b"2"):
        drop("é" * 125 + ".csv", content)
        next(source.iter_arrivals("")).acknowledge()
    assert len(list((tmp_path / "archives").iterdir())) == 2


@pytest.mark.parametrize(("after", "stays"), [("keep", True), ("delete", False)])
def test_files_may_be_kept_in_place_or_deleted(tmp_path, clock, drop, after, stays):
    path = drop("a.csv")
    source = FolderSource(tmp_path, after=after, quiet_seconds=5, clock=clock)
    next(source.iter_arrivals("")).acknowledge()
    assert path.exists() is stays
    assert not (tmp_path / "archives").exists()


@pytest.mark.parametrize("after", ["archive", "delete"])
def test_a_file_that_was_replaced_meanwhile_stays_and_comes_again(tmp_path, clock, drop, after):
    drop("a.csv", b"old")
    source = FolderSource(tmp_path, after=after, quiet_seconds=5, clock=clock)
    arrival = next(source.iter_arrivals(""))
    drop("a.csv", b"a newer export", seconds_ago=20)
    arrival.acknowledge()
    assert (tmp_path / "a.csv").read_bytes() == b"a newer export"
    assert names(source) == ["a.csv"]


def test_a_file_that_another_run_took_is_no_fault(source, drop, tmp_path):
    drop("a.csv")
    arrival = next(source.iter_arrivals(""))
    (tmp_path / "a.csv").unlink()
    arrival.acknowledge()
    with pytest.raises(TransientError) as caught:
        arrival.open()
    assert caught.value.code == "incident.file.unreadable"
    assert "a.csv" not in str(caught.value)


HOSTILE = [
    "naïve é.csv",
    "a b;c.csv",
    "-rf.csv",
    "$(id).csv",
    "%2e%2e.csv",
    "a" * 200 + ".csv",
]
if sys.platform != "win32":  # Windows allows none of these three
    HOSTILE += ["ligne\nligne.csv", "COM1.csv", b"latin-\xe9.csv".decode("utf-8", "surrogateescape")]


def test_hostile_names_are_data_and_never_lead_elsewhere(source, drop, tmp_path):
    for name in HOSTILE:
        drop(name)
    for arrival in list(source.iter_arrivals("")):
        arrival.name.encode()
        arrival.acknowledge()
    assert len(list((tmp_path / "archives").iterdir())) == len(HOSTILE)
    assert [path.name for path in tmp_path.iterdir()] == ["archives"]


def test_an_absent_folder_is_waited_for_and_told_without_its_path(tmp_path, clock):
    with pytest.raises(TransientError) as caught:
        names(FolderSource(tmp_path / "absent", clock=clock))
    assert caught.value.code == "incident.folder.away"
    assert "absent" not in f"{caught.value.details}"


@pytest.mark.parametrize(
    ("number", "family", "code"),
    [
        (errno.ENOTCONN, TransientError, "incident.folder.away"),
        (errno.EHOSTUNREACH, TransientError, "incident.folder.away"),
        (errno.ESTALE, TransientError, "incident.folder.failing"),
        (errno.EACCES, FlowError, "incident.folder.unreadable"),
        (errno.ENOTDIR, FlowError, "incident.folder.unreadable"),
    ],
)
def test_a_share_that_is_ill_is_waited_for_and_a_wrong_folder_is_not(source, monkeypatch, number, family, code):
    def refuse(_path):
        raise OSError(number, "a name")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(family) as caught:
        names(source)
    assert caught.value.code == code


def test_archives_that_cannot_be_made_suspend_the_flow(source, drop, tmp_path):
    drop("a.csv")
    (tmp_path / "archives").write_bytes(b"a file where the folder should be")
    with pytest.raises(FlowError) as caught:
        next(source.iter_arrivals("")).acknowledge()
    assert caught.value.code == "incident.folder.unwritable"
    assert (tmp_path / "a.csv").exists()


def test_a_file_that_cannot_be_opened_is_told_after_the_others_came(source, drop, monkeypatch):
    drop("a.csv")
    drop("b.csv", seconds_ago=20)
    access = os.access  # rights do not bind the superuser, so they are taken away here
    monkeypatch.setattr(os, "access", lambda path, mode: path.name != "a.csv" and access(path, mode))
    arrivals = source.iter_arrivals("")
    assert next(arrivals).name == "b.csv"
    with pytest.raises(TransientError) as caught:
        next(arrivals)
    assert caught.value.code == "incident.file.unreadable"
