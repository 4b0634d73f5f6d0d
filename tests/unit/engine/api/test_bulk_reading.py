"""Everything as one stream: complete with its last line alone, in flat memory, and going on from where it was."""

from __future__ import annotations

import gzip
import json
import tracemalloc
import zlib

import httpx
import pytest
from live_api_room import make_visit, open_api
from token_terms import act

from passerelle.contracts.field_meta import Purpose
from passerelle.engine.api import bulk_reading
from passerelle.engine.api.bulk_reading import BulkReading
from passerelle.engine.api.record_pages import RecordPages

BULK = "/v1/$bulk"


@pytest.fixture
def room(tmp_path):
    with open_api(tmp_path) as opened:
        yield opened


def read(client: httpx.Client, **query: str) -> tuple[list[dict], dict]:
    answer = client.get(BULK, params=query).raise_for_status()
    assert answer.headers["content-type"] == "application/x-ndjson"
    first, *lines, last = map(json.loads, answer.text.splitlines())
    assert set(first) == {"schema"}
    return lines, last


def test_a_stream_brings_all_contracts_of_the_token_and_then_what_changed(room, monkeypatch):
    monkeypatch.setattr(bulk_reading, "_AT_ONCE", 2)
    for number in range(5):
        room.shelf.put_record("visit/1", make_visit(number))
    room.shelf.put_record("organisation/1", {"ref": "atelier:organisation:O1", "name": "Saad"})
    with room.ask("visit/1", "organisation/1", may_bulk=True) as client:
        lines, last = read(client)
        assert last["counts"] == {"visit/1": 5, "organisation/1": 1}
        assert [line["contract"] for line in lines] == ["visit/1"] * 5 + ["organisation/1"]
        assert all("record" in line for line in lines)
        room.shelf.remove("visit/1", "atelier:visit:V3")
        room.shelf.put_record("visit/1", make_visit(9))
        changes, later = read(client, since=last["cursor"])
        assert sorted("removed" in line for line in changes) == [False, True]
        assert later["counts"] == {"visit/1": 2, "organisation/1": 0}
        assert read(client, since=later["cursor"])[0] == []
        assert read(client, contracts="organisation/1")[1]["counts"] == {"organisation/1": 1}


def test_it_is_packed_for_whoever_takes_it_so(room):
    room.shelf.put_record("visit/1", make_visit(1))
    token = room.make_token(may_bulk=True)
    headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "gzip"}
    with httpx.stream("GET", room.url + BULK, headers=headers) as answer:
        packed = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert len(gzip.decompress(packed).splitlines()) == 3
    plain = httpx.get(room.url + BULK, headers={**headers, "Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == zlib.decompress(packed, 31)


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"contracts": "person/1"}, 404, "api.contract.unknown"),
        ({"contracts": "visit/1,nothing/9"}, 404, "api.contract.unknown"),
        ({"since": "abc"}, 400, "api.cursor.unreadable"),
        ({"limit": "3"}, 400, "api.query.unknown"),
    ],
)
def test_what_cannot_be_streamed_is_refused_before_it_begins(room, query, status, code):
    room.shelf.put_record("visit/1", make_visit(1))
    with room.ask(may_bulk=True) as client:
        answer = client.get(BULK, params=query)
        assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_token_without_the_right_reads_no_stream(room):
    room.shelf.put_record("visit/1", make_visit(1))
    with room.ask() as client:
        assert client.get(BULK).json()["code"] == "api.operation.refused"
        assert "/$bulk" not in client.get("/v1/openapi.json").json()["paths"]
    with room.ask(may_bulk=True) as client:
        assert "/$bulk" in client.get("/v1/openapi.json").json()["paths"]


def open_stream(room, **about) -> BulkReading:
    token = room.workspace.api.find_token(room.make_token(may_bulk=True, **about))
    purpose = Purpose(token.terms.purposes[0])
    return BulkReading.open(room.workspace, RecordPages(room.shelf), token, purpose, named="", since="")


