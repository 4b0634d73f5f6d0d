"""What is looked up is what is stored: also after somebody was erased, and whatever fits into memory."""

from __future__ import annotations

import hashlib
import random

import pytest

from passerelle.stores.block_cache import BlockCache
from passerelle.stores.database import open_reader, open_writer
from passerelle.stores.known import erase_refs, remember
from passerelle.stores.ref_index import RefIndex, recall
from passerelle.stores.settlement import DeliveredRecords

FLOW = "visites"


def _remember(engine, seal, size: int, *, first: int = 0) -> None:
    """Write a block of refs."""
    keys = b"".join(hashlib.sha256(number.to_bytes(4)).digest()[:16] for number in range(first, first + size))
    with open_writer(engine) as connection:
        records = DeliveredRecords("visit/1", keys, b"c" * 16 * size, range(1, size + 1))
        remember(connection, seal, FLOW, [(1, records)])


def test_who_was_erased_by_another_process_is_not_known_any_more_to_one_that_had_read_it(registered, seal, engine):
    _remember(engine, seal, 40)
    keys = [hashlib.sha256(number.to_bytes(4)).digest()[:16] for number in range(40)]
    index = RefIndex()
    with open_reader(engine) as connection:
        assert recall(connection, index, (FLOW, "visit/1"), b"".join(keys)).versions.tolist() == [*range(1, 41)]
    with open_writer(engine) as connection:
        assert erase_refs(connection, (FLOW, "visit/1"), keys[3] + keys[17]) == 2
    with open_reader(engine) as connection:
        versions = recall(connection, index, (FLOW, "visit/1"), b"".join(keys)).versions.tolist()
    assert versions == [0 if number in (4, 18) else number for number in range(1, 41)]


@pytest.mark.parametrize("capacity", [0, 3_000, 1 << 30])
def test_what_is_recalled_is_the_same_whatever_fits_into_the_cache(registered, seal, engine, capacity):
    for first, size in ((0, 60), (100, 30), (200, 15), (30, 7)):
        _remember(engine, seal, size, first=first)
    numbers = [number for number in range(230) if number % 3]
    random.Random(5).shuffle(numbers)  # noqa: S311  an order, not a secret
    keys = b"".join(hashlib.sha256(number.to_bytes(4)).digest()[:16] for number in numbers)
    fresh, warm = RefIndex(), RefIndex(cache=BlockCache(capacity))
    with open_reader(engine) as connection:
        expected = recall(connection, fresh, (FLOW, "visit/1"), keys).versions.tolist()
        found = [recall(connection, warm, (FLOW, "visit/1"), keys).versions.tolist() for _again in range(3)]
    assert found == [expected] * 3
    assert expected == [_latest_version(number) for number in numbers]


def _latest_version(number: int) -> int:
    """Give the version that the blocks of the test above have of a ref: its place in the last of them that has it."""
    for first, size in ((30, 7), (200, 15), (100, 30), (0, 60)):
        if first <= number < first + size:
            return number - first + 1
    return 0
