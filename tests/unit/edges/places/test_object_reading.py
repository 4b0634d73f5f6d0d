"""What is read of an object by ranges is what the object holds, wherever reading begins and however it goes on."""

from __future__ import annotations

import io
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples

from passerelle.edges.places import object_reading
from passerelle.edges.places.object_reading import ObjectFile
from passerelle.vocabulary.errors import TransientError
from passerelle.vocabulary.ports import Reply

CONTENT = random.Random(1).randbytes(10_000)  # noqa: S311  invented content


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    monkeypatch.setattr(object_reading, "FIRST", 700)
    monkeypatch.setattr(object_reading, "WINDOW", 1_300)


def _read_range(start: int, size: int, tag: str) -> Reply:
    assert tag in ("", "un")
    piece = CONTENT[start : start + size]
    return Reply(206, {"etag": "un", "content-range": f"bytes {start}-{start + len(piece) - 1}/{len(CONTENT)}"}, piece)


@settings(max_examples=count_examples(90), deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10_500), st.integers(-1, 4_000)), max_size=8))
def test_an_object_reads_as_a_file_of_the_same_bytes(reads):
    file, like = ObjectFile.begin(_read_range, ()), io.BytesIO(CONTENT)
    for position, size in reads:
        assert file.seek(position) == like.seek(position)
        assert file.read(size) == like.read(size)
        assert file.tell() == like.tell()


@pytest.mark.parametrize("status", [404, 412])
def test_an_object_that_is_another_by_now_ends_the_reading(status):
    file = ObjectFile.begin(_read_range, ())
    file._read_range = lambda *_asked: Reply(status, {}, b"")
    assert file.read(600) == CONTENT[:600]
    with pytest.raises(TransientError):
        file.read()
