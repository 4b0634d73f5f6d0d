"""Settlements: the pseudonyms of delivered records come apart as they were put together."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from passerelle.stores.settlement import DeliveredRecords, QuarantineItem, QuarantineState
from passerelle.vocabulary.outcomes import Fate, SetAside
from passerelle.vocabulary.place import Place


@pytest.mark.parametrize("count", [0, 1, 2, 300])
def test_keys_are_listed_one_by_one_in_order(count):
    keys = [number.to_bytes(16, "big") for number in range(count)]
    assert DeliveredRecords("visit/1", b"".join(keys), b"c" * 16 * count, (1,) * count).list_keys() == keys


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
