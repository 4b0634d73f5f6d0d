"""The mark beside a database file: whole or not there, gone before anything is written, and no damage escapes it."""

from __future__ import annotations

import os
import stat
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.stores import file_mark
from passerelle.stores.file_mark import compute_crc, drop_mark, read_mark, write_mark
from passerelle.vocabulary.errors import FatalError


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "journal.sqlite3"
    file.write_bytes(b"pages" * 1000)
    return file


def test_a_mark_is_what_the_file_was_when_it_was_closed(path):
    assert read_mark(path) == ""
    write_mark(path)
    assert read_mark(path) == compute_crc(path)
    path.write_bytes(b"other")
    assert read_mark(path) != compute_crc(path)


def test_a_mark_is_for_this_account_alone_and_no_draft_stays(path):
    write_mark(path)
    (mark,) = [file for file in path.parent.iterdir() if file != path]
    assert mark.name == "journal.sqlite3-mark"
    assert os.name != "posix" or stat.S_IMODE(mark.stat().st_mode) == 0o600


def test_dropping_a_mark_that_is_not_there_is_nothing(path):
    drop_mark(path)
    write_mark(path)
    drop_mark(path)
    assert read_mark(path) == ""
    drop_mark(path)


def test_a_mark_that_was_never_finished_leaves_the_one_before(path, monkeypatch):
    write_mark(path)
    before = read_mark(path)
    path.write_bytes(b"changed")
    monkeypatch.setattr(os, "fsync", lambda _descriptor: (_ for _ in ()).throw(OSError(28, "full")))
    with pytest.raises(FatalError) as refused:
        write_mark(path)
    assert refused.value.code == "incident.disk.full"
    assert read_mark(path) == before


def test_what_stands_in_a_mark_may_be_anything_and_is_not_believed(path):
    (path.parent / "journal.sqlite3-mark").write_bytes(b"\xff\xfe\n")
    assert read_mark(path) not in {"", compute_crc(path)}


def test_a_file_that_is_gone_is_told_without_its_path(path):
    path.unlink()
    with pytest.raises(FatalError) as refused:
        compute_crc(path)
    assert refused.value.code == "incident.disk.failed"
    assert str(path) not in repr(refused.value)


@given(st.binary(min_size=1, max_size=200), st.data())
def test_no_flipped_bit_and_no_lost_end_keeps_the_checksum(tmp_path_factory, content, data):
    file = tmp_path_factory.mktemp("crc") / "f"
    file.write_bytes(content)
    before = compute_crc(file)
    bit = data.draw(st.integers(0, len(content) * 8 - 1))
    flipped = bytearray(content)
    flipped[bit // 8] ^= 1 << bit % 8
    file.write_bytes(flipped)
    assert compute_crc(file) != before
    file.write_bytes(content[:-1])
    assert compute_crc(file) != before


def test_the_checksum_does_not_depend_on_how_the_file_is_read(path, monkeypatch):
    whole = f"{path.stat().st_size}:{zlib.crc32(path.read_bytes()):08x}"
    monkeypatch.setattr(file_mark, "_PIECE", 7)
    assert compute_crc(path) == whole
