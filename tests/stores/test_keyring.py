"""The keyring holds data keys apart from what they open; what is destroyed there is closed in every copy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.stores.data_keys import DEPOSIT, ITEM
from passerelle.stores.keyring import FILE, Keyring, has_keyring
from passerelle.stores.seal import Seal
from passerelle.vocabulary.errors import FatalError

KEY = bytes(range(32))
NOW = 1_000_000_000_000


@pytest.fixture
def keyring(tmp_path):
    opened = Keyring.open(tmp_path / "ring", KEY, create=True)
    yield opened
    opened.close()


def _find_all(keyring, keys, count):
    return [keyring.find_key(keys.block, index) for index in range(count)]


def test_keys_are_found_again_by_another_process(keyring, tmp_path):
    keys = keyring.make_keys(3, NOW)
    taken = [keys.take()[1] for _ in range(3)]
    keyring.close()
    again = Keyring.open(tmp_path / "ring", KEY, create=False)
    assert _find_all(again, keys, 3) == taken
    assert len(set(taken)) == 3
    assert again.name == keyring.name
    again.close()


def test_a_destroyed_key_is_gone_and_its_neighbours_stay(keyring, tmp_path):
    keys = keyring.make_keys(3, NOW)
    taken = [keys.take()[1] for _ in range(3)]
    assert keyring.destroy([(keys.block, 1), (keys.block, 1), (keys.block, 99)]) == 1
    assert _find_all(keyring, keys, 3) == [taken[0], None, taken[2]]
    assert keyring.destroy([(keys.block, 0), (keys.block, 2)]) == 2
    assert _find_all(keyring, keys, 3) == [None] * 3
    assert keyring.list_blocks() == ()


def test_what_wrapped_a_destroyed_key_is_nowhere_left_in_the_files(keyring, tmp_path):
    keys = keyring.make_keys(1, NOW)
    with keyring._engine.connect() as connection:
        (wrapped,) = connection.exec_driver_sql("SELECT wrapped FROM key_block").scalars()
    assert any(wrapped[:40] in path.read_bytes() for path in (tmp_path / "ring").iterdir())
    keyring.destroy([(keys.block, 0)])
    assert not any(wrapped[:40] in path.read_bytes() for path in (tmp_path / "ring").iterdir())


def test_a_block_that_the_keyring_never_had_is_told_from_one_that_was_destroyed(keyring):
    with pytest.raises(FatalError) as caught:
        keyring.find_key(5, 0)
    assert caught.value.code == "incident.keyring.older"


def test_another_master_key_does_not_open_it(keyring, tmp_path):
    with pytest.raises(FatalError) as caught:
        Keyring.open(tmp_path / "ring", bytes(32), create=False)
    assert caught.value.code == "incident.keyring.locked"


def test_a_keyring_that_must_be_there_is_not_made(tmp_path):
    with pytest.raises(FatalError) as caught:
        Keyring.open(tmp_path / "nowhere", KEY, create=False)
    assert caught.value.code == "incident.keyring.missing"
    assert not has_keyring(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_what_nothing_names_is_destroyed_once_its_time_is_over_and_not_before(keyring):
    keys = keyring.make_keys(3, NOW)
    living = {keys.block: np.array([1])}
    assert keyring.retire_unused(living, ITEM, before=NOW, now=NOW, deadline=NOW - 1) == 0
    assert None not in _find_all(keyring, keys, 3)
    # named again: a copy of the state was put back
    living = {keys.block: np.array([0, 1])}
    assert keyring.retire_unused(living, ITEM, before=NOW, now=NOW + 5, deadline=NOW) == 1
    assert [key is None for key in _find_all(keyring, keys, 3)] == [False, False, True]
    # its time begins anew
    assert keyring.retire_unused({}, ITEM, before=NOW, now=NOW + 6, deadline=NOW) == 0
    assert keyring.retire_unused({}, ITEM, before=NOW, now=NOW + 9, deadline=NOW + 6) == 2
    assert keyring.list_blocks() == ()


def test_kinds_and_young_blocks_are_left_alone(keyring):
    item, deposit, young = (keyring.make_keys(1, at, kind) for at, kind in ((1, ITEM), (1, DEPOSIT), (9, ITEM)))
    assert keyring.retire_unused({}, ITEM, before=5, now=10, deadline=10) == 1
    assert [keyring.find_key(keys.block, 0) is None for keys in (item, deposit, young)] == [True, False, False]


def test_locked_anew_it_opens_with_the_new_key_alone_and_holds_the_same(keyring, tmp_path):
    keys = keyring.make_keys(2, NOW)
    keyring.destroy([(keyring.make_keys(1, NOW).block, 0)])
    keyring.keep_word("word", b"content")
    name, before = keyring.name, _find_all(keyring, keys, 2)
    assert keyring.wrap_again(bytes(32), {"subkey/x": b"y"}) == 2
    assert _find_all(keyring, keys, 2) == before
    keyring.close()
    with pytest.raises(FatalError):
        Keyring.open(tmp_path / "ring", KEY, create=False)
    again = Keyring.open(tmp_path / "ring", bytes(32), create=False)
    assert (again.name, again.read_word("word"), again.read_word("subkey/x")) == (name, b"content", b"y")
    assert _find_all(again, keys, 2) == before
    again.close()


@given(purpose=st.text(max_size=20).map(lambda text: f"handle/{text}"), text=st.text("abc:~0", min_size=1))
def test_under_a_new_master_key_every_pseudonym_word_and_mac_stays_as_it_was(tmp_path_factory, purpose, text):
    old = Seal(bytes(32))
    keyring = Keyring.open(tmp_path_factory.mktemp("ring"), old.derive_keyring_key(), create=True)
    first = old.attach(keyring)
    new = Seal(b"n" * 32)
    keyring.wrap_again(new.derive_keyring_key(), first.list_lasting_words())
    second = Seal(b"n" * 32, keyring)
    assert second.pseudonymise(purpose, text) == first.pseudonymise(purpose, text)
    assert second.open_word(first.seal_word(text)) == text
    assert second.seal_word(text) == first.seal_word(text)
    assert second.compute_mac("audit", text.encode()) == first.compute_mac("audit", text.encode())
    assert second.derive_keyring_key() != first.derive_keyring_key()
    # what holds its own key opens with that of its time alone
    with pytest.raises(FatalError):
        second.open(old.seal(b"x", about=b"row"), about=b"row")
    keyring.close()


def test_no_key_shows_in_a_file_in_clear(keyring, tmp_path):
    keys = keyring.make_keys(2, NOW)
    for path in (tmp_path / "ring").iterdir():
        assert keys.content[:32] not in path.read_bytes()
    assert (tmp_path / "ring" / FILE).stat().st_mode & 0o077 == 0


@given(contents=st.lists(st.binary(max_size=40), min_size=1, max_size=6), data=st.data())
def test_of_envelopes_sealed_together_those_destroyed_do_not_open_and_the_others_do(tmp_path_factory, contents, data):
    keyring = Keyring.open(tmp_path_factory.mktemp("ring"), KEY, create=True)
    seal = Seal(bytes(32), keyring)
    sealed = seal.seal_each([(content, b"row") for content in contents])
    gone = data.draw(st.sets(st.integers(0, len(contents) - 1)))
    assert seal.destroy(sealed[index] for index in gone) == len(gone)
    for index, content in enumerate(contents):
        if index in gone:
            with pytest.raises(FatalError) as caught:
                seal.open(sealed[index], about=b"row")
            assert caught.value.code == "incident.seal.destroyed"
        else:
            assert seal.open(sealed[index], about=b"row") == content
            with pytest.raises(FatalError):
                seal.open(sealed[index], about=b"other")
    keyring.close()
