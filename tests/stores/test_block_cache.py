"""Blocks of known records: a ref is found where it is and nowhere else, and reading them again is seldom needed."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from passerelle.stores.block_cache import BlockCache
from passerelle.stores.known_block import SoughtRefs, StoredBlock, read_beginnings

REFS = st.sets(
    st.builds(
        lambda head, middle, tail: bytes(3) + bytes([head]) + bytes([middle]) * 6 + bytes(5) + bytes([tail]),
        *[st.integers(0, 3)] * 3,
    ),
    min_size=1,
)
"""Few beginnings, so that many refs share one."""


def block(refs):
    keys = b"".join(sorted(refs))
    numbers = np.arange(len(refs), dtype="<i8").tobytes()
    return StoredBlock.of(keys, keys, numbers, numbers, None)


@given(REFS, REFS)
def test_a_ref_is_found_at_its_place_however_many_begin_alike(there, wanted):
    ordered, sought = sorted(there), SoughtRefs.of(b"".join(wanted))
    beginnings = read_beginnings(b"".join(ordered))
    at = np.minimum(np.searchsorted(beginnings, sought.beginnings), len(there) - 1)
    places = block(there).find_places(beginnings, at, sought).tolist()
    assert places == [ordered.index(ref) if ref in there else -1 for ref in wanted]


def test_blocks_that_are_read_round_and_round_stay_in_part_when_they_do_not_all_fit():
    blocks = {number: block({bytes([number, place]) * 8 for place in range(50)}) for number in range(20)}
    size = blocks[0].size
    cache, found = BlockCache(capacity=16 * size), 0
    for _round in range(50):
        for number, one in blocks.items():
            if cache.find(number) is None:
                cache.keep(number, one)
            else:
                found += 1
    # the one that was used longest ago, dropped each time, would leave none of a thousand to be found
    assert found > 500


def test_no_more_is_kept_than_there_is_room_for_and_what_is_dropped_is_gone():
    blocks = [block({bytes([number, place]) * 8 for place in range(9)}) for number in range(9)]
    cache = BlockCache(capacity=4 * blocks[0].size + 1)
    for number, one in enumerate(blocks):
        cache.keep(number, one)
    assert sum(cache.find(number) is not None for number in range(9)) == 4
    assert cache.find(8) is blocks[8]
    cache.drop(8)
    cache.drop(8)
    assert cache.find(8) is None
    small = BlockCache(capacity=blocks[0].size - 1)
    small.keep(0, blocks[0])
    assert small.find(0) is None
