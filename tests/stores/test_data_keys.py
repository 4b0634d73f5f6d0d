"""Data keys are used one by one, each for one message."""

from __future__ import annotations

import os

from passerelle.stores.data_keys import KEY_BYTES, DataKeys


def test_each_key_is_taken_once_with_its_place_in_the_block():
    content = os.urandom(3 * KEY_BYTES)
    keys = DataKeys(7, content)
    taken = [keys.take() for _nth in range(3)]
    assert [index for index, _key in taken] == [0, 1, 2]
    assert b"".join(key for _index, key in taken) == content
    assert len({key for _index, key in taken}) == 3


def test_keys_that_are_taken_together_are_those_that_come_next():
    keys = DataKeys(7, os.urandom(5 * KEY_BYTES))
    first, others, last = keys.take(), keys.take_each(3), keys.take()
    assert [index for index, _key in (first, *others, last)] == [0, 1, 2, 3, 4]
    assert b"".join(key for _index, key in (first, *others, last)) == keys.content
