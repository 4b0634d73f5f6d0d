"""Folders of other machines, on real servers of each kind: taken from and written into as a folder of this one."""

from __future__ import annotations

import json
import os
from typing import Annotated

import pytest
from pydantic import Field, TypeAdapter
from remote_depots import KINDS, WORD, WRONG, run_depot
from tls_servers import make_trusted

from passerelle.edges.destinations.folder import FolderDestination
from passerelle.edges.sources.folder import FolderSource
from passerelle.engine.adapters.file_places import open_remote_place
from passerelle.engine.settings.workspace_settings import Source
from passerelle.vocabulary.errors import FlowError, TransientError
from passerelle.vocabulary.safe_files import OWNER

NAME = "nuit-visit-1-abababababab-00000.ndjson"
HOSTILE = ["naïve é.csv", "a b c.csv", "-rf.csv", "$(id).csv", "%2e%2e.csv", "a+b&c=d.csv", "<b>.csv"]
PARTS_OF_ADDRESSES = ["a;b.csv", "a?b=c.csv", "a#b.csv"]
"""What a server could take for other parts of an address; wsgidav does where it reads the new name of a file."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        yield make_trusted(tmp_path_factory.mktemp("tls"), patch, 30)[0]


@pytest.fixture(scope="module", params=list(KINDS))
def running(request, tmp_path_factory, certificate):
    with run_depot(request.param, tmp_path_factory.mktemp("depot"), certificate) as depot:
        yield depot


@pytest.fixture
def depot(running, certificate, monkeypatch, request):
    """The server, up again after tests that stop it, and a folder of its own for each test."""
    for name, value in WORD.items():
        monkeypatch.setenv(name, value)
    if running._running is None:
        running.start()
    # names of folders are those of the tests, in few letters
    running.folder = f"n{abs(hash(request.node.name))}"
    running.make_folder(running.folder)
    return running


def open_at(depot, folder=None, **changes):
    facts = {"kind": depot.kind, **depot.settings(folder or depot.folder), **changes}
    return open_remote_place(TypeAdapter(Annotated[Source, Field()]).validate_python(facts))


@pytest.fixture
def place(depot):
    found = open_at(depot)
    yield found
    found.close()


@pytest.fixture
def drop(depot, clock):
    def dropped(name: str, content: bytes = b"a;b\n", *, seconds_ago: float = 60):
        depot.drop(depot.folder, name, content, clock.now().timestamp() - seconds_ago)

    return dropped


@pytest.fixture
def source(place, clock):
    return FolderSource(place, "*.csv", quiet_seconds=5, clock=clock)


def names(source) -> list[str]:
    return [arrival.name for arrival in source.iter_arrivals("")]


def read(arrival) -> bytes:
    with arrival.open() as stream:
        return stream.read()


def test_what_is_wanted_arrives_and_what_is_in_work_is_left_alone(source, drop, depot):
    for name in ("b.csv", "A.CSV", ".a.csv", "a.csv.part", "a.csv.filepart", "other.txt"):
        drop(name)
    depot.make_folder(f"{depot.folder}/folder.csv")
    assert sorted(names(source)) == ["A.CSV", "b.csv"]


def test_what_arrives_is_read_to_the_last_byte(source, drop):
    content = os.urandom(3 * (1 << 20) + 17)
    drop("a.csv", content)
    drop("empty.csv", b"")
    found = {arrival.name: (read(arrival), read(arrival)) for arrival in source.iter_arrivals("")}
    assert found == {"a.csv": (content, content), "empty.csv": (b"", b"")}


def test_a_registered_file_goes_to_the_archives_beside_its_namesakes(source, drop, depot):
    for content in (b"1", b"22", b"333"):
        drop("a.csv", content)
        for arrival in source.iter_arrivals(""):
            arrival.acknowledge()
    assert depot.read(f"{depot.folder}/archives") == {"a.csv": b"1", "a-2.csv": b"22", "a-3.csv": b"333"}
    assert names(source) == []


@pytest.mark.parametrize(("after", "stays"), [("keep", True), ("delete", False)])
def test_files_may_be_kept_in_place_or_deleted(place, clock, drop, depot, after, stays):
    drop("a.csv")
    for arrival in FolderSource(place, after=after, quiet_seconds=5, clock=clock).iter_arrivals(""):
        arrival.acknowledge()
    assert ("a.csv" in depot.read(depot.folder)) is stays


@pytest.mark.parametrize("after", ["archive", "delete"])
def test_a_file_that_was_replaced_meanwhile_stays_and_comes_again(place, clock, drop, depot, after):
    drop("a.csv", b"old")
    source = FolderSource(place, after=after, quiet_seconds=5, clock=clock)
    for arrival in source.iter_arrivals(""):
        drop("a.csv", b"a newer export", seconds_ago=20)
        arrival.acknowledge()
    assert depot.read(depot.folder)["a.csv"] == b"a newer export"
    assert names(source) == ["a.csv"]


def test_a_file_that_is_written_while_it_is_read_is_not_taken(source, drop):
    drop("a.csv", b"first")
    for arrival in source.iter_arrivals(""):
        with arrival.open() as stream:
            drop("a.csv", b"longer than before", seconds_ago=20)
            with pytest.raises(TransientError) as caught:
                stream.read()
    assert caught.value.code == "incident.file.unreadable"


def test_a_file_that_another_run_took_is_no_fault(source, drop, depot):
    drop("a.csv")
    for arrival in source.iter_arrivals(""):
        depot.remove(depot.folder, "a.csv")
        arrival.acknowledge()
        with pytest.raises(TransientError) as caught:
            arrival.open()
    assert caught.value.code == "incident.file.unreadable"
    assert "a.csv" not in str(caught.value)


def test_reading_goes_on_where_it_was_when_the_server_comes_back_in_time(source, drop, depot):
    content = os.urandom(12 << 20)
    drop("a.csv", content)
    for arrival in source.iter_arrivals(""):
        with arrival.open() as stream:
            begin = stream.read(1 << 20)
            depot.stop()
            depot.start()
            assert begin + stream.read() == content
        break


def test_reading_waits_when_the_server_stays_away(source, drop, depot):
    drop("a.csv", b"x" * (24 << 20))
    for arrival in source.iter_arrivals(""):
        with arrival.open() as stream:
            stream.read(1)
            depot.stop()
            with pytest.raises(TransientError) as caught:
                stream.read()
        break
    assert caught.value.code == "incident.place.unreachable"


def test_hostile_names_are_data_and_never_lead_elsewhere(source, drop, depot):
    long = "é" * 100 + ".csv"
    for name in (*HOSTILE, long):
        drop(name)
    for arrival in source.iter_arrivals(""):
        assert read(arrival) == b"a;b\n"
        arrival.acknowledge()
    assert sorted(depot.read(f"{depot.folder}/archives")) == sorted([*HOSTILE, long])
    drop(long, b"others")
    for arrival in source.iter_arrivals(""):
        arrival.acknowledge()
    assert depot.read(depot.folder) == {}
    assert len(depot.read(f"{depot.folder}/archives")) == len(HOSTILE) + 2


def test_names_like_other_parts_of_an_address_are_read_and_deleted(place, clock, drop, depot):
    for name in PARTS_OF_ADDRESSES:
        drop(name, name.encode())
    for arrival in FolderSource(place, "*.csv", after="delete", quiet_seconds=5, clock=clock).iter_arrivals(""):
        assert read(arrival) == arrival.name.encode()
        arrival.acknowledge()
    assert depot.read(depot.folder) == {}


def test_an_absent_folder_is_away_and_told_without_its_path(depot, clock):
    absent = open_at(depot, depot.absent)
    for ask in (lambda: names(FolderSource(absent, clock=clock)), lambda: absent.write("a", b"", OWNER)):
        with pytest.raises(TransientError) as caught:
            ask()
        assert caught.value.code == "incident.folder.away"
        assert "absent" not in f"{caught.value.details}"
    absent.close()


def test_a_delivery_is_one_file_there_whole_and_nothing_else(place, depot, ready):
    batch = ready({"ref": "a:b:1"})
    for _turn in range(2):  # the same batch again gives the same file
        FolderDestination(place).deliver(batch)
    assert list(depot.read(depot.folder)) == [NAME]
    assert json.loads(depot.read(depot.folder)[NAME]) == {"ref": "a:b:1"}
    assert FolderDestination(place).list_parcel_names(batch.flow) == {batch.batch.parcel[:12]}
    assert FolderDestination(place).list_parcel_names("another") == frozenset()


@pytest.mark.parametrize("size", [0, 5, 3 << 20, 18 << 20])
def test_what_is_made_while_it_is_sent_is_there_whole(place, depot, size):
    content = os.urandom(size)
    place.write("a", iter([content[: size // 3], content[size // 3 :]]), OWNER)
    assert depot.read(depot.folder) == {"a": content}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the test server drops its own file
def test_a_server_that_went_away_makes_the_delivery_wait_and_leaves_no_half_file(place, depot):
    def pieces():
        yield b"x" * (12 << 20)
        depot.stop()
        yield b"y" * (24 << 20)

    with pytest.raises(TransientError) as caught:
        place.write("a", pieces(), OWNER)
    assert caught.value.code == "incident.place.unreachable"
    depot.start()
    assert "a" not in depot.read(depot.folder)
    place.write("a", b"whole", OWNER)
    assert depot.read(depot.folder) == {"a": b"whole"}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the same file, collected later
def test_a_connection_that_slept_too_long_costs_a_delivery_nothing(place, depot):
    place.write("a", b"1", OWNER)
    depot.stop()
    depot.start()
    place.write("b", b"2", OWNER)
    assert sorted(depot.read(depot.folder)) == ["a", "b"]


def test_trying_to_write_leaves_nothing_behind(place, depot):
    place.try_write()
    assert depot.read(depot.folder) == {}


def test_a_file_gets_another_name_and_nobody_s_file_is_lost_by_it(place, depot, drop):
    drop("a", b"1")
    drop("b", b"2")
    assert not place.rename("a", "b", replaces=False)
    assert depot.read(depot.folder) == {"a": b"1", "b": b"2"}
    assert place.rename("a", "c", replaces=False)
    assert place.rename("c", "b", replaces=True)
    assert depot.read(depot.folder) == {"b": b"1"}


def test_a_name_that_was_given_before_its_answer_was_lost_is_no_fault(place):
    assert place.rename("gone", "b", replaces=False)
    assert place.rename("gone", "b", replaces=True)


def test_a_wrong_password_suspends_the_flow_and_shows_nothing(depot, monkeypatch, clock, caplog):
    for name, value in WRONG.items():
        monkeypatch.setenv(name, value)
    place = open_at(depot)
    for ask in (lambda: names(FolderSource(place, clock=clock)), lambda: place.write("a", b"", OWNER)):
        with pytest.raises(FlowError) as caught:
            ask()
        assert caught.value.code == "incident.credentials.refused"
    assert "faux" not in f"{caught.value!r} {place!r} {caplog.text}"
    assert caught.value.__cause__ is None
    place.close()


def test_a_server_that_is_away_is_waited_for(depot, clock):
    depot.stop()
    with pytest.raises(TransientError) as caught:
        names(FolderSource(open_at(depot), clock=clock))
    assert caught.value.code == "incident.place.unreachable"


def test_a_certificate_that_nobody_vouches_for_suspends_the_flow_before_anything_is_said(depot, monkeypatch, clock):
    with monkeypatch.context() as patch:
        make_trusted(depot.root.parent / f"other-{depot.kind}", patch, 30)
        with pytest.raises(FlowError) as caught:
            names(FolderSource(open_at(depot), clock=clock))
    assert caught.value.code == "incident.supplier.untrusted"
    from passerelle.edges.http import network  # noqa: PLC0415  trust as before

    network._make_tls_context.cache_clear()


@pytest.mark.parametrize("host", ["169.254.169.254", "10.1.2.3", "[fd00:ec2::254]"])
def test_addresses_of_networks_that_the_settings_do_not_allow_are_never_connected_to(depot, clock, host):
    facts = {
        name: value.replace("127.0.0.1", host) if name == "base_url" else host.strip("[]") if name == "host" else value
        for name, value in depot.settings(depot.folder).items()
    }
    with pytest.raises(FlowError) as caught:
        names(FolderSource(open_at(depot, **facts), clock=clock))
    assert caught.value.code == "incident.address.private"
