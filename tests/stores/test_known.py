"""What the destination already has is found again, quickly, and never mixed up."""

from __future__ import annotations

import hashlib
import random
import tracemalloc
from dataclasses import replace
from functools import partial

import pytest
from growth import AS_ITS_SIZE, measure_growth
from sqlalchemy import func, select

from passerelle.stores import schema
from passerelle.stores.database import open_reader, open_writer
from passerelle.stores.known import remember
from passerelle.stores.ref_index import RefIndex, recall
from passerelle.stores.settlement import DeliveredRecords, KnownRecord

FLOW = "visites"


def test_a_delivered_record_is_known_for_its_flow_and_contract(registered, make):
    record = make.known(b"1", remote="their id 77")
    registered.settle(make.settlement(0, known=[record]))
    expected = {record.ref_keys: KnownRecord(b"c" * 16, 1, "a" * 64, "their id 77")}
    assert registered.find_known(FLOW, "visit/1", [record.ref_keys, b"never seen".ljust(16)]) == expected
    assert registered.find_known("other", "visit/1", [record.ref_keys]) == {}
    assert registered.find_known(FLOW, "person/1", [record.ref_keys]) == {}
    assert registered.find_known(FLOW, "visit/1", []) == {}


def test_a_new_version_replaces_the_old_one(registered, make):
    registered.settle(make.settlement(0, known=[make.known(b"1")]))
    registered.register(make.parcel("b"))
    fresh = make.known(b"1", content=b"d" * 16, version=2)
    registered.settle(make.settlement(0, parcel="b", known=[fresh]))
    found = registered.find_known(FLOW, "visit/1", [fresh.ref_keys])
    assert found == {fresh.ref_keys: KnownRecord(b"d" * 16, 2, "b" * 64, "")}


def test_of_two_versions_in_one_batch_the_later_one_counts(registered, make):
    versions = [make.known(b"1"), make.known(b"1", content=b"d" * 16, version=2)]
    registered.settle(make.settlement(0, known=versions))
    assert registered.find_known(FLOW, "visit/1", [versions[0].ref_keys])[versions[0].ref_keys].version == 2


@pytest.mark.slow
def test_two_hundred_thousand_refs_are_found_in_little_memory_and_a_time_that_grows_as_they_do(
    registered, make, seal, engine
):
    keys = seal.pseudonymise_each("ref", (f"src:visit:{number}" for number in range(200_000)))
    with open_writer(engine) as connection:
        size = len(keys)
        remember(
            connection, seal, FLOW, [(1, DeliveredRecords("visit/1", b"".join(keys), b"c" * 16 * size, (1,) * size))]
        )
    tracemalloc.start()
    found = len(registered.find_known(FLOW, "visit/1", keys[:20_000]))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == 20_000
    assert peak < 40_000_000
    assert len(registered.find_known(FLOW, "visit/1", keys)) == 200_000
    grown = measure_growth(lambda size: partial(registered.find_known, FLOW, "visit/1", keys[:size]), 64_000)
    assert grown < AS_ITS_SIZE


