"""Chunks are cut so that every stream has a last one, and each is bound to where it stands."""

from __future__ import annotations

import io

import pytest

from passerelle.stores.deposit_content import CHUNK, bind_chunk, iter_chunks, make_nonce


@pytest.mark.parametrize("size", [0, 1, CHUNK, CHUNK + 1, 2 * CHUNK])
def test_chunks_joined_are_the_stream_and_only_the_last_says_so(size):
    content = b"x" * size
    chunks = list(iter_chunks(io.BytesIO(content)))
    assert b"".join(chunk for _index, chunk, _last in chunks) == content
    assert [index for index, _chunk, _last in chunks] == list(range(len(chunks)))
    assert [last for _index, _chunk, last in chunks] == [False] * (len(chunks) - 1) + [True]


def test_no_two_chunks_have_the_same_nonce_or_are_bound_alike():
    assert len({make_nonce(index) for index in range(300)}) == 300
    assert len({bind_chunk(index, last=last) for index in range(300) for last in (False, True)}) == 600
