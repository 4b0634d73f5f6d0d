"""A keyring on a server: each organisation its own keys, and none is lost when several processes change one block."""

from __future__ import annotations

import threading

import pytest

from passerelle.stores.data_keys import KEY_BYTES
from passerelle.stores.keyring import Keyring
from passerelle.stores.server_keyring import copy_to_server, destroy_server_keyring, open_server_keyring
from passerelle.vocabulary.errors import FatalError, UsageError

OWN, OTHER = "una-35", "admr-81"
KEY, STRANGER = b"k" * KEY_BYTES, b"s" * KEY_BYTES


def _refuse(act) -> str:
    with pytest.raises((FatalError, UsageError)) as caught:
        act()
    return caught.value.code


def test_each_organisation_has_a_keyring_of_its_own(owned_postgresql_url):
    assert _refuse(lambda: open_server_keyring(owned_postgresql_url, OWN, KEY, create=False)) == (
        "incident.keyring.missing"
    )
    own = open_server_keyring(owned_postgresql_url, OWN, KEY, create=True)
    other = open_server_keyring(owned_postgresql_url, OTHER, STRANGER, create=True)
    keys = own.make_keys(3, 1)
    assert own.name != other.name
    assert own.find_key(keys.block, 1) == keys.content[KEY_BYTES : 2 * KEY_BYTES]
    assert _refuse(lambda: other.find_key(keys.block, 1)) == "incident.keyring.older"
    assert _refuse(lambda: open_server_keyring(owned_postgresql_url, OWN, STRANGER, create=False)) == (
        "incident.keyring.locked"
    )
    destroy_server_keyring(owned_postgresql_url, OTHER)
    assert own.find_key(keys.block, 2) is not None
    assert _refuse(lambda: open_server_keyring(owned_postgresql_url, OTHER, STRANGER, create=False)) == (
        "incident.keyring.missing"
    )
    own.close()
    other.close()


def test_keys_that_several_destroy_at_once_stay_destroyed(owned_postgresql_url):
    rings = [open_server_keyring(owned_postgresql_url, OWN, KEY, create=True) for _ in range(4)]
    keys = rings[0].make_keys(12, 1)
    threads = [
        threading.Thread(
            target=lambda ring=ring, first=first: [ring.destroy([(keys.block, n)]) for n in range(first, 12, 4)]
        )
        for first, ring in enumerate(rings)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    fresh = open_server_keyring(owned_postgresql_url, OWN, KEY, create=False)
    assert [fresh.find_key(keys.block, number) for number in range(12)] == [None] * 12
    for ring in (*rings, fresh):
        ring.close()


def test_a_keyring_is_copied_there_and_back_and_never_onto_another(owned_postgresql_url, tmp_path):
    ring = Keyring.open(tmp_path / "ring", KEY, create=True)
    keys = ring.make_keys(2, 1)
    ring.destroy([(keys.block, 0)])
    copy_to_server(ring, owned_postgresql_url, OWN)
    assert _refuse(lambda: copy_to_server(ring, owned_postgresql_url, OWN)) == "usage.move.taken"
    there = open_server_keyring(owned_postgresql_url, OWN, KEY, create=False)
    (tmp_path / "back").mkdir(mode=0o700)
    there.copy_into(tmp_path / "back")
    back = Keyring.open(tmp_path / "back", KEY, create=False)
    for each in (there, back):
        assert each.name == ring.name
        assert (each.find_key(keys.block, 0), each.find_key(keys.block, 1)) == (None, ring.find_key(keys.block, 1))
    assert there.destroy_all() == 1
    for each in (ring, there, back):
        each.close()
