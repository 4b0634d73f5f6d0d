"""Where changes stand is found whatever was merged, and of two piles the newer one counts."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from journeying import count_examples
from shelving import CONTRACT, FLOW, NOW, ShelfRoom
from sqlalchemy import event, func, select

from passerelle.stores import shelf_piles
from passerelle.stores.database import open_reader, open_writer
from passerelle.stores.scopes import create_scope
from passerelle.stores.shelf_piles import find_numbers, forget_numbers, keep_numbers
from passerelle.stores.shelf_schema import shelf_pile
from passerelle.stores.shelf_writing import empty_scope, hold_scope
from passerelle.vocabulary.ref_spelling import normalise_ref
from passerelle.vocabulary.shelf import RemovalCause


@pytest.fixture
def scope_id(journal, engine):
    with open_writer(engine) as connection:
        return hold_scope(connection, create_scope(connection, "visites", "visit/1"), "planning", NOW).scope_id


def _key(number: int) -> bytes:
    # two refs of three share their first eight bytes with another one
    return (number // 3).to_bytes(8, "big") + (number * 7919 % 97).to_bytes(8, "big")


@settings(max_examples=count_examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example([{0, 1, 2}], 1)
@example([{0, 1}], 1)
@given(st.lists(st.sets(st.integers(0, 90), min_size=1, max_size=60), min_size=1, max_size=6), st.integers(1, 9))
def test_of_each_ref_the_latest_number_is_found(engine, scope_id, batches, page):
    latest: dict[int, int] = {}
    with pytest.MonkeyPatch.context() as patch, open_writer(engine) as connection:
        patch.setattr(shelf_piles, "_PAGE_SIZE", page)
        patch.setattr(shelf_piles, "_FULL", 50)
        patch.setattr(shelf_piles, "_FEW", 8)
        empty_scope(connection, scope_id)
        number = 0
        for batch in batches:
            refs = sorted(batch, key=lambda ref: ref * 31 % 101)
            numbers = np.arange(number + 1, number + 1 + len(refs))
            keep_numbers(connection, scope_id, b"".join(map(_key, refs)), numbers)
            latest.update(zip(refs, numbers.tolist(), strict=True))
            number += len(refs)
        for asked in (range(100), range(5), range(50, 53)):
            found = find_numbers(connection, scope_id, b"".join(map(_key, asked)))
            assert found.tolist() == [latest.get(ref, 0) for ref in asked]


def test_nothing_is_found_of_nothing(engine, scope_id):
    with open_reader(engine) as connection:
        assert find_numbers(connection, scope_id, b"").tolist() == []
        assert find_numbers(connection, scope_id, b"x" * 32).tolist() == [0, 0]


def test_what_is_forgotten_is_found_no_more_and_the_rest_is(engine, scope_id):
    keys = b"".join(map(_key, range(10)))
    with open_writer(engine) as connection:
        keep_numbers(connection, scope_id, keys, np.arange(1, 11))
        keep_numbers(connection, scope_id, _key(1), np.array([11]))
        forget_numbers(connection, scope_id, _key(1) + _key(4) + _key(99))
        assert find_numbers(connection, scope_id, keys).tolist() == [1, 0, 3, 4, 0, 6, 7, 8, 9, 10]
        forget_numbers(connection, scope_id, keys)
        assert connection.execute(select(func.count()).select_from(shelf_pile)).scalar() == 0


def test_one_ref_of_many_costs_one_statement_and_none_costs_none(engine, scope_id, seal):
    keys = b"".join(seal.pseudonymise_each("ref", map(str, range(5_000))))
    rows: list[int] = []
    with open_writer(engine) as connection:
        keep_numbers(connection, scope_id, keys, np.arange(1, 5_001))
    with open_reader(engine) as connection:
        event.listen(engine, "before_cursor_execute", lambda *said: "FROM" in said[2] and rows.append(1))
        assert find_numbers(connection, scope_id, keys[16_000:16_016]).tolist() == [1_001]
        assert len(rows) == 1
        rows.clear()
        assert find_numbers(connection, scope_id, b"").tolist() == []
        assert not rows


def test_a_record_is_also_found_by_its_reference_in_composed_letters_and_takes_the_place_of_no_other(tmp_path):
    room = ShelfRoom(f"sqlite:///{tmp_path / 'journal.sqlite3'}", tmp_path / "house")
    composed, apart, encoded = (f"src:visit:{local}" for local in ("Ren\u00e9", "Rene\u0301", "Ren%C3%A9"))
    key = room.seal.pseudonymise("ref", normalise_ref(composed))
    room.put({apart: b"1"})
    assert room.shelf.find_keyed(room.scope, key).ref == apart
    room.put({encoded: b"2"})
    # its own letters come first, whatever came after it under other ones
    room.put({apart: b"3"}, 2)
    assert room.shelf.find_keyed(room.scope, key).ref == encoded == normalise_ref(composed)
    assert room.shelf.find_change(room.scope, apart).record == b"3"
    room.shelf.remove(FLOW, {CONTRACT: [apart]}, RemovalCause.ERASED, NOW)
    later = NOW + timedelta(500)
    room.shelf.expire(FLOW, later, later)
    room.shelf.expire(FLOW, later + timedelta(1), later + timedelta(1))
    assert room.shelf.find_keyed(room.scope, key) is None
    room.close()
