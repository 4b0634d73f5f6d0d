"""A sealed file gives back what went in, from anywhere, and nothing else."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples

from passerelle.switching.exit_pack.sealed_file import CHUNK, SealedReader, SealingWriter, is_sealed
from passerelle.vocabulary.errors import UsageError

KEY = bytes(range(32))


def _sealed(content: bytes, *pieces: int) -> io.BytesIO:
    target = io.BytesIO()
    sealing, start = SealingWriter(target, KEY), 0
    for size in (*pieces, len(content)):
        sealing.write(content[start : start + size])
        start += size
    sealing.close()
    return target


@settings(max_examples=count_examples(40), deadline=None)
@given(st.binary(max_size=300), st.lists(st.integers(0, 90), max_size=4), st.integers(0, 300), st.integers(0, 300))
def test_what_went_in_comes_out_however_it_was_written_and_wherever_one_reads(content, pieces, start, size):
    opened = io.BufferedReader(SealedReader(_sealed(content, *pieces), KEY))
    assert opened.read() == content
    opened.seek(start)
    assert opened.read(size) == content[start : start + size]


@settings(max_examples=count_examples(40), deadline=None)
@given(st.binary(min_size=1, max_size=60), st.integers(0, 10_000), st.integers(0, 7))
def test_whatever_bit_is_flipped_it_does_not_open(content, place, bit):
    sealed = bytearray(_sealed(content).getvalue())
    sealed[place % len(sealed)] ^= 1 << bit
    with pytest.raises(UsageError):
        SealedReader(io.BytesIO(bytes(sealed)), KEY).read()


@pytest.mark.parametrize("size", [CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK])
def test_chunks_meet_without_a_gap(size):
    content = bytes(size % 251 for size in range(size))
    opened = io.BufferedReader(SealedReader(_sealed(content, 1000), KEY))
    assert opened.read() == content


def test_a_chunk_that_was_cut_off_is_missed():
    sealed = _sealed(bytes(2 * CHUNK + 5)).getvalue()
    for cut in (5 + 16, CHUNK + 16 + 5 + 16):
        with pytest.raises(UsageError):
            io.BufferedReader(SealedReader(io.BytesIO(sealed[:-cut]), KEY)).read()


def test_a_head_that_asks_for_a_gigabyte_of_work_is_refused():
    target = io.BytesIO()
    SealingWriter.from_passphrase(target, "trois mots").close()
    sealed = bytearray(target.getvalue())
    assert is_sealed(io.BytesIO(bytes(sealed)))
    sealed[24] = 30
    with pytest.raises(UsageError):
        SealedReader.from_passphrase(io.BytesIO(bytes(sealed)), "trois mots")
