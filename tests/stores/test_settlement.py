"""Settlements: the pseudonyms of delivered records come apart as they were put together."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from passerelle.stores.settlement import DeliveredRecords, QuarantineItem, QuarantineState, ReasonKey, Settlement
from passerelle.vocabulary.outcomes import Balance, Fate, SetAside
from passerelle.vocabulary.parcels import BatchKey
from passerelle.vocabulary.place import Place


@pytest.mark.parametrize("count", [0, 1, 2, 300])
def test_keys_are_listed_one_by_one_in_order(count):
    keys = [number.to_bytes(16, "big") for number in range(count)]
    assert DeliveredRecords("visit/1", b"".join(keys), b"c" * 16 * count, (1,) * count).list_keys() == keys


def test_a_batch_may_be_settled_later_only_when_it_says_nothing():
    empty = Settlement("visites", 1, BatchKey("a" * 64, 0), Balance(), datetime(2026, 3, 1, tzinfo=UTC))
    assert empty.is_empty
    assert replace(empty, columns=("Id",), member="x").is_empty, "columns that were met are remembered with the next"
    known = DeliveredRecords("visit/1", b"k" * 16, b"c" * 16, (1,))
    reason = ReasonKey("visit/1", "", "validate.field.missing", "Statut", "status", "rejected")
    for more in (
        {"balance": Balance(1, {Fate.DELIVERED: 1})},
        {"balance": Balance(withdrawn=1)},
        {"reasons": {reason: 1}},
        {"delivered": (known,)},
        {"forgotten": (("visit/1", (b"k" * 16,)),)},
    ):
        assert not replace(empty, **more).is_empty


def test_no_payload_and_no_likeness_shows_in_a_repr():
    aside = SetAside(Fate.UNREADABLE, "decode.row.lone_return", Place(1), raw="Madame Untel")
    item = QuarantineItem(aside, b"Madame Untel", datetime(2026, 3, 1, tzinfo=UTC), "Madame Untel")
    assert "Untel" not in repr(item)


def test_states_are_stored_as_the_words_that_people_type():
    assert [str(state) for state in QuarantineState] == [
        "waiting",
        "replaying",
        "replayed",
        "discarded",
        "expired",
        "superseded",
    ]
