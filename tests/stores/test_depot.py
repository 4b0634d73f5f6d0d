"""The depot: what comes out is what went in, or nothing."""

from __future__ import annotations

import hashlib
import io
import os
import random
import stat
from datetime import UTC, datetime, timedelta

import pytest
from depot_places import FilesInBucket, FilesInFolder, open_objects
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from journeying import count_examples
from s3_store import serve_s3
from tls_servers import make_trusted

from passerelle.stores import depot as depot_module
from passerelle.stores.deposit_place import DepositFolder
from passerelle.stores.depot import CHUNK, Depot
from passerelle.stores.seal import Seal
from passerelle.vocabulary.errors import FatalError, ParcelError

CIPHERED = CHUNK + 16


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with (
        pytest.MonkeyPatch.context() as patch,
        serve_s3(make_trusted(tmp_path_factory.mktemp("tls"), patch, 30)[0]) as s3,
    ):
        yield s3


@pytest.fixture(params=["folder", "objects"])
def files(request, tmp_path):
    """Give what a depot keeps, as whoever runs the place sees it."""
    if request.param == "folder":
        return FilesInFolder(DepositFolder(tmp_path / "depot"))
    store = request.getfixturevalue("store")
    return FilesInBucket(open_objects(store, tmp_path / "brouillons"), store)


@pytest.fixture
def depot(files) -> Depot:
    yield Depot(files.place, Seal(bytes(range(32))))
    files.place.close()


def _bytes(size: int) -> bytes:
    return random.Random(size).randbytes(size)  # noqa: S311  invented content


def _content_start(content: bytes) -> int:
    return depot_module._HEAD + depot_module._LENGTHS.unpack_from(content, depot_module._HEAD - 12)[1]


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 17])
def test_what_comes_out_is_what_went_in(depot, size):
    content = _bytes(size)
    deposit = depot.put(io.BytesIO(content), name="visites de mars.csv")
    assert deposit.digest == hashlib.sha256(content).hexdigest()
    assert deposit.size == size
    with depot.open(deposit.digest) as stream:
        assert stream.read() == content
    assert depot.read_name(deposit.digest) == "visites de mars.csv"


@settings(max_examples=count_examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 3 * CHUNK), st.integers(0, CHUNK + 9)), max_size=6))
def test_any_part_can_be_read_from_anywhere(depot, reads):
    content = _bytes(2 * CHUNK + 100)
    digest = depot.put(io.BytesIO(content), name="x").digest
    with depot.open(digest) as stream:
        for position, size in reads:
            assert stream.seek(position) == position
            assert stream.read(size) == content[position : position + size]
        assert stream.seek(-5, io.SEEK_END) == len(content) - 5
        assert stream.read() == content[-5:]


