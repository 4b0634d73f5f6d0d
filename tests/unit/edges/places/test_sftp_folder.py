"""A folder of another machine, on a real server: taken from and written into as a folder of this one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from passerelle.edges.destinations.folder import FolderDestination
from passerelle.edges.places.local_folder import LocalFolder
from passerelle.edges.places.sftp_folder import SftpFolder
from passerelle.edges.sources.folder import FolderSource
from passerelle.vocabulary.errors import FlowError, TransientError
from passerelle.vocabulary.safe_files import GROUP, OWNER

NAME = "nuit-visit-1-abababababab-00000.ndjson"


@pytest.fixture
def drop(depot, clock):
    def dropped(name: str, content: bytes = b"a;b\n", *, seconds_ago: float = 60):
        path = depot / name
        path.write_bytes(content)
        moment = clock.now().timestamp() - seconds_ago
        os.utime(path, (moment, moment))
        return path

    return dropped


@pytest.fixture
def source(place, clock):
    return FolderSource(place, "*.csv", quiet_seconds=5, clock=clock)


def names(source) -> list[str]:
    return [arrival.name for arrival in source.iter_arrivals("")]


def read(arrival) -> bytes:
    with arrival.open() as stream:
        return stream.read()


def test_files_come_oldest_first_and_what_is_in_work_is_left_alone(source, drop, depot):
    drop("b.csv", seconds_ago=30)
    drop("A.CSV", seconds_ago=30)
    drop("z.csv", seconds_ago=90)
    drop("young.csv", seconds_ago=2)
    for name in (".a.csv", "a.csv.part", "a.csv.filepart", "other.txt"):
        drop(name)
    (depot / "folder.csv").mkdir()
    assert names(source) == ["z.csv", "A.CSV", "b.csv"]


def test_links_are_never_followed(source, drop, depot, tmp_path):
    (tmp_path / "secret.csv").write_bytes(b"secret")
    drop("real.csv")
    (depot / "out.csv").symlink_to(tmp_path / "secret.csv")
    (depot / "in.csv").symlink_to(depot / "real.csv")
    assert names(source) == ["real.csv"]


def test_what_arrives_is_read_to_the_last_byte(source, drop):
    content = os.urandom(3 * (1 << 20) + 17)
    drop("a.csv", content)
    drop("empty.csv", b"")
    found = {arrival.name: (read(arrival), read(arrival)) for arrival in source.iter_arrivals("")}
    assert found == {"a.csv": (content, content), "empty.csv": (b"", b"")}


def test_a_registered_file_goes_to_the_archives_beside_its_namesakes(source, drop, depot):
    for content in (b"1", b"2", b"3"):
        drop("a.csv", content)
        for arrival in source.iter_arrivals(""):
            arrival.acknowledge()
    archived = {path.name: path.read_bytes() for path in (depot / "archives").iterdir()}
    assert archived == {"a.csv": b"1", "a-2.csv": b"2", "a-3.csv": b"3"}
    assert names(source) == []


@pytest.mark.parametrize(("after", "stays"), [("keep", True), ("delete", False)])
def test_files_may_be_kept_in_place_or_deleted(place, clock, drop, after, stays):
    path = drop("a.csv")
    for arrival in FolderSource(place, after=after, quiet_seconds=5, clock=clock).iter_arrivals(""):
        arrival.acknowledge()
    assert path.exists() is stays


@pytest.mark.parametrize("after", ["archive", "delete"])
def test_a_file_that_was_replaced_meanwhile_stays_and_comes_again(place, clock, drop, after):
    drop("a.csv", b"old")
    source = FolderSource(place, after=after, quiet_seconds=5, clock=clock)
    for arrival in source.iter_arrivals(""):
        newer = drop("a.csv", b"a newer export", seconds_ago=20)
        arrival.acknowledge()
    assert newer.read_bytes() == b"a newer export"
    assert names(source) == ["a.csv"]


@pytest.mark.parametrize("change", [b"other", b"longer than before"])
def test_a_file_that_is_written_while_it_is_read_is_not_taken(source, drop, change):
    drop("a.csv", b"first")
    for arrival in source.iter_arrivals(""):
        with arrival.open() as stream:
            drop("a.csv", change, seconds_ago=20)
            with pytest.raises(TransientError) as caught:
                stream.read()
    assert caught.value.code == "incident.file.unreadable"


def test_a_file_that_shrinks_while_it_is_read_is_not_taken(source, drop):
    path = drop("a.csv", b"x" * (1 << 21))
    for arrival in source.iter_arrivals(""):
        with arrival.open() as stream:
            path.write_bytes(b"x")
            with pytest.raises(TransientError):
                stream.read()


def test_a_file_that_another_run_took_is_no_fault(source, drop):
    path = drop("a.csv")
    for arrival in source.iter_arrivals(""):
        path.unlink()
        arrival.acknowledge()
        with pytest.raises(TransientError) as caught:
            arrival.open()
    assert caught.value.code == "incident.file.unreadable"
    assert "a.csv" not in str(caught.value)


def test_reading_goes_on_where_it_was_after_a_lost_connection(source, drop, server):
    content = os.urandom(3 << 20)
    drop("a.csv", content)
    for arrival in source.iter_arrivals(""):
        with arrival.open() as stream:
            begin = stream.read(1 << 20)
            server.hang_up()
            assert begin + stream.read() == content
        server.hang_up()
        arrival.acknowledge()


def test_reading_waits_when_the_server_stays_away(source, drop, server):
    drop("a.csv", b"x" * (3 << 20))
    for arrival in source.iter_arrivals(""):
        with arrival.open() as stream:
            stream.read(1)
            server.stop()
            with pytest.raises(TransientError) as caught:
                stream.read()
        break
    assert caught.value.code == "incident.sftp.unreachable"


HOSTILE = ["naïve é.csv", "a b;c.csv", "-rf.csv", "$(id).csv", "%2e%2e.csv", "ligne\nligne.csv", "back\\slash.csv"]


def test_hostile_names_are_data_and_never_lead_elsewhere(source, drop, depot):
    for name in (*HOSTILE, b"latin-\xe9.csv".decode("utf-8", "surrogateescape"), "é" * 120 + ".csv"):
        drop(name)
        drop_again = name
    for arrival in source.iter_arrivals(""):
        arrival.name.encode()
        assert read(arrival) == b"a;b\n"
        arrival.acknowledge()
    assert len(list((depot / "archives").iterdir())) == len(HOSTILE) + 2
    drop(drop_again)
    for arrival in source.iter_arrivals(""):
        arrival.acknowledge()
    assert [path.name for path in depot.iterdir()] == ["archives"]


def test_archives_that_are_a_link_or_a_file_suspend_the_flow(source, drop, depot, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (depot / "archives").symlink_to(tmp_path / "elsewhere")
    path = drop("a.csv")
    for arrival in source.iter_arrivals(""):
        with pytest.raises(FlowError) as caught:
            arrival.acknowledge()
    assert caught.value.code == "incident.folder.unwritable"
    assert path.exists()


def test_an_absent_folder_is_away_and_told_without_its_path(make_access, clock, place):
    absent = SftpFolder(place.session, f"{place.path}/absent")
    for ask in (lambda: names(FolderSource(absent, clock=clock)), lambda: absent.write("a", b"", OWNER)):
        with pytest.raises(TransientError) as caught:
            ask()
        assert caught.value.code == "incident.folder.away"
        assert "absent" not in f"{caught.value.details}"


def test_a_delivery_is_one_file_there_whole_and_nothing_else(place, depot, ready):
    batch = ready({"ref": "a:b:1"})
    for _turn in range(2):  # the same batch again gives the same file
        FolderDestination(place).deliver(batch)
    assert [path.name for path in depot.iterdir()] == [NAME]
    assert json.loads((depot / NAME).read_bytes()) == {"ref": "a:b:1"}
    assert FolderDestination(place).list_parcel_names(batch.flow) == {batch.batch.parcel[:12]}
    assert FolderDestination(place).list_parcel_names("another") == frozenset()


@pytest.mark.parametrize("rights", [OWNER, GROUP])
def test_files_are_for_whom_the_settings_say(place, depot, rights):
    place.write("a", b"x", rights)
    assert (depot / "a").stat().st_mode & 0o777 == rights


def test_the_server_may_decide_who_reads(place, depot):
    place.write("a", b"x", 0)
    assert (depot / "a").stat().st_mode & 0o777 != OWNER


def test_a_link_that_was_planted_under_a_name_is_replaced_and_never_written_through(place, depot, tmp_path):
    victim = tmp_path / "victim"
    victim.write_bytes(b"untouched")
    for name in ("a", ".a.part"):
        (depot / name).symlink_to(victim)
    place.write("a", b"ours", OWNER)
    assert victim.read_bytes() == b"untouched"
    assert not (depot / "a").is_symlink()
    assert (depot / "a").read_bytes() == b"ours"


def test_a_server_that_went_away_makes_the_delivery_wait_and_leaves_no_half_file(place, depot, server):
    def pieces():
        yield b"x" * (2 << 20)
        server.hang_up()
        yield b"y" * (2 << 20)

    with pytest.raises(TransientError) as caught:
        place.write("a", pieces(), OWNER)
    assert caught.value.code == "incident.sftp.unreachable"
    assert not (depot / "a").exists()
    place.write("a", b"whole", OWNER)
    assert {path.name: path.read_bytes() for path in depot.iterdir()} == {"a": b"whole"}


def test_a_server_that_kept_less_than_it_was_sent_makes_the_delivery_wait(place, depot, monkeypatch):
    state = SftpFolder.read_state

    def lose_a_byte(self, name):
        found = state(self, name)
        return found and replace(found, size=found.size - 1)

    monkeypatch.setattr(SftpFolder, "read_state", lose_a_byte)
    with pytest.raises(TransientError) as caught:
        place.write("a", b"whole", OWNER)
    assert caught.value.code == "incident.folder.failing"
    assert not (depot / "a").exists()


def test_a_connection_that_slept_too_long_costs_a_delivery_nothing(place, depot, server):
    place.write("a", b"1", OWNER)
    server.hang_up()
    place.write("b", b"2", OWNER)
    assert sorted(path.name for path in depot.iterdir()) == ["a", "b"]


def test_a_file_in_place_of_the_folder_suspends_the_flow(place, depot):
    (depot / "file").write_bytes(b"")
    with pytest.raises(FlowError) as caught:
        SftpFolder(place.session, f"{place.path}/file").write("a", b"", OWNER)
    assert caught.value.code == "incident.folder.unwritable"


def test_trying_to_write_leaves_nothing_behind(place, depot):
    place.try_write()
    assert list(depot.iterdir()) == []


@pytest.mark.parametrize(("fault", "there"), [("folder.written", False), ("folder.renamed", True)])
def test_after_a_kill_the_file_is_whole_or_absent_and_the_next_run_completes_it(
    place, depot, server, ready, fault, there
):
    program = (
        "import sys, pathlib, polars as pl\n"
        "from passerelle.edges.destinations.folder import FolderDestination\n"
        "from passerelle.edges.places.host_keys import read_host_key\n"
        "from passerelle.edges.places.sftp_folder import SftpFolder\n"
        "from passerelle.edges.places.sftp_session import SftpAccess, SftpSession\n"
        "from passerelle.vocabulary.parcels import BatchKey, Delivery\n"
        "path, port, user, pinned, key = sys.argv[1:]\n"
        "access = SftpAccess('127.0.0.1', int(port), user, (read_host_key(pinned),), pathlib.Path(key).read_text())\n"
        "frame = pl.DataFrame({'ref': ['a:b:1']})\n"
        "ready = Delivery('nuit', 'visit/1', BatchKey('ab' * 32, 0), frame, (b'{\"ref\": \"a:b:1\"}',), ('k',), (1,))\n"
        "FolderDestination(SftpFolder(SftpSession(access), path)).deliver(ready)\n"
    )
    facts = [str(depot), str(server.port), server.user, server.fingerprint, str(server.folder / "key")]
    environment = os.environ | {"PASSERELLE_FAILPOINT": fault}
    ended = subprocess.run([sys.executable, "-c", program, *facts], env=environment, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert (depot / NAME).exists() is there
    FolderDestination(place).deliver(ready({"ref": "a:b:1"}))
    assert [path.name for path in Path(depot).iterdir()] == [NAME]
    assert json.loads((depot / NAME).read_bytes()) == {"ref": "a:b:1"}


def test_without_the_renaming_that_replaces_a_file_is_still_never_half(place, depot, monkeypatch):
    import asyncssh  # noqa: PLC0415  only here

    async def unknown(*_paths: str) -> None:
        raise asyncssh.SFTPOpUnsupported("not here")

    place.check()
    monkeypatch.setattr(asyncssh.SFTPClient, "posix_rename", unknown)
    for content in (b"1", b"22"):
        place.write("a", content, OWNER)
        assert (depot / "a").read_bytes() == content
    assert [path.name for path in depot.iterdir()] == ["a"]


@pytest.mark.parametrize("where", ["here", "there"])
def test_a_file_gets_another_name_and_nobody_s_file_is_lost_by_it(place, depot, where):
    folder = place if where == "there" else LocalFolder(depot)
    (depot / "a").write_bytes(b"1")
    (depot / "b").write_bytes(b"2")
    assert not folder.rename("a", "b", replaces=False)
    assert [(depot / name).read_bytes() for name in ("a", "b")] == [b"1", b"2"]
    assert folder.rename("a", "c", replaces=False)
    assert folder.rename("c", "b", replaces=True)
    assert [(path.name, path.read_bytes()) for path in depot.iterdir()] == [("b", b"1")]


def test_a_name_that_was_given_before_its_answer_was_lost_is_no_fault(place):
    assert place.rename("gone", "b", replaces=False)
    assert place.rename("gone", "b", replaces=True)
