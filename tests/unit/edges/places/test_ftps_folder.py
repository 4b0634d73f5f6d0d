"""What an FTP server may answer or not know, and what is made of it; nothing is said before it is encrypted."""

from __future__ import annotations

import pytest
from ftps_server import PASSWORD, USER, serve_ftps
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples
from tls_servers import make_trusted

from passerelle.edges.places.file_place import FileState
from passerelle.edges.places.ftps_folder import FtpsFolder, _parse_facts
from passerelle.edges.places.ftps_session import FtpsAccess, FtpsSession
from passerelle.edges.sources.folder import FolderSource
from passerelle.vocabulary.errors import FlowError, PasserelleError, TransientError
from passerelle.vocabulary.safe_files import OWNER

LOOKS = {
    ("AUTH", "502 no TLS"): FlowError("incident.place.incompatible"),
    ("AUTH", "534 no TLS"): FlowError("incident.place.incompatible"),
    ("USER", "530 who"): FlowError("incident.credentials.refused"),
    ("PASS", "421 full"): TransientError("incident.place.unreachable"),
    ("PROT", "536 no"): FlowError("incident.place.incompatible"),
    ("CWD", "550 nothing there"): TransientError("incident.folder.away"),
    ("MLSD", "550 forbidden"): FlowError("incident.folder.unreadable"),
    ("MLSD", "451 ill"): TransientError("incident.folder.failing"),
}
WRITES = {
    ("STOR", "550 forbidden"): FlowError("incident.folder.unwritable"),
    ("STOR", "553 forbidden"): FlowError("incident.folder.unwritable"),
    ("STOR", "452 full"): TransientError("incident.folder.full"),
    ("STOR", "552 full"): TransientError("incident.folder.full"),
    ("RNTO", "450 busy"): TransientError("incident.folder.failing"),
    ("RNTO", "553 forbidden"): FlowError("incident.folder.unwritable"),
    ("RNFR", "502 not here"): FlowError("incident.place.incompatible"),
}


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    certificates, folder = tmp_path_factory.mktemp("tls"), tmp_path_factory.mktemp("depot")
    with pytest.MonkeyPatch.context() as patch:
        certificate = make_trusted(certificates, patch, 30)[0]
        with serve_ftps(folder, certificate) as server:
            yield server, folder


@pytest.fixture
def server(running):
    running[0].unknown.clear()
    running[0].instead.clear()
    running[0].heard.clear()
    return running[0]


@pytest.fixture
def depot(running, tmp_path):
    folder = running[1] / tmp_path.name
    folder.mkdir()
    return folder


@pytest.fixture
def place(server, depot):
    access = FtpsAccess("127.0.0.1", server.port, USER, PASSWORD, f"/{depot.name}")
    assert PASSWORD not in repr(access)
    found = FtpsFolder(FtpsSession(access))
    yield found
    found.close()


def names(place, clock):
    return [arrival.name for arrival in FolderSource(place, clock=clock).iter_arrivals("")]


@pytest.mark.parametrize("refusal", LOOKS)
def test_a_look_that_is_refused_is_told_by_its_code(server, place, clock, refusal):
    server.instead = dict([refusal])
    with pytest.raises(PasserelleError) as caught:
        names(place, clock)
    assert (type(caught.value), caught.value.code) == (type(LOOKS[refusal]), LOOKS[refusal].code)


@pytest.mark.parametrize("refusal", WRITES)
def test_a_write_that_is_refused_is_told_by_its_code_and_leaves_no_file_of_its_name(server, place, depot, refusal):
    server.instead = dict([refusal])
    with pytest.raises(PasserelleError) as caught:
        place.write("a", b"x", OWNER)
    assert (type(caught.value), caught.value.code) == (type(WRITES[refusal]), WRITES[refusal].code)
    assert not (depot / "a").exists()
    server.instead.clear()
    place.write("a", b"x", OWNER)
    assert [path.name for path in depot.iterdir()] == ["a"]


def test_who_we_are_and_what_we_ask_is_said_only_once_it_is_encrypted(server, place, clock):
    names(place, clock)
    clear = {said.split()[0] for said in server.heard if said.endswith("clear")}
    assert clear == {"AUTH"}
    assert {"USER TLS", "PASS TLS", "PROT TLS"} <= set(server.heard)


def test_a_server_that_lists_names_alone_is_asked_for_each(server, place, depot, clock):
    server.unknown = {"MLSD", "MLST"}
    (depot / "folder").mkdir()
    for name in ("a b.csv", "é.csv"):
        (depot / name).write_bytes(b"a;b\n")
    found = {}
    for arrival in FolderSource(place, "*", quiet_seconds=5, clock=clock).iter_arrivals(""):
        with arrival.open() as stream:
            found[arrival.name] = stream.read()
        arrival.acknowledge()
    assert found == dict.fromkeys(("a b.csv", "é.csv"), b"a;b\n")
    assert sorted(path.name for path in (depot / "archives").iterdir()) == ["a b.csv", "é.csv"]
    place.write("c", b"x", OWNER)
    assert (depot / "c").read_bytes() == b"x"


def test_an_empty_folder_that_a_server_calls_absent_is_empty(server, place, clock):
    server.unknown = {"MLSD"}
    server.instead = {"NLST": "550 No files found."}
    assert names(place, clock) == []


def test_a_server_that_replaces_no_file_by_a_rename_is_helped_and_a_file_is_still_never_half(server, place, depot):
    place.write("a", b"1", OWNER)
    answers = iter(["553 there already"])

    class Once(dict):
        def __contains__(self, command):
            return command == "RNTO" and bool(self.pending)

        def __getitem__(self, _command):
            return self.pending.pop()

    server.instead = Once()
    server.instead.pending = list(answers)
    place.write("a", b"22", OWNER)
    assert {path.name: path.read_bytes() for path in depot.iterdir()} == {"a": b"22"}


def test_a_name_of_two_lines_is_never_sent(server, place):
    server.heard.clear()
    with pytest.raises(FlowError) as caught:
        place.write("a\r\nDELE b", b"x", OWNER)
    assert caught.value.code == "incident.folder.unwritable"
    assert not any(said.startswith("DELE") for said in server.heard)


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("type=file;size=3;modify=20260302080000;", FileState(1_772_438_400 * 10**9, 3)),
        ("Size=3;Modify=20260302080000.123;Type=File;", FileState(1_772_438_400 * 10**9, 3)),
        ("type=file;", FileState(0, 0)),
        ("type=dir;modify=20260302080000;", None),
        ("type=OS.unix=slink:/etc;size=3;", None),
        ("", None),
    ],
)
def test_facts_are_read_as_the_standard_writes_them(text, state):
    assert _parse_facts(text) == state


@settings(max_examples=count_examples(100))
@given(st.text(max_size=60))
def test_whatever_facts_a_server_writes_are_read_or_left_alone(text):
    assert _parse_facts(text) is None or _parse_facts(text).size >= 0