def test_what_is_remembered_is_that_of_a_plain_table_whatever_the_blocks(registered, make, seal, engine):
    chance = random.Random(7)  # noqa: S311  which rows, not which secrets
    refs = [hashlib.sha256(bytes([place % 256, place // 256])).digest()[:16] for place in range(600)]
    refs[1], refs[2] = refs[0][:8] + refs[1][8:], refs[0][:8] + refs[2][8:]  # first halves that meet
    plain: dict[bytes, tuple[bytes, int]] = {}
    for _batch in range(12):
        some = chance.choices(refs, k=chance.choice((1, 5, 60, 200)))
        rows = [(ref, bytes([chance.randrange(256)]) * 16, chance.randrange(1, 9)) for ref in some]
        plain.update({ref: (content, version) for ref, content, version in rows})
        keys, contents, versions = zip(*rows, strict=True)
        with open_writer(engine) as connection:
            block = DeliveredRecords("visit/1", b"".join(keys), b"".join(contents), versions)
            remember(connection, seal, FLOW, [(1, block)])
        found = registered.find_known(FLOW, "visit/1", refs)
        assert {ref: (known.content, known.version) for ref, known in found.items()} == plain


def _remember(engine, seal, *sizes: int, first: int = 0) -> None:
    """Write blocks of new refs, one transaction each."""
    for size in sizes:
        keys = b"".join(hashlib.sha256(number.to_bytes(4)).digest()[:16] for number in range(first, first + size))
        first += size
        with open_writer(engine) as connection:
            remember(
                connection, seal, FLOW, [(1, DeliveredRecords("visit/1", keys, b"c" * 16 * size, range(1, size + 1)))]
            )


def _sizes(engine) -> list[int]:
    """Give the sizes of the blocks that are kept, oldest first."""
    known = schema.known.c
    with open_reader(engine) as connection:
        wanted = select(func.length(known.versions) / 8).order_by(known.id)
        return [int(size) for size in connection.execute(wanted).scalars()]


def test_blocks_that_are_no_larger_melt_into_the_new_one_and_larger_ones_stay(registered, seal, engine):
    _remember(engine, seal, 4)
    _remember(engine, seal, 3, first=100)
    assert _sizes(engine) == [4, 3], "the larger block stays as it is"
    _remember(engine, seal, 3, first=200)
    assert _sizes(engine) == [10], "a block of its own size melts, and then the one before it"
    _remember(engine, seal, 2, first=300)
    assert _sizes(engine) == [10, 2]


def test_many_small_batches_leave_few_blocks(registered, seal, engine):
    _remember(engine, seal, *([1] * 100))
    sizes = _sizes(engine)
    assert sum(sizes) == 100
    assert len(sizes) <= 7, "as many as a hundred has binary digits"


def test_a_block_that_is_full_grows_no_more(registered, seal, engine):
    full = 1 << 16
    _remember(engine, seal, full // 2)
    _remember(engine, seal, full // 2, first=full)
    assert _sizes(engine) == [full], "up to and with the limit"
    _remember(engine, seal, full, first=2 * full)
    assert _sizes(engine) == [full, full], "beyond it there are two"


def test_what_melted_is_found_again_by_an_index_that_was_made_before(registered, make, seal, engine):
    index, keys = RefIndex(), hashlib.sha256((0).to_bytes(4)).digest()[:16]
    with open_reader(engine) as connection:
        assert list(recall(connection, index, (FLOW, "visit/1"), keys).versions) == [0]
    for first in (0, 1000, 2000):
        _remember(engine, seal, 5, first=first)
        both = keys + hashlib.sha256((first + 4).to_bytes(4)).digest()[:16]
        with open_reader(engine) as connection:
            assert list(recall(connection, index, (FLOW, "visit/1"), both).versions) == [1, 5]
    assert len(index.heads) == len(_sizes(engine))


def test_moments_are_kept_where_there_are_any_and_0_elsewhere(registered, make):
    first, second, third = (make.known(key) for key in (b"one", b"two", b"three"))
    dated = replace(second, moments=(7).to_bytes(8, "little"))
    for number, entry in enumerate((first, dated, third)):
        registered.settle(make.settlement(number, known=[entry]))
    keys = b"".join(entry.ref_keys for entry in (first, second, third)) + b"never".ljust(16)
    assert registered.recall(FLOW, "visit/1", keys).moments.tolist() == [0, 7, 0, 0]
    registered.settle(make.settlement(3, known=[replace(dated, versions=(2,), moments=b"")]))
    assert registered.recall(FLOW, "visit/1", second.ref_keys).moments.tolist() == [0], "the newest block counts"


def test_a_scope_without_order_has_no_moments(registered, make):
    registered.settle(make.settlement(known=[make.known(b"one")]))
    assert registered.recall(FLOW, "visit/1", make.known(b"one").ref_keys).moments is None


def test_records_of_earlier_parcels_are_counted_by_their_last_state(registered, make):
    registered.settle(make.settlement(known=[make.known(b"one"), make.known(b"two")]))
    number = registered.get_parcel_number(FLOW, "a" * 64)
    registered.register(make.parcel("b"))
    registered.settle(make.settlement(parcel="b", known=[make.known(b"two", version=2)]))
    assert registered.count_known_of_earlier(FLOW, ["visit/1", "person/1"], number) == 1
    assert registered.count_known_of_earlier(FLOW, ["visit/1"], number + 1) == 2
    assert registered.find_last_parcel(FLOW) == number + 1


def test_records_are_counted_once_whatever_their_versions(registered, make):
    registered.settle(make.settlement(0, known=[make.known(b"1"), make.known(b"2")]))
    registered.register(make.parcel("b"))
    registered.settle(make.settlement(0, parcel="b", known=[make.known(b"1", content=b"d" * 16, version=2)]))
    assert registered.count_known(FLOW, "visit/1") == 2
    assert registered.count_known(FLOW, "person/1") == 0