def test_a_token_that_ends_under_way_or_a_shelf_that_does_not_open_ends_the_stream_without_its_last_line(
    room, monkeypatch
):
    monkeypatch.setattr(bulk_reading, "_AT_ONCE", 64)
    for number in range(200):
        room.shelf.put_record("visit/1", make_visit(number))
    stream = open_stream(room)
    lines = stream.iter_lines()
    next(lines), next(lines)
    assert room.workspace.api.end_token(stream.token.id, act("token.end", room.workspace.clock.now()))
    assert list(lines) == []
    room.shelf.put("visit/1", "atelier:visit:V150", b"{}")  # no record: it has no reference
    assert "cursor" not in json.loads("".join(open_stream(room).iter_lines()).splitlines()[-1])


def test_persons_are_noted_before_their_lines_go_out(room):
    room.shelf.put_record("visit/1", make_visit(1))
    lines = open_stream(room).iter_lines()
    next(lines)
    assert room.workspace.api.list_readings(["atelier:person:P1"]) == ()
    next(lines)
    assert len(room.workspace.api.list_readings(["atelier:person:P1"])) == 1


def test_whoever_refused_is_not_in_the_stream_and_whom_a_line_names_is_noted_as_often(room):
    for number in range(3):
        room.shelf.put_record("visit/1", make_visit(number, person_ref=f"atelier:person:P{number % 2}"))
    room.workspace.consents.record("atelier:person:P1", "planning", False, room.workspace.clock.now())
    with room.ask(may_bulk=True) as client:
        lines, last = read(client)
    assert (len(lines), last["counts"]) == (2, {"visit/1": 2})
    assert "P0" not in str(lines)
    assert [one.records for one in room.workspace.api.list_readings(["atelier:person:P0"])] == [2]
    assert room.workspace.api.list_readings(["atelier:person:P1"]) == ()


def test_memory_does_not_grow_with_the_stream(room, monkeypatch):
    monkeypatch.setattr(bulk_reading, "_AT_ONCE", 100)
    for number in range(700):
        room.shelf.put_record("visit/1", make_visit(number))

    def measure(stream) -> int:
        tracemalloc.start()
        for text in stream.iter_lines():
            assert text is not None
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    # for portability, because references that were served lately are remembered, up to a bound
    measure(open_stream(room, purposes=("portability",)))
    few = measure(open_stream(room, purposes=("portability",)))
    for number in range(700, 2_100):
        room.shelf.put_record("visit/1", make_visit(number))
    # the shelf of the test sorts itself anew for each look; what is served is in memory 100 records at a time
    assert measure(open_stream(room, purposes=("portability",))) < few + 300_000


def test_a_stream_after_a_cursor_behind_what_was_forgotten_is_refused_before_it_begins(room):
    for number in (1, 2):
        room.shelf.put_record("visit/1", make_visit(number))
    with room.ask(may_bulk=True) as client:
        cursor = read(client)[1]["cursor"]
        room.shelf.put_record("visit/1", make_visit(3))
        room.shelf.remove("visit/1", "atelier:visit:V1")
        room.shelf.forget("visit/1")
        answer = client.get(BULK, params={"since": cursor})
        assert (answer.status_code, answer.json()["code"]) == (410, "api.cursor.expired")
        assert read(client)[1]["counts"] == {"visit/1": 2}


@pytest.mark.parametrize("purpose", ["planning", "portability"])
def test_a_piece_of_a_shelf_of_which_nothing_is_left_brings_no_line(room, monkeypatch, purpose):
    monkeypatch.setattr(bulk_reading, "_AT_ONCE", 2)
    for number in range(6):
        room.shelf.put_record("visit/1", make_visit(number))
    for number in (2, 3):
        room.shelf.remove("visit/1", f"atelier:visit:V{number}")
    for number in (4, 5):
        room.workspace.consents.record(f"atelier:person:P{number}", purpose, False, room.workspace.clock.now())
    with room.ask(may_bulk=True, purposes=(purpose,)) as client:
        lines, last = read(client)
    assert (len(lines), last["counts"]) == (2, {"visit/1": 2})
    assert all(line["record"]["person_ref"] for line in lines)
