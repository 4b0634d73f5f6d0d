"""A block holds each ref once, in order, and two of them become one in which the newer record stays."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from passerelle.stores.known_block import KnownBlock

PAIRS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(1, 9)), max_size=12)
"""Halves of pseudonyms of which many are alike, and versions."""


def make(rows: list[tuple[int, int, int]], *, moments: bool = False) -> KnownBlock:
    head, tail, versions = (np.array([row[place] for row in rows], dtype=np.int64) for place in range(3))
    contents = np.repeat(versions.astype(np.uint8), 16).reshape(-1, 16)
    made = versions * 10 if moments else None
    return KnownBlock(head.astype(np.uint64), tail.astype(np.uint64), contents, versions, versions, made).sort()


def read(block: KnownBlock) -> dict[tuple[int, int], int]:
    return dict(zip(zip(block.head.tolist(), block.tail.tolist(), strict=True), block.versions.tolist(), strict=True))


def first_of_each(rows: list[tuple[int, int, int]]) -> dict[tuple[int, int], int]:
    return {(head, tail): version for head, tail, version in reversed(rows)}


@given(PAIRS)
def test_of_a_ref_that_is_there_twice_the_first_record_stays_in_order(rows):
    block = make(rows)
    assert read(block) == first_of_each(rows)
    assert list(read(block)) == sorted(read(block))


@given(PAIRS, PAIRS, st.booleans(), st.booleans())
def test_merged_over_an_older_block_the_newer_records_stay(newer, older, newer_has, older_has):
    merged = make(newer, moments=newer_has).merge_over(make(older, moments=older_has))
    assert read(merged) == first_of_each(older) | first_of_each(newer)
    assert (merged.moments is None) == (not newer_has and not older_has)


@given(PAIRS.filter(bool), PAIRS)  # no block that is kept is empty
def test_refs_are_found_where_they_are_and_others_are_not(rows, wanted):
    block, sought = make(rows), make(wanted)
    places = block.find_places(sought.head, sought.tail)
    for key, place in zip(read(sought), places.tolist(), strict=True):
        assert (place >= 0) == (key in read(block))
        assert place < 0 or (int(block.head[place]), int(block.tail[place])) == key