def test_a_stream_that_gives_little_at_a_time_is_kept_whole(depot):
    class Drip(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(min(size or 0, 1000))

    content = _bytes(CHUNK + 5000)
    with depot.open(depot.put(Drip(content), name="x").digest) as stream:
        assert stream.read() == content


def test_the_same_bytes_are_kept_once(depot, files):
    first = depot.put(io.BytesIO(b"same"), name="first")
    assert depot.put(io.BytesIO(b"same"), name="second") == first
    assert depot.list_digests() == [first.digest]
    assert len(files.read()) == 1
    assert depot.read_name(first.digest) == "first"


def test_the_place_shows_neither_content_nor_name(depot, files):
    digest = depot.put(io.BytesIO(b"Madame Untel " * 1000), name="Suivi Untel.csv").digest
    assert b"Untel" not in files.read()[digest]


def test_the_files_of_a_folder_are_their_owners_alone(tmp_path):
    digest = Depot(tmp_path / "depot", Seal(bytes(range(32)))).put(io.BytesIO(b"x"), name="x").digest
    path = tmp_path / "depot" / digest
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def _damage(files, digest, change) -> None:
    content = bytearray(files.read()[digest])
    files.write(digest, bytes(change(content, _content_start(content))))


DAMAGES = {
    "a chunk cut off": lambda content, start: content[: start + 2 * CIPHERED],
    "the end of a chunk cut off": lambda content, _start: content[:-3],
    "two chunks exchanged": lambda content, start: (
        content[:start]
        + content[start + CIPHERED : start + 2 * CIPHERED]
        + content[start : start + CIPHERED]
        + content[start + 2 * CIPHERED :]
    ),
    "a chunk repeated": lambda content, start: content[: start + CIPHERED] + content[start:],
    "a bit changed": lambda content, start: (
        content[: start + 9] + bytes([content[start + 9] ^ 1]) + content[start + 10 :]
    ),
    "something added": lambda content, _start: content + b"more",
    "the size changed": lambda content, _start: (
        content[: depot_module._HEAD - 12] + (CHUNK).to_bytes(8, "big") + content[depot_module._HEAD - 4 :]
    ),
    "the head cut off": lambda content, _start: content[:30],
    "nothing left": lambda content, _start: content[:0],
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_damage_is_never_read_as_content(depot, files, damage):
    digest = depot.put(io.BytesIO(_bytes(2 * CHUNK + 100)), name="x").digest
    _damage(files, digest, damage)
    with pytest.raises(ParcelError) as caught, depot.open(digest) as stream:
        stream.read()
    assert caught.value.code == "incident.deposit.broken"


def test_a_file_under_another_digest_does_not_open(depot, files):
    first = depot.put(io.BytesIO(b"first"), name="x").digest
    second = depot.put(io.BytesIO(b"other"), name="x").digest
    files.write(second, files.read()[first])
    with pytest.raises(ParcelError) as caught:
        depot.open(second)
    assert caught.value.code == "incident.deposit.broken"


def test_what_is_removed_or_never_came_is_missing(depot):
    digest = depot.put(io.BytesIO(b"x"), name="x").digest
    assert depot.has(digest)
    depot.remove(digest)
    depot.remove(digest)
    assert not depot.has(digest)
    with pytest.raises(ParcelError) as caught:
        depot.open(digest)
    assert caught.value.code == "incident.deposit.missing"


def test_no_digest_becomes_a_path(depot):
    for hostile in ("../key", "/etc/passwd", "", "A" * 64):
        with pytest.raises(ParcelError):
            depot.has(hostile)


def test_a_source_that_fails_leaves_nothing_and_keeps_its_own_error(depot, files):
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        depot.put(Broken(), name="x")
    assert files.read() == {}
    assert list(files.place.drafts.iterdir()) == []


def test_a_full_disk_is_said_without_a_path(depot, monkeypatch):
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device", "/secret/place")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FatalError) as caught:
        depot.put(io.BytesIO(b"x"), name="x")
    assert caught.value.code == "incident.disk.full"
    assert "/secret/place" not in str(caught.value)


def test_drafts_of_dead_processes_are_swept_after_a_day(depot, files):
    (files.place.drafts / "0123.draft").write_bytes(b"half")
    now = datetime.now(UTC)
    assert depot.sweep(now) == 0
    assert depot.sweep(now + timedelta(days=2)) == 1
    assert list(files.place.drafts.iterdir()) == []


@pytest.mark.parametrize("place", [3, 60, -3])
def test_the_same_bytes_again_heal_a_deposit_that_does_not_open(depot, files, place):
    content = b"a;b\n" * 500_000
    digest = depot.put(io.BytesIO(content), name="export.csv").digest
    damaged = bytearray(files.read()[digest])
    damaged[place] ^= 1
    files.write(digest, bytes(damaged))
    assert not depot.is_sound(digest)
    assert depot.put(io.BytesIO(content), name="encore.csv").digest == digest
    with depot.open(digest) as stream:
        assert stream.read() == content


def test_a_deposit_that_opens_keeps_the_name_it_first_came_with(depot):
    digest = depot.put(io.BytesIO(b"x"), name="premier.csv").digest
    depot.put(io.BytesIO(b"x"), name="second.csv")
    assert depot.is_sound(digest)
    assert depot.read_name(digest) == "premier.csv"


def test_a_deposit_that_lost_its_end_is_told_before_anything_is_read(depot, files):
    digest = depot.put(io.BytesIO(_bytes(2 * CHUNK + 100)), name="x").digest
    _damage(files, digest, DAMAGES["the end of a chunk cut off"])
    with pytest.raises(ParcelError):
        depot.open(digest)


def test_nobody_goes_before_the_first_byte(depot):
    digest = depot.put(io.BytesIO(b"content"), name="x").digest
    with depot.open(digest) as stream:
        with pytest.raises(ValueError, match="negative"):
            stream.seek(-1)
        assert stream.read() == b"content"
